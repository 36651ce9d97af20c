//! Arithmetic: which types meet, what comes out, and who computes it.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, Operator, binary_expr};

use super::{Span, Typed};
use crate::cast::{self, Mode, Route};
use crate::coerce::{Kind, common};
use crate::error::{Result, SqlError};
use crate::functions::datetime::arithmetic as dates;
use crate::functions::math::arithmetic as kernels;
use crate::number::decimal::{DecimalType, add_type, divide_type, multiply_type, remainder_type};
use crate::parse::ast::{BinaryOp, UnaryOp};
use crate::position::Position;
use crate::types::{
    self, decimal_for, is_datetime, is_decimal, is_fractional, is_integral, is_interval, is_numeric,
};

/// Returns the type that a value has as an operand beside another one: a constant integer beside a decimal is the
/// smallest decimal that holds it. Of a tinyint it is the one that holds any tinyint.
pub(super) fn operand_type(typed: &Typed, other: &Typed) -> DataType {
    if is_integral(&typed.data_type)
        && typed.data_type != DataType::Int8
        && is_decimal(&other.data_type)
        && let Some(value) = typed.integer()
    {
        let digits = value.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
        return DataType::Decimal128(u8::try_from(digits).unwrap_or(types::MAX_PRECISION), 0);
    }
    typed.data_type.clone()
}

pub(super) fn unary(op: UnaryOp, inner: Typed, position: Position) -> Result<Typed> {
    let (symbol, text) = match op {
        UnaryOp::Minus => ("-", format!("(- {})", inner.name)),
        UnaryOp::Plus => ("+", format!("(+ {})", inner.name)),
        UnaryOp::BitNot => ("~", format!("~{}", inner.name)),
    };
    let mismatch = |found: &DataType| SqlError::Types {
        operation: format!("`{symbol}`"),
        types: types::display(found),
        position,
    };
    if op == UnaryOp::BitNot {
        if !is_integral(&inner.data_type) {
            return Err(mismatch(&inner.data_type));
        }
        // Every bit differs from that of -1.
        let ones =
            Typed::constant(ScalarValue::Int8(Some(-1)), "").cast_for(&inner.data_type, "`~`", position)?;
        return Ok(Typed::new(
            binary_expr(inner.expr, Operator::BitwiseXor, ones.expr),
            inner.data_type,
            text,
        ));
    }
    let inner = if matches!(inner.data_type, DataType::Utf8 | DataType::Null) {
        inner.cast_for(&DataType::Float64, "a sign", position)?
    } else {
        inner
    };
    if !is_numeric(&inner.data_type) && !is_interval(&inner.data_type) {
        return Err(mismatch(&inner.data_type));
    }
    Ok(match op {
        UnaryOp::Plus => inner.named(text),
        // The engine does not negate all kinds of interval.
        _ if is_interval(&inner.data_type) => {
            let span = inner.span;
            Typed { span, ..crate::functions::datetime::interval::negated(inner, position)?.named(text) }
        }
        // The engine fails at the least number, which in Spark is its own negative.
        _ if let Some(negative) = inner.literal().and_then(wrapping_negative) => {
            Typed { expr: Expr::Literal(negative, None), name: text, ..inner }
        }
        _ if is_integral(&inner.data_type) => {
            let zero = Typed::constant(ScalarValue::Int8(Some(0)), "");
            let zero = zero.cast_for(&inner.data_type, "`-`", position)?;
            Typed { expr: binary_expr(zero.expr, Operator::Minus, inner.expr), name: text, ..inner }
        }
        _ => Typed { expr: Expr::Negative(Box::new(inner.expr)), name: text, ..inner },
    })
}

fn wrapping_negative(value: &ScalarValue) -> Option<ScalarValue> {
    Some(match value {
        ScalarValue::Int8(Some(value)) => ScalarValue::Int8(Some(value.wrapping_neg())),
        ScalarValue::Int16(Some(value)) => ScalarValue::Int16(Some(value.wrapping_neg())),
        ScalarValue::Int32(Some(value)) => ScalarValue::Int32(Some(value.wrapping_neg())),
        ScalarValue::Int64(Some(value)) => ScalarValue::Int64(Some(value.wrapping_neg())),
        _ => return None,
    })
}

