//! One shuffle for a deduplication and the join above it.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{ChildrenPropertiesMode, ExecutionPlan, ReplaceChildrenOptions};

use crate::exec::FirstRowExec;

/// Where a join moves rows to the partitions of some of the keys by which they were deduplicated, they are moved there before:
/// rows of one key are in one partition all the same.
///
/// ```text
///   HashJoinExec: on=[order]                      HashJoinExec: on=[order]
///     (shuffle by order)                            FirstRowExec: key=[order, line]
///       FirstRowExec: key=[order, line]               (shuffle by order)
///         (shuffle by order, line)                      input
///           input
/// ```
///
/// It runs after the engine has chosen joins, and before it adds shuffles. In one process rows are moved by handing them on,
/// and what the move saves is less than the memory that deduplication and join then hold at the same time.
#[derive(Debug)]
pub(crate) struct ShareShuffle;

impl PhysicalOptimizerRule for ShareShuffle {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|node| {
            let Some(join) = node.downcast_ref::<HashJoinExec>() else { return Ok(Transformed::no(node)) };
            if *join.partition_mode() != PartitionMode::Partitioned {
                return Ok(Transformed::no(node));
            }
            let (left_keys, right_keys): (Vec<_>, Vec<_>) = join.on().iter().cloned().unzip();
            let left = partitioned_by(join.left(), &left_keys)?;
            let right = partitioned_by(join.right(), &right_keys)?;
            if left.is_none() && right.is_none() {
                return Ok(Transformed::no(node));
            }
            let sides = vec![
                left.unwrap_or_else(|| Arc::clone(join.left())),
                right.unwrap_or_else(|| Arc::clone(join.right())),
            ];
            Ok(Transformed::yes(join.builder().with_new_children(sides)?.build_exec()?))
        })
        .data()
    }

    fn name(&self) -> &str {
        "ShareShuffle"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// `plan` with the deduplication in it partitioned by what its columns `keys` are there; none if there is none, or they are
/// something else there.
fn partitioned_by(
    plan: &Arc<dyn ExecutionPlan>,
    keys: &[Arc<dyn PhysicalExpr>],
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(first) = plan.downcast_ref::<FirstRowExec>() {
        return Ok(first.with_partition_keys(keys).map(|first| Arc::new(first) as _));
    }
    let below: Option<Vec<Arc<dyn PhysicalExpr>>> =
        if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
            let source = |key| Some(Arc::clone(&projection.expr().get(index(key)?)?.expr));
            keys.iter().map(source).collect()
        } else if let Some(filter) = plan.downcast_ref::<FilterExec>() {
            match filter.projection().as_ref() {
                None => Some(keys.to_vec()),
                Some(columns) => {
                    let schema = filter.input().schema();
                    let source = |key| {
                        let column = *columns.get(index(key)?)?;
                        Some(Arc::new(Column::new(schema.field(column).name(), column)) as _)
                    };
                    keys.iter().map(source).collect()
                }
            }
        } else {
            None
        };
    let (Some(keys), &[input]) = (below, plan.children().as_slice()) else { return Ok(None) };
    let Some(input) = partitioned_by(input, &keys)? else { return Ok(None) };
    Arc::clone(plan)
        .replace_children(vec![input], ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
        .map(Some)
}

fn index(key: &Arc<dyn PhysicalExpr>) -> Option<usize> {
    key.downcast_ref::<Column>().map(Column::index)
}
