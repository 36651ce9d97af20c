//! Dates and timestamps as text, by a pattern.

use std::cell::RefCell;

use arrow::datatypes::{DataType, TimestampMicrosecondType};

use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::datetime::pattern::{Patterns, Use};
use crate::functions::{Function, Params};
use crate::types::{self, is_datetime, is_numeric};
use crate::udf::{Returns, Scalar, try_numbers};

const VALUE: Params = Params::of(&[Kind::Any]).opt(&[Kind::Text]);

pub(super) const TABLE: &[Function] = &[
    Function::kernel(
        "date_format",
        Params::of(&[Kind::Timestamp, Kind::Text]),
        &FORMAT,
        "The timestamp by a pattern",
    ),
    Function::build(
        "to_date",
        VALUE,
        |site| read(site, &DataType::Date32),
        "The date of a string, by a pattern if there is one; null if it does not follow it",
    ),
    Function::build(
        "to_timestamp",
        VALUE,
        |site| read(site, &types::timestamp()),
        "The timestamp of a string, by a pattern if there is one; null if it does not follow it",
    )
    .or(&["to_timestamp_ltz", "try_to_timestamp"]),
    Function::build(
        "to_timestamp_ntz",
        VALUE,
        |site| read(site, &types::timestamp_ntz()),
        "The timestamp without zone of a string",
    ),
];

/// `format(timestamp, pattern)`.
pub(crate) static FORMAT: Scalar =
    Scalar::new("spark_date_format", Returns::Fixed(|| DataType::Utf8), |args| {
        let (time, pattern) = (args.numbers::<TimestampMicrosecondType>(0)?, args.text(1)?);
        let mut patterns = Patterns::default();
        let mut out = String::new();
        let mut builder = arrow::array::StringBuilder::with_capacity(args.rows, args.rows * 10);
        for row in 0..args.rows {
            match (time.get(row), pattern.get(row)) {
                (Some(micros), Some(pattern)) => {
                    out.clear();
                    patterns.get(pattern, Use::Format)?.write(&mut out, micros);
                    builder.append_value(&out);
                }
                _ => builder.append_null(),
            }
        }
        Ok(std::sync::Arc::new(builder.finish()))
    })
    .with_patterns(&[1]);

fn read(site: Site, to: &DataType) -> crate::Result<Typed> {
    let position = site.position;
    let wrong = |found: &DataType| {
        site.wrong(format!("a value of the type {} cannot be read", types::display(found)))
    };
    let value = site.args[0].clone();
    let usable = is_datetime(&value.data_type)
        || matches!(value.data_type, DataType::Utf8 | DataType::Null)
        || is_numeric(&value.data_type);
    // Of a number only a pattern makes a date, and only its absence a timestamp.
    let number = is_numeric(&value.data_type);
    if !usable || number && (*to == DataType::Date32) == (site.args.len() == 1) {
        return Err(wrong(&value.data_type));
    }
    let Some(pattern) = site.args.get(1).filter(|_| !is_datetime(&value.data_type)).cloned() else {
        return value.cast_for(to, &site.name, position).map(|typed| typed.named(""));
    };
    if *to == types::timestamp_ntz() {
        return Err(site.wrong("a pattern is not supported here"));
    }
    let value = value.cast_for(&DataType::Utf8, &site.name, position)?;
    let time = Typed::call(&PARSE, vec![value, pattern], site.name.as_str(), position)?;
    time.cast_for(to, &site.name, position).map(|typed| typed.named(""))
}

/// `parse(text, pattern)`.
pub(crate) static PARSE: Scalar =
    Scalar::new("spark_parse_timestamp", Returns::Fixed(types::timestamp), |args| {
        let (value, pattern) = (args.text(0)?, args.text(1)?);
        let patterns: RefCell<Patterns> = RefCell::default();
        try_numbers::<TimestampMicrosecondType>(args, |row| {
            let (Some(value), Some(pattern)) = (value.get(row), pattern.get(row)) else { return Ok(None) };
            patterns.borrow_mut().get(pattern, Use::Parse)?.read(value)
        })
    })
    .with_patterns(&[1]);

/// `format(seconds as timestamp, pattern)` for whoever has seconds.
pub(super) fn format(time: Typed, pattern: Typed, site: &Site) -> crate::Result<Typed> {
    Typed::call(&FORMAT, vec![time, pattern], "", site.position)
}
