//! One file that the log spells in several ways.

use goldsmith_testkit::table::{DataFile, Table, field, inline_vector, longs};
use serde_json::json;
use tempfile::TempDir;

use super::{ask, open_at, refusal};

/// Row 1 in a file that `add` spells, taken away by `remove`; row 2 stays.
fn removed(dir: &TempDir, path: &str, add: &str, remove: &str) {
    let table = Table::new(dir.path(), &[field("id", "long")]);
    let own = table.file(DataFile::of(longs("id", [1])).path(path).spelt(add));
    let other = table.file(DataFile::of(longs("id", [2])).path("other.parquet"));
    table.create(&[own, other]);
    table.commit(1, &[table.removed(remove)]);
}

#[tokio::test]
async fn a_file_is_removed_by_a_path_that_is_the_same_to_spark() {
    for (path, add, remove) in [
        ("a.parquet", "a.parquet", "./a.parquet"),
        ("p=a b/a.parquet", "p=a%20b/a.parquet", "p=a%20b//a.parquet"),
        ("x/a.parquet", "x/a.parquet", "x/y/../a.parquet"),
    ] {
        let dir = TempDir::new().unwrap();
        removed(&dir, path, add, remove);
        assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["2"], "{add} {remove}");
    }
}

#[tokio::test]
async fn a_path_that_only_names_the_same_file_is_not_believed() {
    let dir = TempDir::new().unwrap();
    let absolute = format!("file:{}/a.parquet", dir.path().display());
    for (path, add, remove) in [
        ("p=a b/a.parquet", "p=a%20b/a.parquet", "p=a b/a.parquet"),
        ("p=ö/a.parquet", "p=%C3%B6/a.parquet", "p=ö/a.parquet"),
        ("A.parquet", "%41.parquet", "A.parquet"),
        ("a.parquet", "a.parquet", absolute.as_str()),
        ("a.parquet", absolute.trim_start_matches("file:"), absolute.as_str()),
        ("a.parquet", "a.parquet", "a.parquet/"),
    ] {
        removed(&dir, path, add, remove);
        let text = refusal(dir.path()).await;
        assert!(text.contains(add) && text.contains(remove) && text.contains("version 1"), "{text}");
    }
}

#[tokio::test]
async fn a_removal_in_a_log_behind_its_checkpoint_is_matched_as_well() {
    let dir = TempDir::new().unwrap();
    let table = Table::new(dir.path(), &[field("id", "long")]);
    let file = table.file(DataFile::of(longs("id", [1])).path("a.parquet"));
    table.create(std::slice::from_ref(&file));
    table.checkpoint(0, &[table.protocol(), table.metadata(), file], 1);
    table.commit(1, &[table.removed("./a.parquet")]);
    assert!(ask(dir.path(), "SELECT id FROM t").await.is_empty());
}

#[tokio::test]
async fn files_are_found_however_their_path_is_spelt() {
    let dir = TempDir::new().unwrap();
    let table = Table::new(dir.path(), &[field("id", "long")]);
    let absolute = format!("file://{}/e.parquet", dir.path().display());
    let files = [
        ("a b.parquet", "a%20b.parquet"),
        ("a%20b.parquet", "a%2520b.parquet"),
        ("b.parquet", "./b.parquet"),
        ("c/d.parquet", "c//x/../d.parquet"),
        ("e.parquet", absolute.as_str()),
        ("ö.parquet", "ö.parquet"),
        ("f+g.parquet", "f+g.parquet"),
    ];
    let adds: Vec<_> = files
        .iter()
        .enumerate()
        .map(|(id, (path, spelt))| {
            let id = i64::try_from(id).unwrap();
            table.file(DataFile::of(longs("id", [id])).path(path).spelt(spelt))
        })
        .collect();
    table.create(&adds);
    assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn a_folder_is_not_taken_for_another_one() {
    let dir = TempDir::new().unwrap();
    for (name, id) in [("a b", 1), ("a%20b", 2)] {
        let table = Table::new(dir.path().join(name), &[field("id", "long")]);
        table.create(&[table.file(DataFile::of(longs("id", [id])))]);
    }
    assert_eq!(ask(&dir.path().join("a b"), "SELECT id FROM t").await, ["1"]);
    let error = open_at(&dir.path().join("a%20b"), None).await.unwrap_err();
    assert!(error.to_string().contains("taken for another"), "{error}");
    let percent = Table::new(dir.path().join("100%"), &[field("id", "long")]);
    percent.create(&[percent.file(DataFile::of(longs("id", [3])))]);
    assert_eq!(ask(&dir.path().join("100%"), "SELECT id FROM t").await, ["3"]);
}

#[tokio::test]
async fn a_file_is_live_once_whatever_its_deletion_vector() {
    let dir = TempDir::new().unwrap();
    let table = Table::new(dir.path(), &[field("id", "long")]).features(&["deletionVectors"]);
    let file = |spelt| DataFile::of(longs("id", [1, 2, 3])).path("a.parquet").spelt(spelt);
    let vector = json!({"deletionVector": inline_vector(&[1])});
    table.create(&[table.file(file("a.parquet")), table.file(file("./a.parquet").with(vector))]);
    let text = refusal(dir.path()).await;
    assert!(text.contains("a.parquet"), "{text}");
}
