//! Casts to dates and timestamps.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType,
};
use datafusion::common::Result;

use super::kernel::{map, map_text, unsupported};
use crate::datetime::civil::{MICROS_PER_DAY, MICROS_PER_SECOND};
use crate::datetime::text::{ParsedTimestamp, parse_date, parse_parts};
use crate::number::decimal::pow10;
use crate::udf::failed;

pub(super) fn cast(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if *to == DataType::Date32 {
        return to_date(array);
    }
    let zoned = matches!(to, DataType::Timestamp(_, Some(_)));
    let seconds = |value: i64| Some(value.saturating_mul(MICROS_PER_SECOND));
    Ok(match array.data_type() {
        DataType::Utf8 => map_text::<TimestampMicrosecondType>(array, to, |text| {
            Ok(match parse_parts(text) {
                Some(ParsedTimestamp::Complete { local, offset }) if zoned => {
                    local.checked_sub(offset.unwrap_or(0) * MICROS_PER_SECOND)
                }
                Some(ParsedTimestamp::Complete { local, .. }) => Some(local),
                Some(ParsedTimestamp::TimeOnly) if zoned => {
                    return Err(failed(format!(
                        "'{text}' is a time without a date, which cannot be a timestamp"
                    )));
                }
                _ => None,
            })
        })?,
        // The session is in UTC: with or without zone it is the same number.
        DataType::Timestamp(_, _) => {
            map::<TimestampMicrosecondType, TimestampMicrosecondType>(array, to, Some)
        }
        DataType::Date32 => map::<Date32Type, TimestampMicrosecondType>(array, to, |days| {
            i64::from(days).checked_mul(MICROS_PER_DAY)
        }),
        from if !zoned => return Err(unsupported(from, to)),
        DataType::Int8 => map::<Int8Type, TimestampMicrosecondType>(array, to, |value| seconds(value.into())),
        DataType::Int16 => {
            map::<Int16Type, TimestampMicrosecondType>(array, to, |value| seconds(value.into()))
        }
        DataType::Int32 => {
            map::<Int32Type, TimestampMicrosecondType>(array, to, |value| seconds(value.into()))
        }
        DataType::Int64 => map::<Int64Type, TimestampMicrosecondType>(array, to, seconds),
        DataType::Float32 => {
            map::<Float32Type, TimestampMicrosecondType>(array, to, |value| fraction(value.into()))
        }
        DataType::Float64 => map::<Float64Type, TimestampMicrosecondType>(array, to, fraction),
        DataType::Decimal128(_, scale) => {
            let scale = u32::from(scale.unsigned_abs());
            let micros = array.as_primitive::<Decimal128Type>().try_unary::<_, TimestampMicrosecondType, _>(
                |value| {
                    let micros = if scale <= 6 {
                        value.checked_mul(pow10(6 - scale))
                    } else {
                        Some(value / pow10(scale - 6))
                    };
                    let micros = micros.and_then(|micros| i64::try_from(micros).ok());
                    micros.ok_or_else(|| failed("a decimal is no timestamp: too many seconds since 1970"))
                },
            )?;
            Arc::new(micros.with_data_type(to.clone()))
        }
        from => return Err(unsupported(from, to)),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "Java saturates as Rust does")]
fn fraction(value: f64) -> Option<i64> {
    value.is_finite().then_some((value * 1e6) as i64)
}

fn to_date(array: &ArrayRef) -> Result<ArrayRef> {
    let to = &DataType::Date32;
    Ok(match array.data_type() {
        DataType::Utf8 => map_text::<Date32Type>(array, to, |text| Ok(parse_date(text)))?,
        DataType::Timestamp(_, _) => {
            let days = array.as_primitive::<TimestampMicrosecondType>();
            let days = days.unary_opt::<_, Date32Type>(|micros| {
                <Date32Type as ArrowPrimitiveType>::Native::try_from(micros.div_euclid(MICROS_PER_DAY)).ok()
            });
            debug_assert_eq!(days.len(), array.len());
            Arc::new(days)
        }
        from => return Err(unsupported(from, to)),
    })
}
