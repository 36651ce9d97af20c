//! Reads timestamps by a pattern, as strictly as Java does: two letters are two digits, four letters four.
//!
//! Where Spark's former reader would have taken the text all the same, Spark 3 fails instead of giving null; so does this.

use datafusion::common::Result;

use super::{Item, Letter, MONTHS, Pattern};
use crate::datetime::civil::{Civil, MICROS_PER_DAY, MICROS_PER_SECOND};
use crate::datetime::zone::Zone;
use crate::udf::failed;

/// What a text has said.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    pub(super) year: Option<i64>,
    pub(super) month: Option<i64>,
    pub(super) day: Option<i64>,
    pub(super) day_of_year: Option<i64>,
    pub(super) afternoon: Option<bool>,
    pub(super) hour: Option<i64>,
    pub(super) hour_of_half: Option<i64>,
    pub(super) minute: Option<i64>,
    pub(super) second: Option<i64>,
    pub(super) micros: Option<i64>,
    zone: Option<Zone>,
}

impl Pattern {
    /// Reads a timestamp; nothing if the text does not follow the pattern.
    ///
    /// # Errors
    /// A text that Spark 2 would have read, and what is not supported: names of zones.
    pub(crate) fn read(&self, text: &str) -> Result<Option<i64>> {
        let mut fields = Fields::default();
        let read = self.read_items(&self.items, text, &mut fields)?;
        if read == Some(text.len())
            && let Some(micros) = fields.resolve()
        {
            return Ok(Some(micros));
        }
        if self.legacy_reads(text) {
            return Err(failed(format!(
                "'{text}' does not follow the pattern '{}', although Spark 2 would have read it; Spark 3 fails as well; hint: \
                 change the pattern (one letter takes any number of digits)",
                self.source
            )));
        }
        Ok(None)
    }

    /// Reads items one after the other; returns how far it came.
    fn read_items(&self, items: &[Item], text: &str, fields: &mut Fields) -> Result<Option<usize>> {
        let mut at = 0;
        let mut index = 0;
        while let Some(item) = items.get(index) {
            index += 1;
            let rest = &text[at..];
            match item {
                Item::Literal(literal) => {
                    match rest.get(..literal.len()).filter(|found| found.eq_ignore_ascii_case(literal)) {
                        Some(found) => at += found.len(),
                        None => return Ok(None),
                    }
                }
                Item::Open => {
                    // A section that does not fit is left out as a whole.
                    let end = closing(items, index);
                    let mut tried = fields.clone();
                    if let Some(used) = self.read_items(&items[index..end], rest, &mut tried)? {
                        *fields = tried;
                        at += used;
                    }
                    index = end + 1;
                }
                Item::Close => {}
                Item::Field(letter, count) => {
                    let Some(used) = self.read_field(*letter, *count, &items[index..], rest, fields)? else {
                        return Ok(None);
                    };
                    at += used;
                }
            }
        }
        Ok(Some(at))
    }

    fn read_field(
        &self,
        letter: Letter,
        count: usize,
        following: &[Item],
        text: &str,
        fields: &mut Fields,
    ) -> Result<Option<usize>> {
        Ok(match letter {
            Letter::Month if count > 2 => month_name(text, count == 3, fields),
            Letter::AmPm => match text.get(..2).map(str::to_ascii_uppercase).as_deref() {
                Some("AM") => put(&mut fields.afternoon, false).then_some(2),
                Some("PM") => put(&mut fields.afternoon, true).then_some(2),
                _ => None,
            },
            Letter::Fraction => {
                let digits = text.bytes().take(count).take_while(u8::is_ascii_digit).count();
                let micros: Option<i64> =
                    format!("{:0<6}", &text[..digits]).get(..6).and_then(|digits| digits.parse().ok());
                micros.filter(|_| digits > 0 && put(&mut fields.micros, micros.unwrap_or(0))).map(|_| digits)
            }
            Letter::ZoneId => {
                let length = text
                    .bytes()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || b"/_+-:".contains(byte))
                    .count();
                zone(&text[..length], length, fields)
            }
            Letter::ZoneName | Letter::ZoneGmt => {
                let found = ["UTC", "GMT"]
                    .iter()
                    .find(|name| text.get(..3).is_some_and(|found| found.eq_ignore_ascii_case(name)));
                if found.is_none() || text[3..].starts_with(['+', '-']) {
                    return Err(failed(format!(
                        "names of time zones in '{}' are not supported; only UTC and GMT are",
                        self.source
                    )));
                }
                zone("UTC", 3, fields)
            }
            Letter::OffsetOrZ | Letter::Offset | Letter::OffsetDigits => offset(letter, count, text, fields),
            _ => number(letter, count, following, text, fields),
        })
    }
}

