//! What is refused, and at which place of the statement.

use crate::common::{answer, session};

const TABLES: &str = "WITH a AS (SELECT * FROM VALUES (1, 'x', X'01', named_struct('n', 1)) AS t(k, s, b, f)), \
                      b AS (SELECT * FROM VALUES (1, 10), (2, 20) AS t(k, v))\n";

/// The statement is refused in these words, with the caret below the mark `^` in it.
async fn assert_refused(marked: &str, words: &str) {
    let column = marked.find('^').unwrap() + 1;
    let sql = format!("{TABLES}{}", marked.replace('^', ""));
    let refused = match answer(&session(), &sql).await {
        Ok(found) => panic!("{sql}: {:?}", found.rows),
        Err(refused) => refused,
    };
    assert!(refused.contains(words), "{sql}: {refused}");
    assert!(refused.contains(&format!("line 2, column {column}")), "{column}: {refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_not_grouped_is_pointed_at() {
    for marked in [
        "SELECT v, ^k FROM b GROUP BY v",
        "SELECT v, max(k), upper(^b.k) FROM b GROUP BY v",
        "SELECT ^* FROM b GROUP BY v",
        "SELECT v FROM b GROUP BY v ORDER BY v, abs(^k)",
        "SELECT v FROM b GROUP BY v HAVING ^k > 1",
    ] {
        assert_refused(marked, "is neither grouped nor aggregated").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_without_rows_is_pointed_at() {
    for frame in [
        "ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING",
        "ROWS BETWEEN 2 PRECEDING AND 3 PRECEDING",
        "RANGE BETWEEN 3 FOLLOWING AND 2 FOLLOWING",
        "ROWS BETWEEN CURRENT ROW AND 1 PRECEDING",
        "RANGE BETWEEN 1 FOLLOWING AND CURRENT ROW",
    ] {
        let marked = format!("SELECT k, sum(v) OVER (ORDER BY k ^{frame}) AS s FROM b");
        assert_refused(&marked, "a frame that begins behind its end").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_has_no_plan_is_pointed_at_behind_its_names() {
    assert_refused(
        "^SELECT (SELECT max(v) FROM b WHERE b.k = a.k) AS m, count(*) FROM a GROUP BY (SELECT max(v) FROM b WHERE b.k = a.k)",
        "as it is written here is not supported",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_that_leaves_64_bits_is_pointed_at() {
    for call in [
        "range(9223372036854775805, 9223372036854775807, 3)",
        "range(-9223372036854775807, -9223372036854775808, -2)",
    ] {
        assert_refused(&format!("SELECT id FROM ^{call}"), "the number behind its last one leaves 64 bits")
            .await;
    }
    let found = answer(&session(), "SELECT id FROM range(9223372036854775805, 9223372036854775807)").await;
    assert_eq!(found.unwrap().rows.len(), 2);
    for empty in ["range(5, 1)", "range(0, -9223372036854775808)"] {
        assert!(answer(&session(), &format!("SELECT id FROM {empty}")).await.unwrap().rows.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subquery_that_cannot_be_a_join_is_pointed_at() {
    assert_refused(
        "SELECT s, ^(SELECT count(*) FROM b WHERE b.v > q.k AND b.v > q.n) FROM (SELECT s, k, row_number() OVER (ORDER BY s) AS n FROM a) q",
        "not the same each time",
    )
    .await;
    assert_refused(
        "SELECT * FROM a LEFT JOIN b ON ^(SELECT max(c.v) FROM b c WHERE c.k = a.k + b.k) > 1",
        "a correlated subquery over both sides of a LEFT JOIN",
    )
    .await;
    assert_refused(
        "SELECT * FROM a LEFT SEMI JOIN b ON (SELECT max(c.v) FROM b c WHERE c.k = a.k) > 1 \
         AND ^(SELECT max(c.v) FROM b c WHERE c.k = a.k + b.k) > 1",
        "a correlated subquery over both sides of a LEFT SEMI JOIN",
    )
    .await;
}
