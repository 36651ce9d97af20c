//! `_last_checkpoint`: the listing decides, the hint spares a part of it.

use goldsmith_testkit::table::{DataFile, Table, field, longs};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{ask, open_at};

/// A table of three versions, of one row each.
fn three(dir: &TempDir) -> (Table, Vec<Value>) {
    let table = Table::new(dir.path(), &[field("id", "long")]);
    let file = |id: i64| table.file(DataFile::of(longs("id", [id])).path(&format!("{id}.parquet")));
    let adds = vec![file(1), file(2), file(3)];
    table.create(&adds[..1]);
    table.commit(1, &adds[1..2]);
    table.commit(2, &adds[2..]);
    (table, adds)
}

fn state(table: &Table, adds: &[Value]) -> Vec<Value> {
    [table.protocol(), table.metadata()].into_iter().chain(adds.iter().cloned()).collect()
}

#[tokio::test]
async fn a_hint_that_is_wrong_is_no_fault_of_the_log() {
    let hints = [
        json!({"version": 2, "size": 4}).to_string(),
        json!({"version": 9, "size": 4}).to_string(),
        json!({"version": 1, "size": 4, "parts": 2}).to_string(),
        json!({"version": -1}).to_string(),
        json!({"version": 1.5}).to_string(),
        "{}".to_owned(),
        "[]".to_owned(),
        String::new(),
        "garbage".to_owned(),
    ];
    for hint in hints {
        let dir = TempDir::new().unwrap();
        let (table, _) = three(&dir);
        table.write_log("_last_checkpoint", hint.as_bytes());
        assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["1", "2", "3"], "{hint}");
        let one = open_at(dir.path(), Some(1)).await.unwrap();
        assert_eq!(one.files().len(), 2, "{hint}");
    }
}

#[tokio::test]
async fn a_checkpoint_is_used_only_as_a_whole() {
    // One of two parts is gone, and the hint is at it.
    let dir = TempDir::new().unwrap();
    let (table, adds) = three(&dir);
    table.checkpoint(1, &state(&table, &adds[..2]), 2);
    table.hint(1, Some(2));
    assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["1", "2", "3"]);
    table.remove_log("00000000000000000001.checkpoint.0000000002.0000000002.parquet");
    assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["1", "2", "3"]);
    // It has no bytes.
    let dir = TempDir::new().unwrap();
    let (table, _) = three(&dir);
    table.write_log("00000000000000000001.checkpoint.parquet", b"");
    table.hint(1, None);
    assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["1", "2", "3"]);
}

#[tokio::test]
async fn a_hint_older_than_the_last_checkpoint_is_overtaken() {
    let dir = TempDir::new().unwrap();
    let (table, adds) = three(&dir);
    table.checkpoint(0, &state(&table, &adds[..1]), 1);
    table.checkpoint(2, &state(&table, &adds), 1);
    table.hint(0, None);
    table.remove_log("00000000000000000001.json");
    assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["1", "2", "3"]);
}
