//! Fields of dates and timestamps.

use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int32Type, TimestampMicrosecondType};
use datafusion::common::ScalarValue;

use super::interval;
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::datetime::civil::{Civil, MICROS_PER_SECOND, iso_week, split_micros, weekday};
use crate::error::SqlError;
use crate::functions::{Function, Params};
use crate::position::Position;
use crate::types::is_interval;
use crate::udf::{Returns, Scalar, numbers};

const DATE: Params = Params::of(&[Kind::Date]);
const TIME: Params = Params::of(&[Kind::Timestamp]);
const PART: Params = Params::of(&[Kind::Text, Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::build("year", DATE, |site| date_field(site, "YEAR"), "Year"),
    Function::build("quarter", DATE, |site| date_field(site, "QUARTER"), "Quarter, 1 to 4"),
    Function::build("month", DATE, |site| date_field(site, "MONTH"), "Month, 1 to 12"),
    Function::build("day", DATE, |site| date_field(site, "DAY"), "Day of the month").or(&["dayofmonth"]),
    Function::build("dayofyear", DATE, |site| date_field(site, "DOY"), "Day of the year"),
    Function::build("dayofweek", DATE, |site| date_field(site, "DAYOFWEEK"), "Day of the week, 1 for Sunday"),
    Function::build("weekday", DATE, |site| date_field(site, "WEEKDAY"), "Day of the week, 0 for Monday"),
    Function::build("weekofyear", DATE, |site| date_field(site, "WEEK"), "ISO week"),
    Function::build("hour", TIME, |site| time_field(site, "HOUR"), "Hour"),
    Function::build("minute", TIME, |site| time_field(site, "MINUTE"), "Minute"),
    Function::build("second", TIME, |site| time_field(site, "SECOND"), "Second"),
    Function::build(
        "extract",
        PART,
        part,
        "A field of a date, a timestamp or an interval, as in `extract(YEAR FROM d)`",
    ),
    Function::build("date_part", PART, part, "A field of a date, a timestamp or an interval")
        .or(&["datepart"]),
];

fn date_field(site: Site, field: &str) -> crate::Result<Typed> {
    let position = site.position;
    let date = site
        .args
        .into_iter()
        .next()
        .ok_or_else(|| SqlError::arguments(field, "a date is missing", position))?;
    field_of_date(date, field, position)
}

fn field_of_date(date: Typed, field: &str, position: Position) -> crate::Result<Typed> {
    Typed::call(&DATE_FIELD, vec![date, Typed::constant(ScalarValue::from(field), field)], "", position)
}

fn time_field(site: Site, field: &str) -> crate::Result<Typed> {
    let position = site.position;
    let time = site
        .args
        .into_iter()
        .next()
        .ok_or_else(|| SqlError::arguments(field, "a timestamp is missing", position))?;
    Typed::call(&TIME_FIELD, vec![time, Typed::constant(ScalarValue::from(field), field)], "", position)
}

/// Returns the name of a field for any of its spellings.
pub(super) fn canonical_field(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_uppercase().as_str() {
        "YEAR" | "Y" | "YEARS" | "YR" | "YRS" => "YEAR",
        "YEAROFWEEK" => "YEAROFWEEK",
        "QUARTER" | "QTR" => "QUARTER",
        "MONTH" | "MON" | "MONS" | "MONTHS" => "MONTH",
        "WEEK" | "W" | "WEEKS" => "WEEK",
        "DAY" | "D" | "DAYS" => "DAY",
        "DAYOFWEEK" | "DOW" => "DAYOFWEEK",
        "DAYOFWEEK_ISO" | "DOW_ISO" => "DOW_ISO",
        "DOY" => "DOY",
        "HOUR" | "H" | "HOURS" | "HR" | "HRS" => "HOUR",
        "MINUTE" | "M" | "MIN" | "MINS" | "MINUTES" => "MINUTE",
        "SECOND" | "S" | "SEC" | "SECONDS" | "SECS" => "SECOND",
        _ => return None,
    })
}

