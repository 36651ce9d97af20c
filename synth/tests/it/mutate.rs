//! What a change commits.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use goldsmith_synth::{MutatedTable, SynthError};
use serde_json::Value;

use crate::lake::Lake;

/// Every kind of change, with the operations by which it is committed.
const CHANGES: [(&str, &[&str]); 11] = [
    ("changed e-mails and phones", &["MERGE"]),
    ("corrected lines", &["MERGE"]),
    ("customers moved to another party", &["MERGE"]),
    ("hard deletes", &["DELETE"]),
    ("late lines", &["WRITE"]),
    ("moved addresses", &["MERGE", "WRITE"]),
    ("new customers", &["WRITE"]),
    ("new names", &["WRITE"]),
    ("new orders", &["WRITE"]),
    ("renamed channel", &["UPDATE"]),
    ("soft deletes", &["MERGE"]),
];

fn operations(commits: &[MutatedTable]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for commit in commits {
        found.entry(commit.change).or_default().insert(commit.operation);
    }
    found
}

fn log_entry(lake: &Lake, commit: &MutatedTable) -> Vec<Value> {
    let file = format!("{}/_delta_log/{:020}.json", commit.table, commit.version.get());
    let text = fs::read_to_string(lake.path().join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_change_is_committed_each_time() {
    let lake = Lake::make(0.01, 1).await;
    for seed in 0..3 {
        let change = lake.mutate(0.001, seed).await.unwrap();
        let expected = CHANGES.iter().map(|(kind, how)| (*kind, how.iter().copied().collect())).collect();
        assert_eq!(operations(&change.commits), expected, "change {seed}");
        assert!(change.commits.iter().all(|commit| commit.rows > 0));
        for commit in &change.commits {
            let entry = log_entry(&lake, commit);
            let info = entry.iter().find_map(|action| action.get("commitInfo")).unwrap();
            assert_eq!(info["operation"], commit.operation);
            let count = |kind: &str| entry.iter().filter(|action| action.get(kind).is_some()).count();
            assert_eq!((count("add"), count("remove")), (commit.files_added, commit.files_removed));
            // Readers of the change feed find what was rewritten there.
            assert_eq!(count("cdc") > 0, commit.operation != "WRITE", "{commit:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_changes_the_same_rows() {
    let lakes = [Lake::make(0.005, 1).await, Lake::make(0.005, 1).await];
    let other = Lake::make(0.005, 1).await;
    let made = other.tables().await.rows().await;
    for seed in [7, 8] {
        for lake in &lakes {
            lake.mutate(0.01, seed).await.unwrap();
        }
        other.mutate(0.01, seed + 2).await.unwrap();
    }
    let rows = lakes[0].tables().await.rows().await;
    assert_eq!(rows, lakes[1].tables().await.rows().await);
    assert_ne!(rows, made);
    assert_ne!(rows, other.tables().await.rows().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_touches_the_share_that_was_asked_for() {
    let lake = Lake::make(0.02, 1).await;
    let before = lake.tables().await;
    let lines = before.count("FROM salesline").await;
    let change = lake.mutate(0.01, 1).await.unwrap();
    let after = lake.tables().await;
    let rows = |kind: &str, table: &str| -> i64 {
        let commits = change.commits.iter().filter(|c| c.change == kind && c.table == table);
        commits.map(|commit| commit.rows.cast_signed()).sum()
    };
    let share = |part: i64, whole: i64| (part * 100_000 / whole, part, whole);
    let late = share(rows("late lines", "salesline"), lines);
    assert!((490..=510).contains(&late.0), "half of a hundredth: {late:?}");
    let added = rows("new orders", "salesline") + rows("late lines", "salesline");
    assert_eq!(after.count("FROM salesline").await, lines + added - rows("hard deletes", "salesline"));
    let deleted = "FROM custtable WHERE isdelete";
    let marked = after.count(deleted).await - before.count(deleted).await;
    // Some that were marked are removed in the same change.
    assert!((1..=rows("soft deletes", "custtable")).contains(&marked), "{marked}");
}

#[tokio::test]
async fn what_is_no_lake_of_ours_is_refused() {
    let error = Lake::nowhere().mutate(0.001, 1).await.unwrap_err();
    assert!(matches!(error, SynthError::NoLake { .. }), "{error}");
    let error = Lake::nowhere().mutate(2.0, 1).await.unwrap_err();
    assert!(error.to_string().contains("hint: give a number above 0 and up to 1"), "{error}");
}
