//! Strings with something changed.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Int32Type};

use super::case::string;
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Returns, Scalar, bytes, text};
use datafusion::common::ScalarValue;

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
    text(args, |row| Some(value.get(row)?.repeat(usize::try_from(times.get(row)?).unwrap_or(0))))
});

/// Blanks.
pub(crate) static SPACE: Scalar = Scalar::new("spark_space", Returns::Fixed(string), |args| {
    let times = args.numbers::<Int32Type>(0)?;
    text(args, |row| Some(" ".repeat(usize::try_from(times.get(row)?).unwrap_or(0))))
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

/// The same with bytes.
pub(crate) static OVERLAY_BYTES: Scalar =
    Scalar::new("spark_overlay_bytes", Returns::Fixed(|| DataType::Binary), |args| {
        let (value, by) = (args.bytes(0)?, args.bytes(1)?);
        let (from, length) = (args.numbers::<Int32Type>(2)?, args.numbers::<Int32Type>(3)?);
        bytes(args, |row| {
            let (value, by) = (value.get(row)?, by.get(row)?);
            let (from, length) = (i64::from(from.get(row)?), i64::from(length.get(row)?));
            let length = if length >= 0 { length } else { i64::try_from(by.len()).ok()? };
            let before = super::slice::slice_bytes(value, 1, from - 1);
            let after = super::slice::slice_bytes(value, from + length, i64::from(i32::MAX));
            Some([before, by, after].concat())
        })
    });

/// `overlay(text, by, from, length)`; a negative length is that of what is put in.
pub(crate) static OVERLAY: Scalar = Scalar::new("spark_overlay", Returns::Fixed(string), |args| {
    let (value, by) = (args.text(0)?, args.text(1)?);
    let (from, length) = (args.numbers::<Int32Type>(2)?, args.numbers::<Int32Type>(3)?);
    text(args, |row| {
        let (value, by) = (value.get(row)?, by.get(row)?);
        let (from, length) = (i64::from(from.get(row)?), i64::from(length.get(row)?));
        let length = if length >= 0 { length } else { i64::try_from(by.chars().count()).ok()? };
        let before = super::slice::substring(value, 1, from - 1);
        let after = super::slice::substring(value, from + length, i64::from(i32::MAX));
        Some(format!("{before}{by}{after}"))
    })
});
