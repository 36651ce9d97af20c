//! Types of Spark and the Arrow types that carry them.
//!
//! | Spark | Arrow |
//! | --- | --- |
//! | `tinyint` … `bigint` | `Int8` … `Int64` |
//! | `float`, `double` | `Float32`, `Float64` |
//! | `decimal(p,s)` | `Decimal128(p, s)` |
//! | `string`, `binary` | `Utf8`, `Binary` |
//! | `timestamp` | `Timestamp(µs, "UTC")` |
//! | `timestamp_ntz` | `Timestamp(µs)` |
//! | intervals of months, of time | `Interval(YearMonth)`, `Duration(µs)` |
//! | `array<t>`, `map<k,v>` | `List`, `Map` with the field names that `list_of` and `map_of` give |
//!
//! Everything that a plan computes is one of these; what a table has is brought into this form by `canonical`.

use std::fmt::Write;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, IntervalUnit, TimeUnit};

use crate::error::{Result, SqlError};
use crate::parse;

/// Digits of the widest decimal.
pub(crate) const MAX_PRECISION: u8 = 38;

/// Returns the name that Spark gives to a type: `bigint`, `decimal(18,4)`, `array<int>`.
///
/// # Errors
/// [`SqlError::UnknownType`] for a type that no plan of this crate has, such as an unsigned integer.
pub fn spark_type_name(data_type: &DataType) -> Result<String> {
    let mut name = String::new();
    if write_name(&mut name, data_type) {
        Ok(name)
    } else {
        Err(SqlError::UnknownType { text: data_type.to_string() })
    }
}

/// Returns the name of a type for a message, whatever the type: Spark's where it has one.
#[must_use]
pub fn display(data_type: &DataType) -> String {
    spark_type_name(data_type).unwrap_or_else(|_| data_type.to_string())
}

/// Returns the type that Spark calls so, in any case: `BIGINT`, `long`, `struct<a:int>`.
///
/// # Errors
/// [`SqlError::Syntax`] if the text is no type, or one that is not supported (`char(n)`, `variant`).
pub fn parse_spark_type(text: &str) -> Result<DataType> {
    Ok(parse::parse_type(text)?)
}

fn write_name(out: &mut String, data_type: &DataType) -> bool {
    let simple = match data_type {
        DataType::Null => "void",
        DataType::Boolean => "boolean",
        DataType::Int8 => "tinyint",
        DataType::Int16 => "smallint",
        DataType::Int32 => "int",
        DataType::Int64 => "bigint",
        DataType::Float32 => "float",
        DataType::Float64 => "double",
        DataType::Utf8 => "string",
        DataType::Binary => "binary",
        DataType::Date32 => "date",
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => "timestamp",
        DataType::Timestamp(TimeUnit::Microsecond, None) => "timestamp_ntz",
        DataType::Interval(IntervalUnit::YearMonth) => "interval year to month",
        DataType::Duration(TimeUnit::Microsecond) => "interval day to second",
        DataType::Decimal128(precision, scale) => return write!(out, "decimal({precision},{scale})").is_ok(),
        DataType::List(element) => {
            out.push_str("array<");
            let known = write_name(out, element.data_type());
            out.push('>');
            return known;
        }
        DataType::Map(_, _) => {
            let Some((key, value)) = map_parts(data_type) else { return false };
            out.push_str("map<");
            let known = write_name(out, key.data_type());
            out.push(',');
            let known = write_name(out, value.data_type()) && known;
            out.push('>');
            return known;
        }
        DataType::Struct(fields) => {
            out.push_str("struct<");
            let mut known = true;
            for (index, field) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(field.name());
                out.push(':');
                known &= write_name(out, field.data_type());
            }
            out.push('>');
            return known;
        }
        _ => return false,
    };
    out.push_str(simple);
    true
}

