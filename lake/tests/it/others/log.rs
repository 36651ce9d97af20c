//! Logs that do not tell of every version, and what lies in their folders without being a part of them.

use goldsmith_lake::Location;
use goldsmith_lake::Stores;
use goldsmith_lake::commit::entries::{made_lately, paths_added};
use goldsmith_lake::inspect::inspect;
use goldsmith_testkit::table::{DataFile, Table, field, inline_vector, longs};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{ask, open_at, refusal};

/// A table of `versions` versions, of one row each.
fn table(dir: &TempDir, versions: i64) -> Table {
    let table = Table::new(dir.path(), &[field("id", "long")]);
    let file = |id: i64| table.file(DataFile::of(longs("id", [id])).path(&format!("{id}.parquet")));
    table.create(&[file(0)]);
    (1..versions).for_each(|version| table.commit(version.try_into().unwrap(), &[file(version)]));
    table
}

#[tokio::test]
async fn a_log_without_its_beginning_is_none() {
    let dir = TempDir::new().unwrap();
    let table = table(&dir, 3);
    // It says what holds for the table, as the first version does.
    let first: Vec<Value> = vec![table.protocol(), table.metadata()];
    table.commit(1, &first);
    table.remove_log("00000000000000000000.json");
    let text = refusal(dir.path()).await;
    assert!(text.contains("begins at version 1") && text.contains("checkpoint"), "{text}");
    assert!(open_at(dir.path(), Some(2)).await.is_err());
    // A checkpoint stands for what is gone.
    let adds = [0, 1].map(|id| table.file(DataFile::of(longs("id", [id])).path(&format!("{id}.parquet"))));
    let state: Vec<Value> = first.into_iter().chain(adds).collect();
    table.checkpoint(1, &state, 1);
    assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["0", "1", "2"]);
}

#[tokio::test]
async fn a_hole_an_entry_without_a_byte_and_two_of_one_version_are_named() {
    let dir = TempDir::new().unwrap();
    table(&dir, 4).remove_log("00000000000000000002.json");
    assert!(refusal(dir.path()).await.contains("version 2 is missing"));
    assert_eq!(open_at(dir.path(), Some(1)).await.unwrap().files().len(), 2);

    for empty in [0, 1, 2] {
        let dir = TempDir::new().unwrap();
        table(&dir, 3).write_log(&format!("{empty:020}.json"), b"");
        assert!(refusal(dir.path()).await.contains(&format!("version {empty} has no bytes")));
    }
    for name in ["1.json", "3.json", "000000000000000000002.json"] {
        let dir = TempDir::new().unwrap();
        table(&dir, 3).write_log(name, b"{}");
        let text = refusal(dir.path()).await;
        assert!(text.contains(name), "{text}");
    }
    let dir = TempDir::new().unwrap();
    table(&dir, 3).write_log("00000000000000000099.json", b"{}");
    assert!(refusal(dir.path()).await.contains("version 3 is missing"));
}

#[tokio::test]
async fn what_is_no_entry_is_passed_over_by_every_reader() {
    let dir = TempDir::new().unwrap();
    let table = table(&dir, 3);
    for name in [
        ".00000000000000000001.json.crc",
        "00000000000000000001.json.tmp",
        "00000000000000000002.crc",
        "00000000000000000000.00000000000000000001.compacted.json",
        ".tmp/00000000000000000099.json",
        "_copy_into_log/00000000000000000007.json",
        "_staged_commits/00000000000000000003.3a0d65cd-4056-49b8-937b-95f9e3ee90e5.json",
        "_delta_log/00000000000000000005.json",
        "_sidecars/x.parquet",
        "00000000000000000009.JSON",
    ] {
        table.write_log(name, b"{\"protocol\":{\"minReaderVersion\":9,\"minWriterVersion\":9}}");
    }
    assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["0", "1", "2"]);
    let (stores, location) = (Stores::default(), Location::parse(dir.path().to_str().unwrap()).unwrap());
    assert!(made_lately(&stores, &location, 50).await.unwrap().is_empty());
    assert_eq!(paths_added(&stores, &location, None).await.unwrap().unwrap().len(), 3);
    let inspected = inspect(&stores, "t", &location).await.unwrap().unwrap();
    assert_eq!(inspected.facts.min_reader_version, 1);
}

#[tokio::test]
async fn a_log_that_is_refused_can_still_be_looked_at() {
    let dir = TempDir::new().unwrap();
    let table = table(&dir, 3);
    table.remove_log("00000000000000000001.json");
    table.write_log("_staged_commits/00000000000000000099.json", b"{\"protocol\":{\"minReaderVersion\":9}}");
    let (stores, location) = (Stores::default(), Location::parse(dir.path().to_str().unwrap()).unwrap());
    let inspected = inspect(&stores, "t", &location).await.unwrap().unwrap();
    assert!(inspected.snapshot.is_err());
    assert_eq!(inspected.facts.min_reader_version, 1);
    assert!(made_lately(&stores, &location, 50).await.unwrap().is_empty());
    assert_eq!(paths_added(&stores, &location, None).await.unwrap(), None, "a hole may hide anything");
}

