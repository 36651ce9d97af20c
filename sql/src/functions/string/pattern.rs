//! Regular expressions of Java, by way of Rust's.
//!
//! Both leave alternatives at the first that matches, so most patterns mean the same; where a piece means something else
//! it is translated, and what Rust has no counterpart for (look-around, back-references, possessive quantifiers) is an
//! error.

use datafusion::common::Result;
use regex::Regex;

use crate::udf::failed;

/// A line break of Java.
const BREAKS: &str = "\\n\\r\\u{85}\\u{2028}\\u{2029}";

/// A pattern that is ready to be used.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// Text in Java's syntax.
    pub(crate) source: String,
    /// The same for Rust.
    pub(crate) regex: Regex,
    /// Whether `$` stands in it, which in Java also matches before a line break at the end.
    ends: bool,
}

impl Pattern {
    /// Compiles a pattern.
    pub(crate) fn new(source: &str) -> Result<Self> {
        let (translated, ends) = translate(source)?;
        let regex = Regex::new(&translated).map_err(|error| {
            failed(format!(
                "the regular expression '{source}' cannot be used: {}",
                error.to_string().lines().last().unwrap_or_default()
            ))
        })?;
        Ok(Self { source: source.to_owned(), regex, ends })
    }

    /// Refuses texts on which `$` would have to match before the last line break.
    pub(crate) fn check(&self, text: &str) -> Result<()> {
        if self.ends && text.ends_with(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            return Err(failed(format!(
                "`$` in '{}' on a text that ends with a line break is not supported",
                self.source
            )));
        }
        Ok(())
    }
}

impl Pattern {
    /// Returns all matches as Java finds them: also an empty one right behind another one.
    ///
    /// # Errors
    /// An empty match before a character outside of the Basic Multilingual Plane: Java would look for another one inside
    /// of the character.
    pub(crate) fn matches<'t>(&self, text: &'t str) -> Result<Vec<regex::Captures<'t>>> {
        let mut all = Vec::new();
        let mut from = 0;
        while let Some(found) = self.regex.captures_at(text, from) {
            let Some(whole) = found.get(0) else { break };
            let (end, empty) = (whole.end(), whole.is_empty());
            all.push(found);
            // Behind an empty match the search goes on one character later.
            from = end;
            if empty {
                match text[end..].chars().next() {
                    Some(c) if u32::from(c) > 0xffff => {
                        return Err(failed(format!(
                            "the regular expression '{}' matches nothing before '{c}', which is not supported",
                            self.source
                        )));
                    }
                    Some(c) => from += c.len_utf8(),
                    None => break,
                }
            }
        }
        Ok(all)
    }
}

/// Caches the last pattern that was used.
#[derive(Debug, Default)]
pub(crate) struct Patterns(Option<Pattern>);

impl Patterns {
    /// Returns the pattern, compiled.
    pub(crate) fn get(&mut self, source: &str) -> Result<&Pattern> {
        if self.0.as_ref().is_none_or(|known| known.source != source) {
            self.0 = Some(Pattern::new(source)?);
        }
        self.0.as_ref().ok_or_else(|| failed("no pattern"))
    }
}

fn unsupported(source: &str, what: &str) -> datafusion::error::DataFusionError {
    failed(format!("the regular expression '{source}' cannot be used: {what} is not supported"))
}

/// Translates a pattern; the flag tells that `$` is in it.
fn translate(source: &str) -> Result<(String, bool)> {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len() + 8);
    let (mut at, mut in_class, mut ends, mut dot_all) = (0, 0_usize, false, false);
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            '\\' => {
                let Some(&next) = chars.get(at) else {
                    return Err(unsupported(source, "a backslash at the end"));
                };
                at += 1;
                at += escape(source, next, &chars[at..], in_class > 0, &mut out)?;
            }
            '[' => {
                in_class += 1;
                out.push('[');
                if chars.get(at) == Some(&'^') {
                    at += 1;
                    out.push('^');
                }
                // A bracket that comes first stands for itself.
                if chars.get(at) == Some(&']') {
                    at += 1;
                    out.push_str("\\]");
                }
            }
            ']' if in_class > 0 => {
                in_class -= 1;
                out.push(']');
            }
            // Rust has operators here that Java has not.
            '-' | '~' if in_class > 0 && chars.get(at) == Some(&c) => {
                return Err(unsupported(source, "a doubled sign in a class"));
            }
            // `[:upper:]` is a class of five characters, and not one of POSIX.
            ':' if in_class > 0 => out.push_str("\\:"),
            _ if in_class > 0 => out.push(c),
            '.' if dot_all => out.push('.'),
            '.' => out.push_str(&format!("[^{BREAKS}]")),
            '$' => {
                ends = true;
                out.push_str("\\z");
            }
            '(' if chars.get(at) == Some(&'?') => {
                out.push('(');
                let group: String = chars[at..].iter().take_while(|c| **c != ')' && **c != ':').collect();
                match group.as_str() {
                    // Flags for the rest; in Java letters without case are those of ASCII only.
                    "?s" | "?i" | "?si" | "?is" => {
                        dot_all |= group.contains('s');
                        if group.contains('i') && !source.is_ascii() {
                            return Err(unsupported(source, "`(?i)` with letters outside of ASCII"));
                        }
                    }
                    "?" if chars.get(at + 1) == Some(&':') => {}
                    group
                        if group.starts_with("?<")
                            && chars.get(at + 2).is_some_and(char::is_ascii_alphabetic) => {}
                    _ => return Err(unsupported(source, "this kind of group")),
                }
            }
            '*' | '+' | '?' | '}' if chars.get(at) == Some(&'+') => {
                return Err(unsupported(source, "a possessive quantifier"));
            }
            _ => out.push(c),
        }
    }
    Ok((out, ends))
}

