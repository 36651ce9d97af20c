//! LIKE, ILIKE and RLIKE.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::Like;

use super::Typed;
use crate::coerce::Kind;
use crate::error::{Result, SqlError};
use crate::functions::string::{like as kernels, regexp};
use crate::parse::ast::LikeOp;
use crate::position::Position;
use crate::types;

/// Binds a pattern match.
pub(crate) fn like(
    op: LikeOp,
    value: Typed,
    pattern: Typed,
    escape: char,
    position: Position,
) -> Result<Typed> {
    let name = match op {
        LikeOp::Like => format!("{} LIKE {}", value.name, pattern.name),
        LikeOp::ILike => format!("ilike({}, {})", value.name, pattern.name),
        LikeOp::RLike => format!("RLIKE({}, {})", value.name, pattern.name),
    };
    let text = |typed: Typed| {
        let to = Kind::Text.accept(&typed.data_type).ok_or_else(|| SqlError::Types {
            operation: "a pattern match".to_owned(),
            types: types::display(&typed.data_type),
            position,
        })?;
        typed.cast_for(&to, "a pattern match", position)
    };
    let (value, pattern) = (text(value)?, text(pattern)?);
    if op == LikeOp::RLike {
        return Typed::call(&regexp::RLIKE, vec![value, pattern], name, position);
    }
    // The engine knows only such patterns exactly as Spark does, and it is fast with them.
    let plain = op == LikeOp::Like
        && pattern.text().is_some_and(|pattern| {
            !pattern.contains(|c| matches!(c, '_' | '\\') || c == escape || u32::from(c) > 0xffff)
        });
    if plain {
        let like = Like::new(false, Box::new(value.expr), Box::new(pattern.expr), None, false);
        return Ok(Typed::new(Expr::Like(like), DataType::Boolean, name));
    }
    let escape = Typed::constant(ScalarValue::from(escape.to_string()), "");
    let kernel = if op == LikeOp::Like { &kernels::LIKE } else { &kernels::ILIKE };
    Typed::call(kernel, vec![value, pattern, escape], name, position)
}
