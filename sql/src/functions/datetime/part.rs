//! Parts of dates and timestamps.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Date32Type, Int32Type, TimestampMicrosecondType};
use datafusion::common::Result;

use crate::coerce::Kind;
use crate::datetime::civil::{Civil, MICROS_PER_SECOND, iso_week, split_micros, weekday};
use crate::functions::{Function, Params};
use crate::udf::{Args, Returns, Scalar, numbers};

const DATE: Params = Params::of(&[Kind::Date]);
const TIME: Params = Params::of(&[Kind::Timestamp]);

pub(super) const TABLE: &[Function] = &[
    Function::kernel("year", DATE, &YEAR, "Year"),
    Function::kernel("quarter", DATE, &QUARTER, "Quarter, from 1"),
    Function::kernel("month", DATE, &MONTH, "Month, from 1"),
    Function::kernel("day", DATE, &DAY, "Day of the month").or(&["dayofmonth"]),
    Function::kernel("dayofyear", DATE, &DAY_OF_YEAR, "Day of the year"),
    Function::kernel("dayofweek", DATE, &DAY_OF_WEEK, "Day of the week, 1 for Sunday"),
    Function::kernel("weekday", DATE, &WEEKDAY, "Day of the week, 0 for Monday"),
    Function::kernel("weekofyear", DATE, &WEEK, "ISO week"),
    Function::kernel("hour", TIME, &HOUR, "Hour"),
    Function::kernel("minute", TIME, &MINUTE, "Minute"),
    Function::kernel("second", TIME, &SECOND, "Second"),
];

const fn int() -> DataType {
    DataType::Int32
}

fn of_date(args: &Args, part: fn(i64) -> i64) -> Result<ArrayRef> {
    let days = args.numbers::<Date32Type>(0)?;
    numbers::<Int32Type>(args, |row| i32::try_from(part(i64::from(days.get(row)?))).ok())
}

fn of_time(args: &Args, part: fn(i64) -> i64) -> Result<ArrayRef> {
    let micros = args.numbers::<TimestampMicrosecondType>(0)?;
    numbers::<Int32Type>(args, |row| {
        i32::try_from(part(split_micros(micros.get(row)?).1 / MICROS_PER_SECOND)).ok()
    })
}

pub(super) static YEAR: Scalar =
    Scalar::new("spark_year", Returns::Fixed(int), |args| of_date(args, |d| Civil::from_days(d).year));
pub(super) static QUARTER: Scalar = Scalar::new("spark_quarter", Returns::Fixed(int), |args| {
    of_date(args, |d| (Civil::from_days(d).month + 2) / 3)
});
pub(super) static MONTH: Scalar =
    Scalar::new("spark_month", Returns::Fixed(int), |args| of_date(args, |d| Civil::from_days(d).month));
pub(super) static DAY: Scalar =
    Scalar::new("spark_day", Returns::Fixed(int), |args| of_date(args, |d| Civil::from_days(d).day));
pub(super) static DAY_OF_YEAR: Scalar = Scalar::new("spark_dayofyear", Returns::Fixed(int), |args| {
    of_date(args, |d| Civil::from_days(d).day_of_year())
});
pub(super) static DAY_OF_WEEK: Scalar =
    Scalar::new("spark_dayofweek", Returns::Fixed(int), |args| of_date(args, |d| weekday(d) % 7 + 1));
pub(super) static WEEKDAY: Scalar =
    Scalar::new("spark_weekday", Returns::Fixed(int), |args| of_date(args, |d| weekday(d) - 1));
pub(super) static WEEK: Scalar =
    Scalar::new("spark_weekofyear", Returns::Fixed(int), |args| of_date(args, |d| iso_week(d).1));
pub(super) static HOUR: Scalar =
    Scalar::new("spark_hour", Returns::Fixed(int), |args| of_time(args, |s| s / 3600));
pub(super) static MINUTE: Scalar =
    Scalar::new("spark_minute", Returns::Fixed(int), |args| of_time(args, |s| s / 60 % 60));
pub(super) static SECOND: Scalar =
    Scalar::new("spark_second", Returns::Fixed(int), |args| of_time(args, |s| s % 60));