/// Finds a type without parameters by its name in lower case.
pub(crate) fn simple_type(name: &str) -> Option<DataType> {
    Some(match name {
        "boolean" => DataType::Boolean,
        "tinyint" | "byte" => DataType::Int8,
        "smallint" | "short" => DataType::Int16,
        "int" | "integer" => DataType::Int32,
        "bigint" | "long" => DataType::Int64,
        "float" | "real" => DataType::Float32,
        "double" => DataType::Float64,
        "string" => DataType::Utf8,
        "binary" => DataType::Binary,
        "date" => DataType::Date32,
        "timestamp" | "timestamp_ltz" => timestamp(),
        "timestamp_ntz" => timestamp_ntz(),
        _ => return None,
    })
}

/// The type of instants.
#[must_use]
pub fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The type of times without zone.
pub(crate) const fn timestamp_ntz() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, None)
}

/// The type of intervals of days and time.
pub(crate) const fn duration() -> DataType {
    DataType::Duration(TimeUnit::Microsecond)
}

/// The type of intervals of years and months.
pub(crate) const fn months() -> DataType {
    DataType::Interval(IntervalUnit::YearMonth)
}

/// The type of arrays.
pub(crate) fn list_of(element: DataType) -> DataType {
    DataType::List(list_field(element))
}

/// The field of the elements of an array.
pub(crate) fn list_field(element: DataType) -> FieldRef {
    Arc::new(Field::new("item", element, true))
}

/// The type of maps.
pub(crate) fn map_of(key: DataType, value: DataType) -> DataType {
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(map_fields(key, value)), false)), false)
}

/// The fields of an entry of a map.
pub(crate) fn map_fields(key: DataType, value: DataType) -> Fields {
    Fields::from(vec![Field::new("key", key, false), Field::new("value", value, true)])
}

/// The type of structs; every field may be null.
pub(crate) fn struct_of<N: Into<String>>(fields: impl IntoIterator<Item = (N, DataType)>) -> DataType {
    DataType::Struct(
        fields.into_iter().map(|(name, data_type)| Field::new(name.into(), data_type, true)).collect(),
    )
}

/// The fields of key and value of a map.
pub(crate) fn map_parts(data_type: &DataType) -> Option<(&FieldRef, &FieldRef)> {
    match data_type {
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => Some((&fields[0], &fields[1])),
            _ => None,
        },
        _ => None,
    }
}

/// The type of the elements of an array.
pub(crate) fn element_of(data_type: &DataType) -> Option<&DataType> {
    match data_type {
        DataType::List(element) => Some(element.data_type()),
        _ => None,
    }
}

/// Returns the type that plans compute with for the type that a table has; nothing if Spark has no such type, or if
/// values would not survive.
pub(crate) fn canonical(data_type: &DataType) -> Option<DataType> {
    Some(match data_type {
        DataType::Null
        | DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Date32
        | DataType::Utf8
        | DataType::Binary
        | DataType::Interval(IntervalUnit::YearMonth)
        | DataType::Duration(TimeUnit::Microsecond) => data_type.clone(),
        // Parquet readers of Spark widen unsigned integers like this.
        DataType::UInt8 => DataType::Int16,
        DataType::UInt16 => DataType::Int32,
        DataType::UInt32 => DataType::Int64,
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Timestamp(TimeUnit::Second | TimeUnit::Millisecond | TimeUnit::Microsecond, zone) => {
            if zone.is_some() { timestamp() } else { timestamp_ntz() }
        }
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
            if *scale >= 0 =>
        {
            DataType::Decimal128(*precision, *scale)
        }
        DataType::Dictionary(_, value) => canonical(value)?,
        DataType::List(element) | DataType::LargeList(element) | DataType::FixedSizeList(element, _) => {
            list_of(canonical(element.data_type())?)
        }
        DataType::Map(_, _) => {
            let (key, value) = map_parts(data_type)?;
            map_of(canonical(key.data_type())?, canonical(value.data_type())?)
        }
        DataType::Struct(fields) => {
            let fields: Option<Vec<_>> = fields
                .iter()
                .map(|field| Some((field.name().clone(), canonical(field.data_type())?)))
                .collect();
            struct_of(fields?)
        }
        _ => return None,
    })
}