/// Binds CAST and TRY_CAST.
pub(super) fn cast(inner: Typed, to: &DataType, safe: bool, position: Position) -> Result<Typed> {
    let mode = if safe { Mode::Try } else { Mode::Legacy };
    let word = if safe { "TRY_CAST" } else { "CAST" };
    let name = format!("{word}({} AS {})", inner.name, types::display(to).to_uppercase());
    let route = cast::route(&inner.data_type, to, mode).ok_or_else(|| {
        SqlError::unsupported(
            format!("a cast from {} to {}", types::display(&inner.data_type), types::display(to)),
            position,
        )
    })?;
    let inner = Typed { expr: inner.constant_time(to), ..inner };
    if cast::special_time(&inner.expr, to) == Some(cast::SpecialTime::Clock) {
        let text = inner.text().unwrap_or_default();
        return Err(SqlError::unsupported(format!("'{text}' as a time that depends on the clock"), position));
    }
    let name =
        if matches!(inner.expr, Expr::Column(_)) && route == Route::Same { inner.name.clone() } else { name };
    // A constant that is cast is no literal any more, which counts beside decimals.
    let literal = matches!(inner.expr, Expr::Literal(..)) && is_integral(to);
    let route = if route == Route::Same && literal { Route::Native } else { route };
    Ok(Typed::new(cast::apply(inner.expr, route, to, mode), to.clone(), name))
}

/// Binds `||` and concat: strings, or arrays, or binary where all are.
pub(crate) fn concat(parts: Vec<Typed>, position: Position) -> Result<Typed> {
    let name = format!("concat({})", super::names(&parts));
    if parts.iter().any(|part| matches!(part.data_type, DataType::List(_))) {
        if let Some(other) = parts.iter().find(|part| !matches!(part.data_type, DataType::List(_))) {
            let types = format!("an array and {}", types::display(&other.data_type));
            return Err(SqlError::Types { operation: "concat".to_owned(), types, position });
        }
        let parts = super::common_type(parts, true, "concat", position)?;
        return Typed::call(&crate::functions::collection::array::CONCAT, parts, name, position);
    }
    if !parts.is_empty() && parts.iter().all(|part| part.data_type == DataType::Binary) {
        return Typed::call(&crate::functions::string::concat::CONCAT_BYTES, parts, name, position);
    }
    if parts.is_empty() {
        return Ok(Typed::constant(ScalarValue::from(""), name));
    }
    let parts = parts
        .into_iter()
        .map(|part| {
            let text = Kind::Text.accept(&part.data_type).ok_or_else(|| SqlError::Types {
                operation: "concat".to_owned(),
                types: types::display(&part.data_type),
                position,
            })?;
            part.cast_for(&text, "concat", position)
        })
        .collect::<Result<Vec<_>>>()?;
    Typed::call(&crate::functions::string::concat::CONCAT, parts, name, position)
}

const fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Remainder => "%",
        BinaryOp::IntegralDivide => "div",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        _ => "^",
    }
}

/// Binds arithmetic and bit operators.
pub(crate) fn arithmetic(op: BinaryOp, left: Typed, right: Typed, position: Position) -> Result<Typed> {
    let name = format!("({} {} {})", left.name, symbol(op), right.name);
    let mismatch = || SqlError::Types {
        operation: format!("`{}`", symbol(op)),
        types: format!("{} and {}", types::display(&left.data_type), types::display(&right.data_type)),
        position,
    };
    let special = |typed: &Typed| is_datetime(&typed.data_type) || is_interval(&typed.data_type);
    if special(&left) || special(&right) {
        let error = mismatch();
        return dates::bind(op, left, right, name, position)?.ok_or(error);
    }
    let whole =
        matches!(op, BinaryOp::IntegralDivide | BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor);
    let text = left.data_type == DataType::Utf8 || right.data_type == DataType::Utf8;
    if text && whole {
        return Err(mismatch());
    }
    let both_null = left.data_type == DataType::Null && right.data_type == DataType::Null;
    if text || both_null && !whole {
        let left = to_double(left, position)?;
        let right = to_double(right, position)?;
        return numeric(op, left, right, name, position)?
            .ok_or_else(|| SqlError::unsupported("this operator", position));
    }
    let error = mismatch();
    numeric(op, left, right, name, position)?.ok_or(error)
}

fn to_double(typed: Typed, position: Position) -> Result<Typed> {
    if matches!(typed.data_type, DataType::Utf8 | DataType::Null) {
        return typed.cast_for(&DataType::Float64, "arithmetic", position);
    }
    Ok(typed)
}

