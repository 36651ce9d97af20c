//! Constant expressions: some functions need their value before they can be planned.

use datafusion::logical_expr::Expr;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;

use super::Typed;

/// Computes a constant expression; nothing if it is none.
pub(crate) fn evaluate(typed: &Typed) -> Option<Typed> {
    if matches!(typed.expr, Expr::Literal(_, _)) {
        return Some(typed.clone());
    }
    // Without columns in its schema, anything that reads one is refused.
    let expr = ExprSimplifier::new(SimplifyContext::default()).simplify(typed.expr.clone()).ok()?;
    matches!(expr, Expr::Literal(_, _)).then(|| Typed { expr, ..typed.clone() })
}
