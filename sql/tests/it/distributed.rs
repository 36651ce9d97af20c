//! Plans that are cut into tasks: which joins collect a side, and which take one task.

use std::sync::Arc;

use datafusion::execution::SessionState;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::displayable;
use goldsmith_sql::optimize::RuleSet;
use goldsmith_sql::parse::Query;
use goldsmith_sql::plan::plan;
use goldsmith_sql::session::{SqlOptions, session_state};
use serde_json::{Value, json};

use crate::common::{answer, as_of};

/// Batches of one row, so that few rows are worth being spread.
fn session() -> SessionState {
    let options = SqlOptions {
        as_of: as_of(),
        target_partitions: 4,
        batch_size: Some(1),
        distributed: true,
        rules: RuleSet::default(),
    };
    session_state(options, Arc::new(RuntimeEnv::default()))
}

/// The plan of `select` over lines and the articles that some of them name, and its rows. In one process every plan gives the
/// right rows, so what they show is that the rules left its meaning alone.
async fn planned(select: &str) -> (String, Vec<Value>) {
    let sql = format!(
        "WITH line AS (SELECT * FROM VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, NULL), (5, 'x') AS t(n, item)), \
         article AS (SELECT * FROM VALUES ('a', 10), ('b', 20), ('c', 30), ('a', 11) AS t(item, price)) {select}"
    );
    let state = session();
    let query = plan(&state, &Query::parse(&sql).unwrap()).unwrap();
    let physical = state.create_physical_plan(&query.plan).await.unwrap();
    let text = displayable(physical.as_ref()).indent(false).to_string();
    (text, answer(&state, &sql).await.unwrap().rows)
}

#[tokio::test]
async fn a_small_side_is_collected_and_the_other_stays_where_it_is() {
    let (text, rows) = planned(
        "SELECT l.n, a.price FROM line l LEFT JOIN (SELECT item, price FROM article WHERE price > 10) a ON a.item = l.item ORDER BY 1",
    )
    .await;
    assert!(text.contains("CollectJoinExec: collects=left, HashJoinExec: mode=CollectLeft"), "{text}");
    assert!(!text.contains("partitioning=Hash"), "{text}");
    let expected = [[json!(1), json!(11)], [json!(2), json!(11)], [json!(3), json!(20)]];
    assert_eq!(rows[..3], expected.map(|row| json!(row)));
    assert_eq!(rows[3..], [json!([4, null]), json!([5, null])]);
}

#[tokio::test]
async fn groups_that_are_collected_are_finished_by_those_who_collect_them() {
    let (text, rows) = planned(
        "SELECT l.n, a.most FROM line l JOIN (SELECT item, max(price) AS most FROM article GROUP BY item) a ON a.item = l.item ORDER BY 1",
    )
    .await;
    assert!(text.contains("CollectJoinExec: collects=left"), "{text}");
    assert!(text.contains("AggregateExec: mode=Final,") && !text.contains("FinalPartitioned"), "{text}");
    assert_eq!(rows, [json!([1, 11]), json!([2, 11]), json!([3, 20])]);
}

#[tokio::test]
async fn unmatched_rows_of_a_collected_side_are_found_by_partitions_of_the_keys() {
    let (text, rows) =
        planned("SELECT count(*) AS n, count(l.n) AS m FROM line l FULL JOIN article a ON a.item = l.item")
            .await;
    assert!(text.contains("HashJoinExec: mode=Partitioned") && !text.contains("CollectJoinExec"), "{text}");
    assert_eq!(rows, [json!([8, 7])]);
}

#[tokio::test]
async fn one_task_does_what_tasks_could_not_do_apart() {
    let select = "SELECT count(*) FROM line l FULL JOIN article a ON a.price < l.n";
    let (text, rows) = planned(select).await;
    assert!(text.contains("CollectJoinExec: collects=both"), "{text}");
    assert_eq!(rows, [json!([9])]);
    // What is not in a subquery is known from counts, by tasks apart.
    let select = "SELECT count(*) FROM line WHERE item NOT IN (SELECT item FROM article)";
    let (text, rows) = planned(select).await;
    assert!(!text.contains("collects=both"), "{text}");
    assert_eq!(rows, [json!([1])]);
}

