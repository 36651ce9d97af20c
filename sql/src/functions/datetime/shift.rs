//! Dates and timestamps that are moved.

use arrow::datatypes::{DataType, Date32Type, Int32Type, IntervalYearMonthType, TimestampMicrosecondType};
use datafusion::common::ScalarValue;

use crate::bind::{Site, Typed, minus};
use crate::coerce::Kind;
use crate::datetime::civil::{
    Civil, MICROS_PER_DAY, MICROS_PER_SECOND, add_months_to_micros, days_in_month, weekday,
};
use crate::functions::{Function, Params};
use crate::position::Position;
use crate::types;
use crate::udf::{Returns, Scalar, failed, numbers, try_numbers};

const DATE: Kind = Kind::Date;

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "date_add",
        Params::of(&[DATE, Kind::Any]),
        |site| days(site, 1),
        "The date so many days later",
    )
    .or(&["dateadd"]),
    Function::build(
        "date_sub",
        Params::of(&[DATE, Kind::Any]),
        |site| days(site, -1),
        "The date so many days earlier",
    ),
    Function::build(
        "add_months",
        Params::of(&[DATE, Kind::Int]),
        add_months,
        "The date so many months later; the last day of a month that is shorter",
    ),
    Function::kernel("last_day", Params::of(&[DATE]), &LAST_DAY, "The last day of the month"),
    Function::kernel(
        "next_day",
        Params::of(&[DATE, Kind::Text]),
        &NEXT_DAY,
        "The next day that is such a day of the week; null if there is no such day",
    ),
    Function::build(
        "timestampadd",
        Params::of(&[Kind::Text, Kind::Int, Kind::Any]),
        timestamp_add,
        "The timestamp so many units later",
    ),
];

fn date() -> DataType {
    DataType::Date32
}

fn days(site: Site, sign: i32) -> crate::Result<Typed> {
    let wrong = site.wrong("the number of days is an int; hint: CAST it");
    let position = site.position;
    let Ok([date, days]) = <[Typed; 2]>::try_from(site.args) else { return Err(wrong) };
    if !matches!(days.data_type, DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Null) {
        return Err(wrong);
    }
    add_days(date, days, sign, position).map(|typed| typed.named(""))
}

/// Adds days to a date.
pub(super) fn add_days(date: Typed, days: Typed, sign: i32, position: Position) -> crate::Result<Typed> {
    let days = days.cast_for(&DataType::Int32, "days", position)?;
    let days = if sign < 0 { minus(days, position)? } else { days };
    Typed::call(&DATE_ADD, vec![date, days], "", position)
}

/// `date + days`.
pub(crate) static DATE_ADD: Scalar = Scalar::new("spark_date_add", Returns::Fixed(date), |args| {
    let (date, days) = (args.numbers::<Date32Type>(0)?, args.numbers::<Int32Type>(1)?);
    numbers::<Date32Type>(args, |row| Some(date.get(row)?.wrapping_add(days.get(row)?)))
});

fn add_months(site: Site) -> crate::Result<Typed> {
    let position = site.position;
    Typed::call(&ADD_MONTHS, site.args, "", position)
}

/// `date + months`, which are an int or an interval.
pub(crate) static ADD_MONTHS: Scalar = Scalar::new("spark_add_months", Returns::Fixed(date), |args| {
    let date = args.numbers::<Date32Type>(0)?;
    let add = |days: Option<i32>, months: Option<i32>| {
        let (Some(days), Some(months)) = (days, months) else { return Ok(None) };
        i32::try_from(Civil::from_days(days.into()).add_months(months.into()).days())
            .map(Some)
            .map_err(|_| failed("a date leaves its range when months are added"))
    };
    if args.data_type(1)? == DataType::Int32 {
        let months = args.numbers::<Int32Type>(1)?;
        return try_numbers::<Date32Type>(args, |row| add(date.get(row), months.get(row)));
    }
    let months = args.numbers::<IntervalYearMonthType>(1)?;
    try_numbers::<Date32Type>(args, |row| add(date.get(row), months.get(row)))
});

