//! Rules for logical plans.

pub(super) mod constants;
pub(super) mod decorrelate;
mod join_keys;
mod opaque;
mod push_filter;

use std::sync::Arc;

use datafusion::optimizer as engine;

use self::constants::FoldConstants;
use self::join_keys::ExtractJoinKeys;
use super::LogicalRule;
use super::rules::{Entry, Rule, Stage, Standing};

/// What is done before any rule.
pub(super) const DECORRELATION: Rule = Rule {
    name: "decorrelate_subqueries",
    stage: Stage::Logical,
    standing: Standing::Needed,
    own: true,
    why: "makes joins of subqueries",
};

/// In the engine's order; ours stand where they have to run.
pub(super) static LIST: &[Entry<LogicalRule>] = &[
    Entry::own("fold_constants", Standing::Useful, "computes what depends on no row", || {
        Arc::new(FoldConstants)
    }),
    Entry::off("rewrite_set_comparison", "plans have no ANY and ALL", || {
        Arc::new(engine::rewrite_set_comparison::RewriteSetComparison::new())
    }),
    Entry::off("optimize_unions", "nothing is cheaper with it", || {
        Arc::new(engine::optimize_unions::OptimizeUnions::new())
    }),
    Entry::off("unions_to_filter", "nothing is cheaper with it", || {
        Arc::new(engine::unions_to_filter::UnionsToFilter::new())
    }),
    Entry::off(
        "simplify_expressions",
        "takes lists of IN together and forgets null; `fold_constants` does what is safe of it",
        || Arc::new(engine::simplify_expressions::SimplifyExpressions::new()),
    ),
    Entry::needed("replace_distinct_aggregate", "DISTINCT has no operator of its own", || {
        Arc::new(engine::replace_distinct_aggregate::ReplaceDistinctWithAggregate::new())
    }),
    Entry::off("eliminate_join", "nothing is cheaper with it", || {
        Arc::new(engine::eliminate_join::EliminateJoin::new())
    }),
    Entry::off(
        "decorrelate_predicate_subquery",
        "fails at outer joins; `decorrelate_subqueries` stands for it",
        || Arc::new(engine::decorrelate_predicate_subquery::DecorrelatePredicateSubquery::new()),
    ),
    Entry::off(
        "scalar_subquery_to_join",
        "fails at inequalities; `decorrelate_subqueries` stands for it",
        || Arc::new(engine::scalar_subquery_to_join::ScalarSubqueryToJoin::new()),
    ),
    Entry::off("decorrelate_lateral_join", "plans have no lateral joins", || {
        Arc::new(engine::decorrelate_lateral_join::DecorrelateLateralJoin::new())
    }),
    Entry::own("extract_join_keys", Standing::Useful, "joins by keys and not by trying all pairs", || {
        Arc::new(ExtractJoinKeys)
    }),
    Entry::off(
        "extract_equijoin_predicate",
        "mixes keys by `=` with keys by `<=>`; `extract_join_keys` stands for it",
        || Arc::new(engine::extract_equijoin_predicate::ExtractEquijoinPredicate::new()),
    ),
    Entry::off("eliminate_duplicated_expr", "nothing is cheaper with it", || {
        Arc::new(engine::eliminate_duplicated_expr::EliminateDuplicatedExpr::new())
    }),
    Entry::off("eliminate_filter", "nothing is cheaper with it", || {
        Arc::new(engine::eliminate_filter::EliminateFilter::new())
    }),
    Entry::off("eliminate_cross_join", "gives keys by `=` the nulls of keys by `<=>`", || {
        Arc::new(engine::eliminate_cross_join::EliminateCrossJoin::new())
    }),
    Entry::off("eliminate_limit", "nothing is cheaper with it", || {
        Arc::new(engine::eliminate_limit::EliminateLimit::new())
    }),
    Entry::off("propagate_empty_relation", "nothing is cheaper with it", || {
        Arc::new(engine::propagate_empty_relation::PropagateEmptyRelation::new())
    }),
    Entry::off("filter_null_join_keys", "nothing is cheaper with it", || {
        Arc::new(engine::filter_null_join_keys::FilterNullJoinKeys::default())
    }),
    Entry::off("eliminate_outer_join", "nothing is cheaper with it", || {
        Arc::new(engine::eliminate_outer_join::EliminateOuterJoin::new())
    }),
    Entry::needed(
        "push_down_limit",
        "a sort that does not know of the limit above it may be dropped",
        || Arc::new(engine::push_down_limit::PushDownLimit::new()),
    ),
    Entry::own(
        "push_filter",
        Standing::Useful,
        "drops rows before they are joined, and files before they are read",
        || Arc::new(push_filter::PushFilter::default()),
    ),
    Entry::off(
        "push_down_filter",
        "moves conditions without columns below aggregations of everything; `push_filter` stops there",
        || Arc::new(engine::push_down_filter::PushDownFilter::new()),
    ),
    Entry::off("single_distinct_aggregation_to_group_by", "nothing is cheaper with it", || {
        Arc::new(engine::single_distinct_to_groupby::SingleDistinctToGroupBy::new())
    }),
    Entry::off("eliminate_group_by_constant", "nothing is cheaper with it", || {
        Arc::new(engine::eliminate_group_by_constant::EliminateGroupByConstant::new())
    }),
    Entry::useful("common_sub_expression_eliminate", "computes what is written twice once", || {
        Arc::new(engine::common_subexpr_eliminate::CommonSubexprEliminate::new())
    }),
    Entry::off(
        "extract_leaf_expressions",
        "moves fields below projections that use their name otherwise; ours are of a function that it does not know",
        || Arc::new(engine::extract_leaf_expressions::ExtractLeafExpressions::new()),
    ),
    Entry::off("push_down_leaf_projections", "the other half of `extract_leaf_expressions`", || {
        Arc::new(engine::extract_leaf_expressions::PushDownLeafProjections::new())
    }),
    Entry::useful("optimize_projections", "reads no column that nobody asks for", || {
        Arc::new(engine::optimize_projections::OptimizeProjections::new())
    }),
    // Behind what moves filters: only there does it show what they compare.
    Entry::own(
        "opaque_equalities",
        Standing::Needed,
        "an expression that equals a part of itself is not put for that part",
        || Arc::new(opaque::OpaqueEqualities),
    ),
];

#[cfg(test)]
mod tests {
    use datafusion::optimizer::Optimizer;

    use super::*;

    #[test]
    fn every_rule_of_the_engine_is_listed_in_its_order_and_under_its_name() {
        let theirs: Vec<String> = Optimizer::new().rules.iter().map(|rule| rule.name().to_owned()).collect();
        let listed: Vec<&str> = LIST.iter().filter(|entry| !entry.own).map(|entry| entry.name).collect();
        assert_eq!(listed, theirs, "the engine has other rules than before: decide about each");
        for entry in LIST {
            assert_eq!((entry.make)().name(), entry.name);
        }
    }

    #[test]
    fn every_rule_of_the_engine_that_analyses_plans_is_known() {
        let theirs: Vec<String> =
            datafusion::optimizer::Analyzer::new().rules.iter().map(|rule| rule.name().to_owned()).collect();
        assert_eq!(theirs, ["resolve_grouping_function", "type_coercion"]);
    }
}
