//! Strings with something changed.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Int32Type};

use super::case::string;
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Returns, Scalar, affordable, failed, text, try_bytes, try_text};
use datafusion::common::{Result, ScalarValue};

const TEXT: Kind = Kind::Text;

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "replace",
        Params::of(&[TEXT, TEXT]).opt(&[TEXT]),
        replace,
        "Replaces every occurrence of a string",
    ),
    Function::build("reverse", Params::of(&[Kind::Any]), reverse, "The string or the array backwards"),
    Function::kernel("repeat", Params::of(&[TEXT, Kind::Int]), &REPEAT, "The string several times"),
    Function::kernel(
        "translate",
        Params::of(&[TEXT, TEXT, TEXT]),
        &TRANSLATE,
        "Replaces characters by those at the same place of another string",
    ),
    Function::kernel("space", Params::of(&[Kind::Int]), &SPACE, "A string of blanks"),
    Function::build(
        "overlay",
        Params::of(&[Kind::TextOrBinary, Kind::TextOrBinary, Kind::Int]).opt(&[Kind::Int]),
        overlay,
        "Replaces a part of a string by another one",
    ),
];

fn replace(mut site: Site) -> crate::Result<Typed> {
    if site.args.len() == 2 {
        site.args.push(Typed::constant(ScalarValue::from(""), ""));
    }
    Typed::call(&REPLACE, site.args, "", site.position)
}

/// Replaces a string; an empty one is found nowhere.
pub(crate) static REPLACE: Scalar = Scalar::new("spark_replace", Returns::Fixed(string), |args| {
    let (value, search, by) = (args.text(0)?, args.text(1)?, args.text(2)?);
    text(args, |row| {
        let (value, search, by) = (value.get(row)?, search.get(row)?, by.get(row)?);
        Some(if search.is_empty() { value.to_owned() } else { value.replace(search, by) })
    })
});

fn reverse(mut site: Site) -> crate::Result<Typed> {
    if matches!(site.args[0].data_type, DataType::List(_)) {
        return Typed::call(&crate::functions::collection::array::REVERSE, site.args, "", site.position);
    }
    let arg = site.args.remove(0);
    let to = TEXT.accept(&arg.data_type).ok_or_else(|| site.wrong("it takes a string or an array"))?;
    let arg = arg.cast_for(&to, "reverse", site.position)?;
    Typed::call(&REVERSE, vec![arg], "", site.position)
}

/// Characters backwards.
pub(crate) static REVERSE: Scalar = Scalar::new("spark_reverse", Returns::Fixed(string), |args| {
    let value = args.text(0)?;
    text(args, |row| value.get(row).map(|value| value.chars().rev().collect::<String>()))
});

/// Several times.
pub(crate) static REPEAT: Scalar = Scalar::new("spark_repeat", Returns::Fixed(string), |args| {
    let (value, times) = (args.text(0)?, args.numbers::<Int32Type>(1)?);
    try_text(args, |row| {
        let (Some(value), Some(times)) = (value.get(row), times.get(row)) else { return Ok(None) };
        let times = usize::try_from(times).unwrap_or(0);
        affordable(value.len().checked_mul(times))?;
        Ok(Some(value.repeat(times)))
    })
});

/// Blanks.
pub(crate) static SPACE: Scalar = Scalar::new("spark_space", Returns::Fixed(string), |args| {
    let times = args.numbers::<Int32Type>(0)?;
    try_text(args, |row| {
        let Some(times) = times.get(row) else { return Ok(None) };
        let times = usize::try_from(times).unwrap_or(0);
        affordable(Some(times))?;
        Ok(Some(" ".repeat(times)))
    })
});

/// Character by character; one without a counterpart is dropped.
pub(crate) static TRANSLATE: Scalar = Scalar::new("spark_translate", Returns::Fixed(string), |args| {
    let (value, from, to) = (args.text(0)?, args.text(1)?, args.text(2)?);
    text(args, |row| {
        let (value, from, to) = (value.get(row)?, from.get(row)?, to.get(row)?);
        let mut to = to.chars();
        let mut table: HashMap<char, Option<char>> = HashMap::new();
        for c in from.chars() {
            let by = to.next();
            table.entry(c).or_insert(by);
        }
        // A counterpart of NUL means that the character is dropped.
        let by = |c: char| table.get(&c).map_or(Some(c), |by| by.filter(|by| *by != '\0'));
        Some(value.chars().filter_map(by).collect::<String>())
    })
});

fn overlay(mut site: Site) -> crate::Result<Typed> {
    if site.args.len() == 3 {
        site.args.push(Typed::constant(ScalarValue::Int32(Some(-1)), "-1"));
    }
    let name = site.column_name();
    match (&site.args[0].data_type, &site.args[1].data_type) {
        (DataType::Binary, DataType::Binary) => Typed::call(&OVERLAY_BYTES, site.args, name, site.position),
        (DataType::Utf8, DataType::Utf8) => Typed::call(&OVERLAY, site.args, name, site.position),
        _ => Err(site.wrong("it takes two strings, or two of binary")),
    }
}

/// Returns the place from which on something is put in, and that from which on the text goes on.
fn overlaid(from: i32, length: i32, put_in: usize) -> Result<(i64, i64)> {
    let wrong = || failed("overlay: a place or a length is out of range");
    super::slice::in_range(from, 0)?;
    let length = if length >= 0 { length } else { i32::try_from(put_in).map_err(|_| wrong())? };
    let after = from.checked_add(length).ok_or_else(wrong)?;
    Ok((from.into(), after.into()))
}

/// The same with bytes.
pub(crate) static OVERLAY_BYTES: Scalar =
    Scalar::new("spark_overlay_bytes", Returns::Fixed(|| DataType::Binary), |args| {
        let (value, by) = (args.bytes(0)?, args.bytes(1)?);
        let (from, length) = (args.numbers::<Int32Type>(2)?, args.numbers::<Int32Type>(3)?);
        try_bytes(args, |row| {
            let (Some(value), Some(by)) = (value.get(row), by.get(row)) else { return Ok(None) };
            let (Some(from), Some(length)) = (from.get(row), length.get(row)) else { return Ok(None) };
            let (from, after) = overlaid(from, length, by.len())?;
            let before = super::slice::slice_bytes(value, 1, from - 1);
            let after = super::slice::slice_bytes(value, after, i64::from(i32::MAX));
            Ok(Some([before, by, after].concat()))
        })
    });

/// `overlay(text, by, from, length)`; a negative length is that of what is put in.
pub(crate) static OVERLAY: Scalar = Scalar::new("spark_overlay", Returns::Fixed(string), |args| {
    let (value, by) = (args.text(0)?, args.text(1)?);
    let (from, length) = (args.numbers::<Int32Type>(2)?, args.numbers::<Int32Type>(3)?);
    try_text(args, |row| {
        let (Some(value), Some(by)) = (value.get(row), by.get(row)) else { return Ok(None) };
        let (Some(from), Some(length)) = (from.get(row), length.get(row)) else { return Ok(None) };
        let (from, after) = overlaid(from, length, by.chars().count())?;
        let before = super::slice::substring(value, 1, from - 1);
        let after = super::slice::substring(value, after, i64::from(i32::MAX));
        Ok(Some(format!("{before}{by}{after}")))
    })
});
