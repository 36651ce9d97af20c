//! Spark's rules for types that meet: which type both become.
//!
//! **Source:** Spark's `TypeCoercion` and `DecimalPrecision` (3.5, ANSI off). A pair without a rule has no common type,
//! which is an error for the statement.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields};

use crate::number::decimal::wider_type;
use crate::spelling::fold;
use crate::types::{
    self, decimal_for, element_of, is_atomic, is_decimal, is_fractional, is_integral, is_numeric, list_of,
    map_of, map_parts,
};

/// Rank of a number that is no decimal.
const fn rank(data_type: &DataType) -> Option<u8> {
    Some(match data_type {
        DataType::Int8 => 0,
        DataType::Int16 => 1,
        DataType::Int32 => 2,
        DataType::Int64 => 3,
        DataType::Float32 => 4,
        DataType::Float64 => 5,
        _ => return None,
    })
}

/// Returns the common type of numbers, dates and times, without any loss but that of long to float.
fn tightest(left: &DataType, right: &DataType) -> Option<DataType> {
    if left == right {
        return Some(left.clone());
    }
    if let (Some(a), Some(b)) = (rank(left), rank(right)) {
        return Some(if a > b { left.clone() } else { right.clone() });
    }
    match (left, right) {
        (DataType::Null, other) | (other, DataType::Null) => Some(other.clone()),
        (DataType::Date32, time @ DataType::Timestamp(_, _))
        | (time @ DataType::Timestamp(_, _), DataType::Date32) => Some(time.clone()),
        (DataType::Timestamp(_, _), DataType::Timestamp(_, _)) => Some(types::timestamp()),
        _ => None,
    }
}

/// Returns the common type where one of the two is a decimal.
fn with_decimal(left: &DataType, right: &DataType) -> Option<DataType> {
    if !is_decimal(left) && !is_decimal(right) {
        return None;
    }
    if is_fractional(left) || is_fractional(right) {
        return Some(DataType::Float64);
    }
    let (precision, scale) = wider_type(decimal_for(left)?, decimal_for(right)?);
    Some(DataType::Decimal128(precision, scale))
}

/// Returns the common type of two values of one column: of CASE, coalesce, UNION, IN.
///
/// With promotion anything but booleans and binary becomes a string where it meets one.
pub(crate) fn common(left: &DataType, right: &DataType, promotion: bool) -> Option<DataType> {
    if let Some(found) = tightest(left, right).or_else(|| with_decimal(left, right)) {
        return Some(found);
    }
    match (left, right) {
        (DataType::Utf8, other) | (other, DataType::Utf8) => {
            let promoted = is_atomic(other) && !matches!(other, DataType::Binary | DataType::Boolean);
            (promotion && promoted).then_some(DataType::Utf8)
        }
        (DataType::List(_), DataType::List(_)) => {
            Some(list_of(common(element_of(left)?, element_of(right)?, promotion)?))
        }
        (DataType::Map(_, _), DataType::Map(_, _)) => {
            let (left, right) = (map_parts(left)?, map_parts(right)?);
            let key = common(left.0.data_type(), right.0.data_type(), promotion)?;
            Some(map_of(key, common(left.1.data_type(), right.1.data_type(), promotion)?))
        }
        (DataType::Struct(left), DataType::Struct(right)) if left.len() == right.len() => {
            let fields: Option<Vec<_>> = left
                .iter()
                .zip(right)
                .map(|(left, right)| {
                    let same = fold(left.name()) == fold(right.name());
                    let inner = common(left.data_type(), right.data_type(), promotion)?;
                    same.then(|| Arc::new(Field::new(left.name(), inner, true)))
                })
                .collect();
            Some(DataType::Struct(Fields::from(fields?)))
        }
        _ => None,
    }
}

