//! Rules for physical plans.

mod collect_join;
mod equivalences;
mod first_row;
mod gather_aggregate;
mod hide_statistics;
mod lambdas;
mod projections;
mod share_shuffle;
mod stage_requirements;

use std::sync::Arc;

use datafusion::physical_optimizer as engine;

use super::PhysicalRule;
use super::rules::{Entry, Standing};

/// In the engine's order. Ours stand before what they save: shuffles and sorts.
pub(super) static LIST: &[Entry<PhysicalRule>] = &[
    Entry::own("KeepFirstRow", Standing::Useful, "finds the first row of each key without sorting", || {
        Arc::new(first_row::KeepFirstRow)
    }),
    Entry::needed("OutputRequirements", "the order of the result outlives the other rules", || {
        Arc::new(engine::output_requirements::OutputRequirements::new_add_mode())
    }),
    Entry::off(
        "aggregate_statistics",
        "says of what it takes from statistics that it is never null, which the plan did not",
        || Arc::new(engine::aggregate_statistics::AggregateStatistics::new()),
    ),
    Entry::needed("join_selection", "chooses how to join, which is open before", || {
        Arc::new(engine::join_selection::JoinSelection::new())
    }),
    Entry::own(
        "SeparateTasks",
        Standing::Needed,
        "joins whose tasks would have to know of each other",
        || Arc::new(collect_join::SeparateTasks),
    ),
    Entry::own(
        "ShareShuffle",
        Standing::Useful,
        "one shuffle for a deduplication and the join above it",
        || Arc::new(share_shuffle::ShareShuffle),
    ),
    Entry::off("LimitedDistinctAggregation", "nothing is cheaper with it", || {
        Arc::new(engine::limited_distinct_aggregation::LimitedDistinctAggregation::new())
    }),
    Entry::off(
        "FilterPushdown",
        "finds columns by their name, and takes parameters of lambdas for such; `push_filter` does what is safe of it",
        || Arc::new(engine::filter_pushdown::FilterPushdown::new()),
    ),
    Entry::off("WindowTopN", "nothing is cheaper with it", || {
        Arc::new(engine::window_topn::WindowTopN::new())
    }),
    Entry::own(
        "KeepLambdas",
        Standing::Needed,
        "the columns below a lambda keep their numbers, behind which its parameters are numbered",
        || Arc::new(lambdas::KeepLambdas),
    ),
    Entry::own(
        "HideEquivalences",
        Standing::Needed,
        "no key of a sort is left out for a constant, or for an equal one, that it is not",
        || Arc::new(equivalences::HideEquivalences),
    ),
    Entry::needed("EnsureRequirements", "adds the shuffles and sorts that operators need", || {
        Arc::new(engine::ensure_requirements::EnsureRequirements::new())
    }),
    Entry::own(
        "StageRequirements",
        Standing::Needed,
        "adds the shuffles and sorts for what another stage does not know",
        || Arc::new(stage_requirements::StageRequirements::new()),
    ),
    Entry::useful("CombinePartialFinalAggregate", "aggregates once where one partition is all", || {
        Arc::new(engine::combine_partial_final_agg::CombinePartialFinalAggregate::new())
    }),
    Entry::off("OptimizeAggregateOrder", "nothing is cheaper with it", || {
        Arc::new(engine::update_aggr_exprs::OptimizeAggregateOrder::new())
    }),
    Entry::off("ProjectionPushdown", "takes lambdas in filters of joins apart", || {
        Arc::new(engine::projection_pushdown::ProjectionPushdown::new())
    }),
    Entry::needed("OutputRequirements", "takes away what kept the order of the result", || {
        Arc::new(engine::output_requirements::OutputRequirements::new_remove_mode())
    }),
    Entry::off("LimitAggregation", "nothing is cheaper with it", || {
        Arc::new(engine::topk_aggregation::TopKAggregation::new())
    }),
    Entry::off("LimitPushPastWindows", "nothing is cheaper with it", || {
        Arc::new(engine::limit_pushdown_past_window::LimitPushPastWindows::new())
    }),
    Entry::off("HashJoinBuffering", "nothing is cheaper with it", || {
        Arc::new(engine::hash_join_buffering::HashJoinBuffering::new())
    }),
    Entry::off("LimitPushdown", "nothing is cheaper with it", || {
        Arc::new(engine::limit_pushdown::LimitPushdown::new())
    }),
    Entry::off("TopKRepartition", "nothing is cheaper with it", || {
        Arc::new(engine::topk_repartition::TopKRepartition::new())
    }),
    Entry::off("ProjectionPushdown", "the same; `PushProjections` does what is safe of it", || {
        Arc::new(engine::projection_pushdown::ProjectionPushdown::new())
    }),
    Entry::own(
        "PushProjections",
        Standing::Useful,
        "joins and filters give no column that nobody reads",
        || Arc::new(projections::PushProjections),
    ),
    Entry::off("PushdownSort", "nothing is cheaper with it", || {
        Arc::new(engine::pushdown_sort::PushdownSort::new())
    }),
    Entry::needed("EnsureCooperative", "operators give way, so that a plan can be stopped", || {
        Arc::new(engine::ensure_coop::EnsureCooperative::new())
    }),
    Entry::off(
        "FilterPushdown(Post)",
        "binds the filters of joins to columns by their name: rows vanish",
        || Arc::new(engine::filter_pushdown::FilterPushdown::new_post_optimization()),
    ),
    Entry::needed("SanityCheckPlan", "refuses plans whose operators do not get what they need", || {
        Arc::new(engine::sanity_checker::SanityCheckPlan::new())
    }),
    Entry::own("CollectLeft", Standing::Needed, "names joins that collect a side", || {
        Arc::new(collect_join::CollectLeft)
    }),
    Entry::own(
        "HideStatistics",
        Standing::Needed,
        "Ballista answers aggregations of everything from statistics, with other columns than the plan has",
        || Arc::new(hide_statistics::HideStatistics),
    ),
    Entry::own("GatherAggregate", Standing::Useful, "no shuffle for groups that every task collects", || {
        Arc::new(gather_aggregate::GatherAggregate)
    }),
];

/// Whether a rule is only for plans that are cut into stages.
pub(super) fn is_for_stages(name: &str) -> bool {
    ["SeparateTasks", "ShareShuffle", "StageRequirements", "CollectLeft", "HideStatistics", "GatherAggregate"]
        .contains(&name)
}

#[cfg(test)]
mod tests {
    use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;

    use super::*;

    #[test]
    fn every_rule_of_the_engine_is_listed_in_its_order_and_under_its_name() {
        let theirs: Vec<String> =
            PhysicalOptimizer::new().rules.iter().map(|rule| rule.name().to_owned()).collect();
        let listed: Vec<&str> = LIST.iter().filter(|entry| !entry.own).map(|entry| entry.name).collect();
        assert_eq!(listed, theirs, "the engine has other rules than before: decide about each");
        for entry in LIST {
            assert_eq!((entry.make)().name(), entry.name);
        }
    }
}
