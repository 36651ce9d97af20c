//! Looks into expressions.

use super::Expr;

/// Whether it reads no column.
pub fn has_no_column(expr: &Expr) -> bool {
    let mut none = true;
    visit(expr, &mut |inner| none &= !matches!(inner, Expr::Column(..)));
    none
}

/// Whether there is a query in it.
pub fn holds_query(expr: &Expr) -> bool {
    let mut holds = false;
    visit(expr, &mut |inner| {
        holds |= matches!(inner, Expr::Scalar(_) | Expr::InQuery(..) | Expr::Exists(..));
    });
    holds
}

/// Sees an expression and its parts, without the queries in it.
pub fn visit(expr: &Expr, see: &mut impl FnMut(&Expr)) {
    see(expr);
    match expr {
        Expr::Column(..) | Expr::Literal(_) | Expr::Null(_) | Expr::Exists(..) | Expr::Scalar(_) => {}
        Expr::Field(inner, _)
        | Expr::Before(_, inner)
        | Expr::Behind(inner, _)
        | Expr::InQuery(inner, _, _)
        | Expr::Cast(inner, _) => visit(inner, see),
        Expr::Binary(_, left, right) => {
            visit(left, see);
            visit(right, see);
        }
        Expr::Between(inner, low, high) => [inner, low, high].into_iter().for_each(|part| visit(part, see)),
        Expr::In(inner, list, _) => {
            visit(inner, see);
            list.iter().for_each(|part| visit(part, see));
        }
        Expr::Case(branches, otherwise) => {
            branches.iter().for_each(|(when, then)| {
                visit(when, see);
                visit(then, see);
            });
            otherwise.iter().for_each(|part| visit(part, see));
        }
        Expr::Call(_, args) => args.iter().for_each(|part| visit(part, see)),
        Expr::Aggregate(_, _, arg, filter) => {
            arg.iter().chain(filter).for_each(|part| visit(part, see));
        }
        Expr::Window(window) => {
            let order = window.order.iter().map(|(key, _)| key);
            window.args.iter().chain(&window.partition).chain(order).for_each(|part| visit(part, see));
        }
        Expr::Lambda(_, array, _, body) => {
            visit(array, see);
            visit(body, see);
        }
    }
}
