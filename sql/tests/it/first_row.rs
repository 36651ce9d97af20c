//! The latest row of each key, written as a window.

use std::sync::Arc;

use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::displayable;
use goldsmith_sql::optimize::RuleSet;
use goldsmith_sql::parse::Query;
use goldsmith_sql::plan::plan;
use goldsmith_sql::session::{SqlOptions, session_state};
use serde_json::json;

use crate::common::{answer, as_of, session};

const ROWS: &str =
    "VALUES ('a', 1, 'x'), ('a', 2, 'y'), (NULL, 5, 'z'), (NULL, NULL, 'w'), ('b', NULL, 'v') AS t(k, n, v)";

fn latest(condition: &str) -> String {
    format!(
        "WITH r AS (SELECT k, v, n, row_number() OVER (PARTITION BY k ORDER BY n DESC NULLS LAST) AS rank FROM {ROWS}) \
         SELECT k, v, rank FROM r WHERE {condition} ORDER BY k"
    )
}

async fn physical(sql: &str) -> String {
    let state = session();
    let planned = plan(&state, &Query::parse(sql).unwrap()).unwrap();
    let plan = state.create_physical_plan(&planned.plan).await.unwrap();
    displayable(plan.as_ref()).indent(false).to_string()
}

#[tokio::test]
async fn a_window_is_not_sorted_for_its_first_row() {
    for condition in ["rank = 1", "1 = rank", "rank <= 1", "rank < 2", "rank = 1 AND v <> 'x'"] {
        let sql = latest(condition);
        let plan = physical(&sql).await;
        assert!(plan.contains("FirstRowExec") && !plan.contains("WindowAggExec"), "{condition}\n{plan}");
        let found = answer(&session(), &sql).await.unwrap();
        assert_eq!(
            found.rows,
            [json!([null, "z", 1]), json!(["a", "y", 1]), json!(["b", "v", 1])],
            "{condition}"
        );
    }
}

#[tokio::test]
async fn any_other_number_still_needs_the_window() {
    for (condition, expected) in [
        ("rank = 2", vec![json!([null, "w", 2]), json!(["a", "x", 2])]),
        ("rank > 1", vec![json!([null, "w", 2]), json!(["a", "x", 2])]),
        (
            "rank <= 1 OR v = 'w'",
            vec![json!([null, "z", 1]), json!([null, "w", 2]), json!(["a", "y", 1]), json!(["b", "v", 1])],
        ),
    ] {
        let sql = latest(condition);
        assert!(physical(&sql).await.contains("WindowAggExec"), "{condition}");
        let found = answer(&session(), &format!("{sql}, rank")).await.unwrap();
        assert_eq!(found.rows, expected, "{condition}");
    }
}

#[tokio::test]
async fn a_condition_on_the_rows_is_asked_after_the_first_row_is_found() {
    // The latest row of `a` is not the one that the condition keeps.
    let found = answer(&session(), &latest("rank = 1 AND v <> 'y'")).await.unwrap();
    assert_eq!(found.rows, [json!([null, "z", 1]), json!(["b", "v", 1])]);
}

/// A deduplication by order and line, joined by order: rows are moved once, to the partitions of their orders.
#[tokio::test]
async fn a_join_by_some_of_the_keys_moves_no_row_again() {
    // Batches of one row: five rows are worth being spread.
    let options = SqlOptions {
        as_of: as_of(),
        target_partitions: 4,
        batch_size: Some(1),
        distributed: true,
        rules: RuleSet::default(),
    };
    let mut state = session_state(options, Arc::new(RuntimeEnv::default()));
    // Nothing is small enough to be collected. (The mode is about what is planned; the plan runs here all the same.)
    let settings = state.config_mut().options_mut();
    settings.optimizer.hash_join_single_partition_threshold = 0;
    settings.optimizer.hash_join_single_partition_threshold_rows = 0;
    let lines = "SELECT o, l, v, row_number() OVER (PARTITION BY l, o ORDER BY v DESC) AS rank \
                 FROM VALUES (1, 1, 'a'), (1, 1, 'b'), (1, 2, 'c'), (2, 1, 'd'), (NULL, 1, 'e') AS t(o, l, v)";
    let orders = "VALUES (1, 'x'), (2, 'y'), (3, 'z') AS t(o, n)";
    let sql = |on: &str| {
        format!(
            "SELECT lines.v, orders.n FROM (SELECT upper(v) AS v, o, l, l AS line FROM ({lines}) AS r WHERE rank = 1 AND v <> 'd') AS lines \
             JOIN (SELECT DISTINCT o, n FROM {orders}) AS orders ON {on} ORDER BY lines.v"
        )
    };
    let shuffles = async |on: &str| {
        let planned = plan(&state, &Query::parse(&sql(on)).unwrap()).unwrap();
        let plan = state.create_physical_plan(&planned.plan).await.unwrap();
        let text = displayable(plan.as_ref()).indent(false).to_string();
        (text.matches("RepartitionExec: partitioning=Hash").count(), text)
    };
    // One for the lines and two for the orders, which are made distinct by more than they are joined by.
    let (found, text) = shuffles("orders.o = lines.o").await;
    assert_eq!(found, 3, "{text}");
    assert!(text.contains("partitioned_by=[col1@0]"), "{text}");
    // The name is not among the keys of the lines: two shuffles for them, and one for the orders.
    let (found, text) = shuffles("orders.o = lines.o AND orders.n = lower(lines.v)").await;
    assert_eq!(found, 3, "{text}");
    assert!(!text.contains("partitioned_by"), "{text}");
    for (on, expected) in [
        ("orders.o = lines.o", vec![json!(["B", "x"]), json!(["C", "x"])]),
        ("orders.o = lines.o AND orders.o = lines.line", vec![json!(["B", "x"])]),
    ] {
        assert_eq!(answer(&state, &sql(on)).await.unwrap().rows, expected, "{on}");
    }
}