fn part(site: Site) -> crate::Result<Typed> {
    let name = site.text(0, "the field")?.to_owned();
    let wrong = site.wrong(format!("there is no field `{name}` of this value"));
    let position = site.position;
    let field = canonical_field(&name);
    let value = site
        .args
        .into_iter()
        .nth(1)
        .ok_or_else(|| SqlError::arguments("extract", "a value is missing", position))?;
    if is_interval(&value.data_type) {
        return interval::field(value, &name).ok_or(wrong);
    }
    let (Some(field), Some(to)) = (field, Kind::DateOrTimestamp.accept(&value.data_type)) else {
        return Err(wrong);
    };
    // A string becomes what the field belongs to.
    let of_time = matches!(field, "HOUR" | "MINUTE" | "SECOND");
    let to = if value.data_type == DataType::Utf8 && !of_time { DataType::Date32 } else { to };
    let value = value.cast_for(&to, "extract", position)?;
    match field {
        "HOUR" | "MINUTE" | "SECOND" => {
            let time = value.cast_for(&crate::types::timestamp(), "extract", position)?;
            if field == "SECOND" {
                return Typed::call(&SECOND_WITH_FRACTION, vec![time], "", position);
            }
            Typed::call(
                &TIME_FIELD,
                vec![time, Typed::constant(ScalarValue::from(field), field)],
                "",
                position,
            )
        }
        field => field_of_date(value.cast_for(&DataType::Date32, "extract", position)?, field, position),
    }
}

/// `field(date, name)`.
pub(crate) static DATE_FIELD: Scalar =
    Scalar::new("spark_date_field", Returns::Fixed(|| DataType::Int32), |args| {
        let (date, field) = (args.numbers::<Date32Type>(0)?, args.text(1)?);
        let compute: fn(i64) -> i64 = match field.get(0).unwrap_or_default() {
            "YEAR" => |days| Civil::from_days(days).year,
            "YEAROFWEEK" => |days| iso_week(days).0,
            "QUARTER" => |days| (Civil::from_days(days).month - 1) / 3 + 1,
            "MONTH" => |days| Civil::from_days(days).month,
            "WEEK" => |days| iso_week(days).1,
            "DAY" => |days| Civil::from_days(days).day,
            "DOY" => |days| Civil::from_days(days).day_of_year(),
            "DAYOFWEEK" => |days| weekday(days) % 7 + 1,
            "DOW_ISO" => weekday,
            _ => |days| weekday(days) - 1,
        };
        numbers::<Int32Type>(args, |row| i32::try_from(compute(date.get(row)?.into())).ok())
    });

/// `field(timestamp, name)`.
pub(crate) static TIME_FIELD: Scalar =
    Scalar::new("spark_time_field", Returns::Fixed(|| DataType::Int32), |args| {
        let (time, field) = (args.numbers::<TimestampMicrosecondType>(0)?, args.text(1)?);
        let (unit, range) = match field.get(0).unwrap_or_default() {
            "HOUR" => (3600, 24),
            "MINUTE" => (60, 60),
            _ => (1, 60),
        };
        numbers::<Int32Type>(args, |row| {
            let seconds = split_micros(time.get(row)?).1 / MICROS_PER_SECOND;
            i32::try_from(seconds / unit % range).ok()
        })
    });

/// Seconds with six digits of fraction.
pub(crate) static SECOND_WITH_FRACTION: Scalar =
    Scalar::new("spark_second_with_fraction", Returns::Fixed(|| DataType::Decimal128(8, 6)), |args| {
        let time = args.numbers::<TimestampMicrosecondType>(0)?;
        numbers::<Decimal128Type>(args, |row| {
            Some(i128::from(split_micros(time.get(row)?).1 % (60 * MICROS_PER_SECOND)))
        })
    });
