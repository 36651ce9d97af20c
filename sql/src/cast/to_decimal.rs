//! Casts to decimals: half up, null where the digits do not suffice.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Decimal128Array};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use datafusion::common::Result;

use super::kernel::{map, map_text, unsupported};
use crate::number::decimal::{DecimalType, Rescale, fits, rescale};
use crate::number::java_text::double_digits;

pub(super) fn cast(array: &ArrayRef, to: DecimalType) -> Result<ArrayRef> {
    let data_type = &DataType::Decimal128(to.0, to.1);
    let from_whole = Rescale::new(0, to);
    let whole = |value: i64| from_whole.apply(value.into());
    Ok(match array.data_type() {
        DataType::Int8 => map::<Int8Type, Decimal128Type>(array, data_type, |value| whole(value.into())),
        DataType::Int16 => map::<Int16Type, Decimal128Type>(array, data_type, |value| whole(value.into())),
        DataType::Int32 => map::<Int32Type, Decimal128Type>(array, data_type, |value| whole(value.into())),
        DataType::Int64 => map::<Int64Type, Decimal128Type>(array, data_type, whole),
        DataType::Float32 => {
            map::<Float32Type, Decimal128Type>(array, data_type, |value| from_double(value.into(), to))
        }
        DataType::Float64 => {
            map::<Float64Type, Decimal128Type>(array, data_type, |value| from_double(value, to))
        }
        DataType::Decimal128(_, scale) => {
            let rescale = Rescale::new(*scale, to);
            map::<Decimal128Type, Decimal128Type>(array, data_type, |value| rescale.apply(value))
        }
        DataType::Boolean => {
            let result: Decimal128Array = array
                .as_boolean()
                .iter()
                .map(|value| value.and_then(|value| rescale(value.into(), 0, to)))
                .collect();
            Arc::new(result.with_data_type(data_type.clone()))
        }
        #[expect(clippy::cast_precision_loss, reason = "Spark goes through a double, too")]
        DataType::Timestamp(_, Some(_)) => {
            map::<TimestampMicrosecondType, Decimal128Type>(array, data_type, |value| {
                from_double(value as f64 / 1e6, to)
            })
        }
        DataType::Utf8 => map_text::<Decimal128Type>(array, data_type, |text| Ok(parse(text, to)))?,
        from => return Err(unsupported(from, data_type)),
    })
}

/// Rounds the decimal digits that Java writes for a double.
pub(crate) fn from_double(value: f64, to: DecimalType) -> Option<i128> {
    if !value.is_finite() {
        return None;
    }
    if value == 0.0 {
        return Some(0);
    }
    let digits = double_digits(value);
    let text = std::str::from_utf8(&digits.digits).ok()?;
    let scale = i64::try_from(digits.digits.len()).ok()? - i64::from(digits.exponent);
    round_digits(value < 0.0, text, scale, to)
}

/// Reads a number as `java.math.BigDecimal` does and rounds it.
pub(crate) fn parse(text: &str, to: DecimalType) -> Option<i128> {
    let text = ascii_digits(text.trim_matches(|c: char| c <= ' '));
    let text = text.as_ref();
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => {
            let digits = &rest[at + 1..];
            let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
            if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            (&rest[..at], digits.parse::<i32>().ok()?)
        }
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() == 0
        || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let scale = i64::try_from(fraction.len()).ok()? - i64::from(exponent);
    round_digits(negative, &format!("{whole}{fraction}"), scale, to)
}

/// Rounds digits of any number, of which `scale` stand behind the point, half away from zero.
fn round_digits(negative: bool, digits: &str, scale: i64, to: DecimalType) -> Option<i128> {
    let significant = digits.trim_start_matches('0');
    let count = i64::try_from(significant.len()).ok()?;
    if count == 0 {
        return Some(0);
    }
    let whole_digits = count - scale;
    if whole_digits > i64::from(to.0) - i64::from(to.1) {
        return None;
    }
    let kept = whole_digits + i64::from(to.1);
    if kept < 0 {
        return Some(0);
    }
    // One digit behind the last one decides about rounding; the others cannot.
    let kept = usize::try_from(kept).ok()?;
    let padded = format!("{significant:0<width$}", width = kept + 1);
    let value: i128 = if kept == 0 { 0 } else { padded.get(..kept)?.parse().ok()? };
    let rounded = value + i128::from(padded.as_bytes().get(kept)? >= &b'5');
    fits(rounded, to.0).then_some(if negative { -rounded } else { rounded })
}

/// Zeros of the digits that Java takes for digits, ASCII's excepted; the other nine follow each.
const OTHER_ZEROS: [u32; 36] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
    0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];

/// Replaces other scripts' digits by ASCII's.
fn ascii_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    let digit = |c: char| {
        let value =
            OTHER_ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|value| *value < 10));
        value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
    };
    text.chars().map(digit).collect()
}
