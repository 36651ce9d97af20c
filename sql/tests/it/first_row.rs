//! The latest row of each key, written as a window.

use datafusion::physical_plan::displayable;
use goldsmith_sql::parse::Query;
use goldsmith_sql::plan::plan;
use serde_json::json;

use crate::common::{answer, session};

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
