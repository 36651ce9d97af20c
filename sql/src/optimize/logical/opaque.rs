//! Equalities that the engine is not to learn from.

use datafusion::common::Result;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{BinaryExpr, Expr, Filter, LogicalPlan, Operator};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// Makes `f(x) = x` of a filter `(f(x) = x) IS TRUE`, which keeps the same rows.
///
/// From a filter the engine learns that its sides are the same wherever an order is spoken of, and puts one for the other. Where
/// one side is a part of the other that has no end, and the plan is refused ("does not satisfy order requirements").
#[derive(Debug, Default)]
pub(crate) struct OpaqueEqualities;

impl OptimizerRule for OpaqueEqualities {
    fn name(&self) -> &str {
        "opaque_equalities"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        match plan {
            LogicalPlan::Filter(filter) => {
                let (conditions, changed) = hidden(split_conjunction_owned(filter.predicate.clone()));
                match conjunction(conditions).filter(|_| changed) {
                    Some(predicate) => Filter::try_new(predicate, filter.input)
                        .map(LogicalPlan::Filter)
                        .map(Transformed::yes),
                    None => Ok(Transformed::no(LogicalPlan::Filter(filter))),
                }
            }
            LogicalPlan::TableScan(mut scan) => {
                let (filters, changed) = hidden(scan.filters);
                scan.filters = filters;
                let plan = LogicalPlan::TableScan(scan);
                Ok(if changed { Transformed::yes(plan) } else { Transformed::no(plan) })
            }
            other => Ok(Transformed::no(other)),
        }
    }
}

fn hidden(conditions: Vec<Expr>) -> (Vec<Expr>, bool) {
    let mut changed = false;
    let conditions = conditions.into_iter().map(|condition| {
        let learns = matches!(
            &condition,
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right })
                if left != right && !left.column_refs().is_disjoint(&right.column_refs())
        );
        changed |= learns;
        if learns { condition.is_true() } else { condition }
    });
    (conditions.collect(), changed)
}
