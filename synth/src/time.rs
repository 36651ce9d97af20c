//! Instants of the lake: microseconds since 1970, UTC.

use chrono::NaiveDate;

/// One second.
pub(crate) const SECOND: i64 = 1_000_000;
/// One day.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// How the source writes "no date".
pub(crate) const NO_DATE: i64 = date(1900, 1, 1);
/// How the source writes "for ever".
pub(crate) const NEVER: i64 = date(2155, 1, 1) - SECOND;
/// How some records of the source write it.
pub(crate) const NEVER_9999: i64 = date(9999, 12, 31);

/// The day on which orders begin.
pub(crate) const FIRST_ORDER: i64 = date(2024, 1, 1);
/// Time over which orders are spread: what changes later is younger than all of them.
pub(crate) const ORDER_SPAN: i64 = 728 * DAY;

/// Midnight at the beginning of a day.
pub(crate) const fn date(year: i32, month: u32, day: u32) -> i64 {
    match NaiveDate::from_ymd_opt(year, month, day) {
        // A cast, because conversions by trait are no constants.
        Some(date) => date.to_epoch_days() as i64 * DAY,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn sentinels_are_what_the_source_writes() {
        let text = |micros| DateTime::from_timestamp_micros(micros).map(|t| t.naive_utc().to_string());
        assert_eq!(text(NO_DATE).as_deref(), Some("1900-01-01 00:00:00"));
        assert_eq!(text(NEVER).as_deref(), Some("2154-12-31 23:59:59"));
        assert_eq!(text(NEVER_9999).as_deref(), Some("9999-12-31 00:00:00"));
    }
}
