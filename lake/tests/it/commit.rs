//! How log entries are written.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::{DataType, Field, Schema};
use chrono::DateTime;
use goldsmith_lake::commit::apply::{checkpoint_if_due, put_if_absent};
use goldsmith_lake::commit::decide::{FullBuild, full_build};
use goldsmith_lake::commit::{CommitNote, CommitOutcome};
use goldsmith_lake::snapshot::{Found, TableSnapshot};
use goldsmith_lake::{LakeError, Location, Stores};
use goldsmith_proto::id::{RefreshId, Version};
use goldsmith_proto::lake::v1::StagedFile;
use tempfile::TempDir;

fn schema() -> Schema {
    Schema::new(vec![Field::new("Key", DataType::Utf8, true), Field::new("N", DataType::Int64, true)])
}

fn note(source_version: u64) -> CommitNote {
    CommitNote {
        refresh_id: RefreshId::generate(),
        as_of: DateTime::UNIX_EPOCH,
        model_hash: "h".to_owned(),
        sources: BTreeMap::from([("custtable".to_owned(), Version::new(source_version))]),
        source_ids: BTreeMap::from([("custtable".to_owned(), "a".to_owned())]),
    }
}

fn file(name: &str) -> StagedFile {
    StagedFile {
        path: name.to_owned(),
        size_bytes: 10,
        rows: 3,
        stats_json: "{\"numRecords\":3}".to_owned(),
        ..StagedFile::default()
    }
}

async fn open(stores: &Stores, location: &Location) -> TableSnapshot {
    TableSnapshot::require(stores, "gold.t", location, None).await.unwrap()
}

async fn publish(
    stores: &Stores,
    location: &Location,
    current: Option<&TableSnapshot>,
    name: &str,
    note: &CommitNote,
) -> Result<CommitOutcome, LakeError> {
    let schema = schema();
    let files = [file(name)];
    let (version, actions) = full_build(&FullBuild {
        table: "gold.t",
        current,
        schema: &schema,
        partition_columns: &[],
        description: Some("a table"),
        files: &files,
        may_change_schema: false,
        note,
        committed_at: DateTime::UNIX_EPOCH,
    })?;
    put_if_absent(stores, "gold.t", location, version, &actions).await
}

#[tokio::test]
async fn the_second_of_two_writers_loses_and_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let location = Location::parse(dir.path().to_str().unwrap()).unwrap();
    let stores = Stores::default();
    assert!(matches!(TableSnapshot::open(&stores, "gold.t", &location, None).await.unwrap(), Found::Nothing));

    let first = publish(&stores, &location, None, "a.parquet", &note(1)).await.unwrap();
    assert_eq!(first, CommitOutcome::Committed(Version::FIRST));
    let late = publish(&stores, &location, None, "b.parquet", &note(1)).await.unwrap();
    assert_eq!(late, CommitOutcome::Conflicted { version: Version::FIRST });

    let pinned = open(&stores, &location).await;
    let faster = publish(&stores, &location, Some(&pinned), "c.parquet", &note(2)).await.unwrap();
    assert_eq!(faster, CommitOutcome::Committed(Version::new(1)));
    let slower = publish(&stores, &location, Some(&pinned), "d.parquet", &note(2)).await.unwrap();
    assert_eq!(slower, CommitOutcome::Conflicted { version: Version::new(1) });

    let now = open(&stores, &location).await;
    let files: Vec<_> = now.files().iter().map(|f| f.log_path.as_str()).collect();
    assert_eq!(files, ["c.parquet"]);
    assert_eq!(now.rows(), Some(3));
}

#[tokio::test]
async fn an_entry_that_is_ours_already_counts_as_committed() {
    let dir = TempDir::new().unwrap();
    let location = Location::parse(dir.path().to_str().unwrap()).unwrap();
    let stores = Stores::default();
    let (schema, files, note) = (schema(), [file("a.parquet")], note(1));
    let (version, actions) = full_build(&FullBuild {
        table: "gold.t",
        current: None,
        schema: &schema,
        partition_columns: &[],
        description: None,
        files: &files,
        may_change_schema: false,
        note: &note,
        committed_at: DateTime::UNIX_EPOCH,
    })
    .unwrap();
    // A request whose answer was lost is sent again.
    for _ in 0..2 {
        let outcome = put_if_absent(&stores, "gold.t", &location, version, &actions).await.unwrap();
        assert_eq!(outcome, CommitOutcome::Committed(Version::FIRST));
    }
}

