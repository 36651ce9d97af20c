//! Subqueries that depend on the query around them.

use serde_json::{Value, json};

use crate::common::{answer, session};

const TABLES: &str = "WITH a AS (SELECT * FROM VALUES (1, 'x', 1.5D), (2, 'y', NULL), (2, 'y', 0.5D), (NULL, 'z', 2.5D) AS t(k, s, f)), \
                      b AS (SELECT * FROM VALUES (1, 10), (1, 30), (2, 20), (NULL, 5) AS t(k, v)) ";

async fn assert_answers(cases: &[(&str, Value)]) {
    for (sql, expected) in cases {
        let sql = format!("{TABLES}{sql}");
        let found = answer(&session(), &sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(json!(found.rows), *expected, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_ordered_by_values_that_are_selected() {
    assert_answers(&[
        (
            "SELECT s, (SELECT max(v) FROM b WHERE b.k = a.k) AS m FROM a ORDER BY 2 DESC, 1",
            json!([["x", 30], ["y", 20], ["y", 20], ["z", null]]),
        ),
        (
            "SELECT s, (SELECT max(v) FROM b WHERE b.k = a.k) AS m FROM a ORDER BY m NULLS LAST, s",
            json!([["y", 20], ["y", 20], ["x", 30], ["z", null]]),
        ),
        (
            "SELECT (SELECT sum(v) / 4D FROM b WHERE b.k = a.k) AS m, s FROM a ORDER BY m DESC, s",
            json!([["10.0", "x"], ["5.0", "y"], ["5.0", "y"], [null, "z"]]),
        ),
        (
            "SELECT s, -(SELECT count(*) FROM b WHERE b.k < a.k) AS n FROM a ORDER BY n + 1, s",
            json!([["y", -2], ["y", -2], ["x", 0], ["z", 0]]),
        ),
    ])
    .await;
    let sql = format!("{TABLES}SELECT s FROM a ORDER BY (SELECT max(v) FROM b WHERE b.k = a.k)");
    let refused = answer(&session(), &sql).await.unwrap_err();
    assert!(refused.contains("a subquery in ORDER BY that depends on the outer query"), "{refused}");
}

/// The rows around are computed a second time for the values that the subquery asks for: they have to be the same ones.
#[tokio::test(flavor = "multi_thread")]
async fn limits_and_windows_that_an_order_makes_certain_may_be_around() {
    assert_answers(&[
        (
            "SELECT q.k, q.s FROM (SELECT k, s FROM a ORDER BY k, s LIMIT 3) q \
             WHERE EXISTS (SELECT 1 FROM b WHERE b.v < q.k * 15) ORDER BY 1, 2",
            json!([[1, "x"], [2, "y"]]),
        ),
        (
            "SELECT q.k, (SELECT count(*) FROM b WHERE b.v > q.n * 10) AS c \
             FROM (SELECT k, row_number() OVER (ORDER BY k, s) AS n FROM a) q ORDER BY 1, 2",
            json!([[null, 2], [1, 1], [2, 0], [2, 0]]),
        ),
        (
            "SELECT q.s, (SELECT count(*) FROM b WHERE b.v > q.n) AS c \
             FROM (SELECT s, rank() OVER (ORDER BY s) AS n FROM a) q ORDER BY 1, 2",
            json!([["x", 4], ["y", 4], ["y", 4], ["z", 4]]),
        ),
        (
            "SELECT q.s, (SELECT max(v) FROM b WHERE b.k >= q.n) AS c \
             FROM (SELECT s, sum(k) OVER (PARTITION BY s) AS n FROM a) q ORDER BY 1, 2",
            json!([["x", 30], ["y", null], ["y", null], ["z", null]]),
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_no_order_makes_certain_are_not_computed_twice() {
    for around in [
        "SELECT k AS n, 1 AS m FROM a LIMIT 2",
        "SELECT k AS n, f AS m FROM a ORDER BY k LIMIT 2",
        "SELECT f AS n, 1 AS m FROM a ORDER BY f LIMIT 2",
        "SELECT row_number() OVER (ORDER BY s) AS n, k AS m FROM a",
        "SELECT row_number() OVER (ORDER BY f) AS n, f AS m FROM a",
        "SELECT first_value(f) OVER (ORDER BY k) AS n, k AS m FROM a",
        "SELECT row_number() OVER (ORDER BY k) AS n, row_number() OVER (ORDER BY s) AS m FROM a",
        "SELECT sum(f) AS n, k AS m FROM a GROUP BY k",
        "SELECT sum(f) AS n, k AS m FROM a GROUP BY ROLLUP (k)",
    ] {
        let sql = format!(
            "{TABLES}SELECT (SELECT count(*) FROM b WHERE b.v > q.n AND b.v > q.m) FROM ({around}) q"
        );
        let refused = answer(&session(), &sql).await.unwrap_err();
        assert!(refused.contains("not the same each time"), "{sql}: {refused}");
    }
}

const LINES: &str = "WITH l AS (SELECT * FROM VALUES (1,'b',10),(2,'a',20),(3,'b',30),(4,'a',CAST(NULL AS INT)),(5,CAST(NULL AS STRING),20) AS t(n,k,v)), \
                     r AS (SELECT * FROM VALUES ('a',100),('c',200),('a',300),(CAST(NULL AS STRING),400) AS t(k,w)), \
                     e AS (SELECT * FROM r WHERE w > 999) ";

#[tokio::test(flavor = "multi_thread")]
async fn whether_there_are_rows_is_a_value() {
    for (sql, expected) in [
        (
            "SELECT n, EXISTS (SELECT 1 FROM r WHERE r.k = l.k) x FROM l ORDER BY n",
            json!([[1, false], [2, true], [3, false], [4, true], [5, false]]),
        ),
        (
            "SELECT n, EXISTS (SELECT 1 FROM r) x, EXISTS (SELECT 1 FROM e) y FROM l ORDER BY n",
            json!([[1, true, false], [2, true, false], [3, true, false], [4, true, false], [5, true, false]]),
        ),
        (
            "SELECT n, EXISTS (SELECT 1 FROM r WHERE r.w > l.v * 10 AND r.k <> l.k) x FROM l ORDER BY n",
            json!([[1, true], [2, false], [3, false], [4, false], [5, false]]),
        ),
        (
            "SELECT n, NOT (EXISTS (SELECT 1 FROM r WHERE r.k = l.k) OR v IS NULL) x FROM l ORDER BY n",
            json!([[1, true], [2, false], [3, true], [4, false], [5, true]]),
        ),
        (
            "SELECT n, CASE WHEN k NOT IN (SELECT k FROM r) THEN 1 ELSE 0 END x FROM l ORDER BY n",
            json!([[1, 0], [2, 0], [3, 0], [4, 0], [5, 0]]),
        ),
        (
            "SELECT n, CASE WHEN NOT (k IN (SELECT k FROM r WHERE k IS NOT NULL)) THEN 1 WHEN v IN (SELECT w / 10 FROM r) THEN 2 ELSE 0 END x FROM l ORDER BY n",
            json!([[1, 1], [2, 2], [3, 1], [4, 0], [5, 2]]),
        ),
        (
            "SELECT n, CASE WHEN k IN (SELECT k FROM e) THEN 1 WHEN k NOT IN (SELECT k FROM e) THEN 2 ELSE 0 END x FROM l ORDER BY n",
            json!([[1, 2], [2, 2], [3, 2], [4, 2], [5, 2]]),
        ),
        (
            "SELECT sum(CASE WHEN EXISTS (SELECT 1 FROM r WHERE r.k = l.k) THEN 1 ELSE 0 END) x FROM l",
            json!([[2]]),
        ),
        (
            "SELECT DISTINCT EXISTS (SELECT 1 FROM r WHERE r.k = l.k) x FROM l ORDER BY 1",
            json!([[false], [true]]),
        ),
        (
            "SELECT n, EXISTS (SELECT 1 FROM r WHERE r.k = l.k) x FROM l ORDER BY x, n",
            json!([[1, false], [3, false], [5, false], [2, true], [4, true]]),
        ),
    ] {
        let sql = format!("{LINES}{sql}");
        let found = answer(&session(), &sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(json!(found.rows), expected, "{sql}");
    }
    let sql = format!("{LINES}SELECT n, k IN (SELECT k FROM r) FROM l");
    let refused = answer(&session(), &sql).await.unwrap_err();
    assert!(refused.contains("anywhere but in WHERE, HAVING"), "{refused}");
}
