//! Writes timestamps by a pattern. The zone is UTC.

use std::fmt::Write;

use super::{Item, Letter, MONTHS, Pattern, WEEKDAYS};
use crate::datetime::civil::{Civil, MICROS_PER_SECOND, split_micros, weekday};

impl Pattern {
    /// Appends a timestamp.
    pub(crate) fn write(&self, out: &mut String, micros: i64) {
        let (days, time) = split_micros(micros);
        let civil = Civil::from_days(days);
        let has_era = self.items.iter().any(|item| matches!(item, Item::Field(Letter::Era, _)));
        for item in &self.items {
            match item {
                Item::Literal(text) => out.push_str(text),
                Item::Field(Letter::Year, count) => {
                    year(out, if has_era && civil.year < 1 { 1 - civil.year } else { civil.year }, *count)
                }
                Item::Field(letter, count) => field(out, *letter, *count, civil, days, time),
                Item::Open | Item::Close => {}
            }
        }
    }
}

fn year(out: &mut String, year: i64, count: usize) {
    // Writing to a string cannot fail.
    let _ = match count {
        2 => write!(out, "{:02}", year.rem_euclid(100)),
        count => {
            let digits = format!("{:0count$}", year.unsigned_abs());
            let sign = match year {
                ..0 => "-",
                // A year that is longer than its field shows that by a sign.
                _ if count > 3 && digits.len() > count => "+",
                _ => "",
            };
            write!(out, "{sign}{digits}")
        }
    };
}

fn field(out: &mut String, letter: Letter, count: usize, civil: Civil, days: i64, time: i64) {
    let seconds = time / MICROS_PER_SECOND;
    let hour = seconds / 3600;
    let quarter = (civil.month - 1) / 3 + 1;
    let name = |names: &[&'static str], number: i64, short: bool| {
        let name =
            usize::try_from(number - 1).ok().and_then(|index| names.get(index)).copied().unwrap_or_default();
        if short { &name[..3] } else { name }
    };
    let number = match letter {
        Letter::Month if count > 2 => return out.push_str(name(&MONTHS, civil.month, count == 3)),
        Letter::Weekday => return out.push_str(name(&WEEKDAYS, weekday(days), count < 4)),
        Letter::Quarter if count > 2 => {
            let ordinal = ["1st", "2nd", "3rd", "4th"][usize::try_from(quarter - 1).unwrap_or(0)];
            return out.push_str(&if count == 3 {
                format!("Q{quarter}")
            } else {
                format!("{ordinal} quarter")
            });
        }
        Letter::Era => {
            let text = match (civil.year > 0, count) {
                (true, 4) => "Anno Domini",
                (false, 4) => "Before Christ",
                (true, _) => "AD",
                (false, _) => "BC",
            };
            return out.push_str(text);
        }
        Letter::AmPm => return out.push_str(if hour < 12 { "AM" } else { "PM" }),
        Letter::Fraction => {
            let nanos = format!("{:09}", time % MICROS_PER_SECOND * 1000);
            return out.push_str(&nanos[..count]);
        }
        Letter::ZoneId => return out.push_str("UTC"),
        Letter::ZoneName => {
            return out.push_str(if count == 4 { "Coordinated Universal Time" } else { "UTC" });
        }
        Letter::ZoneGmt => return out.push_str("GMT"),
        Letter::OffsetOrZ => return out.push('Z'),
        Letter::Offset => return out.push_str(["+00", "+0000", "+00:00", "+0000", "+00:00"][count - 1]),
        Letter::OffsetDigits => return out.push_str(["+0000", "+0000", "+0000", "GMT", "Z"][count - 1]),
        Letter::Month => civil.month,
        Letter::Day => civil.day,
        Letter::DayOfYear => civil.day_of_year(),
        Letter::Quarter => quarter,
        Letter::Hour12 => (hour + 11) % 12 + 1,
        Letter::Hour24 => hour,
        Letter::HourFrom0Of12 => hour % 12,
        Letter::HourFrom1Of24 => (hour + 23) % 24 + 1,
        Letter::Minute => seconds / 60 % 60,
        Letter::Second => seconds % 60,
        Letter::Year => civil.year,
    };
    let _ = write!(out, "{number:0count$}");
}
