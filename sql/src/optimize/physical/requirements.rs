//! Sorts above unions.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNode;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::ensure_requirements::EnsureRequirements;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::union::UnionExec;

/// Adds the shuffles and sorts that operators need; below a union it leaves sorts where they are.
///
/// To the engine a column of a union is constant if each of its inputs has a constant there, whichever it is. Sorted partition by
/// partition, it drops such a column from the keys: rows of `SELECT 1 UNION ALL SELECT 2 … ORDER BY … LIMIT …` vanish, or the
/// plan is found to be none. One sort of all rows has the keys that it was given.
#[derive(Debug)]
pub(crate) struct RequirementsOverUnions(EnsureRequirements);

impl RequirementsOverUnions {
    pub(crate) fn new() -> Self {
        Self(EnsureRequirements::new())
    }
}

impl PhysicalOptimizerRule for RequirementsOverUnions {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if !plan.exists(|node| Ok(node.is::<UnionExec>()))? {
            return self.0.optimize(plan, config);
        }
        let mut over_unions = config.clone();
        over_unions.optimizer.repartition_sorts = false;
        self.0.optimize(plan, &over_unions)
    }

    fn name(&self) -> &str {
        "RequirementsOverUnions"
    }

    fn schema_check(&self) -> bool {
        self.0.schema_check()
    }
}
