//! What windows read is computed below them, where they cannot compute it.

use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use super::aggregate::Rewrite;
use super::query::build;
use super::{Planner, bare};
use crate::error::Result;

/// The keys and arguments of windows that hold lambdas, each once: the engine's operators for windows have no place for the
/// parameters of these.
pub(super) fn lambdas_in(windows: &[Expr]) -> Vec<Expr> {
    let mut found: Vec<Expr> = Vec::new();
    for window in windows {
        let Expr::WindowFunction(call) = window else { continue };
        let params = &call.params;
        let keys = params.partition_by.iter().chain(params.order_by.iter().map(|sort| &sort.expr));
        for expr in keys.chain(&params.args) {
            if holds_lambda(expr) && !found.contains(expr) {
                found.push(expr.clone());
            }
        }
    }
    found
}

fn holds_lambda(expr: &Expr) -> bool {
    expr.exists(|inner| Ok(matches!(inner, Expr::HigherOrderFunction(_)))).unwrap_or(true)
}

impl Planner<'_> {
    /// Computes expressions beside the columns of `plan`, and tells which columns hold them.
    pub(super) fn computed(&mut self, plan: LogicalPlan, exprs: Vec<Expr>) -> Result<(LogicalPlan, Rewrite)> {
        let mut all: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
        let mut replacements = Vec::with_capacity(exprs.len());
        for expr in exprs {
            let name = self.fresh("computed");
            all.push(expr.clone().alias(&name));
            replacements.push((expr, bare(&name)));
        }
        Ok((build(LogicalPlanBuilder::from(plan).project(all))?, Rewrite::of(replacements)))
    }
}
