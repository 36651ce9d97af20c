//! Casts to truth values.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use datafusion::common::Result;

use super::kernel::unsupported;
use crate::datetime::text::trim;

pub(super) fn cast(array: &ArrayRef) -> Result<ArrayRef> {
    fn not_zero<T: ArrowPrimitiveType>(array: &ArrayRef) -> BooleanArray
    where
        T::Native: PartialEq + Default,
    {
        array.as_primitive::<T>().iter().map(|value| value.map(|value| value != T::Native::default())).collect()
    }
    Ok(Arc::new(match array.data_type() {
        DataType::Int8 => not_zero::<Int8Type>(array),
        DataType::Int16 => not_zero::<Int16Type>(array),
        DataType::Int32 => not_zero::<Int32Type>(array),
        DataType::Int64 => not_zero::<Int64Type>(array),
        DataType::Float32 => not_zero::<Float32Type>(array),
        DataType::Float64 => not_zero::<Float64Type>(array),
        DataType::Decimal128(_, _) => not_zero::<Decimal128Type>(array),
        DataType::Timestamp(_, _) => not_zero::<TimestampMicrosecondType>(array),
        DataType::Utf8 => array.as_string::<i32>().iter().map(|text| text.and_then(parse)).collect(),
        from => return Err(unsupported(from, &DataType::Boolean)),
    }))
}

fn parse(text: &str) -> Option<bool> {
    match trim(text).to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "1" => Some(true),
        "f" | "false" | "n" | "no" | "0" => Some(false),
        _ => None,
    }
}