#[tokio::test]
async fn an_entry_that_says_two_things_of_one_file_is_refused() {
    let dir = TempDir::new().unwrap();
    let table = table(&dir, 3);
    let add = table.file(DataFile::of(longs("id", [7])).path("0.parquet"));
    for actions in [[table.removed("0.parquet"), add.clone()], [add.clone(), table.removed("0.parquet")]] {
        table.commit(3, &actions);
        let text = refusal(dir.path()).await;
        assert!(text.contains("version 3 has an action for the file `0.parquet` twice"), "{text}");
    }
    table.commit(3, &[table.metadata(), table.metadata()]);
    let text = refusal(dir.path()).await;
    assert!(text.contains("version 3 has a `metaData` twice"), "{text}");
}

#[tokio::test]
async fn a_checkpoint_with_a_file_twice_is_refused() {
    let dir = TempDir::new().unwrap();
    let table = table(&dir, 3);
    let add = table.file(DataFile::of(longs("id", [0])).path("0.parquet"));
    table.checkpoint(1, &[table.protocol(), table.metadata(), add.clone(), add], 1);
    let text = refusal(dir.path()).await;
    assert!(text.contains("the file `0.parquet` live twice"), "{text}");
}

#[tokio::test]
async fn names_that_no_checkpoint_has_are_passed_over() {
    let dir = TempDir::new().unwrap();
    let table = table(&dir, 3);
    for name in [
        "00000000000000000001.checkpoint.0000000001.0000000000.parquet",
        "00000000000000000001.checkpoint.0000000000.0000000001.parquet",
        "00000000000000000001.checkpoint.0000000003.0000000002.parquet",
        "18446744073709551615.checkpoint.parquet",
    ] {
        table.write_log(name, b"PAR1");
    }
    assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["0", "1", "2"]);
}

#[tokio::test]
async fn rows_are_ordered_above_a_deletion_vector() {
    let dir = TempDir::new().unwrap();
    let table = Table::new(dir.path(), &[field("id", "long")]).features(&["deletionVectors"]);
    let vector = json!({"deletionVector": inline_vector(&[1])});
    table.create(&[table.file(DataFile::of(longs("id", [1, 5, 3, 2])).with(vector))]);
    assert_eq!(ask(dir.path(), "SELECT id FROM t ORDER BY id").await, ["1", "2", "3"]);
    let numbers = "SELECT id, row_number() OVER (ORDER BY id DESC) FROM t ORDER BY id";
    assert_eq!(ask(dir.path(), numbers).await, ["1|3", "2|2", "3|1"]);
}

#[tokio::test]
async fn names_that_no_store_has_are_the_fault_of_the_folder() {
    let dir = TempDir::new().unwrap();
    table(&dir, 1).write_log("x\ny.txt", b"");
    refusal(dir.path()).await;
}

#[tokio::test]
async fn a_folder_with_the_name_of_an_entry_is_seen_behind_a_hint_as_well() {
    let dir = TempDir::new().unwrap();
    let table = table(&dir, 3);
    let adds = [0, 1, 2].map(|id| table.file(DataFile::of(longs("id", [id])).path(&format!("{id}.parquet"))));
    let state: Vec<Value> = [table.protocol(), table.metadata()].into_iter().chain(adds).collect();
    table.checkpoint(2, &state, 1);
    table.hint(2, None);
    assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["0", "1", "2"]);
    table.write_log("00000000000000000003.json/part", b"x");
    assert!(refusal(dir.path()).await.contains("version 3"));
}

#[tokio::test]
async fn a_deletion_vector_without_the_feature_is_refused() {
    let dir = TempDir::new().unwrap();
    let vector = json!({"deletionVector": inline_vector(&[0])});
    let file = |table: &Table| table.file(DataFile::of(longs("id", [1, 2])).with(vector.clone()));
    let plain = Table::new(dir.path(), &[field("id", "long")]);
    plain.create(&[file(&plain)]);
    let text = refusal(dir.path()).await;
    assert!(text.contains("deletion vector") && text.contains("feature"), "{text}");
    let dir = TempDir::new().unwrap();
    let with_feature = Table::new(dir.path(), &[field("id", "long")]).features(&["deletionVectors"]);
    with_feature.create(&[file(&with_feature)]);
    assert_eq!(ask(dir.path(), "SELECT id FROM t").await, ["2"]);
}

#[tokio::test]
async fn what_is_not_known_of_a_table_is_named() {
    for (protocol, words) in [
        (
            json!({"minReaderVersion": 9, "minWriterVersion": 9}),
            "the reader version 9, where up to 3 are known here",
        ),
        (
            json!({"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["quantum"], "writerFeatures": ["quantum"]}),
            "the table feature `quantum`, which is not known here",
        ),
    ] {
        let dir = TempDir::new().unwrap();
        table(&dir, 1).commit(1, &[json!({"protocol": protocol})]);
        let text = refusal(dir.path()).await;
        assert!(text.contains("at version 1: it uses") && text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn a_checkpoint_that_cannot_be_read_is_named() {
    let dir = TempDir::new().unwrap();
    let table = table(&dir, 3);
    table.write_log("00000000000000000001.checkpoint.parquet", b"no parquet at all");
    let text = refusal(dir.path()).await;
    assert!(text.contains("00000000000000000001.checkpoint.parquet"), "{text}");
}
