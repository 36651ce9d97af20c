//! Casts to strings.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType,
};
use datafusion::common::Result;

use super::kernel::unsupported;
use crate::datetime::text::{write_date, write_timestamp};
use crate::number::java_text::{double_text, float_text};
use crate::udf::failed;
use crate::value::decimal_text;

pub(super) fn cast(array: &ArrayRef) -> Result<ArrayRef> {
    let mut builder = StringBuilder::with_capacity(array.len(), array.len() * 12);
    let mut text = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
            continue;
        }
        text.clear();
        write_value(&mut text, array, row)?;
        builder.append_value(&text);
    }
    Ok(Arc::new(builder.finish()))
}

/// Appends a value that is not null.
pub(crate) fn write_value(out: &mut String, array: &ArrayRef, row: usize) -> Result<()> {
    // Writing to a string cannot fail.
    let _ = match array.data_type() {
        DataType::Boolean => write!(out, "{}", array.as_boolean().value(row)),
        DataType::Int8 => write!(out, "{}", array.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => write!(out, "{}", array.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => write!(out, "{}", array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => write!(out, "{}", array.as_primitive::<Int64Type>().value(row)),
        DataType::Utf8 => write!(out, "{}", array.as_string::<i32>().value(row)),
        DataType::Float32 => {
            out.push_str(&float_text(array.as_primitive::<Float32Type>().value(row)));
            Ok(())
        }
        DataType::Float64 => {
            out.push_str(&double_text(array.as_primitive::<Float64Type>().value(row)));
            Ok(())
        }
        DataType::Decimal128(_, scale) => {
            out.push_str(&big_decimal_text(array.as_primitive::<Decimal128Type>().value(row), *scale));
            Ok(())
        }
        DataType::Date32 => {
            write_date(out, i64::from(array.as_primitive::<Date32Type>().value(row)));
            Ok(())
        }
        DataType::Timestamp(_, _) => {
            write_timestamp(out, array.as_primitive::<TimestampMicrosecondType>().value(row));
            Ok(())
        }
        DataType::Binary => {
            let text = std::str::from_utf8(array.as_binary::<i32>().value(row));
            out.push_str(text.map_err(|_| failed("bytes that are not UTF-8 cannot become a string"))?);
            Ok(())
        }
        DataType::List(_) => return write_list(out, &array.as_list::<i32>().value(row)),
        DataType::Struct(_) => return write_struct(out, array, row),
        DataType::Map(_, _) => return write_map(out, array, row),
        from => return Err(unsupported(from, &DataType::Utf8)),
    };
    Ok(())
}

/// Writes a decimal as `BigDecimal.toString` does: with an exponent where there are more than five zeros in front.
pub(crate) fn big_decimal_text(unscaled: i128, scale: i8) -> String {
    let digits = unscaled.unsigned_abs().to_string();
    let adjusted = i64::try_from(digits.len()).unwrap_or(0) - 1 - i64::from(scale);
    if adjusted >= -6 {
        return decimal_text(unscaled, scale);
    }
    let sign = if unscaled < 0 { "-" } else { "" };
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}E{adjusted}")
}

fn write_or_null(out: &mut String, array: &ArrayRef, row: usize) -> Result<()> {
    if array.is_null(row) || *array.data_type() == DataType::Null {
        out.push_str("null");
        return Ok(());
    }
    write_value(out, array, row)
}

fn write_list(out: &mut String, values: &ArrayRef) -> Result<()> {
    out.push('[');
    for row in 0..values.len() {
        if row > 0 {
            out.push_str(", ");
        }
        write_or_null(out, values, row)?;
    }
    out.push(']');
    Ok(())
}

fn write_struct(out: &mut String, array: &ArrayRef, row: usize) -> Result<()> {
    out.push('{');
    for (index, column) in array.as_struct().columns().iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_or_null(out, column, row)?;
    }
    out.push('}');
    Ok(())
}

fn write_map(out: &mut String, array: &ArrayRef, row: usize) -> Result<()> {
    let entries = array.as_map().value(row);
    out.push('{');
    for entry in 0..entries.len() {
        if entry > 0 {
            out.push_str(", ");
        }
        write_or_null(out, entries.column(0), entry)?;
        out.push_str(" -> ");
        write_or_null(out, entries.column(1), entry)?;
    }
    out.push('}');
    Ok(())
}
