//! The pinned time of the refresh, as a constant.

use datafusion::common::ScalarValue;

use crate::bind::{Site, Typed};
use crate::datetime::civil::split_micros;
use crate::error::Result;
use crate::functions::{Function, Params};

const NONE: Params = Params::of(&[]);

pub(super) const TABLE: &[Function] = &[
    Function::build("current_timestamp", NONE, timestamp, "The time of the refresh").or(&["now"]),
    Function::build("current_date", NONE, date, "The date of the refresh in UTC").or(&["curdate"]),
    Function::build("localtimestamp", NONE, local, "The time of the refresh without zone"),
    Function::build(
        "current_timezone",
        NONE,
        |_| Ok(Typed::constant(ScalarValue::from("UTC"), "")),
        "The session's zone: UTC",
    ),
];

fn timestamp(site: Site) -> Result<Typed> {
    Ok(Typed::constant(ScalarValue::TimestampMicrosecond(Some(site.now()?), Some("UTC".into())), ""))
}

fn local(site: Site) -> Result<Typed> {
    Ok(Typed::constant(ScalarValue::TimestampMicrosecond(Some(site.now()?), None), ""))
}

fn date(site: Site) -> Result<Typed> {
    let days = i32::try_from(split_micros(site.now()?).0)
        .map_err(|_| site.wrong("the pinned time is out of range"))?;
    Ok(Typed::constant(ScalarValue::Date32(Some(days)), ""))
}