/// End of the month.
pub(crate) static LAST_DAY: Scalar = Scalar::new("spark_last_day", Returns::Fixed(date), |args| {
    let date = args.numbers::<Date32Type>(0)?;
    numbers::<Date32Type>(args, |row| {
        let civil = Civil::from_days(date.get(row)?.into());
        i32::try_from(Civil { day: days_in_month(civil.year, civil.month), ..civil }.days()).ok()
    })
});

/// The next such day of the week.
pub(crate) static NEXT_DAY: Scalar = Scalar::new("spark_next_day", Returns::Fixed(date), |args| {
    let (date, name) = (args.numbers::<Date32Type>(0)?, args.text(1)?);
    numbers::<Date32Type>(args, |row| {
        let (date, wanted) = (date.get(row)?, day_of_week(name.get(row)?)?);
        let ahead = (wanted - weekday(date.into()) + 6).rem_euclid(7) + 1;
        date.checked_add(i32::try_from(ahead).ok()?)
    })
});

fn day_of_week(name: &str) -> Option<i64> {
    Some(match name.to_ascii_uppercase().as_str() {
        "MO" | "MON" | "MONDAY" => 1,
        "TU" | "TUE" | "TUESDAY" => 2,
        "WE" | "WED" | "WEDNESDAY" => 3,
        "TH" | "THU" | "THURSDAY" => 4,
        "FR" | "FRI" | "FRIDAY" => 5,
        "SA" | "SAT" | "SATURDAY" => 6,
        "SU" | "SUN" | "SUNDAY" => 7,
        _ => return None,
    })
}

/// Units of `timestampadd` and `timestampdiff`: months, or microseconds.
pub(super) fn unit(name: &str) -> Option<(i64, i64)> {
    Some(match name.to_ascii_uppercase().as_str() {
        "YEAR" => (12, 0),
        "QUARTER" => (3, 0),
        "MONTH" => (1, 0),
        "WEEK" => (0, 7 * MICROS_PER_DAY),
        "DAY" | "DAYOFYEAR" => (0, MICROS_PER_DAY),
        "HOUR" => (0, 3600 * MICROS_PER_SECOND),
        "MINUTE" => (0, 60 * MICROS_PER_SECOND),
        "SECOND" => (0, MICROS_PER_SECOND),
        "MILLISECOND" => (0, 1000),
        "MICROSECOND" => (0, 1),
        _ => return None,
    })
}

/// Checks a unit and returns its sizes as constants.
pub(super) fn unit_args(site: &Site) -> crate::Result<[Typed; 2]> {
    let (months, micros) =
        unit(site.text(0, "the unit")?).ok_or_else(|| site.wrong("this unit is not supported"))?;
    Ok([months, micros].map(|size| Typed::constant(ScalarValue::Int64(Some(size)), size.to_string())))
}

fn timestamp_add(site: Site) -> crate::Result<Typed> {
    let [months, micros] = unit_args(&site)?;
    let time = site.args[2].clone();
    let to = match time.data_type {
        DataType::Timestamp(_, _) => time.data_type.clone(),
        ref other => Kind::Timestamp
            .accept(other)
            .ok_or_else(|| site.wrong(format!("it takes a timestamp, not {}", types::display(other))))?,
    };
    let time = time.cast_for(&to, "timestampadd", site.position)?;
    let args = vec![time, site.args[1].clone(), months, micros];
    Typed::call(&TIMESTAMP_ADD, args, "", site.position)
}

/// `add(timestamp, count, months of the unit, microseconds of the unit)`.
pub(crate) static TIMESTAMP_ADD: Scalar = Scalar::new("spark_timestampadd", Returns::First, |args| {
    let (time, count) = (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<Int32Type>(1)?);
    let sizes =
        [args.numbers::<arrow::datatypes::Int64Type>(2)?, args.numbers::<arrow::datatypes::Int64Type>(3)?];
    try_numbers::<TimestampMicrosecondType>(args, |row| {
        let (Some(time), Some(count)) = (time.get(row), count.get(row)) else { return Ok(None) };
        let (months, micros) = (sizes[0].get(row).unwrap_or(0), sizes[1].get(row).unwrap_or(0));
        let moved = if months > 0 {
            add_months_to_micros(time, months * i64::from(count))
        } else {
            micros.checked_mul(count.into()).and_then(|by| time.checked_add(by))
        };
        moved.map(Some).ok_or_else(|| failed("a timestamp leaves its range"))
    })
});
