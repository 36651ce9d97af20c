//! Filters are moved towards what they read.

use datafusion::common::Result;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// The engine's `push_down_filter`, which stops above aggregations without groups.
///
/// A condition that has no column, at once or once expressions stand for its columns, is moved by the engine below any
/// aggregation. One without groups has a row of nothing all the same.
#[derive(Debug, Default)]
pub(crate) struct PushFilter(PushDownFilter);

impl OptimizerRule for PushFilter {
    fn name(&self) -> &str {
        "push_filter"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        if is_over_one_row(&plan) { Ok(Transformed::no(plan)) } else { self.0.rewrite(plan, config) }
    }
}

/// Whether it filters what an aggregation without groups gives. The engine takes filters that follow each other together.
fn is_over_one_row(plan: &LogicalPlan) -> bool {
    let LogicalPlan::Filter(filter) = plan else { return false };
    match filter.input.as_ref() {
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        below => is_over_one_row(below),
    }
}
