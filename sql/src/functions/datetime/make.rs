//! Dates and timestamps made of their fields; null if there is no such day or time.

use arrow::datatypes::{DataType, Date32Type, Int32Type, TimestampMicrosecondType};

use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::datetime::civil::{Civil, MICROS_PER_DAY, MICROS_PER_SECOND};
use crate::datetime::zone::Zone;
use crate::functions::{Function, Params};
use crate::types;
use crate::udf::{Args, Numbers, Returns, Scalar, failed, numbers, try_numbers};
use datafusion::common::Result;

const INT: Kind = Kind::Int;
const FIELDS: Params = Params::of(&[INT, INT, INT, INT, INT, Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::kernel(
        "make_date",
        Params::of(&[INT, INT, INT]),
        &MAKE_DATE,
        "The date of year, month and day",
    ),
    Function::build(
        "make_timestamp",
        FIELDS.opt(&[Kind::Text]),
        |site| make(site, true),
        "The timestamp of year to second, and a zone",
    )
    .or(&["make_timestamp_ltz"]),
    Function::build(
        "make_timestamp_ntz",
        FIELDS,
        |site| make(site, false),
        "The timestamp without zone of year to second",
    ),
];

/// `make(year, month, day)`.
pub(crate) static MAKE_DATE: Scalar =
    Scalar::new("spark_make_date", Returns::Fixed(|| DataType::Date32), |args| {
        let fields = (0..3).map(|index| args.numbers::<Int32Type>(index)).collect::<Result<Vec<_>>>()?;
        numbers::<Date32Type>(args, |row| {
            let [year, month, day] = [fields[0].get(row)?, fields[1].get(row)?, fields[2].get(row)?];
            i32::try_from(Civil::try_days(year.into(), month.into(), day.into())?).ok()
        })
    });

fn make(mut site: Site, zoned: bool) -> crate::Result<Typed> {
    let zone = if site.args.len() == 7 { site.args.pop() } else { None };
    let seconds = site.args.pop().ok_or_else(|| site.wrong("the seconds are missing"))?;
    if !types::is_numeric(&seconds.data_type) && seconds.data_type != DataType::Null {
        return Err(site.wrong("the seconds are a number"));
    }
    site.args.push(seconds.cast_for(&DataType::Decimal128(16, 6), &site.name, site.position)?);
    let data_type = if zoned { types::timestamp() } else { types::timestamp_ntz() };
    let position = site.position;
    let zone = zone.map(|zone| zone.cast_for(&DataType::Utf8, &site.name, position)).transpose()?;
    let mut args = site.args;
    args.extend(zone.clone());
    let local = Typed::call_as(&MAKE_TIMESTAMP, args, data_type, "");
    match zone {
        Some(zone) => Typed::call(&super::zones::TO_INSTANT, vec![local, zone], "", position),
        None => Ok(local),
    }
}

/// `make(year, month, day, hour, minute, second, zone, type)`; a second of 60 is the next minute. The zone is optional, and
/// must exist even where there is no such time.
pub(crate) static MAKE_TIMESTAMP: Scalar =
    Scalar::new("spark_make_timestamp", Returns::Last, |args: &Args| {
        let fields = (0..5)
            .map(|index| args.numbers::<Int32Type>(index))
            .collect::<Result<Vec<Numbers<Int32Type>>>>()?;
        let seconds = args.decimals(5)?;
        let zone = if args.len() > 7 { Some(args.text(6)?) } else { None };
        try_numbers::<TimestampMicrosecondType>(args, |row| {
            let given: Option<Vec<i64>> = fields.iter().map(|field| field.get(row).map(i64::from)).collect();
            let (Some(given), Some(micros)) = (given, seconds.get(row)) else { return Ok(None) };
            // Java counts these microseconds in an int.
            let micros = i32::try_from(micros).map_err(|_| failed("the seconds are out of range"))?;
            if let Some(zone) = &zone {
                let Some(zone) = zone.get(row) else { return Ok(None) };
                Zone::parse(zone).ok_or_else(|| failed(format!("there is no time zone '{zone}'")))?;
            }
            Ok(local_time(&given, micros.into()))
        })
    });

fn local_time(given: &[i64], micros: i64) -> Option<i64> {
    let [year, month, day, hour, minute] = *given else { return None };
    let days = Civil::try_days(year, month, day)?;
    let whole_minute = 60 * MICROS_PER_SECOND;
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..=whole_minute).contains(&micros) {
        return None;
    }
    days.checked_mul(MICROS_PER_DAY)?.checked_add((hour * 60 + minute) * whole_minute + micros)
}
