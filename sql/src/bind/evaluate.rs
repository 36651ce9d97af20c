//! Constant expressions: some functions need their value before they can be planned.

use datafusion::logical_expr::Expr;

use super::Typed;
use crate::optimize::constant;

/// Computes a constant expression; nothing if it is none.
pub(crate) fn evaluate(typed: &Typed) -> Option<Typed> {
    if matches!(typed.expr, Expr::Literal(_, _)) {
        return Some(typed.clone());
    }
    let value = constant(&typed.expr)?;
    Some(Typed { expr: Expr::Literal(value, None), ..typed.clone() })
}
