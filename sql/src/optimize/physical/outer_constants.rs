//! Constants below outer joins.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{JoinType, Result};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, replace_children_if_necessary};

use crate::exec::OpaqueExec;

/// Hides which columns are constant on a side of a join that gives nulls for rows without a match.
///
/// The engine takes such a column for constant above the join as well. It drops it from the keys of sorts and windows, and
/// takes rows for grouped by it, and rows with the null and rows with the value come mixed.
#[derive(Debug)]
pub(crate) struct HideOuterConstants;

impl PhysicalOptimizerRule for HideOuterConstants {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let Some(join_type) = join_type(&node) else { return Ok(Transformed::no(node)) };
            let gives_nulls = match join_type {
                JoinType::Left => [false, true],
                JoinType::Right => [true, false],
                JoinType::Full => [true, true],
                _ => return Ok(Transformed::no(node)),
            };
            let mut changed = false;
            let sides = node.children().into_iter().zip(gives_nulls).map(|(side, gives_nulls)| {
                if !gives_nulls || side.equivalence_properties().constants().is_empty() {
                    return Arc::clone(side);
                }
                changed = true;
                Arc::new(OpaqueExec::new(Arc::clone(side))) as Arc<dyn ExecutionPlan>
            });
            let sides = sides.collect();
            if !changed {
                return Ok(Transformed::no(node));
            }
            replace_children_if_necessary(node, sides).map(Transformed::yes)
        })
        .data()
    }

    fn name(&self) -> &str {
        "HideOuterConstants"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn join_type(node: &Arc<dyn ExecutionPlan>) -> Option<JoinType> {
    let hashed = node.downcast_ref::<HashJoinExec>().map(|join| *join.join_type());
    let looped = node.downcast_ref::<NestedLoopJoinExec>().map(|join| *join.join_type());
    let merged = node.downcast_ref::<SortMergeJoinExec>().map(|join| join.join_type());
    hashed.or(looped).or(merged)
}
