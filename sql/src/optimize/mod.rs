//! Rules that make plans of Spark SQL cheaper than the engine's own rules do.

mod collect_join;
mod first_row;
mod gather_aggregate;
mod share_shuffle;

use std::sync::Arc;

use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::join_selection::JoinSelection;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;

type Rule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// The rules for physical plans: ours before the engine's, because those add what ours save (shuffles and sorts).
/// `distributed` says whether plans are cut into stages that run apart from each other.
pub(crate) fn physical_rules(distributed: bool) -> Vec<Rule> {
    let mut rules: Vec<Rule> = vec![Arc::new(first_row::KeepFirstRow)];
    let chooses_joins = JoinSelection::new();
    for rule in PhysicalOptimizer::new().rules {
        let joins_are_chosen = rule.name() == chooses_joins.name();
        rules.push(rule);
        if distributed && joins_are_chosen {
            rules.push(Arc::new(collect_join::SeparateTasks));
            rules.push(Arc::new(share_shuffle::ShareShuffle));
        }
    }
    if distributed {
        rules.push(Arc::new(collect_join::CollectLeft));
        rules.push(Arc::new(gather_aggregate::GatherAggregate));
    }
    rules
}