#[tokio::test]
async fn joins_without_keys_are_named_too() {
    for select in [
        "SELECT sum(l.n + a.price) FROM line l CROSS JOIN article a",
        "SELECT sum(l.n + a.price) FROM line l JOIN article a ON a.price > l.n",
    ] {
        let (text, rows) = planned(select).await;
        assert!(text.contains("CollectJoinExec: collects=left"), "{select}\n{text}");
        assert_eq!(rows, [json!([415])], "{select}");
    }
}

/// Within one process the key of the inner join is known to be the value that the outer one asks for, and both are apart by it
/// already. A stage does not know.
#[tokio::test]
async fn what_another_stage_knows_is_not_relied_upon() {
    let select = "SELECT count(*) FROM line l WHERE NOT EXISTS (SELECT 1 FROM (VALUES ('x')) q(k) \
                  WHERE l.item = q.k AND q.k NOT IN (SELECT item FROM article))";
    let (text, _) = planned(select).await;
    assert!(text.contains("RepartitionExec: partitioning=Hash([__outer"), "{text}");
}

/// Rows that a window takes for peers come in batches of their own.
#[tokio::test]
async fn peers_by_binary_and_structs_stand_in_several_batches() {
    let lines =
        "(SELECT n, encode(coalesce(item, '-'), 'UTF-8') AS b, named_struct('i', item) AS s FROM line) q";
    for (key, expected) in [
        ("b", json!([[1, 2, 7], [2, 2, 7], [3, 4, 10], [4, 1, 4], [5, 5, 15]])),
        ("s", json!([[1, 2, 7], [2, 2, 7], [3, 4, 10], [4, 1, 4], [5, 5, 15]])),
    ] {
        let select = format!(
            "SELECT n, rank() OVER (ORDER BY {key}), sum(n) OVER (ORDER BY {key}) FROM {lines} ORDER BY n"
        );
        let (text, rows) = planned(&select).await;
        assert_eq!(json!(rows), expected, "{key}: {text}");
    }
}

/// A shuffle of one partition keeps the order of its rows, and whoever reads them in another stage does not know.
#[tokio::test]
async fn an_order_is_not_known_behind_a_shuffle() {
    for (select, expected) in [
        (
            "SELECT count(*) OVER (PARTITION BY tag) FROM (SELECT 3 AS tag, max(price) AS most FROM article GROUP BY item \
             ORDER BY 1, 2 LIMIT 3) q",
            vec![json!([3]), json!([3]), json!([3])],
        ),
        (
            "SELECT row_number() OVER (PARTITION BY v, item ORDER BY price) \
             FROM (SELECT price, item, row_number() OVER (ORDER BY item, price) AS v FROM article) q",
            vec![json!([1]), json!([1]), json!([1]), json!([1])],
        ),
    ] {
        let (text, rows) = planned(select).await;
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        let shuffle = lines.iter().position(|line| line.contains("partitioning=Hash")).unwrap();
        assert!(lines[shuffle - 1].starts_with("SortExec"), "{text}");
        assert_eq!(rows, expected, "{select}");
    }
}

/// Ballista takes results of aggregations from statistics of a stage, with the engine's rule that is off here.
#[tokio::test]
async fn aggregations_of_everything_see_no_statistics() {
    let (text, rows) = planned("SELECT max(name) FROM (SELECT '' AS name FROM line, article) q").await;
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let aggregation = lines.iter().position(|line| line.contains("aggr=[max(q.name)")).unwrap();
    assert!(lines[aggregation + 1].starts_with("FilterExec: true"), "{text}");
    assert_eq!(rows, [json!([""])]);
}

#[tokio::test]
async fn what_a_window_function_does_with_nulls_is_in_its_name() {
    for (call, named) in [
        ("lag(item) IGNORE NULLS", "spark_lag_ignoring_nulls"),
        ("lead(item, 1) IGNORE NULLS", "spark_lead_ignoring_nulls"),
        ("lead(item, 2) IGNORE NULLS", "spark_lag_ignoring_nulls"),
        ("nth_value(item, 2) IGNORE NULLS", "spark_nth_value_ignoring_nulls"),
    ] {
        let (text, rows) = planned(&format!("SELECT n, {call} OVER (ORDER BY n) AS x FROM line")).await;
        assert!(text.contains(named), "{call}: {text}");
        assert_eq!(rows.len(), 5);
    }
    let (_, rows) =
        planned("SELECT n, lag(item) IGNORE NULLS OVER (ORDER BY n) AS x FROM line ORDER BY n").await;
    assert_eq!(json!(rows), json!([[1, null], [2, "a"], [3, "a"], [4, "b"], [5, "b"]]));
}
