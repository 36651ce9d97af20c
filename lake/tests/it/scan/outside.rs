//! Files that are not in the folder of their table, and times that are not in the range of nanoseconds.

use datafusion::catalog::TableProvider;
use datafusion::physical_plan::collect;
use datafusion::prelude::SessionContext;
use goldsmith_lake::diagnose::{Depth, broken_file};
use goldsmith_lake::scan::FilesTable;
use goldsmith_lake::{LakeError, Stores};
use goldsmith_testkit::golden::repository;
use serde_json::json;
use tempfile::TempDir;

use super::common::{answers, text};
use super::table::{file, inline, log, numbers, open, with};

#[tokio::test]
async fn files_that_a_log_names_by_their_whole_url_are_read_where_they_are() {
    let (folder, original) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let fields = json!([{"name": "n", "type": "long", "nullable": true, "metadata": {}}]);
    let own = file(folder.path(), "own.parquet", &numbers("n", 0..2), 100);
    let name = "of the original.parquet";
    let foreign = file(original.path(), name, &numbers("n", 2..5), 100);
    let url = url::Url::from_file_path(original.path().join(name)).unwrap();
    for url in [url.as_str(), &url.as_str().replace("file:///", "file:/")] {
        let foreign = with(foreign.clone(), json!({"path": url, "deletionVector": inline(&[1])}));
        log(folder.path(), &fields, &json!({}), &[], &[own.clone(), foreign]);
        let snapshot = open(folder.path()).await.unwrap();
        assert_eq!(answers(&snapshot, "SELECT n FROM t").await.unwrap(), ["0", "1", "2", "4"]);
    }
    let snapshot = open(folder.path()).await.unwrap();
    std::fs::remove_file(original.path().join(name)).unwrap();
    let error = answers(&snapshot, "SELECT n FROM t").await.unwrap_err();
    assert!(error.contains(name) && error.contains("missing"), "{error}");
    let found = broken_file(&Stores::default(), &snapshot, Depth::Footers).await.unwrap().to_string();
    assert!(found.contains("of%20the%20original") || found.contains(name), "{found}");

    let elsewhere = with(own, json!({"path": "abfss://lake@account.dfs.core.windows.net/t/a.parquet"}));
    log(folder.path(), &fields, &json!({}), &[], &[elsewhere]);
    let error = open(folder.path()).await.unwrap_err();
    assert!(matches!(error, LakeError::Feature { .. }), "{error}");
    assert!(
        error.to_string().contains("`t` at version 0") && error.to_string().contains("another store"),
        "{error}"
    );
}

#[tokio::test]
async fn times_beyond_64_bit_nanoseconds_keep_their_values() {
    let table = repository().join("testdata/other_writer/int96_extremes/table");
    let snapshot = open(&table).await.unwrap();
    let rows = answers(&snapshot, "SELECT * FROM t").await.unwrap();
    assert!(rows.iter().any(|row| row.contains("9999-12-31")), "{rows:?}");

    // It does not depend on how the session is set up.
    let context = SessionContext::new();
    let provider = FilesTable::of_snapshot(&snapshot, snapshot.schema());
    let plan = provider.scan(&context.state(), None, &[], None).await.unwrap();
    assert_eq!(text(&collect(plan, context.task_ctx()).await.unwrap()), rows);
}
