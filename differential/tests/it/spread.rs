//! What Ballista gets wrong where a plan is cut into stages, and right with our rules.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use goldsmith_differential::answer::Answer;
use goldsmith_differential::oracle::Cluster;
use goldsmith_sql::optimize::RuleSet;
use goldsmith_testkit::table::{DataFile, Table, field};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Lines, and the articles that some of them name.
fn lake(lake: &Path) {
    let long = |values: &[i64]| -> ArrayRef { Arc::new(Int64Array::from(values.to_vec())) };
    let texts = |values: &[Option<&str>]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let write = |name: &str, columns: &[(&str, &str)], files: Vec<Vec<(&str, ArrayRef)>>| {
        let fields: Vec<Value> = columns.iter().map(|(name, data_type)| field(name, *data_type)).collect();
        let table = Table::new(lake.join(name), &fields);
        let files = files.into_iter().enumerate().map(|(index, columns)| {
            let rows = RecordBatch::try_from_iter(columns).unwrap();
            table.file(DataFile::of(rows).path(&format!("part-{index}.parquet")))
        });
        table.create(&files.collect::<Vec<_>>());
    };
    write(
        "line",
        &[("n", "long"), ("item", "string")],
        vec![
            vec![("n", long(&[1, 2])), ("item", texts(&[Some("a"), Some("a")]))],
            vec![("n", long(&[3, 4, 5])), ("item", texts(&[Some("b"), None, Some("x")]))],
        ],
    );
    write(
        "article",
        &[("item", "string"), ("price", "long")],
        vec![
            vec![("item", texts(&[Some("a"), Some("b")])), ("price", long(&[10, 20]))],
            vec![("item", texts(&[Some("c"), Some("a")])), ("price", long(&[30, 11]))],
        ],
    );
}

/// On a cluster `sql` gives `expected`, and without the rule there is an error in these words.
async fn assert_fails_without(rule: &str, sql: &str, expected: Value, words: &str) {
    let tables = TempDir::new().unwrap();
    lake(tables.path());
    let rows = async |rules: RuleSet| {
        let dir = TempDir::new().unwrap();
        let mut cluster = Cluster::start(dir.path(), rules).await.unwrap();
        cluster.read(tables.path()).unwrap();
        cluster.rows(sql).await
    };
    assert_eq!(json!(rows(RuleSet::default()).await.unwrap()), expected);
    match rows(RuleSet::default().with(rule, false)).await {
        Err(Answer::Failed(text)) => assert!(text.contains(words), "{text}"),
        Ok(found) => panic!("{rule} is needed no more: {found:?}"),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_relies_on_what_only_another_one_knows() {
    let sql = "SELECT count(*) FROM line l WHERE NOT EXISTS (SELECT 1 FROM (VALUES ('x')) q(k) \
               WHERE l.item = q.k AND q.k NOT IN (SELECT item FROM article))";
    assert_fails_without("StageRequirements", sql, json!([[4]]), "partition count mismatch").await;
}