/// Returns the type in which elements of arrays meet in functions: numbers widen, decimals do not.
pub(crate) fn element_type_of(left: &DataType, right: &DataType) -> Option<DataType> {
    let wider = |decimal: &DataType, other: &DataType| {
        let (DataType::Decimal128(p, s), Some((digits, 0))) = (decimal, decimal_for(other)) else {
            return None;
        };
        let holds = is_integral(other) && i32::from(*p) - i32::from(*s) >= i32::from(digits);
        holds.then(|| decimal.clone())
    };
    tightest(left, right).or_else(|| wider(left, right)).or_else(|| wider(right, left))
}

/// Returns the common type of many values.
pub(crate) fn common_of<'a>(
    all: impl IntoIterator<Item = &'a DataType>,
    promotion: bool,
) -> Option<DataType> {
    // Strings first: Spark sorts them out, so that their place in the list does not matter.
    let mut all: Vec<&DataType> = all.into_iter().collect();
    all.sort_by_key(|data_type| **data_type != DataType::Utf8);
    all.into_iter().try_fold(DataType::Null, |found, next| common(&found, next, promotion))
}

/// Returns the type in which two values are compared.
pub(crate) fn compared(left: &DataType, right: &DataType) -> Option<DataType> {
    match (left, right) {
        (DataType::Utf8, other) | (other, DataType::Utf8) => match other {
            DataType::Decimal128(_, _) => Some(DataType::Float64),
            DataType::Utf8 | DataType::Null => Some(DataType::Utf8),
            DataType::Binary => Some(DataType::Binary),
            other if is_numeric(other) || types::is_datetime(other) || *other == DataType::Boolean => {
                Some(other.clone())
            }
            _ => None,
        },
        // A boolean meets a number only where one of them is a constant; nobody should rely on that.
        (DataType::Boolean, other) | (other, DataType::Boolean) if is_numeric(other) => None,
        _ => common(left, right, false),
    }
}

/// What a parameter of a function takes. A value of another type is cast if Spark does so by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A string.
    Text,
    /// An int.
    Int,
    /// A bigint.
    Long,
    /// A double.
    Double,
    /// Any number; a string becomes a double.
    Numeric,
    /// A truth value.
    Boolean,
    /// A date.
    Date,
    /// A timestamp with zone.
    Timestamp,
    /// A date or a timestamp; a string becomes a timestamp.
    DateOrTimestamp,
    /// Bytes.
    Binary,
    /// A string or bytes.
    TextOrBinary,
    /// A string; nothing is cast to it.
    PlainText,
    /// An int; nothing is cast to it.
    PlainInt,
    /// Any integer; nothing is cast to it.
    PlainIntegral,
    /// Any number; nothing is cast to it.
    PlainNumeric,
    /// A truth value; nothing is cast to it.
    PlainBoolean,
    /// Anything.
    Any,
}

impl Kind {
    /// Returns the type that a value of a type becomes, or nothing if the parameter does not take it.
    pub(crate) fn accept(self, from: &DataType) -> Option<DataType> {
        let same = || Some(from.clone());
        match self {
            Self::Any => same(),
            Self::Text => text(from),
            Self::Int => number(from, DataType::Int32),
            Self::Long => number(from, DataType::Int64),
            Self::Double => number(from, DataType::Float64),
            Self::Numeric if is_numeric(from) => same(),
            Self::Numeric => number(from, DataType::Float64),
            Self::Boolean => matches!(from, DataType::Boolean | DataType::Null | DataType::Utf8)
                .then_some(DataType::Boolean),
            Self::Date => datetime(from).then_some(DataType::Date32),
            Self::Timestamp => datetime(from).then(types::timestamp),
            Self::DateOrTimestamp if matches!(from, DataType::Date32 | DataType::Timestamp(_, _)) => same(),
            Self::DateOrTimestamp => datetime(from).then(types::timestamp),
            Self::Binary => {
                matches!(from, DataType::Binary | DataType::Null | DataType::Utf8).then_some(DataType::Binary)
            }
            Self::TextOrBinary if *from == DataType::Binary => same(),
            Self::TextOrBinary => text(from),
            Self::PlainText => plain(from, *from == DataType::Utf8, DataType::Utf8),
            Self::PlainInt => plain(from, *from == DataType::Int32, DataType::Int32),
            Self::PlainIntegral => plain(from, is_integral(from), DataType::Int64),
            Self::PlainNumeric => plain(from, is_numeric(from), DataType::Float64),
            Self::PlainBoolean => plain(from, *from == DataType::Boolean, DataType::Boolean),
        }
    }

