//! Dates and times that were counted in the hybrid calendar.
//!
//! Until version 3, Spark counted days as Julius Caesar did before 1582-10-15: the day that it called 1500-01-01 has another
//! number there than in the Gregorian calendar, which the format asks for. Files say so in their footers.
//!
//! - **Source:** Spark, `DataSourceUtils.getRebaseSpec` and `RebaseDateTime`

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};

use super::target::parts;

/// 1582-10-15: from here on both calendars are the same.
const FIRST_GREGORIAN_DAY: i32 = -141_427;
/// 1900-01-01: from here on all zones have the offsets that they have today, to Spark.
const FIRST_SURE_MICROS: i64 = -2_208_988_800_000_000;
const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Day 0 of the Julian calendar's count, from 1970.
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

/// The zone by which readers tell times that were stored as INT96 from others, which are in `UTC` or in none.
pub(crate) const INT96_ZONE: &str = "+00:00";

/// Zones in which a day begins when it does in UTC.
const UTC: [&str; 10] =
    ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "Zulu", "UCT", "Etc/UCT", "Universal", "+00:00"];

/// What the footer of a file says of its calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FileMarks {
    /// Whether dates and times are of the hybrid calendar.
    hybrid: bool,
    /// Whether times that are stored as INT96 are.
    hybrid_int96: bool,
    /// The zone in which its writer counted.
    zone: Option<String>,
}

impl FileMarks {
    /// Those of a footer's keys and values.
    pub(super) fn of(metadata: &HashMap<String, String>) -> Self {
        let Some(version) = metadata.get("org.apache.spark.version") else { return Self::default() };
        let is_before = |other: &str| version.as_str() < other;
        Self {
            hybrid: is_before("3.0.0") || metadata.contains_key("org.apache.spark.legacyDateTime"),
            hybrid_int96: is_before("3.1.0") || metadata.contains_key("org.apache.spark.legacyINT96"),
            zone: metadata.get("org.apache.spark.timeZone").cloned(),
        }
    }

    /// Whether values of this type may be others than they seem.
    pub(super) fn concern(&self, found: &DataType) -> bool {
        match found {
            DataType::Date32 => self.hybrid,
            nested => self.counts(nested) || parts(nested).iter().any(|part| self.concern(part.data_type())),
        }
    }

    /// Whether times of this type are counted in the hybrid calendar.
    fn counts(&self, found: &DataType) -> bool {
        match found {
            DataType::Timestamp(_, Some(zone)) if zone.as_ref() == INT96_ZONE => self.hybrid_int96,
            DataType::Timestamp(..) => self.hybrid,
            _ => false,
        }
    }

