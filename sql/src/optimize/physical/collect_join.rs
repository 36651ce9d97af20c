//! Joins that collect a side, in plans that are cut into stages.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, PartitionMode};

use crate::exec::CollectJoinExec;

/// Sees to joins whose tasks would have to know of each other. It runs after the engine has chosen how to join, and before it
/// adds what that choice needs.
///
/// - Where the left side would be collected and its unmatched rows are asked for, both sides are moved to the partitions of
///   their keys instead.
/// - Where there are no keys, or nulls on one side decide over all rows of the other (`NOT IN`), one task does the join.
#[derive(Debug)]
pub(crate) struct SeparateTasks;

impl PhysicalOptimizerRule for SeparateTasks {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            if let Some(join) = node.downcast_ref::<HashJoinExec>() {
                if join.null_aware {
                    return Ok(Transformed::yes(Arc::new(CollectJoinExec::both(node)) as _));
                }
                if collects_left(join) && !CollectJoinExec::is_decided_on_the_right(*join.join_type()) {
                    let partitioned = join.builder().with_partition_mode(PartitionMode::Partitioned);
                    return Ok(Transformed::yes(partitioned.build_exec()?));
                }
            }
            if let Some(join) = node.downcast_ref::<NestedLoopJoinExec>()
                && !CollectJoinExec::is_decided_on_the_right(*join.join_type())
            {
                return Ok(Transformed::yes(Arc::new(CollectJoinExec::both(node)) as _));
            }
            Ok(Transformed::no(node))
        })
        .data()
    }

    fn name(&self) -> &str {
        "SeparateTasks"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Makes a [`CollectJoinExec`] of every join that collects its left side: also of those without keys, whose sides Ballista
/// would swap where it thinks it better, though the stage was cut for them as they are. It runs after all rules that change
/// joins.
#[derive(Debug)]
pub(crate) struct CollectLeft;

impl PhysicalOptimizerRule for CollectLeft {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let decided = CollectJoinExec::is_decided_on_the_right;
            let is_hash = node
                .downcast_ref::<HashJoinExec>()
                .is_some_and(|join| collects_left(join) && decided(*join.join_type()));
            let is_nested =
                node.downcast_ref::<NestedLoopJoinExec>().is_some_and(|j| decided(*j.join_type()));
            Ok(if is_hash || is_nested || node.is::<CrossJoinExec>() {
                Transformed::yes(Arc::new(CollectJoinExec::left(node)) as _)
            } else {
                Transformed::no(node)
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "CollectLeft"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn collects_left(join: &HashJoinExec) -> bool {
    *join.partition_mode() == PartitionMode::CollectLeft && !join.null_aware
}