#[tokio::test]
async fn the_note_of_the_last_refresh_is_found_below_other_commits() {
    let dir = TempDir::new().unwrap();
    let location = Location::parse(dir.path().to_str().unwrap()).unwrap();
    let stores = Stores::default();
    let note = note(41);
    publish(&stores, &location, None, "a.parquet", &note).await.unwrap();
    std::fs::write(
        dir.path().join("_delta_log/00000000000000000001.json"),
        "{\"commitInfo\":{\"operation\":\"OPTIMIZE\"}}\n",
    )
    .unwrap();
    let snapshot = open(&stores, &location).await;
    assert_eq!(snapshot.version(), Version::new(1));
    let found = snapshot.last_note(50).await.unwrap().unwrap();
    assert_eq!(found, note);
}

#[tokio::test]
async fn other_columns_are_not_published_silently() {
    let dir = TempDir::new().unwrap();
    let location = Location::parse(dir.path().to_str().unwrap()).unwrap();
    let stores = Stores::default();
    publish(&stores, &location, None, "a.parquet", &note(1)).await.unwrap();
    let current = open(&stores, &location).await;
    for (fields, difference) in [
        (vec![Field::new("Key", DataType::Utf8, true)], "no longer has `N`"),
        (
            vec![Field::new("Key", DataType::Utf8, true), Field::new("N", DataType::Utf8, true)],
            "`N` was bigint and is now string",
        ),
        (
            vec![Field::new("N", DataType::Int64, true), Field::new("Key", DataType::Utf8, true)],
            "another order",
        ),
    ] {
        let schema = Schema::new(fields);
        let error = full_build(&FullBuild {
            table: "gold.t",
            current: Some(&current),
            schema: &schema,
            partition_columns: &[],
            description: None,
            files: &[],
            may_change_schema: false,
            note: &note(2),
            committed_at: DateTime::UNIX_EPOCH,
        })
        .unwrap_err()
        .to_string();
        assert!(error.contains(difference) && error.contains("hint"), "{error}");
    }
}

#[tokio::test]
async fn only_files_of_the_attempt_are_removed() {
    let dir = TempDir::new().unwrap();
    let location = Location::parse(dir.path().to_str().unwrap()).unwrap();
    for name in ["part-0-ours-1.parquet", "part-0-theirs-1.parquet", "part-0-ours-2.parquet"] {
        std::fs::write(dir.path().join(name), "x").unwrap();
    }
    assert_eq!(Stores::default().remove_marked("t", &location, "-ours-", &BTreeSet::new()).await.unwrap(), 2);
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["part-0-theirs-1.parquet"]);
}

#[tokio::test]
async fn a_file_that_was_removed_under_another_spelling_does_not_come_back_with_a_checkpoint() {
    let dir = TempDir::new().unwrap();
    let location = Location::parse(dir.path().to_str().unwrap()).unwrap();
    let stores = Stores::default();
    publish(&stores, &location, None, "a.parquet", &note(0)).await.unwrap();
    let entry = |version: u64| dir.path().join(format!("_delta_log/{version:020}.json"));
    std::fs::write(entry(1), "{\"remove\":{\"path\":\"./a.parquet\",\"dataChange\":true}}").unwrap();
    for version in 2..=20 {
        let current = open(&stores, &location).await;
        publish(&stores, &location, Some(&current), &format!("{version}.parquet"), &note(version))
            .await
            .unwrap();
    }
    checkpoint_if_due(&open(&stores, &location).await).await;
    (0..=20).for_each(|version| std::fs::remove_file(entry(version)).unwrap());
    let files: Vec<String> =
        open(&stores, &location).await.files().iter().map(|file| file.log_path.clone()).collect();
    assert_eq!(files, ["20.parquet"]);
}
