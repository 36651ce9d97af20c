//! What is known to be wrong in the engine's rules over files, and right without them. Those that need no files are in `sql`.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use goldsmith_differential::answer::Answer;
use goldsmith_differential::oracle::{Embedded, Way};
use goldsmith_sql::optimize::RuleSet;
use goldsmith_testkit::table::{DataFile, Table, field};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The rule that tells scans, while they wait, what other parts of the plan have found.
const TELLS: &[(&str, bool)] = &[("FilterPushdown(Post)", true)];

/// The rule that hides from sorts what is constant and what is equal.
const HIDES: &[(&str, bool)] = &[("HideEquivalences", false)];

const WAY: Way = Way { partitions: 2, filters_files: true };

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(values.into_iter().map(Some).collect::<StringArray>())
}

fn table(lake: &Path, name: &str, columns: &[(&str, &str)], files: Vec<Vec<(&str, ArrayRef)>>) {
    let fields: Vec<Value> = columns.iter().map(|(name, data_type)| field(name, *data_type)).collect();
    let table = Table::new(lake.join(name), &fields);
    let files = files.into_iter().enumerate().map(|(index, columns)| {
        let rows = RecordBatch::try_from_iter(columns).unwrap();
        table.file(DataFile::of(rows).path(&format!("part-{index}.parquet")))
    });
    let files: Vec<_> = files.collect();
    table.create(&files);
}

fn rules(switched: &[(&str, bool)]) -> RuleSet {
    switched.iter().fold(RuleSet::default(), |rules, (name, runs)| rules.with(name, *runs))
}

/// Rows of `sql` as sessions stand; with `switched` rules they are others.
async fn assert_wrong_with(switched: &[(&str, bool)], tables: &Embedded, sql: &str, expected: Value) {
    let stands = tables.rows(sql, RuleSet::default(), WAY).await.unwrap();
    assert_eq!(json!(stands), expected, "{sql}");
    // Where threads take turns, a fault need not show each time.
    for _ in 0..100 {
        let found = tables.rows(sql, rules(switched), WAY).await;
        if json!(found.unwrap_or_else(|failed| panic!("{switched:?}: {failed:?}"))) != expected {
            return;
        }
    }
    panic!("{switched:?} is mended: {sql}");
}

/// Rows of `sql` as sessions stand; with `switched` rules there is an error in these words.
async fn assert_fails_with(
    switched: &[(&str, bool)],
    tables: &Embedded,
    sql: &str,
    expected: Value,
    words: &str,
) {
    let stands = tables.rows(sql, RuleSet::default(), WAY).await.unwrap();
    assert_eq!(json!(stands), expected, "{sql}");
    match tables.rows(sql, rules(switched), WAY).await {
        Ok(found) => panic!("{switched:?} is mended: {sql}: {found:?}"),
        Err(Answer::Failed(text)) => assert!(text.contains(words), "{switched:?}: {text}"),
        Err(other) => panic!("{switched:?}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_of_joins_are_bound_to_columns_by_their_name() {
    let lake = TempDir::new().unwrap();
    let ids = (0..2_000).map(|n| format!("a{n}")).collect::<Vec<_>>();
    let refers =
        (0..2_000).map(|n| if n == 1_242 { "x1".to_owned() } else { format!("n{n}") }).collect::<Vec<_>>();
    let part = |range: std::ops::Range<usize>| {
        let columns = [("id", &ids), ("ty", &refers)];
        columns.map(|(name, values)| (name, texts(values[range.clone()].iter().map(String::as_str)))).to_vec()
    };
    table(lake.path(), "ta", &[("id", "string"), ("ty", "string")], vec![part(0..1_000), part(1_000..2_000)]);
    table(lake.path(), "tb", &[("id", "string")], vec![vec![("id", texts(["x1"]))]]);
    let tables = Embedded::open(lake.path(), &["ta", "tb"]).await.unwrap();
    let sql = "SELECT s.id, q.aid FROM tb s JOIN (SELECT a.id AS aid, b.id AS bid FROM ta a LEFT JOIN tb b ON a.ty = b.id \
               WHERE a.id <> coalesce(b.id, 'zz')) q ON s.id = q.bid";
    assert_wrong_with(TELLS, &tables, sql, json!([["x1", "a1242"]])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_value_of_a_column_that_files_lack_is_forgotten() {
    let lake = TempDir::new().unwrap();
    let long = |values: std::ops::Range<i64>| -> ArrayRef { Arc::new(values.collect::<Int64Array>()) };
    let files = (0..8).map(|n| {
        let id = ("id", long(n * 100..n * 100 + 100));
        if n % 2 == 0 { vec![id] } else { vec![id, ("x", long(100 - n * 10..200 - n * 10))] }
    });
    table(lake.path(), "t", &[("id", "long"), ("x", "long")], files.collect());
    let tables = Embedded::open(lake.path(), &["t"]).await.unwrap();
    let sql = "SELECT min(x), max(x) FROM t";
    assert_wrong_with(TELLS, &tables, sql, json!([[30, 189]])).await;
}

fn long<const N: usize>(values: [i64; N]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_are_pushed_lose_the_parameters_of_lambdas() {
    let lake = TempDir::new().unwrap();
    table(
        lake.path(),
        "t",
        &[("k", "long"), ("x", "long")],
        vec![vec![("k", long([1, 2])), ("x", long([1, 3]))]],
    );
    let tables = Embedded::open(lake.path(), &["t"]).await.unwrap();
    let sql = "SELECT q.v FROM (SELECT element_at(transform(array(x, k), e -> e), 1) AS v, 1 AS k FROM t) q WHERE q.v <= q.k";
    let engine = [("push_filter", false), ("FilterPushdown", true)];
    assert_fails_with(&engine, &tables, sql, json!([[1]]), "LambdaVariable").await;
}

/// Twelve files with the same five rows.
fn many_files(lake: &Path) {
    let rows = || {
        vec![
            ("k", long([1, 2, 3, 4, 5])),
            ("v", long([-1, 2, -3, 4, -5])),
            ("s", texts(["a", "b", "c", "d", "e"])),
        ]
    };
    let files = (0..12).map(|_| rows()).collect();
    table(lake, "many", &[("k", "long"), ("v", "long"), ("s", "string")], files);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_constant_below_a_join_is_not_sorted_by_and_then_forgotten() {
    let lake = TempDir::new().unwrap();
    many_files(lake.path());
    table(lake.path(), "one", &[("v", "long")], vec![vec![("v", long([0, 1]))]]);
    let tables = Embedded::open(lake.path(), &["many", "one"]).await.unwrap();
    let sql = "SELECT q.k FROM (SELECT v FROM one) a JOIN (SELECT 'b' AS k, 0 AS v FROM (SELECT s FROM many) m) q ON a.v = q.v \
               ORDER BY 1 NULLS LAST";
    let words = "does not satisfy order requirements";
    assert_fails_with(HIDES, &tables, sql, json!(vec![["b"]; 60]), words).await;
}
