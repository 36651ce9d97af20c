//! Statements that once answered otherwise than Spark. `answers.jsonl` holds what Spark 3.5.7 says, kind by kind; structs are lists.

use serde_json::{Value, json};

use crate::common::{answer, session};

async fn assert_answers(kind: &str) {
    let session = session();
    let mut seen = 0;
    for line in include_str!("answers.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if case["kind"] != kind {
            continue;
        }
        seen += 1;
        let sql = case["sql"].as_str().unwrap();
        let found = answer(&session, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(json!(found.rows), case["rows"], "{sql}");
    }
    assert!(seen > 5, "{seen} statements of {kind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_struct_that_is_null_has_no_field_that_is_not() {
    assert_answers("fields").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn joins_without_a_condition_pair_all_rows() {
    assert_answers("joins").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comma_binds_like_a_join() {
    assert_answers("commas").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lambdas_find_their_parameters_wherever_projections_move() {
    assert_answers("lambdas").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_generator_makes_are_rows_to_all_beside_it() {
    assert_answers("generators").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_are_ordered_by_what_has_no_distances() {
    assert_answers("windows").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_faults_of_the_engine_are_kept_away() {
    assert_answers("others").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_spark_answers_wrongly_or_not_at_all_is_refused() {
    let tables = "WITH a AS (SELECT * FROM VALUES (1), (2), (NULL) AS t(k)), \
                  b AS (SELECT * FROM VALUES (1, 5), (1, 7) AS t(k, v)) ";
    for sql in [
        "SELECT k FROM a WHERE EXISTS (SELECT max(v) FROM b WHERE b.k = a.k)",
        "SELECT k FROM a WHERE NOT EXISTS (SELECT count(*) FROM b WHERE b.k = a.k HAVING count(*) > 0)",
        "SELECT k FROM a WHERE k NOT IN (SELECT max(v) FROM b WHERE b.k = a.k)",
        "SELECT k, (SELECT max(q.n) FROM (SELECT count(*) AS n FROM b WHERE b.k = a.k) q) FROM a",
    ] {
        let refused = answer(&session(), &format!("{tables}{sql}")).await.unwrap_err();
        assert!(
            refused.contains("without GROUP BY of rows that depend on the outer query"),
            "{sql}: {refused}"
        );
    }
    let refused = answer(&session(), "SELECT * FROM (VALUES ((SELECT 1)), (2)) t(x)").await.unwrap_err();
    assert!(
        refused.contains("a subquery in VALUES is not supported") && !refused.contains("Int32"),
        "{refused}"
    );
    let failed = answer(&session(), "SELECT map(NULL, x) FROM VALUES (1) AS t(x)").await.unwrap_err();
    assert!(failed.contains("the key of a map must not be null"), "{failed}");
    let sql = format!("{tables}SELECT k, (SELECT count(*) FROM b WHERE b.k = a.k) FROM a ORDER BY k");
    let found = answer(&session(), &sql).await.unwrap();
    assert_eq!(json!(found.rows), json!([[null, 0], [1, 2], [2, 0]]));
}

/// Whatever stands in the rows: here there are none.
#[tokio::test(flavor = "multi_thread")]
async fn patterns_that_make_no_sense_are_refused_before_a_row_is_read() {
    let table = "FROM (SELECT * FROM VALUES ('a', 1) AS v(s, n) WHERE n > 1) t";
    for (call, reason) in [
        ("regexp_replace(s, '(?<=x)a', '')", "(?<=x)a"),
        ("regexp_replace(s, 'a', '$3')", "group 3"),
        ("s RLIKE '(a'", "(a"),
        ("split(s, '(?=b)')", "(?=b)"),
        ("encode(s, 'UTF-16')", "UTF-16"),
        ("date_format(DATE '2024-01-01', 'yyyyY')", "yyyyY"),
        ("to_date(s, 'QQQ')", "QQQ"),
        ("to_date(s, 'bbbb')", "`to_date`"),
        ("split_part(s, ',', 0)", "counts from 1"),
        ("s LIKE 'a\\\\b'", "escape"),
    ] {
        let refused = answer(&session(), &format!("SELECT n, {call} AS x {table}")).await.unwrap_err();
        assert!(refused.contains(reason) && refused.contains("column 11"), "{call}: {refused}");
    }
    let like = answer(&session(), &format!("SELECT s LIKE 'a\\\\b' AS x {table}")).await.unwrap_err();
    assert!(like.contains("function `like`"), "{like}");
    // Nothing is sought in null.
    let null =
        answer(&session(), "SELECT regexp_replace(CAST(NULL AS STRING), '(?<=a)', 'x') AS x").await.unwrap();
    assert_eq!(json!(null.rows), json!([[null]]));
    // Those that come with the rows are judged with them.
    let rows = answer(&session(), &format!("SELECT s RLIKE s AS x {table}")).await.unwrap();
    assert!(rows.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_of_no_value_ignore_no_nulls() {
    for function in ["row_number()", "rank()", "percent_rank()", "ntile(2)"] {
        let sql = format!("SELECT {function} IGNORE NULLS OVER (ORDER BY n) AS x FROM (SELECT 1 AS n) t");
        let refused = answer(&session(), &sql).await.unwrap_err();
        assert!(refused.contains("takes no IGNORE NULLS"), "{sql}: {refused}");
    }
}
