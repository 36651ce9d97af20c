//! What is known to be wrong in the engine's rules, and right without them.
//!
//! Each fault is shown with the rule that has it. The day on which an upgrade mends one, its test fails here: then the rule may
//! be judged anew.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::functions::core::get_field;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::aggregate_statistics::AggregateStatistics;
use datafusion::physical_plan::ExecutionPlan;
use goldsmith_sql::optimize::RuleSet;
use goldsmith_sql::parse::Query;
use goldsmith_sql::plan::plan;
use serde_json::{Value, json};

use crate::common::{answer, answer_of, session, session_with};

fn rules(switched: &[(&str, bool)]) -> RuleSet {
    switched.iter().fold(RuleSet::default(), |rules, (name, runs)| rules.with(name, *runs))
}

async fn assert_stands(sql: &str, expected: &Value) {
    let stands = answer(&session(), sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert_eq!(json!(stands.rows), *expected, "{sql}");
}

/// Rows of `sql` as sessions stand; with `switched` rules they are others.
async fn assert_wrong_with(switched: &[(&str, bool)], sql: &str, expected: Value) {
    assert_stands(sql, &expected).await;
    // Where threads take turns, a fault need not show each time.
    for _ in 0..30 {
        let found = answer(&session_with(rules(switched)), sql).await;
        let found = found.unwrap_or_else(|error| panic!("{switched:?}: {sql}: {error}"));
        if json!(found.rows) != expected {
            return;
        }
    }
    panic!("{switched:?} is mended: {sql}");
}

/// Rows of `sql` as sessions stand; with `switched` rules there is an error in these words.
async fn assert_fails_with(switched: &[(&str, bool)], sql: &str, expected: Value, words: &str) {
    assert_stands(sql, &expected).await;
    match answer(&session_with(rules(switched)), sql).await {
        Ok(found) => panic!("{switched:?} is mended: {sql}: {:?}", found.rows),
        Err(error) => assert!(error.contains(words), "{switched:?}: {sql}: {error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn simplification_forgets_null_in_lists_that_it_puts_together() {
    let rule = [("simplify_expressions", true)];
    let rows = "(SELECT * FROM VALUES (1L), (5L), (9L), (NULL) AS v(i)) q";
    let or = format!("SELECT i FROM {rows} WHERE i NOT IN (1, 2) OR i NOT IN (3, 4) ORDER BY i");
    assert_wrong_with(&rule, &or, json!([[1], [5], [9]])).await;
    let and = format!("SELECT i, i IN (1, 2, 3, 4) AND i IN (5, 6, 7, 8) FROM {rows} ORDER BY i");
    assert_wrong_with(&rule, &and, json!([[null, null], [1, false], [5, false], [9, false]])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_moved_below_projections_that_use_their_name_otherwise() {
    let rows = "(SELECT 1 AS a, named_struct('b', 'x') AS s) t";
    let sql = format!("SELECT a, s.b FROM (SELECT -a AS a, s FROM {rows} WHERE a > 0) q");
    let expected = [json!([-1, "x"])];
    assert_eq!(answer(&session(), &sql).await.unwrap().rows, expected);
    assert_eq!(answer_of(&session(), &sql, with_engine_fields).await.unwrap().rows, expected);
    let rules =
        RuleSet::default().with("extract_leaf_expressions", true).with("push_down_leaf_projections", true);
    match answer_of(&session_with(rules), &sql, with_engine_fields).await {
        Ok(found) => panic!("the rules are mended: {sql}: {:?}", found.rows),
        Err(error) => assert!(error.contains("would be ambiguous"), "{error}"),
    }
    let sql = format!("SELECT q.s.b FROM (SELECT t.s FROM {rows}) q");
    assert_eq!(answer(&session(), &sql).await.unwrap().rows, [json!(["x"])]);
}

/// The plan with the engine's function for fields, which its rules know, in the place of ours.
fn with_engine_fields(plan: LogicalPlan) -> LogicalPlan {
    let swapped = plan.transform_up(|node| {
        node.map_expressions(|expr| {
            expr.transform_up(|expr| {
                Ok(match expr {
                    Expr::ScalarFunction(mut call) if call.func.name() == "spark_field" => {
                        call.args.truncate(2);
                        Transformed::yes(get_field().call(call.args))
                    }
                    other => Transformed::no(other),
                })
            })
        })
    });
    swapped.unwrap().data
}

/// A field of a struct that is null: the engine gives what stands below it.
#[tokio::test(flavor = "multi_thread")]
async fn fields_of_structs_that_are_null_are_not_null() {
    let sql = "SELECT v, (CASE WHEN v = 1 THEN s END).a AS a \
               FROM VALUES (1, named_struct('a', 1)), (2, named_struct('a', 2)) AS t(v, s) ORDER BY v";
    let expected = [json!([1, 1]), json!([2, null])];
    assert_eq!(answer(&session(), sql).await.unwrap().rows, expected);
    let found = answer_of(&session(), sql, with_engine_fields).await;
    assert!(found.is_ok_and(|found| found.rows != expected), "the function is mended");
}

/// Lambdas count their parameters behind the columns of an input that rules change.
#[tokio::test(flavor = "multi_thread")]
async fn parameters_of_lambdas_are_taken_for_columns() {
    let rules = [("KeepLambdas", false)];
    let sql = "SELECT filter(y, e -> e > 1) FROM VALUES (1, array(1, 2)), (2, array(0)) AS t(x, y)";
    assert_fails_with(&rules, sql, json!([[[2]], [[]]]), "LambdaVariable").await;
}

const O: &str = "WITH o AS (SELECT * FROM VALUES (1), (5), (NULL) AS t(k)), a AS (SELECT * FROM VALUES (1), (2), (NULL) AS t(id)), \
                 b AS (SELECT * FROM VALUES (1, 1), (2, 2), (NULL, 3) AS t(id, y)) ";

#[tokio::test(flavor = "multi_thread")]
async fn correlated_subqueries_are_not_always_made_joins() {
    let engine = [
        ("decorrelate_subqueries", false),
        ("decorrelate_predicate_subquery", true),
        ("scalar_subquery_to_join", true),
    ];
    for (sql, expected, words) in [
        (
            "SELECT k FROM o WHERE EXISTS (SELECT 1 FROM a LEFT JOIN (SELECT * FROM b WHERE b.y = o.k) b2 ON a.id = b2.id \
             WHERE b2.y IS NULL) ORDER BY k",
            json!([[null], [1], [5]]),
            "ambiguous",
        ),
        (
            "SELECT id FROM a WHERE id NOT IN (SELECT b.id FROM b WHERE b.id = a.id) ORDER BY id",
            json!([[null]]),
            "ambiguous",
        ),
        (
            "SELECT id FROM a WHERE id NOT IN (SELECT b.id FROM b WHERE b.y = a.id + 1) ORDER BY id",
            json!([[null], [1]]),
            "null_aware",
        ),
        (
            "SELECT k FROM o WHERE EXISTS (SELECT b.y FROM b WHERE b.y = o.k) ORDER BY k",
            json!([[1]]),
            "ambiguous",
        ),
        (
            "SELECT k, (SELECT count(*) FROM b WHERE b.y <> o.k) FROM o ORDER BY k",
            json!([[null, 0], [1, 2], [5, 3]]),
            "No field named",
        ),
    ] {
        assert_fails_with(&engine, &format!("{O}{sql}"), expected, words).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_mind_nulls_meet_keys_that_do_not() {
    let tables = "WITH a AS (SELECT * FROM VALUES (1, 1), (NULL, 2), (3, NULL) AS t(k, x)), \
                  b AS (SELECT * FROM VALUES (1, 1), (NULL, 2), (3, NULL) AS t(k, y)), \
                  c AS (SELECT * FROM VALUES (1), (2), (NULL) AS t(y)) ";
    let sql = format!("{tables} SELECT a.k, a.x FROM a JOIN b ON a.k <=> b.k WHERE a.x = b.y ORDER BY a.k");
    let engine = [("extract_join_keys", false), ("extract_equijoin_predicate", true)];
    assert_wrong_with(&engine, &sql, json!([[null, 2], [1, 1]])).await;
    let sql =
        format!("{tables} SELECT a.k, c.y FROM a JOIN b ON a.k <=> b.k JOIN c ON b.y = c.y ORDER BY a.k");
    assert_wrong_with(&[("eliminate_cross_join", true)], &sql, json!([[null, 2], [1, 1]])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_union_of_constants_is_taken_for_sorted() {
    let engine = [("HideEquivalences", false)];
    let sql = "WITH t AS (SELECT * FROM VALUES (1), (2), (3), (4), (5) AS t(x)) \
               SELECT a, b FROM (SELECT 3 AS a, x AS b FROM t UNION ALL SELECT 1, x FROM t UNION ALL SELECT 2, x FROM t) q \
               ORDER BY a, b LIMIT 3";
    assert_wrong_with(&engine, sql, json!([[1, 1], [1, 2], [1, 3]])).await;
    let sql = "SELECT 1 AS a, 2 AS b UNION ALL SELECT 1, 2 EXCEPT ALL SELECT 1, 2";
    assert_eq!(answer(&session(), sql).await.unwrap().rows, [json!([1, 2])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_meet_another_column_of_the_same_name() {
    // The sides of the join are swapped, and both have a column `k`.
    let sql = "WITH a AS (SELECT * FROM VALUES (1, 'x'), (2, 'y'), (NULL, 'z') AS t(k, s)), \
               b AS (SELECT * FROM VALUES (1, 'p'), (3, 'q') AS t(k, s)) \
               SELECT a.k, b.k FROM a RIGHT JOIN b ON a.k = b.k WHERE a.k IS NULL ORDER BY 2";
    assert_eq!(answer(&session(), sql).await.unwrap().rows, [json!([null, 3])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_without_columns_stays_above_an_aggregation() {
    let rows = "(SELECT * FROM VALUES (1), (2) AS t(k)) t";
    for sql in [
        format!("SELECT count(*) FROM {rows} HAVING 1 = 0"),
        format!("SELECT * FROM (SELECT count(*) AS c FROM {rows}) q WHERE 1 = 0"),
        format!("SELECT count(*) FROM {rows} HAVING CAST(NULL AS BOOLEAN)"),
        format!(
            "SELECT s FROM (SELECT 'ab' AS s FROM (SELECT count(*) AS c FROM {rows}) q) p WHERE upper(s) = s"
        ),
    ] {
        assert!(answer(&session(), &sql).await.unwrap().rows.is_empty(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_that_loses_its_columns_is_moved_below_an_aggregation() {
    let engine = [("push_filter", false), ("push_down_filter", true)];
    let sql = "SELECT count(*) FROM (SELECT 'ab' AS s FROM (SELECT count(*) AS c FROM VALUES (1), (2) AS t(k)) q) p \
               WHERE upper(s) = s";
    assert_wrong_with(&engine, sql, json!([[0]])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_constant_below_an_outer_join_is_taken_for_one_above() {
    let engine = [("HideEquivalences", false)];
    let joined = "(SELECT * FROM VALUES (1, 'b'), (2, 'a'), (3, 'b'), (4, 'a'), (5, NULL) AS t(n, k)) l \
                  LEFT JOIN (SELECT 7 AS m, 'a' AS k) a ON l.k = a.k";
    let sql = format!("SELECT l.n, a.m FROM {joined} ORDER BY a.m DESC, l.n LIMIT 3");
    assert_wrong_with(&engine, &sql, json!([[2, 7], [4, 7], [1, null]])).await;
    let sql = format!("SELECT a.m, count(*) FROM {joined} GROUP BY a.m ORDER BY 1");
    assert_eq!(answer(&session(), &sql).await.unwrap().rows, [json!([null, 3]), json!([7, 2])]);
    let sql = format!("SELECT l.n, count(*) OVER (PARTITION BY a.m) FROM {joined} ORDER BY 1");
    let expected = [[1, 3], [2, 2], [3, 3], [4, 2], [5, 3]].map(|row| json!(row));
    assert_eq!(answer(&session(), &sql).await.unwrap().rows, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn lambdas_in_filters_of_joins_are_taken_apart() {
    let engine = [("ProjectionPushdown", true)];
    let sql = "SELECT a.k, b.k AS k2 FROM (VALUES (1), (2), (5)) AS a(k) JOIN (VALUES (1), (3)) AS b(k) \
               ON exists(array(a.k, b.k), x -> a.k + 1 > 5) ORDER BY 1, 2";
    assert_fails_with(&engine, sql, json!([[5, 1], [5, 3]]), "lambda").await;
}

/// Another stage, or whoever takes the rows of an executor, finds columns that are not those of the plan.
#[tokio::test]
async fn what_is_answered_from_statistics_is_said_to_be_never_null() {
    let state = session();
    let query = Query::parse("SELECT max(s) FROM (SELECT '' AS s FROM VALUES (1), (2) AS t(k)) q").unwrap();
    let physical = state.create_physical_plan(&plan(&state, &query).unwrap().plan).await.unwrap();
    let aggregation = physical.children()[0];
    let answered =
        AggregateStatistics::new().optimize(Arc::clone(aggregation), state.config_options()).unwrap();
    let is_nullable = |plan: &Arc<dyn ExecutionPlan>| plan.schema().field(0).is_nullable();
    assert!(is_nullable(aggregation) && !is_nullable(&answered), "the rule is mended");
}