/// Translates what follows a backslash; returns how many further characters it used.
fn escape(source: &str, c: char, rest: &[char], in_class: bool, out: &mut String) -> Result<usize> {
    let class = |out: &mut String, inner: &str, negated: bool| {
        let text = match (in_class, negated) {
            (true, false) => inner.to_owned(),
            (_, negated) => format!("[{}{inner}]", if negated { "^" } else { "" }),
        };
        out.push_str(&text);
    };
    match c {
        'd' | 'D' => class(out, "0-9", c == 'D'),
        'w' | 'W' => class(out, "a-zA-Z_0-9", c == 'W'),
        's' | 'S' => class(out, " \\t\\n\\x0B\\f\\r", c == 'S'),
        'h' | 'H' => class(
            out,
            " \\t\\u{a0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}",
            c == 'H',
        ),
        'n' | 't' | 'r' | 'f' | 'a' => {
            out.push('\\');
            out.push(c);
        }
        'e' => out.push_str("\\x1b"),
        'b' | 'B' if !in_class => {
            out.push('\\');
            out.push(c);
        }
        'A' if !in_class => out.push_str("\\A"),
        'z' if !in_class => out.push_str("\\z"),
        'u' | 'x' => {
            let count = if c == 'u' { 4 } else { 2 };
            let digits: String = rest.iter().take(count).collect();
            if digits.len() != count || !digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(unsupported(source, "this escape"));
            }
            out.push_str(&format!("\\x{{{digits}}}"));
            return Ok(count);
        }
        'p' | 'P' => return property(source, c, rest, out),
        'Q' => return quoted(rest, out),
        c if c.is_ascii_alphanumeric() => return Err(unsupported(source, &format!("`\\{c}`"))),
        c => out.push_str(&regex::escape(&c.to_string())),
    }
    Ok(0)
}

/// Properties that mean the same in both.
const CATEGORIES: [&str; 20] = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "N", "Nd", "Nl", "No", "P", "Pd", "Ps", "Pe", "S", "Sm", "Sc", "Z",
    "Zs", "M",
];

fn property(source: &str, c: char, rest: &[char], out: &mut String) -> Result<usize> {
    let (name, used): (String, usize) = match rest.first() {
        Some('{') => {
            let name: String = rest[1..].iter().take_while(|c| **c != '}').collect();
            let used = name.chars().count() + 2;
            (name, used)
        }
        Some(letter) => (letter.to_string(), 1),
        None => return Err(unsupported(source, "this property")),
    };
    // POSIX names are those of ASCII in Java.
    let posix = match name.as_str() {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => "!-/:-@\\[-`{-~",
        "Space" => " \\t\\n\\x0B\\f\\r",
        "XDigit" => "0-9a-fA-F",
        "ASCII" => "\\x00-\\x7f",
        "Blank" => " \\t",
        category if CATEGORIES.contains(&category) => {
            out.push_str(&format!("\\{c}{{{category}}}"));
            return Ok(used);
        }
        other => return Err(unsupported(source, &format!("the property `{other}`"))),
    };
    out.push_str(&format!("[{}{posix}]", if c == 'P' { "^" } else { "" }));
    Ok(used)
}

/// Everything up to `\E` stands for itself.
fn quoted(rest: &[char], out: &mut String) -> Result<usize> {
    let text: String = rest.iter().collect();
    let (inner, used) = text
        .split_once("\\E")
        .map_or((text.as_str(), rest.len()), |(inner, _)| (inner, inner.chars().count() + 2));
    out.push_str(&regex::escape(inner));
    Ok(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_differ_are_translated() {
        let matches = |pattern: &str, text: &str| Pattern::new(pattern).unwrap().regex.is_match(text);
        assert!(!matches(r"^\d$", "٣"));
        assert!(!matches(r"^\w$", "é"));
        assert!(matches(r"^[\w.]+$", "a_1."));
        assert!(matches(r"^[^\s]$", "x"));
        assert!(!matches("^.$", "\r"));
        assert!(matches("(?s)^.$", "\r"));
        assert!(matches(r"\Qa.b\E", "a.b"));
        assert!(!matches(r"\Qa.b\E", "axb"));
        assert!(matches(r"^\p{Lu}\p{L}+$", "Änne"));
        assert!(matches("^[[:upper:]]+$", ":rep"));
        assert!(!matches("[[:upper:]]", "A"));
        assert!(matches("^[].]$", ".") && matches("^[].]$", "]") && !matches("^[].]$", "a"));
        for refused in ["(?=a)", "(a)\\1", "a++", "\\p{IsLatin}", "(?<=a)b", "[a--b]", "a\\"] {
            assert!(Pattern::new(refused).is_err(), "{refused}");
        }
    }
}
