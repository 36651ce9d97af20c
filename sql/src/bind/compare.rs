//! Comparisons. NaN equals NaN and is the largest number, -0.0 equals 0.0; a null inside of an array or struct is a value.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Expr, Operator, binary_expr};

use super::{Typed, negate};
use crate::coerce::{common_of, compared};
use crate::error::{Result, SqlError};
use crate::functions::math::float::FLOAT_KEY;
use crate::parse::ast::BinaryOp;
use crate::position::Position;
use crate::types;
use crate::udf::udf;

/// Gives equal binary fractions equal bits, so that they compare and group as equal in the engine.
pub(crate) fn normalized(typed: Typed) -> Typed {
    let constant = matches!(&typed.expr, Expr::Literal(ScalarValue::Float64(Some(value)), _) if *value != 0.0 && !value.is_nan());
    if constant || !types::holds_fractional(&typed.data_type) {
        return typed;
    }
    Typed { expr: udf(&FLOAT_KEY).call(vec![typed.expr]), ..typed }
}

/// Brings two values to the type in which they are compared.
pub(crate) fn comparable(left: Typed, right: Typed, operation: &str, position: Position) -> Result<(Typed, Typed)> {
    let mismatch = || SqlError::Types {
        operation: operation.to_owned(),
        types: format!("{} and {}", types::display(&left.data_type), types::display(&right.data_type)),
        position,
    };
    let (left_type, right_type) = (super::operator::operand_type(&left, &right), super::operator::operand_type(&right, &left));
    let both = compared(&left_type, &right_type).ok_or_else(mismatch)?;
    if !types::is_orderable(&both) {
        return Err(mismatch());
    }
    Ok((normalized(left.cast_for(&both, operation, position)?), normalized(right.cast_for(&both, operation, position)?)))
}

/// Binds a comparison.
pub(crate) fn compare(op: BinaryOp, left: Typed, right: Typed, position: Position) -> Result<Typed> {
    let (symbol, operator) = match op {
        BinaryOp::Lt => ("<", Operator::Lt),
        BinaryOp::LtEq => ("<=", Operator::LtEq),
        BinaryOp::Gt => (">", Operator::Gt),
        BinaryOp::GtEq => (">=", Operator::GtEq),
        BinaryOp::NullSafeEq => ("<=>", Operator::IsNotDistinctFrom),
        BinaryOp::NotEq => return compare(BinaryOp::Eq, left, right, position).map(negate),
        _ => ("=", Operator::Eq),
    };
    let name = format!("({} {symbol} {})", left.name, right.name);
    if left.data_type == DataType::Null && right.data_type == DataType::Null {
        let value = (op == BinaryOp::NullSafeEq).then_some(true);
        return Ok(Typed::constant(ScalarValue::Boolean(value), name));
    }
    let (left, right) = comparable(left, right, &format!("`{symbol}`"), position)?;
    Ok(Typed::new(binary_expr(left.expr, operator, right.expr), DataType::Boolean, name))
}

pub(super) fn between(value: Typed, low: Typed, high: Typed, negated: bool, position: Position) -> Result<Typed> {
    let name = format!("(({0} >= {1}) AND ({0} <= {2}))", value.name, low.name, high.name);
    let lower = compare(BinaryOp::GtEq, value.clone(), low, position)?;
    let upper = compare(BinaryOp::LtEq, value, high, position)?;
    let both = Typed::new(lower.expr.and(upper.expr), DataType::Boolean, name);
    Ok(if negated { negate(both) } else { both })
}

pub(super) fn in_list(value: Typed, list: Vec<Typed>, negated: bool, position: Position) -> Result<Typed> {
    let name = format!("({} IN ({}))", value.name, super::names(&list));
    let all = || std::iter::once(&value).chain(&list);
    let mismatch = || SqlError::Types {
        operation: "IN".to_owned(),
        types: all().map(|typed| types::display(&typed.data_type)).collect::<Vec<_>>().join(", "),
        position,
    };
    let both = common_of(all().map(|typed| &typed.data_type), true).ok_or_else(mismatch)?;
    if !types::is_orderable(&both) {
        return Err(mismatch());
    }
    if both == DataType::Null {
        return Ok(Typed::null(&DataType::Boolean, name));
    }
    let cast = |typed: Typed| typed.cast_for(&both, "IN", position).map(normalized);
    let value = cast(value)?;
    let list = list.into_iter().map(cast).collect::<Result<Vec<_>>>()?;
    let expr = if types::is_atomic(&both) {
        Expr::InList(InList::new(Box::new(value.expr), list.into_iter().map(|item| item.expr).collect(), false))
    } else {
        // The engine knows no lists of structs.
        let equal = |item: Typed| binary_expr(value.expr.clone(), Operator::Eq, item.expr);
        list.into_iter().map(equal).reduce(Expr::or).unwrap_or_else(|| Expr::Literal(ScalarValue::Boolean(Some(false)), None))
    };
    let result = Typed::new(expr, DataType::Boolean, name);
    Ok(if negated { negate(result) } else { result })
}

/// `x IS TRUE` and its kin: never null.
pub(super) fn is_truth(inner: Typed, value: Option<bool>, negated: bool) -> Typed {
    let expr = Box::new(inner.expr);
    let (expr, word) = match (value, negated) {
        (Some(true), false) => (Expr::IsTrue(expr), "IS TRUE"),
        (Some(true), true) => (Expr::IsNotTrue(expr), "IS NOT TRUE"),
        (Some(false), false) => (Expr::IsFalse(expr), "IS FALSE"),
        (Some(false), true) => (Expr::IsNotFalse(expr), "IS NOT FALSE"),
        (None, false) => (Expr::IsUnknown(expr), "IS UNKNOWN"),
        (None, true) => (Expr::IsNotUnknown(expr), "IS NOT UNKNOWN"),
    };
    Typed::new(expr, DataType::Boolean, format!("({} {word})", inner.name))
}
