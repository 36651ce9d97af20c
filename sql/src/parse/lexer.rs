//! Cuts a statement into tokens as Spark 3.5 does.
//!
//! Spark differs from most dialects already here: both quotes make strings, backslashes escape in them, numbers carry
//! suffixes (`1L`, `1.5BD`), identifiers may begin with a digit, and comments nest.

use super::token::{Token, TokenKind};
use crate::error::SyntaxError;
use crate::position::Position;

/// Longest first, so that the first match is the right one.
const SYMBOLS: [&str; 37] = [
    "<=>", "<=", ">=", "<>", "!=", "==", "!<", "!>", "||", "->", "=>", "::", "<", ">", "=", "!", "+", "-",
    "*", "/", "%", "&", "|", "^", "~", "(", ")", "[", "]", ",", ".", ";", ":", "?", "@", "{", "}",
];

/// Returns the tokens of a statement; the last one is [`TokenKind::End`].
///
/// # Errors
/// An unterminated string, identifier or comment, and characters that no token begins with.
pub(crate) fn tokenize(sql: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut lexer = Lexer { chars: sql.chars().collect(), at: 0, position: Position::START };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank()?;
        let position = lexer.position;
        let kind = lexer.next_kind()?;
        let end = kind == TokenKind::End;
        tokens.push(Token { kind, position });
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    position: Position,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn advance(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        if c == '\n' {
            self.position = Position { line: self.position.line + 1, column: 1 };
        } else {
            self.position.column += 1;
        }
        Some(c)
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, c)| self.peek(ahead) == Some(c))
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.advance();
        }
    }

    fn skip_blank(&mut self) -> Result<(), SyntaxError> {
        loop {
            if self.peek(0).is_some_and(|c| c.is_whitespace() || c == '\u{feff}') {
                self.advance();
            } else if self.starts_with("--") {
                while self.peek(0).is_some_and(|c| c != '\n') {
                    self.advance();
                }
            } else if self.starts_with("/*") {
                self.skip_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    /// Skips a comment, nested ones included. Hints (`/*+ … */`) are comments as well: they never change an answer.
    fn skip_comment(&mut self) -> Result<(), SyntaxError> {
        let begin = self.position;
        let mut depth = 0_usize;
        loop {
            if self.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.starts_with("*/") {
                depth -= 1;
                self.skip(2);
                if depth == 0 {
                    return Ok(());
                }
            } else if self.advance().is_none() {
                return Err(SyntaxError::new(begin, "the comment is not closed: `*/` is missing"));
            }
        }
    }

    fn next_kind(&mut self) -> Result<TokenKind, SyntaxError> {
        let Some(c) = self.peek(0) else { return Ok(TokenKind::End) };
        if matches!(c, 'r' | 'R') && matches!(self.peek(1), Some('\'' | '"')) {
            self.advance();
            return self.text(true);
        }
        if c == '\'' || c == '"' {
            return self.text(false);
        }
        if c == '`' {
            return self.quoted_word();
        }
        if c.is_ascii_digit() || c == '.' {
            // A name may begin with a digit, too, and a dot may stand between names.
            if let Some(length) = number_length(&self.chars[self.at..]) {
                let text: String = self.chars[self.at..self.at + length].iter().collect();
                self.skip(length);
                return Ok(TokenKind::Number(text));
            }
        }
        if is_word_part(c) {
            return Ok(TokenKind::Word { text: self.word(), quoted: false });
        }
        match SYMBOLS.iter().find(|symbol| self.starts_with(symbol)) {
            Some(symbol) => {
                self.skip(symbol.len());
                Ok(TokenKind::Symbol(symbol))
            }
            None => Err(SyntaxError::new(
                self.position,
                format!(
                    "the character `{c}` is not expected; names with such characters stand between back-ticks"
                ),
            )),
        }
    }

    fn word(&mut self) -> String {
        let mut text = String::new();
        while let Some(c) = self.peek(0).filter(|c| is_word_part(*c)) {
            text.push(c);
            self.advance();
        }
        text
    }

    fn quoted_word(&mut self) -> Result<TokenKind, SyntaxError> {
        let begin = self.position;
        self.advance();
        let mut text = String::new();
        loop {
            match self.advance() {
                Some('`') if self.peek(0) == Some('`') => {
                    self.advance();
                    text.push('`');
                }
                Some('`') if text.is_empty() => {
                    return Err(SyntaxError::new(begin, "a name must not be empty"));
                }
                Some('`') => return Ok(TokenKind::Word { text, quoted: true }),
                Some(c) => text.push(c),
                None => {
                    return Err(SyntaxError::new(begin, "the name is not closed: a back-tick is missing"));
                }
            }
        }
    }

    fn text(&mut self, raw: bool) -> Result<TokenKind, SyntaxError> {
        let begin = self.position;
        let quote = self.advance();
        let mut text = String::new();
        loop {
            match self.advance() {
                Some('\\') if raw => {
                    text.push('\\');
                    text.extend(self.advance());
                }
                Some('\\') => self.escape(&mut text),
                Some(c) if Some(c) == quote => return Ok(TokenKind::Text(text)),
                Some(c) => text.push(c),
                None => return Err(SyntaxError::new(begin, "the string is not closed: a quote is missing")),
            }
        }
    }

    /// Resolves what follows a backslash.
    fn escape(&mut self, text: &mut String) {
        if let Some((c, length)) = self.numeric_escape() {
            text.push(c);
            self.skip(length);
            return;
        }
        match self.advance() {
            Some('0') => text.push('\0'),
            Some('b') => text.push('\u{8}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('Z') => text.push('\u{1a}'),
            // The backslash stays, because LIKE needs it.
            Some('%') => text.push_str("\\%"),
            Some('_') => text.push_str("\\_"),
            Some(c) => text.push(c),
            None => {}
        }
    }

    /// Reads `uXXXX`, `UXXXXXXXX` or three octal digits.
    fn numeric_escape(&self) -> Option<(char, usize)> {
        let (radix, skipped, digits) = match self.peek(0)? {
            'u' => (16, 1, 4),
            'U' => (16, 1, 8),
            '0' | '1' => (8, 0, 3),
            _ => return None,
        };
        let mut code = 0_u32;
        for ahead in skipped..skipped + digits {
            code = code.checked_mul(radix)?.checked_add(self.peek(ahead)?.to_digit(radix)?)?;
        }
        let length = skipped + digits;
        if !(0xd800..0xe000).contains(&code) {
            return Some((char::from_u32(code)?, length));
        }
        // Halves of a character: the other half follows as an escape, or Java writes a question mark.
        let low = || {
            let escape = (self.peek(length), self.peek(length + 1)) == (Some('\\'), Some('u'));
            let mut digits = (2..6).map(|ahead| self.peek(length + ahead)?.to_digit(16));
            let low = digits.try_fold(0, |low, digit| Some(low * 16 + digit?))?;
            (escape && code < 0xdc00 && (0xdc00..0xe000).contains(&low)).then_some(low)
        };
        match low() {
            Some(low) => {
                Some((char::from_u32(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00))?, length + 6))
            }
            None => Some(('?', length)),
        }
    }
}

const fn is_word_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Returns the length of the number that a text begins with, its suffix included; nothing if it is a name or a dot.
fn number_length(text: &[char]) -> Option<usize> {
    let at = |index: usize| text.get(index).copied().unwrap_or(' ');
    let digits = |from: usize| (from..).take_while(|index| at(*index).is_ascii_digit()).count();
    let whole = digits(0);
    let fraction = if at(whole) == '.' { 1 + digits(whole + 1) } else { 0 };
    if whole + fraction == usize::from(fraction > 0) {
        return None;
    }
    // With the dot if that is a number, else without it: `1.a` is a field of something.
    [whole + fraction, whole]
        .into_iter()
        .find_map(|end| (end > 0).then(|| complete(&at, &digits, end, end > whole))?)
}

/// Returns the end of a number with exponent and suffix, or nothing if a name sticks to it.
fn complete(
    at: &impl Fn(usize) -> char,
    digits: &impl Fn(usize) -> usize,
    mut end: usize,
    mut inexact: bool,
) -> Option<usize> {
    if matches!(at(end), 'e' | 'E') {
        let sign = usize::from(matches!(at(end + 1), '+' | '-'));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
            inexact = true;
        }
    }
    end += match (at(end).to_ascii_uppercase(), at(end + 1).to_ascii_uppercase()) {
        ('B', 'D') => 2,
        ('D' | 'F', _) => 1,
        ('L' | 'S' | 'Y', _) if !inexact => 1,
        _ => 0,
    };
    (!is_word_part(at(end))).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(sql: &str) -> Vec<TokenKind> {
        tokenize(sql)
            .unwrap()
            .into_iter()
            .map(|token| token.kind)
            .filter(|kind| *kind != TokenKind::End)
            .collect()
    }

    fn text(text: &str) -> TokenKind {
        TokenKind::Text(text.to_owned())
    }

    fn word(text: &str) -> TokenKind {
        TokenKind::Word { text: text.to_owned(), quoted: false }
    }

    #[test]
    fn strings_resolve_escapes_as_spark_does() {
        assert_eq!(kinds(r"'a\nb\%\\\q'"), [text("a\nb\\%\\q")]);
        assert_eq!(kinds(r#""it's" 'a''b'"#), [text("it's"), text("a"), text("b")]);
        assert_eq!(kinds(r"'\u0041\101' r'\d'"), [text("AA"), text("\\d")]);
        assert_eq!(kinds(r"'\ud83d\ude00' '\ud83dx'"), [text("😀"), text("?x")]);
    }

    #[test]
    fn numbers_carry_suffixes_and_names_may_begin_with_digits() {
        let number = |text: &str| TokenKind::Number(text.to_owned());
        assert_eq!(kinds("1L 1.5BD .5 1. 1e-3 2S"), ["1L", "1.5BD", ".5", "1.", "1e-3", "2S"].map(number));
        assert_eq!(kinds("2020_a"), [word("2020_a")]);
        assert_eq!(kinds("t.2020_a"), [word("t"), TokenKind::Symbol("."), word("2020_a")]);
    }

    #[test]
    fn comments_nest_and_places_are_counted() {
        let tokens = tokenize("-- x\n/* a /* b */ */ SELECT").unwrap();
        assert_eq!(tokens[0].position, Position { line: 2, column: 17 });
        assert!(tokenize("/* a").is_err());
        assert!(tokenize("'a").is_err());
    }
}
