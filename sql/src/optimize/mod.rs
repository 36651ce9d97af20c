//! Which rewrites a plan goes through.
//!
//! The lists are our own, rule by rule. The engine has more rules than are listed as running here: each of them is one more
//! thing that has to be right about three-valued logic, outer joins and names, and several are not (`docs/spark-sql.md`
//! tells which, with the statement that shows it). So a rule runs if plans need it, or if a refresh is measurably cheaper
//! with it and the statements of `differential/` found nothing wrong with it; any other one is off. A rule that an upgrade
//! of the engine adds is in neither list, and a test says so.

mod logical;
mod physical;
mod rules;

use std::sync::Arc;

use datafusion::optimizer::OptimizerRule;
use datafusion::physical_optimizer::PhysicalOptimizerRule;

pub(crate) use self::logical::constants::constant;
pub(crate) use self::logical::decorrelate::{decorrelated, reads_outer, refused};
pub use self::rules::{Rule, RuleSet, Stage, Standing, list};

pub(crate) type LogicalRule = Arc<dyn OptimizerRule + Send + Sync>;
pub(crate) type PhysicalRule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// The rules for logical plans, in order.
pub(crate) fn logical_rules(rules: &RuleSet) -> Vec<LogicalRule> {
    rules.chosen(logical::LIST)
}

/// The rules for physical plans, in order. `distributed` says whether plans are cut into stages that run apart from each other.
pub(crate) fn physical_rules(rules: &RuleSet, distributed: bool) -> Vec<PhysicalRule> {
    let chosen = rules.chosen(physical::LIST);
    chosen.into_iter().filter(|rule| distributed || !physical::is_for_stages(rule.name())).collect()
}
