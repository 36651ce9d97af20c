//! Patterns of Java's `DateTimeFormatter` as Spark 3 restricts them, for writing, in English.

use super::civil::{Civil, MICROS_PER_SECOND, split_micros, weekday};

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
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const QUARTERS: [&str; 4] = ["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"];

/// A pattern that can be written by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Item>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    Text(String),
    Field(char, usize),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is not supported or not allowed in it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut items = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(letter) = chars.next() {
            match letter {
                '\'' => items.push(Item::Text(quoted(&mut chars)?)),
                '[' | ']' | '{' | '}' | '#' => {
                    return Err(format!("`{letter}` is not supported in a pattern"));
                }
                letter if letter.is_ascii_alphabetic() => {
                    let mut count = 1;
                    while chars.next_if_eq(&letter).is_some() {
                        count += 1;
                    }
                    if count > most(letter) {
                        return Err(format!(
                            "`{}` is not supported in a pattern",
                            String::from(letter).repeat(count)
                        ));
                    }
                    items.push(Item::Field(letter, count));
                }
                other => items.push(Item::Text(other.to_string())),
            }
        }
        Ok(Self(items))
    }

    /// Writes a timestamp.
    ///
    /// # Errors
    /// For a year that does not have one to four digits, which Java writes in other ways.
    pub(crate) fn write(&self, micros: i64) -> Result<String, String> {
        let (days, time) = split_micros(micros);
        let day = Civil::from_days(days);
        let mut out = String::new();
        for item in &self.0 {
            match item {
                Item::Text(text) => out.push_str(text),
                Item::Field(letter, count) => field(&mut out, *letter, *count, day, days, time)?,
            }
        }
        Ok(out)
    }
}

/// The text up to the closing quote; two quotes are one.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    if chars.next_if_eq(&'\'').is_some() {
        return Ok("'".to_owned());
    }
    let mut text = String::new();
    while let Some(next) = chars.next() {
        if next != '\'' {
            text.push(next);
        } else if chars.next_if_eq(&'\'').is_some() {
            text.push('\'');
        } else {
            return Ok(text);
        }
    }
    Err("a quote in the pattern is not closed".to_owned())
}

/// How often a letter may be repeated; 0 for one that is not supported.
const fn most(letter: char) -> usize {
    match letter {
        'y' | 'M' | 'E' | 'Q' | 'q' => 4,
        'D' => 3,
        'd' | 'H' | 'h' | 'K' | 'k' | 'm' | 's' => 2,
        'S' => 6,
        'a' => 1,
        _ => 0,
    }
}

fn field(
    out: &mut String,
    letter: char,
    count: usize,
    day: Civil,
    days: i64,
    time: i64,
) -> Result<(), String> {
    let seconds = time / MICROS_PER_SECOND;
    let hour = seconds / 3600;
    let number = |out: &mut String, value: i64| out.push_str(&format!("{value:0count$}"));
    let name = |out: &mut String, names: &[&str], index: i64| {
        let name =
            usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default();
        out.push_str(if count == 4 { name } else { &name[..3] });
    };
    match letter {
        'y' if !(1..=9999).contains(&day.year) => {
            return Err(format!("the year {} cannot be written", day.year));
        }
        'y' if count == 2 => out.push_str(&format!("{:02}", day.year % 100)),
        'y' => number(out, day.year),
        'M' if count > 2 => name(out, &MONTHS, day.month - 1),
        'M' => number(out, day.month),
        'd' => number(out, day.day),
        'D' => number(out, day.day_of_year()),
        'E' => name(out, &DAYS, weekday(days) - 1),
        'Q' | 'q' => {
            let quarter = (day.month + 2) / 3;
            match count {
                3 => out.push_str(&format!("Q{quarter}")),
                4 => name(out, &QUARTERS, quarter - 1),
                _ => number(out, quarter),
            }
        }
        'a' => out.push_str(if hour < 12 { "AM" } else { "PM" }),
        'H' => number(out, hour),
        'k' => number(out, if hour == 0 { 24 } else { hour }),
        'K' => number(out, hour % 12),
        'h' => number(out, if hour % 12 == 0 { 12 } else { hour % 12 }),
        'm' => number(out, seconds / 60 % 60),
        's' => number(out, seconds % 60),
        'S' => out.push_str(&format!("{:06}", time % MICROS_PER_SECOND)[..count]),
        _ => return Err(format!("`{letter}` is not supported in a pattern")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datetime::text::parse_timestamp;

    #[test]
    fn patterns_are_written_as_java_writes_them() {
        for (time, pattern, expected) in [
            ("2024-03-05 17:08:09", "hh:mm a", "05:08 PM"),
            ("2024-12-30", "D", "365"),
            ("2024-03-05", "MMM d, yyyy", "Mar 5, 2024"),
            ("2024-03-05", "QQQ", "Q1"),
            ("2024-03-05", "E", "Tue"),
            ("2024-03-05", "EEEE", "Tuesday"),
            ("0032-03-05", "yyyy yy y", "0032 32 32"),
            ("2024-03-05 00:08:09.012345", "k h K H S SSS SSSSSS", "24 12 0 0 0 012 012345"),
            ("2024-03-05", "yyyy-MM-dd'T'''", "2024-03-05T'"),
        ] {
            let written = Pattern::parse(pattern).unwrap().write(parse_timestamp(time).unwrap());
            assert_eq!(written.as_deref(), Ok(expected), "{pattern}");
        }
        for refused in ["w", "yyyyy", "[M]", "'open", "z", "EEEEE"] {
            assert!(Pattern::parse(refused).is_err(), "{refused}");
        }
    }
}
