//! `date_format`: dates written by a pattern.

use arrow::datatypes::{DataType, TimestampMicrosecondType};

use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::datetime::pattern::Pattern;
use crate::error::Result;
use crate::functions::{Function, Params};
use crate::udf::{Returns, Scalar, failed, try_text};

pub(super) const TABLE: &[Function] = &[Function::build(
    "date_format",
    Params::of(&[Kind::Timestamp, Kind::Text]),
    date_format,
    "The date or timestamp written by a constant pattern of the letters y M d D E Q q a H h K k m s S",
)];

fn date_format(site: Site) -> Result<Typed> {
    // A pattern that is not supported is found before anything runs.
    Pattern::parse(site.text(1, "the pattern")?).map_err(|reason| site.wrong(reason))?;
    let (name, position) = (site.column_name(), site.position);
    Typed::call(&DATE_FORMAT, site.args, name, position)
}

pub(super) static DATE_FORMAT: Scalar =
    Scalar::new("spark_date_format", Returns::Fixed(|| DataType::Utf8), |args| {
        let value = args.numbers::<TimestampMicrosecondType>(0)?;
        let pattern = args.text(1)?;
        let pattern = match pattern.constant() {
            Some(Some(text)) => Pattern::parse(text).map_err(failed)?,
            _ => return Err(failed("the pattern of date_format must be a constant")),
        };
        try_text(args, |row| match value.get(row) {
            Some(micros) => pattern.write(micros).map(Some).map_err(failed),
            None => Ok(None),
        })
    });
