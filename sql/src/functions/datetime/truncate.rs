//! The beginning of the year, quarter, month, week and so on.

use arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};

use crate::coerce::Kind;
use crate::datetime::civil::{Civil, MICROS_PER_DAY, MICROS_PER_SECOND, split_micros, weekday};
use crate::functions::{Function, Params};
use crate::types;
use crate::udf::{Returns, Scalar, numbers};

pub(super) const TABLE: &[Function] = &[
    Function::kernel(
        "trunc",
        Params::of(&[Kind::Date, Kind::Text]),
        &TRUNC_DATE,
        "The first day of the year, quarter, month or week; null for another unit",
    ),
    Function::kernel(
        "date_trunc",
        Params::of(&[Kind::Text, Kind::Timestamp]),
        &TRUNC_TIME,
        "The beginning of the unit, from year to microsecond; null for another unit",
    ),
];

/// Units of a week and more.
fn first_day(unit: &str, days: i64) -> Option<i64> {
    let civil = Civil::from_days(days);
    Some(match unit {
        "YEAR" | "YYYY" | "YY" => Civil { month: 1, day: 1, ..civil }.days(),
        "QUARTER" => Civil { month: (civil.month - 1) / 3 * 3 + 1, day: 1, ..civil }.days(),
        "MONTH" | "MM" | "MON" => Civil { day: 1, ..civil }.days(),
        "WEEK" => days - weekday(days) + 1,
        _ => return None,
    })
}

/// `trunc(date, unit)`.
pub(crate) static TRUNC_DATE: Scalar =
    Scalar::new("spark_trunc", Returns::Fixed(|| DataType::Date32), |args| {
        let (date, unit) = (args.numbers::<Date32Type>(0)?, args.text(1)?);
        numbers::<Date32Type>(args, |row| {
            let days = first_day(&unit.get(row)?.to_ascii_uppercase(), date.get(row)?.into())?;
            i32::try_from(days).ok()
        })
    });

/// `date_trunc(unit, timestamp)`.
pub(crate) static TRUNC_TIME: Scalar =
    Scalar::new("spark_date_trunc", Returns::Fixed(types::timestamp), |args| {
        let (unit, time) = (args.text(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
        numbers::<TimestampMicrosecondType>(args, |row| {
            let (unit, micros) = (unit.get(row)?.to_ascii_uppercase(), time.get(row)?);
            let size = match unit.as_str() {
                "DAY" | "DD" => MICROS_PER_DAY,
                "HOUR" => 3600 * MICROS_PER_SECOND,
                "MINUTE" => 60 * MICROS_PER_SECOND,
                "SECOND" => MICROS_PER_SECOND,
                "MILLISECOND" => 1000,
                "MICROSECOND" => 1,
                unit => return first_day(unit, split_micros(micros).0)?.checked_mul(MICROS_PER_DAY),
            };
            Some(micros - micros.rem_euclid(size))
        })
    });
