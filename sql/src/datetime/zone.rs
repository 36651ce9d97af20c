//! Time zones by the names that Java knows.

use std::str::FromStr;

use arrow::array::timezone::Tz;
use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone};

use super::civil::{MICROS_PER_DAY, MICROS_PER_SECOND};

/// Abbreviations that Java resolves and the time zone data does not.
const SHORT_IDS: [(&str, &str); 28] = [
    ("ACT", "Australia/Darwin"),
    ("AET", "Australia/Sydney"),
    ("AGT", "America/Argentina/Buenos_Aires"),
    ("ART", "Africa/Cairo"),
    ("AST", "America/Anchorage"),
    ("BET", "America/Sao_Paulo"),
    ("BST", "Asia/Dhaka"),
    ("CAT", "Africa/Harare"),
    ("CNT", "America/St_Johns"),
    ("CST", "America/Chicago"),
    ("CTT", "Asia/Shanghai"),
    ("EAT", "Africa/Addis_Ababa"),
    ("ECT", "Europe/Paris"),
    ("IET", "America/Indiana/Indianapolis"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("MIT", "Pacific/Apia"),
    ("NET", "Asia/Yerevan"),
    ("NST", "Pacific/Auckland"),
    ("PLT", "Asia/Karachi"),
    ("PNT", "America/Phoenix"),
    ("PRT", "America/Puerto_Rico"),
    ("PST", "America/Los_Angeles"),
    ("SST", "Pacific/Guadalcanal"),
    ("VST", "Asia/Ho_Chi_Minh"),
    ("EST", "-05:00"),
    ("MST", "-07:00"),
    ("HST", "-10:00"),
];

/// A time zone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Zone {
    /// A fixed number of seconds east of Greenwich.
    Fixed(i64),
    /// A region with rules.
    Region(Tz),
}

impl Zone {
    /// The session's zone.
    pub(crate) const UTC: Self = Self::Fixed(0);

    /// Finds a zone by its Java id: a region, an offset, or `UTC`, `GMT`, `UT` with or without an offset.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let id = id.trim();
        if let Some((_, region)) = SHORT_IDS.iter().find(|(short, _)| *short == id) {
            return Self::parse(region);
        }
        if matches!(id, "Z" | "UTC" | "GMT" | "UT" | "GMT0") {
            return Some(Self::UTC);
        }
        if id.starts_with(['+', '-']) {
            return offset(id).map(Self::Fixed);
        }
        if let Some(rest) = ["UTC", "GMT", "UT"].iter().find_map(|prefix| id.strip_prefix(prefix)) {
            return offset(rest).map(Self::Fixed);
        }
        // The time zone data of Arrow ignores case, Java does not.
        let zone = Tz::from_str(id).ok()?;
        id.contains(|c: char| c.is_ascii_alphabetic())
            .then_some(Self::Region(zone))
            .filter(|_| well_spelt(id))
    }

    /// Returns the seconds east of Greenwich at an instant.
    pub(crate) fn offset_at(self, micros: i64) -> i64 {
        match self {
            Self::Fixed(seconds) => seconds,
            Self::Region(zone) => naive(micros)
                .map_or(0, |utc| i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc())),
        }
    }

    /// Returns the local time of an instant, as if it were UTC.
    pub(crate) fn to_local(self, micros: i64) -> Option<i64> {
        micros.checked_add(self.offset_at(micros) * MICROS_PER_SECOND)
    }

    /// Returns the instant of a local time: the earlier one if there are two; what a clock would show that was not put
    /// forward if there is none.
    pub(crate) fn to_instant(self, local: i64) -> Option<i64> {
        let offset = match self {
            Self::Fixed(seconds) => seconds,
            Self::Region(zone) => match zone.offset_from_local_datetime(&naive(local)?) {
                LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => {
                    i64::from(offset.fix().local_minus_utc())
                }
                LocalResult::None => self.offset_at(local.checked_sub(MICROS_PER_DAY)?),
            },
        };
        local.checked_sub(offset * MICROS_PER_SECOND)
    }
}

fn naive(micros: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_micros(micros).map(|instant| instant.naive_utc())
}

fn well_spelt(id: &str) -> bool {
    // Regions are written like Europe/Paris or all in capitals (CET, EST5EDT).
    id.split('/').all(|part| part.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Reads `+h`, `+hh`, `+hhmm`, `+h:m` up to `+hh:mm:ss`.
fn offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let parts: Vec<&str> = if rest.contains(':') {
        rest.split(':').collect()
    } else if rest.len() <= 2 {
        vec![rest]
    } else if matches!(rest.len(), 4 | 6) && rest.is_ascii() {
        (0..rest.len()).step_by(2).map(|at| &rest[at..at + 2]).collect()
    } else {
        return None;
    };
    if parts.is_empty() || parts.len() > 3 {
        return None;
    }
    let mut seconds = 0;
    for (index, part) in parts.iter().enumerate() {
        let digits = part.len() <= 2 && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let value: i64 = part.parse().ok().filter(|_| digits)?;
        if value > if index == 0 { 18 } else { 59 } {
            return None;
        }
        seconds += value * [3600, 60, 1][index];
    }
    (seconds <= 18 * 3600).then_some(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_regions_are_found() {
        assert!(matches!(Zone::parse("+5:3"), Some(Zone::Fixed(18_180))));
        assert!(matches!(Zone::parse("GMT-08:00"), Some(Zone::Fixed(-28_800))));
        assert!(matches!(Zone::parse("UTC"), Some(Zone::Fixed(0))));
        assert!(Zone::parse("+19").is_none());
        assert!(Zone::parse("Nowhere/Land").is_none());
        assert_eq!(Zone::parse("Asia/Seoul").unwrap().offset_at(0), 9 * 3600);
    }

    #[test]
    fn missing_local_times_move_forward() {
        let paris = Zone::parse("Europe/Paris").unwrap();
        // 2024-03-31 02:30 does not exist; Java reads it as 03:30 summer time, 01:30 UTC.
        let local = 1_711_852_200_000_000;
        assert_eq!(paris.to_instant(local), Some(local - 3_600_000_000));
    }
}