    /// Names what is taken, for messages.
    pub(crate) const fn describe(self) -> &'static str {
        match self {
            Self::Text | Self::PlainText => "a string",
            Self::Int | Self::PlainInt => "an int",
            Self::Long => "a bigint",
            Self::Double => "a double",
            Self::Numeric | Self::PlainNumeric => "a number",
            Self::PlainIntegral => "an integer",
            Self::Boolean | Self::PlainBoolean => "a boolean",
            Self::Date => "a date",
            Self::Timestamp => "a timestamp",
            Self::DateOrTimestamp => "a date or a timestamp",
            Self::Binary => "binary",
            Self::TextOrBinary => "a string or binary",
            Self::Any => "anything",
        }
    }
}

/// Takes a value as it is; a null without a type gets one.
fn plain(from: &DataType, fits: bool, for_null: DataType) -> Option<DataType> {
    if *from == DataType::Null { Some(for_null) } else { fits.then(|| from.clone()) }
}

fn text(from: &DataType) -> Option<DataType> {
    let simple = !types::is_interval(from) && (is_atomic(from) || *from == DataType::Null);
    simple.then_some(DataType::Utf8)
}

fn number(from: &DataType, to: DataType) -> Option<DataType> {
    (is_numeric(from) || matches!(from, DataType::Utf8 | DataType::Null)).then_some(to)
}

const fn datetime(from: &DataType) -> bool {
    matches!(from, DataType::Date32 | DataType::Timestamp(_, _) | DataType::Utf8 | DataType::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::parse_spark_type;

    fn check(expected: &str, found: Option<DataType>) {
        let name = found.map_or_else(|| "none".to_owned(), |found| types::display(&found));
        assert_eq!(name, expected);
    }

    fn parse(name: &str) -> DataType {
        if name == "void" { DataType::Null } else { parse_spark_type(name).unwrap() }
    }

    #[test]
    fn values_of_one_column_find_a_common_type() {
        for (left, right, promoted, strict) in [
            ("int", "bigint", "bigint", "bigint"),
            ("bigint", "float", "float", "float"),
            ("int", "decimal(2,1)", "decimal(11,1)", "decimal(11,1)"),
            ("decimal(38,0)", "decimal(38,10)", "decimal(38,10)", "decimal(38,10)"),
            ("decimal(10,2)", "float", "double", "double"),
            ("int", "string", "string", "none"),
            ("boolean", "string", "none", "none"),
            ("boolean", "int", "none", "none"),
            ("date", "timestamp", "timestamp", "timestamp"),
            ("date", "int", "none", "none"),
            ("void", "string", "string", "string"),
            ("array<int>", "array<bigint>", "array<bigint>", "array<bigint>"),
            ("array<int>", "array<string>", "array<string>", "none"),
        ] {
            for (left, right) in [(left, right), (right, left)] {
                check(promoted, common(&parse(left), &parse(right), true));
                check(strict, common(&parse(left), &parse(right), false));
            }
        }
    }

    #[test]
    fn comparisons_follow_the_side_that_is_no_string() {
        for (left, right, expected) in [
            ("string", "int", "int"),
            ("string", "decimal(2,1)", "double"),
            ("string", "date", "date"),
            ("string", "timestamp", "timestamp"),
            ("string", "boolean", "boolean"),
            ("date", "timestamp", "timestamp"),
            ("int", "decimal(2,1)", "decimal(11,1)"),
            ("boolean", "int", "none"),
            ("date", "int", "none"),
        ] {
            check(expected, compared(&parse(left), &parse(right)));
            check(expected, compared(&parse(right), &parse(left)));
        }
    }
}
