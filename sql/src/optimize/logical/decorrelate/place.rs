//! Subqueries inside of larger expressions.

use datafusion::common::Result;
use datafusion::common::alias::AliasGenerator;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::refusal::at;
use super::{test, value};

/// Adds to `plan` the columns from which `expr` can be computed without subqueries. Its rows stay the same.
pub(super) fn extended(plan: LogicalPlan, expr: Expr, names: &AliasGenerator) -> Result<(LogicalPlan, Expr)> {
    let mut plan = plan;
    let rewritten = expr.transform_down(|inner| {
        let before = || plan.clone();
        let (extended, answer) = match inner {
            Expr::Exists(exists) => {
                let spans = exists.subquery.spans.clone();
                at(&spans, test::exists_beside(before(), exists, names))?
            }
            Expr::InSubquery(test) => {
                let spans = test.subquery.spans.clone();
                at(&spans, test::in_beside(before(), test, names))?
            }
            Expr::ScalarSubquery(subquery) => {
                let spans = subquery.spans.clone();
                at(&spans, value::value_beside(before(), subquery, names))?
            }
            other => return Ok(Transformed::no(other)),
        };
        plan = extended;
        Ok(Transformed::new(answer, true, TreeNodeRecursion::Jump))
    })?;
    Ok((plan, rewritten.data))
}
