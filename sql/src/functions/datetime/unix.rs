//! Seconds, milliseconds, microseconds and days since 1970.

use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::ScalarValue;

use super::text::{self, PARSE};
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::datetime::civil::MICROS_PER_SECOND;
use crate::functions::{Function, Params};
use crate::types::{self, is_datetime, is_integral};
use crate::udf::{Returns, Scalar, failed, numbers, try_numbers};

const ONE: Params = Params::of(&[Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "unix_timestamp",
        Params::of(&[]).opt(&[Kind::Any, Kind::PlainText]),
        unix_timestamp,
        "Seconds since 1970, of a timestamp or of a string by a pattern",
    ),
    Function::build(
        "to_unix_timestamp",
        Params::of(&[Kind::Any]).opt(&[Kind::PlainText]),
        unix_timestamp,
        "Seconds since 1970, of a string by a pattern",
    ),
    Function::build(
        "from_unixtime",
        Params::of(&[Kind::Long]).opt(&[Kind::Text]),
        from_unixtime,
        "Seconds since 1970 as text by a pattern",
    ),
    Function::build("unix_seconds", ONE, |site| to_unix(site, MICROS_PER_SECOND), "Seconds since 1970"),
    Function::build("unix_millis", ONE, |site| to_unix(site, 1000), "Milliseconds since 1970"),
    Function::build("unix_micros", ONE, |site| to_unix(site, 1), "Microseconds since 1970"),
    Function::build("unix_date", ONE, unix_date, "Days since 1970"),
    Function::build(
        "date_from_unix_date",
        Params::of(&[Kind::Int]),
        from_unix_date,
        "The date of days since 1970",
    ),
    Function::build(
        "timestamp_seconds",
        Params::of(&[Kind::PlainNumeric]),
        timestamp_seconds,
        "The timestamp of seconds since 1970",
    ),
    Function::build(
        "timestamp_millis",
        Params::of(&[Kind::PlainIntegral]),
        |site| from_unix(site, 1000),
        "The timestamp of milliseconds since 1970",
    ),
    Function::build(
        "timestamp_micros",
        Params::of(&[Kind::PlainIntegral]),
        |site| from_unix(site, 1),
        "The timestamp of microseconds since 1970",
    ),
];

fn size(size: i64) -> Typed {
    Typed::constant(ScalarValue::Int64(Some(size)), size.to_string())
}

/// Spark casts nothing here by itself.
fn require(site: &Site, wanted: &DataType) -> crate::Result<()> {
    let found = &site.args[0].data_type;
    if found == wanted || *found == DataType::Null {
        return Ok(());
    }
    let (wanted, found) = (types::display(wanted), types::display(found));
    Err(site.wrong(format!("it takes a {wanted}, not {found}; hint: CAST it")))
}

fn to_unix(mut site: Site, unit: i64) -> crate::Result<Typed> {
    require(&site, &types::timestamp())?;
    let (name, position) = (site.name.clone(), site.position);
    site.args[0] = site.args[0].clone().cast_for(&types::timestamp(), &name, position)?;
    site.args.push(size(unit));
    Typed::call(&TO_UNIX, site.args, "", site.position)
}

/// `to_unix(timestamp, unit)`.
pub(crate) static TO_UNIX: Scalar =
    Scalar::new("spark_to_unix", Returns::Fixed(|| DataType::Int64), |args| {
        let (time, unit) = (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<Int64Type>(1)?);
        numbers::<Int64Type>(args, |row| Some(time.get(row)?.div_euclid(unit.get(row)?)))
    });

/// Seconds of a timestamp, its fraction cut off towards 1970.
pub(crate) static SECONDS: Scalar =
    Scalar::new("spark_unix_timestamp", Returns::Fixed(|| DataType::Int64), |args| {
        let time = args.numbers::<TimestampMicrosecondType>(0)?;
        numbers::<Int64Type>(args, |row| Some(time.get(row)? / MICROS_PER_SECOND))
    });

fn from_unix(mut site: Site, unit: i64) -> crate::Result<Typed> {
    let value = site.args.remove(0).cast_for(&DataType::Int64, &site.name, site.position)?;
    Typed::call(&FROM_UNIX, vec![value, size(unit)], "", site.position)
}

/// `from_unix(number, unit)`.
pub(crate) static FROM_UNIX: Scalar =
    Scalar::new("spark_from_unix", Returns::Fixed(types::timestamp), |args| {
        let (value, unit) = (args.numbers::<Int64Type>(0)?, args.numbers::<Int64Type>(1)?);
        try_numbers::<TimestampMicrosecondType>(args, |row| match (value.get(row), unit.get(row)) {
            (Some(value), Some(unit)) => {
                value.checked_mul(unit).map(Some).ok_or_else(|| failed("a timestamp leaves its range"))
            }
            _ => Ok(None),
        })
    });

fn timestamp_seconds(site: Site) -> crate::Result<Typed> {
    if is_integral(&site.args[0].data_type) {
        return from_unix(site, MICROS_PER_SECOND);
    }
    let (name, position) = (site.name.clone(), site.position);
    let value = site.args[0].clone();
    let loses = matches!(value.data_type, DataType::Decimal128(_, scale) if scale > 6);
    if loses {
        return Err(site.wrong("more than six digits of fraction are not supported"));
    }
    value.cast_for(&types::timestamp(), &name, position).map(|typed| typed.named(""))
}

fn unix_timestamp(site: Site) -> crate::Result<Typed> {
    let position = site.position;
    let Some(value) = site.args.first().cloned() else {
        return Err(site.wrong("write unix_timestamp(current_timestamp()), which is the time of the refresh"));
    };
    let time = if is_datetime(&value.data_type) {
        value.cast_for(&types::timestamp(), &site.name, position)?
    } else if matches!(value.data_type, DataType::Utf8 | DataType::Null) {
        let pattern = site.args.get(1).cloned();
        let pattern = pattern.unwrap_or_else(|| {
            Typed::constant(ScalarValue::from("yyyy-MM-dd HH:mm:ss"), "yyyy-MM-dd HH:mm:ss")
        });
        let value = value.cast_for(&DataType::Utf8, &site.name, position)?;
        Typed::call(&PARSE, vec![value, pattern], "", position)?
    } else {
        return Err(site.wrong("it takes a string, a date or a timestamp"));
    };
    Typed::call(&SECONDS, vec![time], "", position)
}

fn from_unixtime(site: Site) -> crate::Result<Typed> {
    let pattern = site.args.get(1).cloned();
    let pattern = pattern
        .unwrap_or_else(|| Typed::constant(ScalarValue::from("yyyy-MM-dd HH:mm:ss"), "yyyy-MM-dd HH:mm:ss"));
    let time =
        Typed::call(&FROM_UNIX, vec![site.args[0].clone(), size(MICROS_PER_SECOND)], "", site.position)?;
    text::format(time, pattern, &site)
}

fn unix_date(mut site: Site) -> crate::Result<Typed> {
    require(&site, &DataType::Date32)?;
    let (name, position) = (site.name.clone(), site.position);
    site.args[0] = site.args[0].clone().cast_for(&DataType::Date32, &name, position)?;
    let epoch = Typed::constant(ScalarValue::Date32(Some(0)), "");
    Typed::call(&super::diff::DATE_DIFF, vec![site.args[0].clone(), epoch], "", site.position)
}

fn from_unix_date(site: Site) -> crate::Result<Typed> {
    let epoch = Typed::constant(ScalarValue::Date32(Some(0)), "");
    Typed::call(&super::shift::DATE_ADD, vec![epoch, site.args[0].clone()], "", site.position)
}
