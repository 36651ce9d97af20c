//! Values as JSON, the way `query --output json` prints them.

use std::cmp::Ordering;
use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, IntervalUnit, IntervalYearMonthType, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::ScalarValue;
use serde_json::{Value, json};

use crate::cast::{Mode, cast_array};
use crate::datetime::civil::{MICROS_PER_DAY, MICROS_PER_SECOND};
use crate::datetime::text::{write_date, write_timestamp_with};

/// `CAST(text AS to)`: null where the text is no such value.
///
/// # Errors
/// Text that only a clock could complete (`'10:30'` as a timestamp), and types that text is not cast to.
pub fn cast_text(text: &str, to: &DataType) -> datafusion::common::Result<ScalarValue> {
    let text: ArrayRef = Arc::new(StringArray::from(vec![text]));
    ScalarValue::try_from_array(&cast_array(&text, to, Mode::Legacy)?, 0)
}

/// Returns the value of a row as JSON.
///
/// - **Shape:** null, booleans, integers and strings as JSON; decimals, doubles, dates and timestamps as strings; binary
///   as lower-case hex; arrays and structs as lists; maps as `{"map": [[key, value], …]}` sorted by key; intervals of
///   months as an integer, of time as Python writes a `timedelta`
/// - **Units:** timestamps are ISO 8601 without zone, with six digits of fraction if there is one; doubles are the
///   shortest text that reads back as the same number, in Python's spelling (`1.0`, `1e+16`, `inf`, `nan`)
///
/// A row outside of the array, and a type that no plan of this crate has, are null.
#[must_use]
pub fn to_json(array: &ArrayRef, row: usize) -> Value {
    if row >= array.len() || array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Boolean => json!(array.as_boolean().value(row)),
        DataType::Int8 => json!(array.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => json!(array.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => json!(array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float32 => json!(python_repr(f64::from(array.as_primitive::<Float32Type>().value(row)))),
        DataType::Float64 => json!(python_repr(array.as_primitive::<Float64Type>().value(row))),
        DataType::Decimal128(_, scale) => {
            json!(decimal_text(array.as_primitive::<Decimal128Type>().value(row), *scale))
        }
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::Utf8View => json!(array.as_string_view().value(row)),
        DataType::LargeUtf8 => json!(array.as_string::<i64>().value(row)),
        DataType::Binary => json!(hex(array.as_binary::<i32>().value(row))),
        DataType::Date32 => {
            let mut text = String::new();
            write_date(&mut text, i64::from(array.as_primitive::<Date32Type>().value(row)));
            json!(text)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let mut text = String::new();
            write_timestamp_with(&mut text, array.as_primitive::<TimestampMicrosecondType>().value(row), 'T');
            json!(text)
        }
        DataType::Interval(IntervalUnit::YearMonth) => {
            json!(array.as_primitive::<IntervalYearMonthType>().value(row))
        }
        DataType::Duration(TimeUnit::Microsecond) => {
            json!(timedelta(array.as_primitive::<DurationMicrosecondType>().value(row)))
        }
        DataType::List(_) => list(&array.as_list::<i32>().value(row)),
        DataType::Struct(_) => {
            Value::Array(array.as_struct().columns().iter().map(|column| to_json(column, row)).collect())
        }
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            let mut pairs: Vec<(Value, Value)> = (0..entries.len())
                .map(|entry| (to_json(entries.column(0), entry), to_json(entries.column(1), entry)))
                .collect();
            pairs.sort_by(|left, right| compare(&left.0, &right.0));
            json!({ "map": pairs.into_iter().map(|(key, value)| json!([key, value])).collect::<Vec<_>>() })
        }
        _ => Value::Null,
    }
}

fn list(array: &ArrayRef) -> Value {
    Value::Array((0..array.len()).map(|row| to_json(array, row)).collect())
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_i64().cmp(&right.as_i64()),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (left, right) => left.to_string().cmp(&right.to_string()),
    }
}

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Writes a decimal with all the digits of its scale and without an exponent.
pub(crate) fn decimal_text(unscaled: i128, scale: i8) -> String {
    let digits = unscaled.unsigned_abs().to_string();
    let sign = if unscaled < 0 { "-" } else { "" };
    let scale = usize::from(scale.unsigned_abs());
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// Writes a double as Python's `repr` does.
fn python_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    // Rust gives the shortest digits, too; only where the exponent begins differs, and which of two equally near ones it
    // takes: with a given number of digits it takes the even one, as Python does.
    let shortest = format!("{value:e}");
    let digits =
        shortest.split('e').next().map_or(0, |digits| digits.bytes().filter(u8::is_ascii_digit).count());
    let even = format!("{value:.*e}", digits.saturating_sub(1));
    let scientific = if even.parse() == Ok(value) { even } else { shortest };
    let exponent: i32 =
        scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return plain(&scientific, exponent);
    }
    let mantissa = scientific.split_once('e').map_or(scientific.as_str(), |(mantissa, _)| mantissa);
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// Writes `1.25e2` as `125.0`.
fn plain(scientific: &str, exponent: i32) -> String {
    let sign = if scientific.starts_with('-') { "-" } else { "" };
    let mantissa = scientific.split('e').next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let Ok(whole) = usize::try_from(exponent + 1) else {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return format!("{sign}0.{}{digits}", "0".repeat(zeros));
    };
    match digits.split_at_checked(whole) {
        Some(("", fraction)) => format!("{sign}0.{fraction}"),
        Some((whole, "")) => format!("{sign}{whole}.0"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{digits:0<whole$}.0"),
    }
}

/// Writes microseconds as Python writes a `timedelta`.
fn timedelta(micros: i64) -> String {
    let (days, time) = (micros.div_euclid(MICROS_PER_DAY), micros.rem_euclid(MICROS_PER_DAY));
    let seconds = time / MICROS_PER_SECOND;
    let mut out = String::new();
    if days != 0 {
        let _ = write!(out, "{days} day{}, ", if days.abs() == 1 { "" } else { "s" });
    }
    let _ = write!(out, "{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if time % MICROS_PER_SECOND != 0 {
        let _ = write!(out, ".{:06}", time % MICROS_PER_SECOND);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Decimal128Array, Float64Array, Int32Array, ListArray, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn doubles_are_spelt_as_python_does() {
        for (value, text) in [
            (1.0, "1.0"),
            (1e16, "1e+16"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (-0.0, "-0.0"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
            (9_007_199_254_740_993.0, "9007199254740992.0"),
            (1.5e300, "1.5e+300"),
            (f64::from(128.1_f32), "128.10000610351562"),
            (-0.25, "-0.25"),
            (0.001_5, "0.0015"),
            (120.0, "120.0"),
            (0.0, "0.0"),
        ] {
            assert_eq!(python_repr(value), text);
        }
    }

    #[test]
    fn values_are_as_the_interface_says() {
        let decimals: ArrayRef =
            Arc::new(Decimal128Array::from(vec![Some(-5), None]).with_precision_and_scale(10, 2).unwrap());
        assert_eq!(to_json(&decimals, 0), json!("-0.05"));
        assert_eq!(to_json(&decimals, 1), Value::Null);
        let doubles: ArrayRef = Arc::new(Float64Array::from(vec![2.5]));
        assert_eq!(to_json(&doubles, 0), json!("2.5"));
        let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![0, 1_500_000]));
        assert_eq!(to_json(&times, 0), json!("1970-01-01T00:00:00"));
        assert_eq!(to_json(&times, 1), json!("1970-01-01T00:00:01.500000"));
        let lists: ArrayRef =
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None])]));
        assert_eq!(to_json(&lists, 0), json!([1, null]));
        let ints: ArrayRef = Arc::new(Int32Array::from(vec![7]));
        assert_eq!(to_json(&ints, 3), Value::Null);
    }

    #[test]
    fn intervals_are_spelt_as_python_does() {
        assert_eq!(timedelta(2 * MICROS_PER_DAY), "2 days, 0:00:00");
        assert_eq!(timedelta(-1), "-1 day, 23:59:59.999999");
        assert_eq!(timedelta(43_200_000_000), "12:00:00");
    }
}
