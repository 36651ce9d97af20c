//! How far dates and timestamps are apart.

use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use datafusion::common::ScalarValue;

use super::shift::unit_args;
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::datetime::civil::{Civil, MICROS_PER_SECOND, split_micros};
use crate::functions::{Function, Params};
use crate::udf::{Returns, Scalar, numbers};

pub(super) const TABLE: &[Function] = &[
    Function::kernel(
        "datediff",
        Params::of(&[Kind::Date, Kind::Date]),
        &DATE_DIFF,
        "Days from the second date to the first",
    )
    .or(&["date_diff"]),
    Function::build(
        "months_between",
        Params::of(&[Kind::Timestamp, Kind::Timestamp]).opt(&[Kind::PlainBoolean]),
        months_between,
        "Months from the second timestamp to the first, with a fraction of 31 days",
    ),
    Function::build(
        "timestampdiff",
        Params::of(&[Kind::Text, Kind::Timestamp, Kind::Timestamp]),
        timestamp_diff,
        "Whole units from the first timestamp to the second",
    ),
];

/// Days between.
pub(crate) static DATE_DIFF: Scalar =
    Scalar::new("spark_datediff", Returns::Fixed(|| DataType::Int32), |args| {
        let (end, start) = (args.numbers::<Date32Type>(0)?, args.numbers::<Date32Type>(1)?);
        numbers::<Int32Type>(args, |row| Some(end.get(row)?.wrapping_sub(start.get(row)?)))
    });

fn months_between(mut site: Site) -> crate::Result<Typed> {
    if site.args.len() == 2 {
        site.args.push(Typed::constant(ScalarValue::Boolean(Some(true)), "true"));
    }
    let name = site.column_name();
    Typed::call(&MONTHS_BETWEEN, site.args, name, site.position)
}

/// `months_between(end, start, round to 8 digits)`.
pub(crate) static MONTHS_BETWEEN: Scalar =
    Scalar::new("spark_months_between", Returns::Fixed(|| DataType::Float64), |args| {
        let (end, start) =
            (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
        let rounded = args.bools(2)?;
        numbers::<Float64Type>(args, |row| Some(months(end.get(row)?, start.get(row)?, rounded.get(row)?)))
    });

#[expect(clippy::cast_precision_loss, reason = "months and seconds of a few thousand years are exact")]
fn months(end: i64, start: i64, rounded: bool) -> f64 {
    let ((end_days, end_time), (start_days, start_time)) = (split_micros(end), split_micros(start));
    let (end, start) = (Civil::from_days(end_days), Civil::from_days(start_days));
    let whole = (end.months() - start.months()) as f64;
    // The time of day does not count if the days are the same, or both the last of their month.
    if end.day == start.day || end.is_last_of_month() && start.is_last_of_month() {
        return whole;
    }
    let seconds =
        (end.day - start.day) * 86_400 + end_time / MICROS_PER_SECOND - start_time / MICROS_PER_SECOND;
    let difference = whole + seconds as f64 / f64::from(31 * 86_400);
    if !rounded {
        return difference;
    }
    // Java rounds halves up, also below zero.
    let scaled = difference * 1e8;
    let floor = scaled.floor();
    (if scaled - floor >= 0.5 { floor + 1.0 } else { floor }) / 1e8
}

fn timestamp_diff(site: Site) -> crate::Result<Typed> {
    if site.text(0, "the unit")?.eq_ignore_ascii_case("DAYOFYEAR") {
        return Err(site.wrong("`DAYOFYEAR` is a unit of timestampadd only"));
    }
    let [months, micros] = unit_args(&site)?;
    let args = vec![site.args[1].clone(), site.args[2].clone(), months, micros];
    Typed::call(&TIMESTAMP_DIFF, args, "", site.position)
}

/// `diff(start, end, months of the unit, microseconds of the unit)`.
pub(crate) static TIMESTAMP_DIFF: Scalar =
    Scalar::new("spark_timestampdiff", Returns::Fixed(|| DataType::Int64), |args| {
        let (start, end) =
            (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
        let sizes = [args.numbers::<Int64Type>(2)?, args.numbers::<Int64Type>(3)?];
        numbers::<Int64Type>(args, |row| {
            let (start, end) = (start.get(row)?, end.get(row)?);
            let (months, micros) = (sizes[0].get(row)?, sizes[1].get(row)?);
            if months > 0 {
                Some(whole_months(start, end) / months)
            } else {
                end.checked_sub(start)?.checked_div(micros)
            }
        })
    });

/// Months that are complete, also in time of day.
fn whole_months(start: i64, end: i64) -> i64 {
    let ((start_days, start_time), (mut end_days, end_time)) = (split_micros(start), split_micros(end));
    if end_days > start_days && end_time < start_time {
        end_days -= 1;
    } else if end_days < start_days && end_time > start_time {
        end_days += 1;
    }
    let packed = |days: i64| {
        let civil = Civil::from_days(days);
        civil.months() * 32 + civil.day
    };
    (packed(end_days) - packed(start_days)) / 32
}
