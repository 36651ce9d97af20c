//! Distances between dates, and dates at a distance.

use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, TimestampMicrosecondType};

use crate::coerce::Kind;
use crate::datetime::civil::{Civil, MICROS_PER_SECOND, days_in_month, split_micros};
use crate::functions::{Function, Params};
use crate::udf::{Returns, Scalar, numbers};

const DATES: Params = Params::of(&[Kind::Date, Kind::Date]);
const DATE_AND_INT: Params = Params::of(&[Kind::Date, Kind::Int]);

pub(super) const TABLE: &[Function] = &[
    Function::kernel("datediff", DATES, &DATE_DIFF, "Days from the second date to the first")
        .or(&["date_diff"]),
    Function::kernel("date_add", DATE_AND_INT, &DATE_ADD, "The date so many days later").or(&["dateadd"]),
    Function::kernel("date_sub", DATE_AND_INT, &DATE_SUB, "The date so many days earlier"),
    Function::kernel(
        "add_months",
        DATE_AND_INT,
        &ADD_MONTHS,
        "The date so many months later, at most the last of its month",
    ),
    Function::kernel("last_day", Params::of(&[Kind::Date]), &LAST_DAY, "The last day of the month"),
    Function::kernel(
        "months_between",
        Params::of(&[Kind::Timestamp, Kind::Timestamp]).opt(&[Kind::Boolean]),
        &MONTHS_BETWEEN,
        "Months from the second timestamp to the first, parts of a month of 31 days, to 8 digits unless the third argument is false",
    ),
];

const fn date() -> DataType {
    DataType::Date32
}

pub(super) static DATE_DIFF: Scalar =
    Scalar::new("spark_datediff", Returns::Fixed(|| DataType::Int32), |args| {
        let (end, start) = (args.numbers::<Date32Type>(0)?, args.numbers::<Date32Type>(1)?);
        numbers::<Int32Type>(args, |row| Some(end.get(row)?.wrapping_sub(start.get(row)?)))
    });

pub(super) static DATE_ADD: Scalar = Scalar::new("spark_date_add", Returns::Fixed(date), |args| {
    let (start, days) = (args.numbers::<Date32Type>(0)?, args.numbers::<Int32Type>(1)?);
    numbers::<Date32Type>(args, |row| Some(start.get(row)?.wrapping_add(days.get(row)?)))
});

pub(super) static DATE_SUB: Scalar = Scalar::new("spark_date_sub", Returns::Fixed(date), |args| {
    let (start, days) = (args.numbers::<Date32Type>(0)?, args.numbers::<Int32Type>(1)?);
    numbers::<Date32Type>(args, |row| Some(start.get(row)?.wrapping_sub(days.get(row)?)))
});

pub(super) static ADD_MONTHS: Scalar = Scalar::new("spark_add_months", Returns::Fixed(date), |args| {
    let (start, months) = (args.numbers::<Date32Type>(0)?, args.numbers::<Int32Type>(1)?);
    numbers::<Date32Type>(args, |row| {
        let day = Civil::from_days(i64::from(start.get(row)?)).add_months(i64::from(months.get(row)?));
        i32::try_from(day.days()).ok()
    })
});

pub(super) static LAST_DAY: Scalar = Scalar::new("spark_last_day", Returns::Fixed(date), |args| {
    let start = args.numbers::<Date32Type>(0)?;
    numbers::<Date32Type>(args, |row| {
        let day = Civil::from_days(i64::from(start.get(row)?));
        i32::try_from(Civil { day: days_in_month(day.year, day.month), ..day }.days()).ok()
    })
});

pub(super) static MONTHS_BETWEEN: Scalar =
    Scalar::new("spark_months_between", Returns::Fixed(|| DataType::Float64), |args| {
        let (end, start) =
            (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
        let round = if args.len() > 2 { Some(args.bools(2)?) } else { None };
        numbers::<Float64Type>(args, |row| {
            let rounded = match &round {
                Some(round) => round.get(row)?,
                None => true,
            };
            Some(months_between(end.get(row)?, start.get(row)?, rounded))
        })
    });

#[expect(clippy::cast_precision_loss, reason = "months and seconds of a month are far below 2^53")]
fn months_between(end: i64, start: i64, rounded: bool) -> f64 {
    const SECONDS_PER_DAY: i64 = 86_400;
    let ((end_days, end_time), (start_days, start_time)) = (split_micros(end), split_micros(start));
    let (end_day, start_day) = (Civil::from_days(end_days), Civil::from_days(start_days));
    let months = (end_day.months() - start_day.months()) as f64;
    if end_day.day == start_day.day || end_day.is_last_of_month() && start_day.is_last_of_month() {
        return months;
    }
    let seconds = (end_day.day - start_day.day) * SECONDS_PER_DAY + end_time / MICROS_PER_SECOND
        - start_time / MICROS_PER_SECOND;
    let distance = months + seconds as f64 / (31 * SECONDS_PER_DAY) as f64;
    if rounded { (distance * 1e8 + 0.5).floor() / 1e8 } else { distance }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datetime::text::parse_timestamp;

    #[test]
    fn months_between_counts_as_spark_does() {
        for (end, start, expected) in [
            ("2026-01-01", "2025-12-31", 0.032_258_06),
            ("2026-01-31", "2025-02-28", 11.0),
            ("2026-01-01", "2026-03-17", -2.516_129_03),
            ("1997-02-28 10:30:00", "1996-10-30", 3.949_596_77),
        ] {
            let parse = |text| parse_timestamp(text).unwrap();
            assert_eq!(
                months_between(parse(end), parse(start), true).to_bits(),
                f64::to_bits(expected),
                "{end} {start}"
            );
        }
    }
}
