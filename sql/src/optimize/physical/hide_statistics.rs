//! Aggregations of everything see no statistics.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::expressions::lit;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateInputMode};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};

/// Puts a filter that every row passes below aggregations without groups.
///
/// Whatever rules a session has, Ballista runs the engine's `aggregate_statistics` over a stage once it knows of its inputs.
/// It says of results that they are never null, which is not the schema that the plan promised. Behind a filter no statistics
/// are exact, and it leaves the aggregation alone.
#[derive(Debug)]
pub(crate) struct HideStatistics;

impl PhysicalOptimizerRule for HideStatistics {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let is_open = node.downcast_ref::<AggregateExec>().is_some_and(|aggregate| {
                aggregate.group_expr().is_empty() && aggregate.mode().input_mode() == AggregateInputMode::Raw
            });
            if !is_open {
                return Ok(Transformed::no(node));
            }
            let input = Arc::clone(node.children()[0]);
            let hidden = Arc::new(FilterExec::try_new(lit(true), input)?);
            replace_children_if_necessary(node, vec![hidden]).map(Transformed::yes)
        })
        .data()
    }

    fn name(&self) -> &str {
        "HideStatistics"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
