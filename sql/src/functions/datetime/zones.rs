//! Timestamps in other time zones.

use arrow::datatypes::TimestampMicrosecondType;
use datafusion::common::Result;

use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::datetime::zone::Zone;
use crate::functions::{Function, Params};
use crate::types;
use crate::udf::{Args, Returns, Scalar, failed, try_numbers};
use arrow::array::ArrayRef;

const PAIR: Params = Params::of(&[Kind::Timestamp, Kind::Text]);

pub(super) const TABLE: &[Function] = &[
    Function::kernel("from_utc_timestamp", PAIR, &TO_LOCAL, "What the clocks of a zone show at a time"),
    Function::kernel(
        "to_utc_timestamp",
        PAIR,
        &TO_INSTANT,
        "The time at which the clocks of a zone show this",
    ),
    Function::build(
        "convert_timezone",
        Params::of(&[Kind::Text, Kind::Any]).opt(&[Kind::Any]),
        convert,
        "What the clocks of one zone show when those of another show this",
    ),
];

fn each(args: &Args, convert: fn(Zone, i64) -> Option<i64>) -> Result<ArrayRef> {
    let (time, id) = (args.numbers::<TimestampMicrosecondType>(0)?, args.text(1)?);
    let mut last: Option<(String, Zone)> = None;
    try_numbers::<TimestampMicrosecondType>(args, |row| {
        let (Some(time), Some(id)) = (time.get(row), id.get(row)) else { return Ok(None) };
        let zone = match &last {
            Some((known, zone)) if known == id => *zone,
            _ => {
                let zone = Zone::parse(id).ok_or_else(|| failed(format!("there is no time zone '{id}'")))?;
                last = Some((id.to_owned(), zone));
                zone
            }
        };
        Ok(convert(zone, time))
    })
}

/// `to_local(timestamp, zone)`.
pub(crate) static TO_LOCAL: Scalar =
    Scalar::new("spark_from_utc_timestamp", Returns::First, |args| each(args, Zone::to_local))
        .with_patterns(&[1]);
/// `to_instant(timestamp, zone)`.
pub(crate) static TO_INSTANT: Scalar =
    Scalar::new("spark_to_utc_timestamp", Returns::First, |args| each(args, Zone::to_instant))
        .with_patterns(&[1]);

fn convert(mut site: Site) -> crate::Result<Typed> {
    let position = site.position;
    let time = site.args.pop().ok_or_else(|| site.wrong("a timestamp is missing"))?;
    let usable = types::is_datetime(&time.data_type) || time.data_type == arrow::datatypes::DataType::Utf8;
    if !usable {
        return Err(site.wrong("it takes a timestamp without zone"));
    }
    let time = time.cast_for(&types::timestamp_ntz(), &site.name, position)?;
    let mut zones = site.args.into_iter();
    let first = zones
        .next()
        .ok_or_else(|| crate::SqlError::arguments("convert_timezone", "a zone is missing", position))?;
    // With one zone the other is the session's, which is UTC.
    let (from, to) = match zones.next() {
        Some(second) => (Some(first), second),
        None => (None, first),
    };
    let instant = match from {
        Some(from) => Typed::call(&TO_INSTANT, vec![time, from], "", position)?,
        None => time,
    };
    let to = to.cast_for(&arrow::datatypes::DataType::Utf8, "convert_timezone", position)?;
    Typed::call(&TO_LOCAL, vec![instant, to], "", position)
}
