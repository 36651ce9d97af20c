//! Dates, timestamps and intervals.

pub(crate) mod arithmetic;
pub(crate) mod format;
pub(crate) mod part;
pub(crate) mod shift;

use datafusion::common::ScalarValue;

use super::{Bind, Function, Params, ScalarBind};
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::datetime::civil::MICROS_PER_DAY;
use crate::error::Result;
use crate::types;
use crate::udf::Scalar;

const NONE: Params = Params::of(&[]);

const TABLE: &[Function] = &[
    Function::new("current_timestamp", Bind::Scalar(NONE, ScalarBind::Build(now)), "The refresh time")
        .or(&["now"]),
    Function::new(
        "current_date",
        Bind::Scalar(NONE, ScalarBind::Build(today)),
        "The date of the refresh time in UTC",
    )
    .or(&["curdate"]),
    Function::build(
        "to_date",
        Params::of(&[Kind::Any]),
        |site| convert(site, &arrow::datatypes::DataType::Date32),
        "CAST to date",
    ),
    Function::build(
        "to_timestamp",
        Params::of(&[Kind::Any]),
        |site| convert(site, &types::timestamp()),
        "CAST to timestamp",
    ),
];

pub(super) const TABLES: &[&[Function]] = &[TABLE, format::TABLE, part::TABLE, shift::TABLE];

pub(super) static KERNELS: &[&Scalar] = &[
    &format::DATE_FORMAT,
    &part::YEAR,
    &part::QUARTER,
    &part::MONTH,
    &part::DAY,
    &part::DAY_OF_YEAR,
    &part::DAY_OF_WEEK,
    &part::WEEKDAY,
    &part::WEEK,
    &part::HOUR,
    &part::MINUTE,
    &part::SECOND,
    &shift::DATE_DIFF,
    &shift::DATE_ADD,
    &shift::DATE_SUB,
    &shift::ADD_MONTHS,
    &shift::LAST_DAY,
    &shift::MONTHS_BETWEEN,
];

fn now(site: Site) -> Result<Typed> {
    let value = ScalarValue::TimestampMicrosecond(Some(site.now()?), Some("UTC".into()));
    Ok(Typed::constant(value, site.column_name()))
}

fn today(site: Site) -> Result<Typed> {
    let days = i32::try_from(site.now()?.div_euclid(MICROS_PER_DAY)).ok();
    Ok(Typed::constant(ScalarValue::Date32(days), site.column_name()))
}

fn convert(mut site: Site, to: &arrow::datatypes::DataType) -> Result<Typed> {
    let (name, position) = (site.column_name(), site.position);
    let function = site.name.clone();
    Ok(site.args.remove(0).cast_for(to, &function, position)?.named(name))
}
