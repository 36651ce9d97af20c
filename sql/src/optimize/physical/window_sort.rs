//! Sorts below windows.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::LexOrdering;
use datafusion::physical_expr_common::sort_expr::OrderingRequirements;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, replace_children_if_necessary};

/// Sorts the rows of a window by all keys that it asks for.
///
/// The engine leaves out keys that it knows to be constant, and takes a key for another that a filter says is equal. A window
/// looks for its keys in the order of its input when it runs: in a task of its own, where what was known came from another
/// stage, they are not there ("Expects PARTITION BY expression to be ordered"); and of expressions that a filter compares,
/// what was taken for equal is not always found again ("does not satisfy order requirements").
#[derive(Debug)]
pub(crate) struct WindowSort;

impl PhysicalOptimizerRule for WindowSort {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            if !node.is::<BoundedWindowAggExec>() && !node.is::<WindowAggExec>() {
                return Ok(Transformed::no(node));
            }
            let Some(wanted) = wanted(&node) else { return Ok(Transformed::no(node)) };
            let input = Arc::clone(node.children()[0]);
            if has_literally(&input, &wanted) {
                return Ok(Transformed::no(node));
            }
            let below = match input.downcast_ref::<SortExec>() {
                Some(sort) if sort.fetch().is_none() => Arc::clone(sort.input()),
                _ => input,
            };
            let is_apart = node.output_partitioning().partition_count() > 1;
            let sort = SortExec::new(wanted, below).with_preserve_partitioning(is_apart);
            replace_children_if_necessary(node, vec![Arc::new(sort)]).map(Transformed::yes)
        })
        .data()
    }

    fn name(&self) -> &str {
        "WindowSort"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The order that a node asks of its input.
fn wanted(node: &Arc<dyn ExecutionPlan>) -> Option<LexOrdering> {
    let required = node.required_input_ordering().into_iter().next()??;
    let (OrderingRequirements::Hard(alternatives) | OrderingRequirements::Soft(alternatives)) = required;
    alternatives.into_iter().next().map(LexOrdering::from)
}

/// Whether one of the orders of `input` begins with `wanted`, key by key.
fn has_literally(input: &Arc<dyn ExecutionPlan>, wanted: &LexOrdering) -> bool {
    let orders = input.equivalence_properties().oeq_class();
    let own = input.downcast_ref::<SortExec>().map(SortExec::expr);
    orders.iter().chain(own).any(|order| {
        order.len() >= wanted.len() && order.iter().zip(wanted.iter()).all(|(one, other)| one == other)
    })
}
