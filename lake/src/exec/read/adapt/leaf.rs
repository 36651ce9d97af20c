//! Values without parts: read exactly, or not at all.

use arrow::array::{Array, ArrayRef};
use arrow::compute::kernels::cmp::distinct;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, TimeUnit};

/// The type of the values of a dictionary; any other type as it is.
pub(super) fn plain(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => plain(values),
        DataType::RunEndEncoded(_, values) => plain(values.data_type()),
        other => other,
    }
}

/// Whether every value of `from` is one of `to`, so that a cast keeps its place among the others.
pub(super) fn always_fits(from: &DataType, to: &DataType) -> bool {
    use DataType::{
        Date32, Decimal128, Float32, Float64, Int8, Int16, Int32, Int64, Timestamp, UInt8, UInt16, UInt32,
    };
    let digits = |whole: &DataType| match whole {
        Int8 => Some(3),
        Int16 => Some(5),
        Int32 => Some(10),
        Int64 => Some(19),
        _ => None,
    };
    match (from, to) {
        (Int8, Int16 | Int32 | Int64)
        | (Int16, Int32 | Int64)
        | (Int32, Int64)
        | (UInt8, Int16 | Int32 | Int64)
        | (UInt16, Int32 | Int64)
        | (UInt32, Int64)
        | (Float32, Float64)
        | (Int8 | Int16 | Int32, Float64) => true,
        (Decimal128(precision, scale), Decimal128(wide, fine)) => {
            fine >= scale && i16::from(*wide) - i16::from(*fine) >= i16::from(*precision) - i16::from(*scale)
        }
        (whole, Decimal128(precision, scale)) => digits(whole)
            .is_some_and(|digits| *scale >= 0 && i16::from(*precision) - i16::from(*scale) >= digits),
        // The same instants.
        (Timestamp(TimeUnit::Microsecond, _), Timestamp(TimeUnit::Microsecond, Some(_))) => true,
        (Date32, Date32) => true,
        _ => false,
    }
}

/// Whether some value of `from` can be one of `to`. What Spark would never read as the other, such as text as a number, is not.
pub(super) fn is_readable(from: &DataType, to: &DataType) -> bool {
    use DataType::{
        Binary, BinaryView, Date32, Date64, Decimal32, Decimal64, Decimal128, Decimal256, FixedSizeBinary,
        Float32, Float64, Int32, LargeBinary, LargeUtf8, Timestamp, Utf8, Utf8View,
    };
    let is_decimal =
        |t: &DataType| matches!(t, Decimal32(..) | Decimal64(..) | Decimal128(..) | Decimal256(..));
    // Spark reads the digits of others as if there were no point in them.
    let is_whole =
        |t: &DataType| matches!(t, Decimal32(_, 0) | Decimal64(_, 0) | Decimal128(_, 0) | Decimal256(_, 0));
    let is_text = |t: &DataType| matches!(t, Utf8 | LargeUtf8 | Utf8View | Binary | LargeBinary | BinaryView);
    from == to
        || always_fits(from, to)
        || from.is_integer() && (to.is_integer() || is_decimal(to))
        || is_decimal(from) && (is_decimal(to) || to.is_integer() && is_whole(from))
        || is_text(from) && is_text(to)
        || matches!((from, to), (FixedSizeBinary(_), Binary))
        || matches!((from, to), (Float64, Float32) | (Float32, Float64))
        || matches!((from, to), (Int32, Date32) | (Date32, Int32) | (Date64, Date32))
        || matches!((from, to), (Date32, Timestamp(_, None)))
        || matches!((from, to), (Timestamp(..), Timestamp(_, Some(_))))
        || matches!((from, to), (Timestamp(_, None), Timestamp(_, None)))
}

/// The values as `to`; the reason where one is none.
pub(super) fn exact(values: &ArrayRef, to: &DataType) -> Result<ArrayRef, String> {
    let from = values.data_type();
    if from == to {
        return Ok(ArrayRef::clone(values));
    }
    let wrong = || format!("has a value of the type {from} that is none of {to}, as the log says");
    if !is_readable(from, to) {
        return Err(wrong());
    }
    let options = CastOptions { safe: true, ..CastOptions::default() };
    let read = cast_with_options(values, to, &options).map_err(|error| error.to_string())?;
    if read.null_count() != values.null_count() {
        return Err(wrong());
    }
    if !always_fits(from, to) {
        // Whatever was cut off does not come back.
        let back = cast_with_options(&read, from, &options).map_err(|error| error.to_string())?;
        let differs = distinct(&back, values).map_err(|error| error.to_string())?;
        if differs.has_true() {
            return Err(wrong());
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray, TimestampNanosecondArray,
        UInt64Array,
    };

    use super::*;

    #[test]
    fn a_value_is_read_as_it_is_or_not_at_all() {
        let decimal = |value: i128, precision, scale| -> ArrayRef {
            Arc::new(Decimal128Array::from(vec![value]).with_precision_and_scale(precision, scale).unwrap())
        };
        let utc = |unit| DataType::Timestamp(unit, Some("UTC".into()));
        let nanos = |value: i64| -> ArrayRef {
            Arc::new(TimestampNanosecondArray::from(vec![value]).with_timezone("UTC"))
        };
        let cases: Vec<(ArrayRef, DataType, bool)> = vec![
            (decimal(12_567, 18, 4), DataType::Decimal128(9, 2), false),
            (decimal(12_500, 18, 4), DataType::Decimal128(9, 2), true),
            (decimal(1 << 60, 38, 0), DataType::Decimal128(9, 2), false),
            (Arc::new(Int64Array::from(vec![1 << 40])), DataType::Int32, false),
            (Arc::new(Int64Array::from(vec![7])), DataType::Int32, true),
            (Arc::new(UInt64Array::from(vec![u64::MAX])), DataType::Int64, false),
            (Arc::new(Float64Array::from(vec![0.1])), DataType::Float32, false),
            (Arc::new(Float64Array::from(vec![0.5, f64::NAN])), DataType::Float32, true),
            (nanos(1_001), utc(TimeUnit::Microsecond), false),
            (nanos(2_000), utc(TimeUnit::Microsecond), true),
            (Arc::new(StringArray::from(vec!["1"])), DataType::Int32, false),
            (Arc::new(Int32Array::from(vec![1])), DataType::Utf8, false),
            (Arc::new(Float64Array::from(vec![1.0])), DataType::Int32, false),
            (decimal(1, 9, 0), DataType::Int32, true),
            (decimal(15, 9, 1), DataType::Int32, false),
        ];
        for (values, to, fits) in cases {
            assert_eq!(exact(&values, &to).is_ok(), fits, "{values:?} as {to}");
        }
    }
}
