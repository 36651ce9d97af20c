//! Which casts there are, and the loop that each is.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, StringArray, new_null_array,
};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
};
use datafusion::common::Result;

use super::{nested, to_boolean, to_datetime, to_decimal, to_float, to_integer, to_text};
use crate::types::is_numeric;
use crate::udf::failed;
use crate::value::decimal_text;

/// Whose rules a cast follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// CAST with ANSI mode off.
    Legacy,
    /// TRY_CAST.
    Try,
}

/// Tells whether there is a loop for a cast.
pub(super) fn supported(from: &DataType, to: &DataType, mode: Mode) -> bool {
    use DataType::{Binary, Boolean, Date32, Timestamp, Utf8};
    let simple_from = is_numeric(from)
        || matches!(from, Boolean | Utf8 | Date32 | Timestamp(TimeUnit::Microsecond, _) | Binary);
    match (from, to) {
        (DataType::List(_) | DataType::Map(_, _) | DataType::Struct(_), _) => {
            nested::supported(from, to, mode)
        }
        _ if !simple_from => false,
        (Utf8, Boolean | Date32 | Timestamp(TimeUnit::Microsecond, _)) => true,
        (Utf8, Binary) | (Binary, Utf8) => true,
        (Boolean | Utf8, _) if is_numeric(to) => true,
        (_, Utf8) => true,
        (_, Boolean) if is_numeric(from) => true,
        (_, _) if is_numeric(from) && is_numeric(to) => true,
        (Timestamp(_, Some(_)), _) if is_numeric(to) => true,
        (Timestamp(_, _), Date32 | Timestamp(_, _)) | (Date32, Timestamp(_, _)) => true,
        (_, Timestamp(_, Some(_))) if is_numeric(from) => mode == Mode::Legacy,
        _ => false,
    }
}

/// Casts an array.
///
/// # Errors
/// Values that only the clock could complete (`'10:30'` to a timestamp), and casts that are not supported.
pub(crate) fn cast_array(array: &ArrayRef, to: &DataType, mode: Mode) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    match (array.data_type(), to) {
        (DataType::Null, _) => Ok(new_null_array(to, array.len())),
        (DataType::List(_) | DataType::Map(_, _) | DataType::Struct(_), _) if *to != DataType::Utf8 => {
            nested::cast(array, to, mode)
        }
        (DataType::Decimal128(_, scale), DataType::Utf8) if mode == Mode::Try => {
            let (decimals, scale) = (array.as_primitive::<Decimal128Type>(), *scale);
            let texts = decimals.iter().map(|value| value.map(|value| decimal_text(value, scale)));
            Ok(Arc::new(texts.collect::<StringArray>()))
        }
        (_, DataType::Utf8) => to_text::cast(array),
        (DataType::Utf8, DataType::Binary) => {
            Ok(Arc::new(arrow::array::BinaryArray::from(array.as_string::<i32>().clone())))
        }
        (_, DataType::Boolean) => to_boolean::cast(array),
        (_, DataType::Int8) => to_integer::cast::<Int8Type>(array, mode),
        (_, DataType::Int16) => to_integer::cast::<Int16Type>(array, mode),
        (_, DataType::Int32) => to_integer::cast::<Int32Type>(array, mode),
        (_, DataType::Int64) => to_integer::cast::<Int64Type>(array, mode),
        (_, DataType::Float32) => to_float::cast::<Float32Type>(array, to),
        (_, DataType::Float64) => to_float::cast::<Float64Type>(array, to),
        (_, DataType::Decimal128(precision, scale)) => to_decimal::cast(array, (*precision, *scale)),
        (_, DataType::Date32 | DataType::Timestamp(TimeUnit::Microsecond, _)) => to_datetime::cast(array, to),
        (from, _) => Err(unsupported(from, to)),
    }
}

pub(super) fn unsupported(from: &DataType, to: &DataType) -> datafusion::error::DataFusionError {
    failed(format!("a cast from {from} to {to} is not supported"))
}

/// Applies a function to every value that is not null.
pub(super) fn map<F: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    array: &ArrayRef,
    to: &DataType,
    value: impl Fn(F::Native) -> Option<T::Native>,
) -> ArrayRef {
    let result: PrimitiveArray<T> = array.as_primitive::<F>().unary_opt(value);
    Arc::new(result.with_data_type(to.clone()))
}

/// Applies a function to every string that is not null.
pub(super) fn map_text<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    to: &DataType,
    value: impl Fn(&str) -> Result<Option<T::Native>>,
) -> Result<ArrayRef> {
    let mut builder =
        arrow::array::PrimitiveBuilder::<T>::with_capacity(array.len()).with_data_type(to.clone());
    for text in array.as_string::<i32>() {
        builder.append_option(text.map(&value).transpose()?.flatten());
    }
    Ok(Arc::new(builder.finish()))
}
