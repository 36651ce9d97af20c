//! What subqueries cannot be made joins of, and where they stand.

use datafusion::common::tree_node::TreeNode;
use datafusion::common::{Result, Spans};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use thiserror::Error;

use crate::error::SqlError;
use crate::position::Position;

/// A subquery that is not answered. Who finds out that it is not does not know where it is written.
#[derive(Debug, Error)]
#[error("{0} is not supported")]
struct Unanswered(String);

/// Refuses the subquery that is being looked at.
pub(super) fn refuse<T>(what: impl Into<String>) -> Result<T> {
    Err(DataFusionError::External(Box::new(Unanswered(what.into()))))
}

/// The same result; a refusal with the place of the subquery that it is about.
pub(super) fn at<T>(spans: &Spans, result: Result<T>) -> Result<T> {
    result.map_err(|error| match (error, Position::of(spans)) {
        (DataFusionError::External(error), Some(position)) => match error.downcast::<Unanswered>() {
            Ok(refused) => DataFusionError::External(Box::new(SqlError::unsupported(refused.0, position))),
            // One that is nested in it has its place.
            Err(other) => DataFusionError::External(other),
        },
        (error, _) => error,
    })
}

/// Where the first subquery in expressions stands.
pub(super) fn spans_of(exprs: &[Expr]) -> Spans {
    let mut found = None;
    for expr in exprs {
        let searched = expr.exists(|inner| {
            found = match inner {
                Expr::Exists(test) => Some(test.subquery.spans.clone()),
                Expr::InSubquery(test) => Some(test.subquery.spans.clone()),
                Expr::ScalarSubquery(subquery) => Some(subquery.spans.clone()),
                _ => None,
            };
            Ok(found.is_some())
        });
        if searched.is_ok_and(|is_there| is_there) {
            break;
        }
    }
    found.unwrap_or_default()
}
