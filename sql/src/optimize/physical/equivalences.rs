//! What is equal and what is constant below sorts.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateInputMode};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};

use crate::exec::OpaqueExec;

/// Hides which columns of their input are constant or equal from all that needs an order.
///
/// The engine leaves out keys of sorts that are constant, and sorts by another one of those that are equal. It is wrong about
/// both, or forgets on its way what it left a sort out for:
/// - a column of a union is constant to it if each input has a constant there, whichever it is;
/// - what is constant below an outer join is so above it, where rows without a match have nulls;
/// - what is constant or equal by a condition is not so any more once a projection has moved.
///
/// Rows come mixed then, are missing behind a limit, or the plan is found to be none.
#[derive(Debug)]
pub(crate) struct HideEquivalences;

impl PhysicalOptimizerRule for HideEquivalences {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let children = node.children();
            let hides: Vec<Option<Hides>> =
                (0..children.len()).map(|index| hides(node.as_ref(), index)).collect();
            if hides.iter().all(Option::is_none) {
                return Ok(Transformed::no(node));
            }
            let hidden = children.into_iter().zip(hides).map(|(child, hides)| {
                let child = Arc::clone(child);
                Ok(match hides {
                    Some(hides) => Arc::new(OpaqueExec::try_new(child, hides == Hides::Constants)?),
                    None => child,
                })
            });
            let hidden = hidden.collect::<Result<_>>()?;
            replace_children_if_necessary(node, hidden).map(Transformed::yes)
        })
        .data()
    }

    fn name(&self) -> &str {
        "HideEquivalences"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// What is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hides {
    /// Which columns are constant, and in which order rows come.
    Constants,
    /// That, and which columns are equal.
    All,
}

/// What of this child is hidden from `node`.
///
/// It is hidden whatever is known as yet: what the engine takes for constant changes while it adds shuffles.
fn hides(node: &dyn ExecutionPlan, index: usize) -> Option<Hides> {
    if node.is::<SortExec>() || node.required_input_ordering().get(index).is_some_and(Option::is_some) {
        return Some(Hides::All);
    }
    // Rows are grouped already by what is constant.
    let groups = |aggregate: &AggregateExec| {
        aggregate.mode().input_mode() == AggregateInputMode::Raw && !aggregate.group_expr().is_empty()
    };
    node.downcast_ref::<AggregateExec>().is_some_and(groups).then_some(Hides::Constants)
}
