//! Projections, as far down as they go.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{TransformedResult, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::remove_unnecessary_projections;

/// Moves projections down, into operators that need not give all of their columns.
///
/// Half of the engine's `ProjectionPushdown`. Its other half computes parts of a join's filter below the join, and does not
/// know lambdas: it takes them for values and there is no plan.
#[derive(Debug)]
pub(crate) struct PushProjections;

impl PhysicalOptimizerRule for PushProjections {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(remove_unnecessary_projections).data()
    }

    fn name(&self) -> &str {
        "PushProjections"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
