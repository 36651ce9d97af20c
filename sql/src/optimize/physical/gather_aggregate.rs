//! Aggregates whose groups every task of a join reads.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::Partitioning;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{ChildrenPropertiesMode, ExecutionPlan, ReplaceChildrenOptions};

use crate::exec::CollectJoinExec;

/// Spares the shuffle of an aggregate where all of its groups are collected by the tasks of a join anyway: each of them
/// collects the partial groups instead, and finishes them itself.
///
/// ```text
///   CollectJoinExec                               CollectJoinExec
///     CoalescePartitionsExec                        AggregateExec: mode=Final
///       AggregateExec: mode=FinalPartitioned          CoalescePartitionsExec
///         RepartitionExec: Hash                         AggregateExec: mode=Partial
///           AggregateExec: mode=Partial                 right side
///     right side
/// ```
#[derive(Debug)]
pub(crate) struct GatherAggregate;

impl PhysicalOptimizerRule for GatherAggregate {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let [left, right] = node.children()[..] else { return Ok(Transformed::no(node)) };
            if !node.is::<CollectJoinExec>() {
                return Ok(Transformed::no(node));
            }
            let Some(collected) = left.downcast_ref::<CoalescePartitionsExec>() else {
                return Ok(Transformed::no(node));
            };
            // With a limit it takes any of the groups, and not those of one task.
            if collected.fetch().is_some() {
                return Ok(Transformed::no(node));
            }
            let Some(left) = gathered(collected.input())? else { return Ok(Transformed::no(node)) };
            let sides = vec![left, Arc::clone(right)];
            Ok(Transformed::yes(Arc::clone(&node).replace_children(sides, recompute())?))
        })
        .data()
    }

    fn name(&self) -> &str {
        "GatherAggregate"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// `plan` with the aggregate in it finished in one partition; none if there is no aggregate to be.
fn gathered(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        let Some(shuffle) = aggregate.input().downcast_ref::<RepartitionExec>() else { return Ok(None) };
        if *aggregate.mode() != AggregateMode::FinalPartitioned
            || !matches!(shuffle.partitioning(), Partitioning::Hash(..))
        {
            return Ok(None);
        }
        let partial = Arc::new(CoalescePartitionsExec::new(Arc::clone(shuffle.input())));
        let last = AggregateExec::try_new(
            AggregateMode::Final,
            aggregate.group_expr().clone(),
            aggregate.aggr_expr().to_vec(),
            aggregate.filter_expr().to_vec(),
            partial,
            aggregate.input_schema(),
        )?;
        return Ok(Some(Arc::new(last)));
    }
    if !plan.is::<FilterExec>() && !plan.is::<ProjectionExec>() {
        return Ok(None);
    }
    let &[input] = plan.children().as_slice() else { return Ok(None) };
    let Some(input) = gathered(input)? else { return Ok(None) };
    Arc::clone(plan).replace_children(vec![input], recompute()).map(Some)
}

fn recompute() -> ReplaceChildrenOptions {
    ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute)
}