fn closing(items: &[Item], from: usize) -> usize {
    let mut depth = 0_usize;
    for (index, item) in items.iter().enumerate().skip(from) {
        match item {
            Item::Open => depth += 1,
            Item::Close if depth == 0 => return index,
            Item::Close => depth -= 1,
            _ => {}
        }
    }
    items.len()
}

/// Sets a field; one that is there already must be the same.
fn put<T: PartialEq + Copy>(field: &mut Option<T>, value: T) -> bool {
    *field.get_or_insert(value) == value
}

fn month_name(text: &str, short: bool, fields: &mut Fields) -> Option<usize> {
    // Longest first, although no name of a month begins with another one.
    let (index, length) = MONTHS.iter().enumerate().find_map(|(index, name)| {
        let name = if short { &name[..3] } else { name };
        text.get(..name.len())
            .filter(|found| found.eq_ignore_ascii_case(name))
            .map(|found| (index, found.len()))
    })?;
    put(&mut fields.month, i64::try_from(index).ok()? + 1).then_some(length)
}

fn zone(id: &str, length: usize, fields: &mut Fields) -> Option<usize> {
    fields.zone = Some(Zone::parse(id)?);
    Some(length)
}

fn offset(letter: Letter, count: usize, text: &str, fields: &mut Fields) -> Option<usize> {
    let with_z = letter == Letter::OffsetOrZ || letter == Letter::OffsetDigits && count == 5;
    if with_z && text.starts_with(['Z', 'z']) {
        return zone("Z", 1, fields);
    }
    let colon = match letter {
        Letter::OffsetDigits => count == 5,
        _ => matches!(count, 3 | 5),
    };
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let hours = text.get(1..3).filter(|hours| text.starts_with(['+', '-']) && digits(hours))?;
    let minutes = if colon { text.get(3..6).and_then(|rest| rest.strip_prefix(':')) } else { text.get(3..5) };
    let minutes = minutes.filter(|minutes| digits(minutes));
    let length = match minutes {
        Some(_) if colon => 6,
        Some(_) => 5,
        None if letter != Letter::OffsetDigits && count == 1 => 3,
        None => return None,
    };
    zone(&format!("{}{hours}:{}", &text[..1], minutes.unwrap_or("00")), length, fields)
}

/// Digits that a field takes at least and at most.
const fn width(letter: Letter, count: usize) -> (usize, usize) {
    match (letter, count) {
        (Letter::Year, 2) => (2, 2),
        (Letter::DayOfYear, 2 | 3) => (count, 3),
        (Letter::Year, count) => (count, 19),
        (_, 1) => (1, 19),
        (_, count) => (count, count),
    }
}

/// Whether a field has a fixed number of digits.
const fn is_fixed(letter: Letter, count: usize) -> bool {
    let (least, most) = width(letter, count);
    least == most
}

/// How many digits the fields need that follow without anything between.
pub(super) fn reserved(following: &[Item]) -> usize {
    following
        .iter()
        .map_while(|item| match item {
            Item::Field(letter, count) if is_number(*letter, *count) && is_fixed(*letter, *count) => {
                Some(*count)
            }
            _ => None,
        })
        .sum()
}

