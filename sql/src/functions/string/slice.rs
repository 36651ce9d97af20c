//! Parts of strings. Places count from 1, negative ones from the end, and 0 is the first as well.

use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::{Result, ScalarValue};

use super::case::string;
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Returns, Scalar, failed, text, try_bytes};

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "substring",
        Params::of(&[Kind::TextOrBinary, Kind::Int]).opt(&[Kind::Int]),
        substring_of,
        "Part of a string or of binary from a place on",
    )
    .or(&["substr"]),
    Function::build(
        "left",
        Params::of(&[Kind::TextOrBinary, Kind::Int]),
        left,
        "First characters of a string",
    ),
    Function::kernel("right", Params::of(&[Kind::Text, Kind::Int]), &RIGHT, "Last characters of a string"),
];

fn int(value: i32) -> Typed {
    Typed::constant(ScalarValue::Int32(Some(value)), value.to_string())
}

fn substring_of(mut site: Site) -> crate::Result<Typed> {
    if site.args.len() == 2 {
        site.args.push(int(i32::MAX));
    }
    let name = site.column_name();
    let kernel = if site.args[0].data_type == DataType::Binary { &SUBSTRING_BYTES } else { &SUBSTRING };
    Typed::call(kernel, site.args, name, site.position)
}

fn left(mut site: Site) -> crate::Result<Typed> {
    site.args.insert(1, int(1));
    substring_of(site).map(|typed| typed.named(""))
}

/// Returns first and one past the last index of a part; they may lie outside.
fn range(length: i64, from: i64, count: i64) -> (i64, i64) {
    let start = match from {
        1.. => from - 1,
        0 => 0,
        _ => length + from,
    };
    (start, (start + count).min(i64::from(i32::MAX)))
}

/// Returns a part of a string.
pub(super) fn substring(value: &str, from: i64, count: i64) -> &str {
    let length = if from < 0 { i64::try_from(value.chars().count()).unwrap_or(i64::MAX) } else { 0 };
    let (start, end) = range(length, from, count);
    if end <= start || end <= 0 {
        return "";
    }
    let offset = |index: i64| match usize::try_from(index) {
        Ok(index) => value.char_indices().nth(index).map_or(value.len(), |(offset, _)| offset),
        Err(_) => 0,
    };
    let (begin, end) = if value.is_ascii() {
        let clamp = |index: i64| usize::try_from(index).unwrap_or(0).min(value.len());
        (clamp(start), clamp(end))
    } else {
        (offset(start), offset(end))
    };
    &value[begin..end]
}

/// `substring(text, from, count)`.
pub(crate) static SUBSTRING: Scalar = Scalar::new("spark_substring", Returns::Fixed(string), |args| {
    let (value, from, count) = (args.text(0)?, args.numbers::<Int32Type>(1)?, args.numbers::<Int32Type>(2)?);
    text(args, |row| Some(substring(value.get(row)?, from.get(row)?.into(), count.get(row)?.into())))
});

/// `substring(binary, from, count)`.
pub(crate) static SUBSTRING_BYTES: Scalar =
    Scalar::new("spark_substring_bytes", Returns::Fixed(|| DataType::Binary), |args| {
        let (value, from, count) =
            (args.bytes(0)?, args.numbers::<Int32Type>(1)?, args.numbers::<Int32Type>(2)?);
        try_bytes(args, |row| {
            let (Some(value), Some(from), Some(count)) = (value.get(row), from.get(row), count.get(row))
            else {
                return Ok(None);
            };
            in_range(from, count)?;
            Ok(Some(slice_bytes(value, from.into(), count.into())))
        })
    });

/// Refuses places at the end of the range of ints, where Java's arithmetic overflows.
pub(super) fn in_range(from: i32, count: i32) -> Result<()> {
    const FARTHEST: i32 = i32::MAX / 2;
    if (-FARTHEST..=FARTHEST).contains(&from) && count >= -FARTHEST {
        return Ok(());
    }
    Err(failed("a place or a length is at the end of the range of int, where it has no meaning"))
}

/// Returns a part of bytes.
pub(super) fn slice_bytes(value: &[u8], from: i64, count: i64) -> &[u8] {
    let (start, end) = range(i64::try_from(value.len()).unwrap_or(i64::MAX), from, count);
    let clamp = |index: i64| usize::try_from(index).unwrap_or(0).min(value.len());
    if end <= start { &[] } else { &value[clamp(start)..clamp(end)] }
}

/// `right(text, count)`.
pub(crate) static RIGHT: Scalar = Scalar::new("spark_right", Returns::Fixed(string), |args| {
    let (value, count) = (args.text(0)?, args.numbers::<Int32Type>(1)?);
    text(args, |row| {
        let value = value.get(row)?;
        Some(match count.get(row)? {
            count if count <= 0 => "",
            count => substring(value, -i64::from(count), i64::from(i32::MAX)),
        })
    })
});
