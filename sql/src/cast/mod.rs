//! CAST and TRY_CAST as Spark does them with ANSI mode off.
//!
//! A cast that does not fit is null; integers wrap, fractions are cut, decimals round half up, strings are read
//! leniently. TRY_CAST follows the rules of ANSI mode and gives null where ANSI mode fails, so it is not the same as
//! CAST: `TRY_CAST(300 AS TINYINT)` is null, `CAST(300 AS TINYINT)` is 44.
//!
//! Only casts that lose nothing become the engine's own ([`Route::Native`]): its optimizer moves casts from a column to
//! the constant that the column is compared with, which is wrong for a cast that rounds.

mod kernel;
mod nested;
mod to_boolean;
mod to_datetime;
mod to_decimal;
mod to_float;
mod to_integer;
mod to_text;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Cast, Expr};

use crate::types;
use crate::udf::{Args, Returns, Scalar, udf};

pub(crate) use kernel::{Mode, cast_array};

/// How a cast is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Nothing is to be done.
    Same,
    /// By the engine.
    Native,
    /// By a function of ours.
    Own,
}

pub(crate) static CAST: Scalar = Scalar::new("spark_cast", Returns::Last, |args| run(args, Mode::Legacy));
pub(crate) static TRY_CAST: Scalar =
    Scalar::new("spark_try_cast", Returns::Last, |args| run(args, Mode::Try));

fn run(args: &Args, mode: Mode) -> Result<ArrayRef> {
    cast_array(&args.array(0)?, args.return_type, mode)
}

/// Tells how a cast is done, or nothing if it is not supported.
pub(crate) fn route(from: &DataType, to: &DataType, mode: Mode) -> Option<Route> {
    if from == to {
        return Some(Route::Same);
    }
    if loses_nothing(from, to) {
        return Some(Route::Native);
    }
    kernel::supported(from, to, mode).then_some(Route::Own)
}

fn loses_nothing(from: &DataType, to: &DataType) -> bool {
    use DataType::{
        Boolean, Date32, Decimal128, Float32, Float64, Int8, Int16, Int32, Int64, Timestamp, Utf8,
    };
    match (from, to) {
        (DataType::Null, _)
        | (Int8, Int16 | Int32 | Int64 | Float32 | Float64)
        | (Int16, Int32 | Int64 | Float32 | Float64)
        | (Int32, Int64 | Float64)
        | (Float32, Float64)
        | (Int8 | Int16 | Int32 | Int64 | Boolean, Utf8)
        | (Date32, Timestamp(TimeUnit::Microsecond, _)) => true,
        (Decimal128(p1, s1), Decimal128(p2, s2)) => {
            s2 >= s1 && i32::from(*p2) - i32::from(*s2) >= i32::from(*p1) - i32::from(*s1)
        }
        (Int8 | Int16 | Int32 | Int64, Decimal128(precision, scale)) => types::decimal_for(from)
            .is_some_and(|(digits, _)| i32::from(*precision) - i32::from(*scale) >= i32::from(digits)),
        _ => false,
    }
}

/// Constant strings that Spark takes for times when it plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpecialTime {
    /// The beginning of 1970.
    Epoch,
    /// A time that depends on the clock.
    Clock,
}

/// Tells whether a cast is that of a constant string with a special meaning.
pub(crate) fn special_time(expr: &Expr, to: &DataType) -> Option<SpecialTime> {
    let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = expr else { return None };
    if !matches!(to, DataType::Date32 | DataType::Timestamp(_, _)) {
        return None;
    }
    // A zone may follow.
    match text.split_whitespace().next()?.to_lowercase().as_str() {
        "epoch" => Some(SpecialTime::Epoch),
        "now" | "today" | "tomorrow" | "yesterday" => Some(SpecialTime::Clock),
        _ => None,
    }
}

/// Casts an expression whose cast is [supported](route).
pub(crate) fn apply(expr: Expr, route: Route, to: &DataType, mode: Mode) -> Expr {
    if special_time(&expr, to) == Some(SpecialTime::Epoch) {
        let zero = match to {
            DataType::Date32 => ScalarValue::Date32(Some(0)),
            DataType::Timestamp(_, zone) => ScalarValue::TimestampMicrosecond(Some(0), zone.clone()),
            _ => ScalarValue::Null,
        };
        return Expr::Literal(zero, None);
    }
    match route {
        Route::Same => expr,
        Route::Native => match expr {
            Expr::Literal(ScalarValue::Null, metadata) => match ScalarValue::try_from(to) {
                Ok(null) => Expr::Literal(null, metadata),
                Err(_) => {
                    Expr::Cast(Cast::new(Box::new(Expr::Literal(ScalarValue::Null, metadata)), to.clone()))
                }
            },
            expr => Expr::Cast(Cast::new(Box::new(expr), to.clone())),
        },
        Route::Own => {
            let function = if mode == Mode::Try { &TRY_CAST } else { &CAST };
            udf(function).call(vec![expr, type_carrier(to)])
        }
    }
}

/// Returns a null of a type, which tells a function the type.
pub(crate) fn type_carrier(data_type: &DataType) -> Expr {
    match ScalarValue::try_from(data_type) {
        Ok(null) => Expr::Literal(null, None),
        Err(_) => Expr::Cast(Cast::new(Box::new(Expr::Literal(ScalarValue::Null, None)), data_type.clone())),
    }
}