    /// The values in the Gregorian calendar.
    pub(super) fn rebased(&self, values: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, String> {
        match values.data_type() {
            // Where the log has a number, Spark gives the one that is stored.
            DataType::Date32 if self.hybrid && !wanted.is_integer() => {
                let days: &PrimitiveArray<Date32Type> = values.as_primitive();
                Ok(Arc::new(days.unary::<_, Date32Type>(gregorian_day)))
            }
            // Without a zone Spark gives the times that are stored.
            DataType::Timestamp(..) if matches!(wanted, DataType::Timestamp(_, None)) => {
                Ok(Arc::clone(values))
            }
            DataType::Timestamp(TimeUnit::Microsecond, zone) if self.counts(values.data_type()) => {
                let times: &PrimitiveArray<TimestampMicrosecondType> = values.as_primitive();
                let is_old = |micros: i64| micros < FIRST_SURE_MICROS;
                if !times.iter().flatten().any(is_old) {
                    return Ok(Arc::clone(values));
                }
                if !self.zone.as_deref().is_some_and(|zone| UTC.contains(&zone)) {
                    return Err(format!(
                        "has times before 1900 in the legacy calendar of Spark, counted in {}, and only those in UTC can be \
                         rebased",
                        self.zone.as_deref().unwrap_or("an unknown zone")
                    ));
                }
                let rebased = times.unary::<_, TimestampMicrosecondType>(|micros| {
                    let day = i32::try_from(micros.div_euclid(MICROS_PER_DAY)).unwrap_or(i32::MAX);
                    i64::from(gregorian_day(day)) * MICROS_PER_DAY + micros.rem_euclid(MICROS_PER_DAY)
                });
                Ok(Arc::new(rebased.with_timezone_opt(zone.clone())))
            }
            DataType::Timestamp(..) if self.counts(values.data_type()) => {
                Err("has times of another unit in the legacy calendar of Spark".to_owned())
            }
            _ => Ok(Arc::clone(values)),
        }
    }
}

/// The day that has in the Gregorian calendar the name which `day` has in the Julian one.
fn gregorian_day(day: i32) -> i32 {
    if day >= FIRST_GREGORIAN_DAY {
        return day;
    }
    let (year, month, of_month) = julian_date(i64::from(day));
    let named = first_of_month(year, month) + of_month - 1;
    i32::try_from(named).unwrap_or(day)
}

/// Year, month and day of a day in the Julian calendar.
fn julian_date(day: i64) -> (i64, i64, i64) {
    let c = day + EPOCH_JULIAN_DAY + 32_082;
    let d = (4 * c + 3).div_euclid(1461);
    let e = c - (1461 * d).div_euclid(4);
    let m = (5 * e + 2).div_euclid(153);
    let of_month = e - (153 * m + 2).div_euclid(5) + 1;
    let month = m + 3 - 12 * m.div_euclid(10);
    (d - 4800 + m.div_euclid(10), month, of_month)
}

/// Days from 1970 to the first of a month in the Gregorian calendar.
fn first_of_month(year: i64, month: i64) -> i64 {
    let a = (14 - month).div_euclid(12);
    let y = year + 4800 - a;
    let m = month + 12 * a - 3;
    1 + (153 * m + 2).div_euclid(5) + 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400)
        - 32_045
        - EPOCH_JULIAN_DAY
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, TimestampMicrosecondArray};

    use super::*;

    fn marks(keys: &[(&str, &str)]) -> FileMarks {
        FileMarks::of(&keys.iter().map(|(k, v)| (format!("org.apache.spark.{k}"), (*v).to_owned())).collect())
    }

    #[test]
    fn days_keep_their_names() {
        // How far the days of one name are apart, from each of these days on.
        const SWITCHES: [(i32, i32); 14] = [
            (-719_164, 2),
            (-682_945, 1),
            (-646_420, 0),
            (-609_895, -1),
            (-536_845, -2),
            (-500_320, -3),
            (-463_795, -4),
            (-390_745, -5),
            (-354_220, -6),
            (-317_695, -7),
            (-244_645, -8),
            (-208_120, -9),
            (-171_595, -10),
            (-141_427, 0),
        ];
        for (index, (day, apart)) in SWITCHES.iter().enumerate() {
            assert_eq!(gregorian_day(*day) - day, *apart, "{day}");
            if index > 0 {
                assert_eq!(gregorian_day(day - 1) - (day - 1), SWITCHES[index - 1].1, "{day}");
            }
        }
        assert_eq!(gregorian_day(-25_567), -25_567);
    }

    #[test]
    fn days_that_the_log_takes_for_numbers_stay_the_numbers_that_they_are() {
        let marks = FileMarks { hybrid: true, ..FileMarks::default() };
        let days: ArrayRef = Arc::new(PrimitiveArray::<Date32Type>::from(vec![-719_894]));
        assert_eq!(&marks.rebased(&days, &DataType::Int32).unwrap(), &days);
        assert_ne!(&marks.rebased(&days, &DataType::Date32).unwrap(), &days);
    }

    #[test]
    fn times_that_were_stored_as_int96_have_a_mark_of_their_own() {
        let micros = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
        let (int96, others) =
            (marks(&[("version", "3.0.1")]), marks(&[("version", "3.5.1"), ("legacyDateTime", "")]));
        for (zone, in_int96, in_others) in
            [(Some(INT96_ZONE), true, false), (Some("UTC"), false, true), (None, false, true)]
        {
            assert_eq!(
                (int96.concern(&micros(zone)), others.concern(&micros(zone))),
                (in_int96, in_others),
                "{zone:?}"
            );
        }
        let old: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![-171_655 * MICROS_PER_DAY]));
        assert_eq!(&others.rebased(&old, &micros(None)).unwrap(), &old);
    }

    #[test]
    fn a_footer_tells_in_which_calendar_its_days_are_counted() {
        assert!(!marks(&[("version", "3.5.1")]).hybrid);
        assert!(marks(&[("version", "2.4.8")]).hybrid);
        assert!(marks(&[("version", "3.3.1"), ("legacyDateTime", "")]).hybrid);
        let int96 = marks(&[("version", "3.0.1")]);
        assert!(int96.hybrid_int96 && !int96.hybrid);
        assert_eq!(FileMarks::of(&HashMap::new()), FileMarks::default());
    }

    #[test]
    fn times_are_rebased_where_that_is_certain() {
        let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let times = |micros: i64| -> ArrayRef {
            Arc::new(TimestampMicrosecondArray::from(vec![micros]).with_timezone("UTC"))
        };
        let old = -171_655 * MICROS_PER_DAY + 5;
        let in_utc = marks(&[("version", "2.4.8"), ("timeZone", "UTC")]);
        assert_eq!(&in_utc.rebased(&times(old), &utc).unwrap(), &times(-171_664 * MICROS_PER_DAY + 5));
        for unsure in
            [marks(&[("version", "2.4.8")]), marks(&[("version", "2.4.8"), ("timeZone", "Europe/Rome")])]
        {
            assert!(unsure.rebased(&times(old), &utc).unwrap_err().contains("legacy"));
            assert_eq!(&unsure.rebased(&times(7), &utc).unwrap(), &times(7));
        }
        let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(-719_164), None]));
        let rebased = in_utc.rebased(&days, &DataType::Date32).unwrap();
        assert_eq!(rebased.as_primitive::<Date32Type>().value(0), -719_162);
    }
}
