//! Patterns of `date_format`, `to_date` and their kin: those of Java's `DateTimeFormatter` that Spark 3.5 accepts,
//! in English, case-insensitive when reading.

mod format;
mod legacy;
mod read;

use datafusion::common::Result;

use crate::udf::failed;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    /// Text as it is.
    Literal(String),
    /// A letter and how often it is repeated.
    Field(Letter, usize),
    /// `[`.
    Open,
    /// `]`.
    Close,
}

/// Letters that mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letter {
    Era,
    Year,
    Month,
    Day,
    DayOfYear,
    Weekday,
    AmPm,
    Hour12,
    Hour24,
    HourFrom0Of12,
    HourFrom1Of24,
    Minute,
    Second,
    Fraction,
    Quarter,
    ZoneId,
    ZoneName,
    ZoneGmt,
    OffsetOrZ,
    Offset,
    OffsetDigits,
}

/// A pattern that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    source: String,
    items: Vec<Item>,
}

/// What a pattern is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Writing.
    Format,
    /// Reading.
    Parse,
}

impl Pattern {
    /// Reads a pattern.
    pub(crate) fn new(source: &str, usage: Use) -> Result<Self> {
        let wrong = |what: String| failed(format!("the pattern '{source}' cannot be used: {what}"));
        let mut items = Vec::new();
        let mut chars = source.chars().peekable();
        let mut depth = 0_usize;
        while let Some(c) = chars.next() {
            match c {
                '\'' => literal(
                    &mut items,
                    &quoted(&mut chars).ok_or_else(|| wrong("a quote is not closed".to_owned()))?,
                ),
                '[' => {
                    depth += 1;
                    items.push(Item::Open);
                }
                ']' => {
                    depth = depth.checked_sub(1).ok_or_else(|| wrong("`]` stands without `[`".to_owned()))?;
                    items.push(Item::Close);
                }
                '{' | '}' | '#' => return Err(wrong(format!("`{c}` is reserved"))),
                c if c.is_ascii_alphabetic() => {
                    let mut count = 1;
                    while chars.next_if_eq(&c).is_some() {
                        count += 1;
                    }
                    let (letter, most) =
                        letter(c).ok_or_else(|| wrong(format!("the letter `{c}` is not supported")))?;
                    let lengths_only = match letter {
                        Letter::ZoneId => count == 2,
                        Letter::ZoneGmt => matches!(count, 1 | 4),
                        _ => count <= most,
                    };
                    let readable = usage == Use::Format
                        || !matches!(letter, Letter::Weekday | Letter::Quarter | Letter::Era);
                    if !lengths_only || !readable {
                        return Err(wrong(format!(
                            "`{}` is not supported here",
                            c.to_string().repeat(count)
                        )));
                    }
                    items.push(Item::Field(letter, count));
                }
                c => literal(&mut items, &c.to_string()),
            }
        }
        if depth > 0 {
            // An optional section may be left open.
            items.extend(std::iter::repeat_n(Item::Close, depth));
        }
        Ok(Self { source: source.to_owned(), items })
    }
}

fn literal(items: &mut Vec<Item>, text: &str) {
    match items.last_mut() {
        Some(Item::Literal(before)) => before.push_str(text),
        _ => items.push(Item::Literal(text.to_owned())),
    }
}

/// Reads what stands between quotes; two quotes are one.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    if chars.next_if_eq(&'\'').is_some() {
        return Some("'".to_owned());
    }
    let mut text = String::new();
    loop {
        match chars.next()? {
            '\'' if chars.next_if_eq(&'\'').is_some() => text.push('\''),
            '\'' => return Some(text),
            c => text.push(c),
        }
    }
}

/// Returns what a letter means and how often it may be repeated.
const fn letter(c: char) -> Option<(Letter, usize)> {
    Some(match c {
        'G' => (Letter::Era, 4),
        'y' => (Letter::Year, 6),
        'M' | 'L' => (Letter::Month, 4),
        'd' => (Letter::Day, 2),
        'D' => (Letter::DayOfYear, 3),
        'E' => (Letter::Weekday, 4),
        'a' => (Letter::AmPm, 1),
        'h' => (Letter::Hour12, 2),
        'H' => (Letter::Hour24, 2),
        'K' => (Letter::HourFrom0Of12, 2),
        'k' => (Letter::HourFrom1Of24, 2),
        'm' => (Letter::Minute, 2),
        's' => (Letter::Second, 2),
        'S' => (Letter::Fraction, 9),
        'Q' | 'q' => (Letter::Quarter, 4),
        'V' => (Letter::ZoneId, 2),
        'z' => (Letter::ZoneName, 4),
        'O' => (Letter::ZoneGmt, 4),
        'X' => (Letter::OffsetOrZ, 5),
        'x' => (Letter::Offset, 5),
        'Z' => (Letter::OffsetDigits, 5),
        _ => return None,
    })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Keeps the pattern that was used last, so that a constant one is read once.
#[derive(Debug, Default)]
pub(crate) struct Patterns(Option<Pattern>);

impl Patterns {
    /// Returns a pattern.
    pub(crate) fn get(&mut self, source: &str, usage: Use) -> Result<&Pattern> {
        if self.0.as_ref().is_none_or(|known| known.source != source) {
            self.0 = Some(Pattern::new(source, usage)?);
        }
        self.0.as_ref().ok_or_else(|| failed("no pattern"))
    }
}

#[cfg(test)]
mod tests;
