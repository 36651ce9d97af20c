//! Dates and timestamps as text without a pattern: what CAST accepts and writes.

use std::fmt::Write;

use super::civil::{Civil, MICROS_PER_DAY, MICROS_PER_SECOND, split_micros};
use super::zone::Zone;

/// What a text says about a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParsedTimestamp {
    /// A date and maybe a time, in microseconds without zone, and the zone if it is written.
    Complete {
        /// Microseconds since 1970 on the clock of the zone.
        local: i64,
        /// Seconds east of Greenwich that apply there, if a zone is written.
        offset: Option<i64>,
    },
    /// Only a time: Spark takes today's date, which is no input of ours.
    TimeOnly,
}

/// Cuts off blanks and control characters as Spark does before it reads a value.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ' || c == '\u{7f}')
}

/// Reads a date: `yyyy`, `yyyy-m`, `yyyy-m-d`, the last one with anything behind a blank or a `T`.
pub(crate) fn parse_date(text: &str) -> Option<i32> {
    let text = trim(text);
    let (negative, digits) = signed(text);
    let mut segments = [1_i64; 3];
    let (mut index, mut value, mut count) = (0, 0_i64, 0);
    let bytes = digits.as_bytes();
    let mut at = 0;
    let valid = |index: usize, count: usize| if index == 0 { (4..=7).contains(&count) } else { (1..=2).contains(&count) };
    while at < bytes.len() && !matches!(bytes[at], b' ' | b'T') {
        match bytes[at] {
            b'-' if index < 2 => {
                if !valid(index, count) {
                    return None;
                }
                segments[index] = value;
                (index, value, count) = (index + 1, 0, 0);
            }
            digit @ b'0'..=b'9' => {
                value = value.checked_mul(10)?.checked_add(i64::from(digit - b'0'))?;
                count += 1;
            }
            _ => return None,
        }
        at += 1;
    }
    // A rest may stand only behind a whole date.
    if !valid(index, count) || (index < 2 && at < bytes.len()) {
        return None;
    }
    segments[index] = value;
    let year = if negative { -segments[0] } else { segments[0] };
    i32::try_from(Civil::try_days(year, segments[1], segments[2])?).ok()
}

/// Reads a timestamp of the session's zone, UTC; nothing if it is none or only a time.
pub(crate) fn parse_timestamp(text: &str) -> Option<i64> {
    match parse_parts(text)? {
        ParsedTimestamp::Complete { local, offset } => local.checked_sub(offset.unwrap_or(0) * MICROS_PER_SECOND),
        ParsedTimestamp::TimeOnly => None,
    }
}

/// Reads a timestamp without zone; a zone that is written is ignored, as Spark does.
pub(crate) fn parse_timestamp_ntz(text: &str) -> Option<i64> {
    match parse_parts(text)? {
        ParsedTimestamp::Complete { local, .. } => Some(local),
        ParsedTimestamp::TimeOnly => None,
    }
}

fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// Reads `yyyy[-m[-d[( |T)[h[:m[:s[.f]]]][zone]]]]` and times without a date.
pub(crate) fn parse_parts(text: &str) -> Option<ParsedTimestamp> {
    let text = trim(text);
    if text.is_empty() {
        return None;
    }
    let (negative, rest) = signed(text);
    let has_sign = rest.len() < text.len();
    let mut cursor = Cursor { text: rest, at: 0 };
    if !has_sign && cursor.accept(b'T') {
        cursor.time()?;
        return Some(ParsedTimestamp::TimeOnly);
    }
    let (first, digits) = cursor.digits();
    if !has_sign && cursor.peek() == Some(b':') && (1..=2).contains(&digits) {
        cursor.at = 0;
        cursor.time()?;
        return Some(ParsedTimestamp::TimeOnly);
    }
    if !(4..=6).contains(&digits) {
        return None;
    }
    let year = if negative { -first } else { first };
    let (mut month, mut day, mut time, mut zone) = (1, 1, 0, None);
    if cursor.accept(b'-') {
        month = cursor.two_digits()?;
        if cursor.accept(b'-') {
            day = cursor.two_digits()?;
            if cursor.accept(b' ') || cursor.accept(b'T') {
                (time, zone) = cursor.time()?;
            }
        }
    }
    if cursor.at < cursor.text.len() {
        return None;
    }
    let local = Civil::try_days(year, month, day)?.checked_mul(MICROS_PER_DAY)?.checked_add(time)?;
    let offset = match zone {
        Some(zone) => Some((local - zone.to_instant(local)?) / MICROS_PER_SECOND),
        None => None,
    };
    Some(ParsedTimestamp::Complete { local, offset })
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Reads digits: their value, saturated, and how many they are.
    fn digits(&mut self) -> (i64, usize) {
        let (mut value, begin) = (0_i64, self.at);
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            value = value.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        (value, self.at - begin)
    }

    fn two_digits(&mut self) -> Option<i64> {
        let (value, count) = self.digits();
        (1..=2).contains(&count).then_some(value)
    }

    /// Reads `h[:m[:s[.f]]]` and a zone behind seconds, up to the end.
    fn time(&mut self) -> Option<(i64, Option<Zone>)> {
        let hour = self.two_digits()?;
        let (mut minute, mut second, mut fraction, mut zone) = (0, 0, 0, None);
        if self.accept(b':') {
            minute = self.two_digits()?;
            if self.accept(b':') {
                second = self.two_digits()?;
                if self.accept(b'.') {
                    let begin = self.at;
                    self.digits();
                    // More than six digits are cut, none at all is nothing.
                    let digits: String = self.text[begin..self.at].chars().take(6).collect();
                    fraction = format!("{digits:0<6}").parse().ok()?;
                }
                if self.at < self.text.len() {
                    let id = &self.text[self.at..];
                    zone = Some(Zone::parse(id.trim())?);
                    self.at = self.text.len();
                }
            }
        }
        if self.at < self.text.len() || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some((((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND + fraction, zone))
    }
}

/// Appends a date as `yyyy-MM-dd`; years outside of four digits carry a sign.
pub(crate) fn write_date(out: &mut String, days: i64) {
    let Civil { year, month, day } = Civil::from_days(days);
    // Writing to a string cannot fail.
    let _ = match year {
        0..=9999 => write!(out, "{year:04}-{month:02}-{day:02}"),
        10_000.. => write!(out, "+{year}-{month:02}-{day:02}"),
        _ => write!(out, "-{:04}-{month:02}-{day:02}", -year),
    };
}

/// Appends a timestamp as `yyyy-MM-dd HH:mm:ss` and the fraction without its trailing zeros.
pub(crate) fn write_timestamp(out: &mut String, micros: i64) {
    write_timestamp_with(out, micros, ' ');
    trim_fraction(out, micros);
}

/// Appends a timestamp with all six digits of its fraction, if it has one.
pub(crate) fn write_timestamp_with(out: &mut String, micros: i64, separator: char) {
    let (days, time) = split_micros(micros);
    write_date(out, days);
    let seconds = time / MICROS_PER_SECOND;
    let _ = write!(out, "{separator}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = time % MICROS_PER_SECOND;
    if fraction != 0 {
        let _ = write!(out, ".{fraction:06}");
    }
}

fn trim_fraction(out: &mut String, micros: i64) {
    if micros.rem_euclid(MICROS_PER_SECOND) != 0 {
        out.truncate(out.trim_end_matches('0').len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(text: &str) -> Option<String> {
        parse_timestamp(text).map(|micros| {
            let mut out = String::new();
            write_timestamp(&mut out, micros);
            out
        })
    }

    fn date(text: &str) -> Option<String> {
        parse_date(text).map(|days| {
            let mut out = String::new();
            write_date(&mut out, i64::from(days));
            out
        })
    }

    #[test]
    fn dates_are_read_as_leniently_as_spark_does() {
        for (text, expected) in [
            ("2024-2-3", Some("2024-02-03")),
            (" 2024 ", Some("2024-01-01")),
            ("2024-03", Some("2024-03-01")),
            ("2024-03-05 nonsense", Some("2024-03-05")),
            ("2024-03-05T", Some("2024-03-05")),
            ("12024-03-05", Some("+12024-03-05")),
            ("2024-02-30", None),
            ("24-01-01", None),
            ("2024-03 x", None),
            ("2024-03-05x", None),
            ("", None),
        ] {
            assert_eq!(date(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn timestamps_are_read_as_leniently_as_spark_does() {
        for (text, expected) in [
            ("2024-02-03T10:11:12Z", Some("2024-02-03 10:11:12")),
            ("2024-02-03 10:11:12.1234567", Some("2024-02-03 10:11:12.123456")),
            ("2024-02-03 1:2:3.", Some("2024-02-03 01:02:03")),
            ("2024-02-03 10:11:12+02:00", Some("2024-02-03 08:11:12")),
            ("2024-02-03 10:11:12 Europe/Paris", Some("2024-02-03 09:11:12")),
            ("2024-02-03 10", Some("2024-02-03 10:00:00")),
            ("2024-02", Some("2024-02-01 00:00:00")),
            ("2024-02-03 10:11Z", None),
            ("2024-02-03 24:00:00", None),
            ("2024-02-03x", None),
            ("10:11:12", None),
        ] {
            assert_eq!(timestamp(text).as_deref(), expected, "{text}");
        }
        assert_eq!(parse_parts("10:11:12"), Some(ParsedTimestamp::TimeOnly));
    }
}