/// Tells whether the type is an integer.
pub(crate) const fn is_integral(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64)
}

/// Tells whether the type is a binary fraction.
pub(crate) const fn is_fractional(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Float32 | DataType::Float64)
}

/// Tells whether the type is a decimal.
pub(crate) const fn is_decimal(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Decimal128(_, _))
}

/// Tells whether the type is a number.
pub(crate) const fn is_numeric(data_type: &DataType) -> bool {
    is_integral(data_type) || is_fractional(data_type) || is_decimal(data_type)
}

/// Tells whether the type is a date or a timestamp.
pub(crate) const fn is_datetime(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date32 | DataType::Timestamp(_, _))
}

/// Tells whether the type is an interval.
pub(crate) const fn is_interval(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Interval(_) | DataType::Duration(_))
}

/// Tells whether there is an interval in the type.
pub(crate) fn holds_interval(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(element) => holds_interval(element.data_type()),
        DataType::Struct(fields) => fields.iter().any(|field| holds_interval(field.data_type())),
        DataType::Map(_, _) => map_parts(data_type)
            .is_some_and(|(key, value)| holds_interval(key.data_type()) || holds_interval(value.data_type())),
        other => is_interval(other),
    }
}

/// Tells whether the type is one value and no array, map or struct.
pub(crate) const fn is_atomic(data_type: &DataType) -> bool {
    !matches!(data_type, DataType::List(_) | DataType::Map(_, _) | DataType::Struct(_) | DataType::Null)
}

/// Tells whether values of the type can be ordered and grouped: there is no map in it.
pub(crate) fn is_orderable(data_type: &DataType) -> bool {
    match data_type {
        DataType::Map(_, _) => false,
        DataType::List(element) => is_orderable(element.data_type()),
        DataType::Struct(fields) => fields.iter().all(|field| is_orderable(field.data_type())),
        _ => true,
    }
}

/// Tells whether there is a binary fraction in the type, whose equal values may have different bits.
pub(crate) fn holds_fractional(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(element) => holds_fractional(element.data_type()),
        DataType::Struct(fields) => fields.iter().any(|field| holds_fractional(field.data_type())),
        other => is_fractional(other),
    }
}

/// Returns the decimal that holds every value of an integer type.
pub(crate) const fn decimal_for(data_type: &DataType) -> Option<(u8, i8)> {
    Some(match data_type {
        DataType::Int8 => (3, 0),
        DataType::Int16 => (5, 0),
        DataType::Int32 => (10, 0),
        DataType::Int64 => (20, 0),
        DataType::Decimal128(precision, scale) => (*precision, *scale),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in [
            "boolean",
            "tinyint",
            "smallint",
            "int",
            "bigint",
            "float",
            "double",
            "string",
            "binary",
            "date",
            "timestamp",
            "timestamp_ntz",
            "decimal(18,4)",
            "array<int>",
            "struct<a:int,B:string>",
            "map<string,array<decimal(38,0)>>",
            "struct<a:struct<b:int>>",
        ] {
            assert_eq!(spark_type_name(&parse_spark_type(name).unwrap()).unwrap(), name);
        }
        assert_eq!(parse_spark_type("LONG").unwrap(), DataType::Int64);
        assert_eq!(parse_spark_type("Decimal").unwrap(), DataType::Decimal128(10, 0));
        assert!(parse_spark_type("varchar(3)").is_err());
        assert!(parse_spark_type("decimal(39,0)").is_err());
        assert!(spark_type_name(&DataType::UInt64).is_err());
    }

    #[test]
    fn tables_may_have_other_types_than_plans() {
        assert_eq!(canonical(&DataType::Utf8View), Some(DataType::Utf8));
        assert_eq!(
            canonical(&DataType::Timestamp(TimeUnit::Millisecond, Some("+00:00".into()))),
            Some(timestamp())
        );
        assert_eq!(canonical(&DataType::Timestamp(TimeUnit::Nanosecond, None)), None);
        assert_eq!(canonical(&DataType::UInt64), None);
    }
}
