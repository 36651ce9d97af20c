//! Casts to integers.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use datafusion::common::Result;

use super::kernel::{Mode, map, map_text, unsupported};
use crate::datetime::civil::MICROS_PER_SECOND;
use crate::datetime::text::trim;
use crate::number::decimal::pow10;

/// An integer type of Spark and how wider numbers get into it.
pub(super) trait Integer: ArrowPrimitiveType {
    /// Keeps the lowest bits.
    fn wrap(value: i128) -> Self::Native;
    /// Keeps what fits.
    fn exact(value: i128) -> Option<Self::Native>;
    /// Cuts the fraction. Spark goes through int for the small types, so those wrap after the int saturated.
    fn from_double(value: f64) -> Self::Native;
}

#[expect(clippy::cast_possible_truncation, reason = "saturation and wrapping are what Spark does")]
mod integers {
    use super::*;

    macro_rules! integer {
        ($type:ty, $native:ty, $double:expr) => {
            impl Integer for $type {
                fn wrap(value: i128) -> $native {
                    value as $native
                }

                fn exact(value: i128) -> Option<$native> {
                    value.try_into().ok()
                }

                fn from_double(value: f64) -> $native {
                    $double(value)
                }
            }
        };
    }

    integer!(Int8Type, i8, |value: f64| (value as i32) as i8);
    integer!(Int16Type, i16, |value: f64| (value as i32) as i16);
    integer!(Int32Type, i32, |value: f64| value as i32);
    integer!(Int64Type, i64, |value: f64| value as i64);
}

pub(super) fn cast<T: Integer>(array: &ArrayRef, mode: Mode) -> Result<ArrayRef> {
    let to = &T::DATA_TYPE;
    let whole = |value: i128| if mode == Mode::Try { T::exact(value) } else { Some(T::wrap(value)) };
    let fraction = |value: f64| {
        if mode == Mode::Legacy {
            return Some(T::from_double(value));
        }
        // ANSI mode fails outside of the type's range.
        let cut = value.trunc();
        // The largest bigint is no double; Spark compares with the next one and saturates.
        if T::DATA_TYPE == DataType::Int64 && cut == 9_223_372_036_854_775_808.0 {
            return Some(T::from_double(value));
        }
        #[expect(clippy::cast_possible_truncation, reason = "checked by the conversion that follows")]
        (cut.abs() < 1e30).then(|| T::exact(cut as i128)).flatten()
    };
    Ok(match array.data_type() {
        DataType::Int8 => map::<Int8Type, T>(array, to, |value| whole(value.into())),
        DataType::Int16 => map::<Int16Type, T>(array, to, |value| whole(value.into())),
        DataType::Int32 => map::<Int32Type, T>(array, to, |value| whole(value.into())),
        DataType::Int64 => map::<Int64Type, T>(array, to, |value| whole(value.into())),
        DataType::Float32 => map::<Float32Type, T>(array, to, |value| fraction(value.into())),
        DataType::Float64 => map::<Float64Type, T>(array, to, fraction),
        DataType::Decimal128(_, scale) => {
            let unit = pow10(u32::from(scale.unsigned_abs()));
            map::<Decimal128Type, T>(array, to, |value| whole(value / unit))
        }
        DataType::Timestamp(_, Some(_)) => map::<TimestampMicrosecondType, T>(array, to, |value| {
            whole(value.div_euclid(MICROS_PER_SECOND).into())
        }),
        DataType::Boolean => {
            let result: PrimitiveArray<T> =
                array.as_boolean().iter().map(|value| value.map(|value| T::wrap(value.into()))).collect();
            Arc::new(result)
        }
        DataType::Utf8 => map_text::<T>(array, to, |text| {
            Ok(parse(text, mode == Mode::Legacy).and_then(|value| T::exact(value.into())))
        })?,
        from => return Err(unsupported(from, to)),
    })
}

/// Reads a whole number; a fraction behind it is checked and dropped where it is allowed.
pub(crate) fn parse(text: &str, fraction_allowed: bool) -> Option<i64> {
    let text = trim(text);
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let has_point = whole.len() < digits.len();
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || has_point && !fraction_allowed {
        return None;
    }
    // Negative numbers reach one further, so digits are collected below zero.
    let value = whole
        .bytes()
        .try_fold(0_i64, |value, digit| value.checked_mul(10)?.checked_sub(i64::from(digit - b'0')))?;
    if negative { Some(value) } else { value.checked_neg() }
}
