//! Partition values as other writers have them: cast as Spark casts text.

use goldsmith_testkit::table::{DataFile, Table, field, longs};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{ask, open_at};

/// The value that a query reads for `text` in a partition column of `data_type`, as a string.
async fn read(data_type: &str, text: Value) -> String {
    let dir = TempDir::new().unwrap();
    let table = Table::new(dir.path(), &[field("id", "long"), field("p", data_type)]).partitioned_by(&["p"]);
    table.create(&[table.file(DataFile::of(longs("id", [1])).partition("p", text))]);
    let rows = ask(dir.path(), "SELECT CAST(p AS STRING) FROM t").await;
    assert_eq!(rows.len(), 1);
    rows[0].clone()
}

#[tokio::test]
async fn text_is_cast_as_spark_casts_it() {
    for (data_type, text, expected) in [
        ("decimal(10,2)", "1.5", "1.50"),
        ("decimal(10,2)", "2", "2.00"),
        ("decimal(10,2)", "1.555", "1.56"),
        ("decimal(10,2)", "-0.01", "-0.01"),
        ("integer", "7", "7"),
        ("integer", "x", "null"),
        ("date", "2024-1-5", "2024-01-05"),
        ("date", "__HIVE_DEFAULT_PARTITION__", "null"),
        ("integer", "__HIVE_DEFAULT_PARTITION__", "null"),
        ("integer", "", "null"),
        ("timestamp", "2024-01-05 10:00:00", "2024-01-05 10:00:00"),
        ("timestamp", "2024-01-05T10:00:00.000000Z", "2024-01-05 10:00:00"),
        ("boolean", "TRUE", "true"),
        ("string", "a b", "a b"),
    ] {
        assert_eq!(read(data_type, json!(text)).await, expected, "{data_type} {text}");
    }
    assert_eq!(read("string", Value::Null).await, "null");
}

#[tokio::test]
async fn a_value_that_is_not_there_is_null() {
    let dir = TempDir::new().unwrap();
    let table = Table::new(dir.path(), &[field("id", "long"), field("p", "string")]).partitioned_by(&["p"]);
    table.create(&[table.file(DataFile::of(longs("id", [1])))]);
    assert_eq!(ask(dir.path(), "SELECT id, p FROM t WHERE p IS NULL").await, ["1|null"]);
}

#[tokio::test]
async fn a_removal_says_the_values_as_the_addition_did() {
    let dir = TempDir::new().unwrap();
    let table =
        Table::new(dir.path(), &[field("id", "long"), field("p", "decimal(10,2)")]).partitioned_by(&["p"]);
    table.create(&[table.file(DataFile::of(longs("id", [1])).partition("p", "1.5"))]);
    let snapshot = open_at(dir.path(), None).await.unwrap();
    assert_eq!(snapshot.files()[0].partition_text["p"].as_deref(), Some("1.5"));
}