fn numeric(
    op: BinaryOp,
    left: Typed,
    right: Typed,
    name: String,
    position: Position,
) -> Result<Option<Typed>> {
    let numbers = |typed: &Typed| is_numeric(&typed.data_type) || typed.data_type == DataType::Null;
    if !numbers(&left) || !numbers(&right) {
        return Ok(None);
    }
    let null_divided = op == BinaryOp::Divide && left.data_type == DataType::Null;
    if !null_divided && (is_decimal(&left.data_type) || is_decimal(&right.data_type)) {
        let (left_type, right_type) = (operand_type(&left, &right), operand_type(&right, &left));
        if !is_fractional(&left_type) && !is_fractional(&right_type) {
            return decimal(op, (left, &left_type), (right, &right_type), name, position);
        }
    }
    let Some(mut both) = common(&left.data_type, &right.data_type, false) else { return Ok(None) };
    if both == DataType::Null {
        both = if op == BinaryOp::IntegralDivide { DataType::Int64 } else { DataType::Int32 };
    }
    let operator = match op {
        BinaryOp::Add => Operator::Plus,
        BinaryOp::Subtract => Operator::Minus,
        BinaryOp::Multiply => Operator::Multiply,
        BinaryOp::BitAnd if is_integral(&both) => Operator::BitwiseAnd,
        BinaryOp::BitOr if is_integral(&both) => Operator::BitwiseOr,
        BinaryOp::BitXor if is_integral(&both) => Operator::BitwiseXor,
        BinaryOp::Divide => {
            let (left, right) = (
                left.cast_for(&DataType::Float64, "`/`", position)?,
                right.cast_for(&DataType::Float64, "`/`", position)?,
            );
            return Typed::call(&kernels::DIVIDE, vec![left, right], name, position).map(Some);
        }
        BinaryOp::Remainder => {
            let (left, right) =
                (left.cast_for(&both, "`%`", position)?, right.cast_for(&both, "`%`", position)?);
            return Typed::call(&kernels::REMAINDER, vec![left, right], name, position).map(Some);
        }
        BinaryOp::IntegralDivide if is_integral(&both) => {
            let (left, right) = (
                left.cast_for(&DataType::Int64, "div", position)?,
                right.cast_for(&DataType::Int64, "div", position)?,
            );
            return Typed::call(&kernels::INTEGRAL_DIVIDE, vec![left, right], name, position).map(Some);
        }
        _ => return Ok(None),
    };
    // The engine's integers wrap, as Spark's do.
    let (left, right) =
        (left.cast_for(&both, "arithmetic", position)?, right.cast_for(&both, "arithmetic", position)?);
    Ok(Some(Typed::new(binary_expr(left.expr, operator, right.expr), both, name)))
}

fn decimal(
    op: BinaryOp,
    (left, left_type): (Typed, &DataType),
    (right, right_type): (Typed, &DataType),
    name: String,
    position: Position,
) -> Result<Option<Typed>> {
    // NULL takes the type of the other side.
    let own = |data_type: &DataType, other: &DataType| decimal_for(data_type).or_else(|| decimal_for(other));
    let (Some(left_decimal), Some(right_decimal)) = (own(left_type, right_type), own(right_type, left_type))
    else {
        return Ok(None);
    };
    let as_decimal = |(precision, scale): DecimalType| DataType::Decimal128(precision, scale);
    let left = left.cast_for(&as_decimal(left_decimal), "arithmetic", position)?;
    let right = right.cast_for(&as_decimal(right_decimal), "arithmetic", position)?;
    let (result, exact, operator, kernel) = match op {
        BinaryOp::Add => {
            let (result, exact) = add_type(left_decimal, right_decimal);
            (result, exact, Operator::Plus, &kernels::DECIMAL_ADD)
        }
        BinaryOp::Subtract => {
            let (result, exact) = add_type(left_decimal, right_decimal);
            (result, exact, Operator::Minus, &kernels::DECIMAL_SUBTRACT)
        }
        BinaryOp::Multiply => {
            let (result, exact) = multiply_type(left_decimal, right_decimal);
            (result, exact, Operator::Multiply, &kernels::DECIMAL_MULTIPLY)
        }
        BinaryOp::Divide => {
            (divide_type(left_decimal, right_decimal), false, Operator::Divide, &kernels::DECIMAL_DIVIDE)
        }
        BinaryOp::Remainder => (
            remainder_type(left_decimal, right_decimal),
            false,
            Operator::Modulo,
            &kernels::DECIMAL_REMAINDER,
        ),
        BinaryOp::IntegralDivide => {
            return Typed::call(&kernels::DECIMAL_INTEGRAL_DIVIDE, vec![left, right], name, position)
                .map(Some);
        }
        _ => return Ok(None),
    };
    // Where no digit can get lost the engine computes the same, with the same type.
    if exact {
        return Ok(Some(Typed::new(binary_expr(left.expr, operator, right.expr), as_decimal(result), name)));
    }
    Ok(Some(Typed::call_as(kernel, vec![left, right], as_decimal(result), name)))
}

/// The units of a sum of intervals.
pub(crate) fn joined(left: Span, right: Span) -> Span {
    match (left, right) {
        (Span::Full, _) | (_, Span::Full) => Span::Full,
        (Span::Units(first, last), Span::Units(other_first, other_last)) => {
            Span::of((first.min(other_first), last.max(other_last)))
        }
    }
}
