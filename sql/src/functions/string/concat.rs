//! Strings one after the other.

use std::sync::Arc;

use arrow::array::{Array, AsArray, StringArray, StringBuilder};
use arrow::datatypes::DataType;

use super::case::string;
use crate::bind::{Site, Typed, concat};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::types;
use crate::udf::{Returns, Scalar, Text, bytes};

pub(super) const TABLE: &[Function] = &[
    Function::build("concat", Params::of(&[]).rest(Kind::Any), |site| concat(site.args, site.position).map(|typed| typed.named("")), "Strings, arrays or binary one after the other; null if any is null"),
    Function::build("concat_ws", Params::of(&[Kind::Text]).rest(Kind::Any), concat_ws, "Strings, and those of arrays, with a separator; nulls are left out"),
];

/// Strings; null if any is null.
pub(crate) static CONCAT: Scalar = Scalar::new("spark_concat", Returns::Fixed(string), |args| {
    let parts = (0..args.len()).map(|index| args.text(index)).collect::<datafusion::common::Result<Vec<Text>>>()?;
    let mut builder = StringBuilder::with_capacity(args.rows, args.rows * 16);
    let mut out = String::new();
    for row in 0..args.rows {
        out.clear();
        let complete = parts.iter().all(|part| part.get(row).map(|text| out.push_str(text)).is_some());
        builder.append_option(complete.then_some(&out));
    }
    Ok(Arc::new(builder.finish()))
});

/// Binary; null if any is null.
pub(crate) static CONCAT_BYTES: Scalar = Scalar::new("spark_concat_bytes", Returns::Fixed(|| DataType::Binary), |args| {
    let parts = (0..args.len()).map(|index| args.bytes(index)).collect::<datafusion::common::Result<Vec<_>>>()?;
    bytes(args, |row| parts.iter().map(|part| part.get(row)).collect::<Option<Vec<_>>>().map(|parts| parts.concat()))
});

fn concat_ws(site: Site) -> crate::Result<Typed> {
    let position = site.position;
    let mut args = Vec::with_capacity(site.args.len());
    for (index, arg) in site.args.iter().enumerate() {
        let to = match &arg.data_type {
            DataType::List(element) if index > 0 && matches!(element.data_type(), DataType::Utf8 | DataType::Null) => types::list_of(DataType::Utf8),
            other => Kind::Text.accept(other).ok_or_else(|| site.wrong(format!("{} is no string", types::display(other))))?,
        };
        args.push(arg.clone().cast_for(&to, "concat_ws", position)?);
    }
    Typed::call(&CONCAT_WS, args, "", position)
}

/// A part of `concat_ws`: a string, or an array of them.
enum Part {
    One(Text),
    Many(arrow::array::ArrayRef),
}

/// Strings with a separator; nulls are left out.
pub(crate) static CONCAT_WS: Scalar = Scalar::new("spark_concat_ws", Returns::Fixed(string), |args| {
    let separator = args.text(0)?;
    let mut parts = Vec::with_capacity(args.len());
    for index in 1..args.len() {
        parts.push(match args.data_type(index)? {
            DataType::List(_) => Part::Many(args.array(index)?),
            _ => Part::One(args.text(index)?),
        });
    }
    let mut builder = StringBuilder::with_capacity(args.rows, args.rows * 16);
    let mut out = String::new();
    for row in 0..args.rows {
        let Some(separator) = separator.get(row) else {
            builder.append_null();
            continue;
        };
        out.clear();
        let mut first = true;
        let mut add = |text: &str| {
            if !std::mem::take(&mut first) {
                out.push_str(separator);
            }
            out.push_str(text);
        };
        for part in &parts {
            match part {
                Part::One(text) => text.get(row).into_iter().for_each(&mut add),
                Part::Many(lists) => {
                    let lists = lists.as_list::<i32>();
                    if lists.is_valid(row) {
                        let values = lists.value(row);
                        let values: &StringArray = values.as_string();
                        values.iter().flatten().for_each(&mut add);
                    }
                }
            }
        }
        builder.append_value(&out);
    }
    Ok(Arc::new(builder.finish()))
});
