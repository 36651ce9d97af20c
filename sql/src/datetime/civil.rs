//! The proleptic Gregorian calendar in days and microseconds since 1970.

/// Microseconds of a second.
pub(crate) const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds of a day.
pub(crate) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    /// Year; 0 is 1 BC.
    pub(crate) year: i64,
    /// Month, from 1.
    pub(crate) month: i64,
    /// Day of the month, from 1.
    pub(crate) day: i64,
}

impl Civil {
    /// Returns the day of the calendar of a number of days since 1970.
    pub(crate) const fn from_days(days: i64) -> Self {
        // Eras of 400 years that begin in March, so that the leap day is the last of a year.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        Self { year, month, day }
    }

    /// Returns the number of days since 1970, or nothing if there is no such day.
    pub(crate) fn try_days(year: i64, month: i64, day: i64) -> Option<i64> {
        ((1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day))
            .then(|| Self { year, month, day }.days())
    }

    /// Returns the number of days since 1970.
    pub(crate) const fn days(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (self.month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// Returns the months since year 0.
    pub(crate) const fn months(self) -> i64 {
        self.year * 12 + self.month - 1
    }

    /// Returns the day a number of months later; the last of the month if it is shorter.
    pub(crate) fn add_months(self, months: i64) -> Self {
        let total = self.months() + months;
        let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
        Self { year, month, day: self.day.min(days_in_month(year, month)) }
    }

    /// Tells whether this is the last day of its month.
    pub(crate) const fn is_last_of_month(self) -> bool {
        self.day == days_in_month(self.year, self.month)
    }

    /// Returns the day of the year, from 1.
    pub(crate) const fn day_of_year(self) -> i64 {
        self.days() - Self { year: self.year, month: 1, day: 1 }.days() + 1
    }
}

/// Returns the length of a month.
pub(crate) const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Tells whether a year has 366 days.
pub(crate) const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Returns the day of the week, 1 for Monday to 7 for Sunday.
pub(crate) const fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

/// Returns the ISO week and the year that it belongs to.
pub(crate) const fn iso_week(days: i64) -> (i64, i64) {
    // A week belongs to the year of its Thursday.
    let thursday = days + 4 - weekday(days);
    let year = Civil::from_days(thursday).year;
    let first = Civil { year, month: 1, day: 1 }.days();
    (year, (thursday - first) / 7 + 1)
}

/// Cuts a timestamp into the day and the microseconds since midnight.
pub(crate) const fn split_micros(micros: i64) -> (i64, i64) {
    (micros.div_euclid(MICROS_PER_DAY), micros.rem_euclid(MICROS_PER_DAY))
}

/// Returns the timestamp a number of months later, at the same time of day.
pub(crate) fn add_months_to_micros(micros: i64, months: i64) -> Option<i64> {
    let (days, time) = split_micros(micros);
    Civil::from_days(days).add_months(months).days().checked_mul(MICROS_PER_DAY)?.checked_add(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_some_centuries_comes_back() {
        let mut previous = Civil::from_days(-800_001);
        for days in -800_000..800_000 {
            let civil = Civil::from_days(days);
            assert_eq!(civil.days(), days);
            assert!((civil.year, civil.month, civil.day) > (previous.year, previous.month, previous.day));
            previous = civil;
        }
        assert_eq!(Civil::from_days(0), Civil { year: 1970, month: 1, day: 1 });
        assert_eq!(Civil::try_days(2023, 2, 29), None);
        assert_eq!(Civil::try_days(2024, 2, 29), Some(19_782));
    }

    #[test]
    fn weeks_follow_iso() {
        let day = |year, month, day| Civil { year, month, day }.days();
        assert_eq!(iso_week(day(2024, 12, 30)), (2025, 1));
        assert_eq!(iso_week(day(2021, 1, 3)), (2020, 53));
        assert_eq!(weekday(day(2024, 3, 5)), 2);
        assert_eq!(weekday(day(1969, 12, 28)), 7);
    }

    #[test]
    fn months_are_added_to_the_end_of_shorter_months() {
        let day = Civil { year: 2024, month: 1, day: 31 };
        assert_eq!(day.add_months(1), Civil { year: 2024, month: 2, day: 29 });
        assert_eq!(day.add_months(-14), Civil { year: 2022, month: 11, day: 30 });
    }
}
