//! Casts to float and double.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use datafusion::common::Result;

use super::kernel::{map, map_text, unsupported};
use crate::number::decimal::pow10;
use crate::value::decimal_text;

/// A binary fraction and how other numbers get into it.
pub(super) trait Fraction: ArrowPrimitiveType {
    fn from_long(value: i64) -> Self::Native;
    fn from_double(value: f64) -> Self::Native;
    fn from_decimal(value: i128, scale: i8) -> Option<Self::Native>;
    fn from_text(text: &str) -> Option<Self::Native>;
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is what Java does")]
#[expect(clippy::cast_precision_loss, reason = "rounding to the nearest is what Java does")]
mod fractions {
    use super::*;

    impl Fraction for Float64Type {
        fn from_long(value: i64) -> f64 {
            value as f64
        }

        fn from_double(value: f64) -> f64 {
            value
        }

        fn from_decimal(value: i128, scale: i8) -> Option<f64> {
            // Both operands are exact below these bounds, so one division rounds once.
            if value.unsigned_abs() < 1 << 52 && scale < 23 {
                return Some(value as f64 / pow10(u32::from(scale.unsigned_abs())) as f64);
            }
            decimal_text(value, scale).parse().ok()
        }

        fn from_text(text: &str) -> Option<f64> {
            parse(text)
        }
    }

    impl Fraction for Float32Type {
        fn from_long(value: i64) -> f32 {
            value as f32
        }

        fn from_double(value: f64) -> f32 {
            value as f32
        }

        fn from_decimal(value: i128, scale: i8) -> Option<f32> {
            decimal_text(value, scale).parse().ok()
        }

        fn from_text(text: &str) -> Option<f32> {
            parse(text)
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "Spark divides the same way")]
pub(super) fn cast<T: Fraction>(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Int8 => map::<Int8Type, T>(array, to, |value| Some(T::from_long(value.into()))),
        DataType::Int16 => map::<Int16Type, T>(array, to, |value| Some(T::from_long(value.into()))),
        DataType::Int32 => map::<Int32Type, T>(array, to, |value| Some(T::from_long(value.into()))),
        DataType::Int64 => map::<Int64Type, T>(array, to, |value| Some(T::from_long(value))),
        DataType::Float32 => map::<Float32Type, T>(array, to, |value| Some(T::from_double(value.into()))),
        DataType::Float64 => map::<Float64Type, T>(array, to, |value| Some(T::from_double(value))),
        DataType::Decimal128(_, scale) => {
            let scale = *scale;
            map::<Decimal128Type, T>(array, to, |value| T::from_decimal(value, scale))
        }
        DataType::Timestamp(_, Some(_)) => {
            map::<TimestampMicrosecondType, T>(array, to, |value| Some(T::from_double(value as f64 / 1e6)))
        }
        DataType::Boolean => {
            let result: PrimitiveArray<T> = array
                .as_boolean()
                .iter()
                .map(|value| value.map(|value| T::from_long(value.into())))
                .collect();
            Arc::new(result)
        }
        DataType::Utf8 => map_text::<T>(array, to, |text| Ok(T::from_text(text)))?,
        from => return Err(unsupported(from, to)),
    })
}

/// Reads `1.8p3`, as Java does where an exponent to the base two is written.
fn hexadecimal_fraction(text: &str) -> Option<f64> {
    let text = text.strip_suffix(['d', 'f']).filter(|rest| rest.contains('p')).unwrap_or(text);
    let (mantissa, exponent) = text.split_once('p')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    // More digits than a double has would have to be rounded.
    if digits.is_empty() || digits.trim_start_matches('0').len() > 13 {
        return None;
    }
    let value = f64::from(u32::try_from(u64::from_str_radix(&digits, 16).ok()? >> 32).ok()?)
        * 4_294_967_296.0
        + f64::from(u32::try_from(u64::from_str_radix(&digits, 16).ok()? & 0xffff_ffff).ok()?);
    let places = i32::try_from(fraction.len()).ok()?;
    Some(value * 2_f64.powi(exponent.checked_sub(4 * places)?))
}

/// Reads what Java reads as a double, and Spark's names for the values that are no numbers.
fn parse<F: std::str::FromStr>(text: &str) -> Option<F> {
    let text = text.trim_matches(|c: char| c <= ' ');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    match lower.as_str() {
        "inf" | "infinity" => {
            return format!("{}inf", if text.starts_with('-') { "-" } else { "" }).parse().ok();
        }
        "nan" => return "NaN".parse().ok().filter(|_: &F| unsigned.len() == text.len() || unsigned == "NaN"),
        _ => {}
    }
    if let Some(hexadecimal) = lower.strip_prefix("0x") {
        let value = hexadecimal_fraction(hexadecimal)?;
        return format!("{}{value}", if text.starts_with('-') { "-" } else { "" }).parse().ok();
    }
    // Java allows the suffix of a constant.
    let digits = lower.strip_suffix(['d', 'f']).unwrap_or(&lower);
    let number =
        digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-'));
    if !number || digits.starts_with(['+', '-']) {
        return None;
    }
    format!("{}{digits}", if text.starts_with('-') { "-" } else { "" }).parse().ok()
}
