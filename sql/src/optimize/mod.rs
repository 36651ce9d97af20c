//! Rules that make plans of Spark SQL cheaper than the engine's own rules do.

mod first_row;

use std::sync::Arc;

use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;

/// The rules for physical plans: ours before the engine's, because those add what ours save (shuffles and sorts).
pub(crate) fn physical_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let mut rules: Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> =
        vec![Arc::new(first_row::KeepFirstRow)];
    rules.extend(PhysicalOptimizer::new().rules);
    rules
}