pub(super) const fn is_number(letter: Letter, count: usize) -> bool {
    match letter {
        Letter::Month => count < 3,
        Letter::Year
        | Letter::Day
        | Letter::DayOfYear
        | Letter::Hour12
        | Letter::Hour24
        | Letter::HourFrom0Of12
        | Letter::HourFrom1Of24
        | Letter::Minute
        | Letter::Second => true,
        _ => false,
    }
}

fn number(
    letter: Letter,
    count: usize,
    following: &[Item],
    text: &str,
    fields: &mut Fields,
) -> Option<usize> {
    let (least, most) = width(letter, count);
    let exceeding = letter == Letter::Year && count > 3;
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') if exceeding || count == 1 || letter == Letter::Year && count == 3 => (-1, &text[1..]),
        Some(b'+') if exceeding => (1, &text[1..]),
        _ => (1, text),
    };
    let signed = digits.len() < text.len();
    let available = digits.bytes().take_while(u8::is_ascii_digit).count();
    let reserve = reserved(following);
    let length = if reserve > 0 && !is_fixed(letter, count) {
        available.min(most + reserve).saturating_sub(reserve).max(least)
    } else {
        available.min(most)
    };
    if length < least || length > available {
        return None;
    }
    // A sign shows that a year is longer than its field, and a longer one needs it.
    if exceeding && (text.starts_with('+') && length <= least || !signed && length > least) {
        return None;
    }
    let mut value: i64 = digits[..length].parse().ok()?;
    value *= sign;
    let (slot, value) = match letter {
        Letter::Year if count == 2 => (&mut fields.year, 2000 + value),
        Letter::Year => (&mut fields.year, value),
        Letter::Month => (&mut fields.month, value),
        Letter::Day => (&mut fields.day, value),
        Letter::DayOfYear => (&mut fields.day_of_year, value),
        Letter::Hour24 => (&mut fields.hour, value),
        Letter::HourFrom1Of24 if (1..=24).contains(&value) => (&mut fields.hour, value % 24),
        Letter::Hour12 if (1..=12).contains(&value) => (&mut fields.hour_of_half, value % 12),
        Letter::HourFrom0Of12 if (0..12).contains(&value) => (&mut fields.hour_of_half, value),
        Letter::Minute => (&mut fields.minute, value),
        Letter::Second => (&mut fields.second, value),
        _ => return None,
    };
    put(slot, value).then_some(length + usize::from(signed))
}

impl Fields {
    /// Puts the fields together: what is missing is the beginning of 1970, of the month, of the day.
    pub(super) fn resolve(&self) -> Option<i64> {
        let year = self.year.unwrap_or(1970);
        let days = match self.day_of_year {
            Some(day) if self.month.is_none() && self.day.is_none() => {
                let first = Civil { year, month: 1, day: 1 }.days();
                let days = first + day - 1;
                (day >= 1 && Civil::from_days(days).year == year).then_some(days)?
            }
            Some(_) => return None,
            None => Civil::try_days(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        let hour = match (self.hour, self.hour_of_half) {
            (Some(hour), None) => hour,
            (None, Some(hour)) => hour + if self.afternoon == Some(true) { 12 } else { 0 },
            (None, None) => 0,
            (Some(hour), Some(half)) => (hour % 12 == half).then_some(hour)?,
        };
        let (minute, second) = (self.minute.unwrap_or(0), self.second.unwrap_or(0));
        if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..60).contains(&second) {
            return None;
        }
        if self.hour.is_some() && self.afternoon.is_some_and(|afternoon| afternoon != (hour >= 12)) {
            return None;
        }
        let time = ((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND + self.micros.unwrap_or(0);
        let local = days.checked_mul(MICROS_PER_DAY)?.checked_add(time)?;
        self.zone.unwrap_or(Zone::UTC).to_instant(local)
    }
}
