//! What a log tells of earlier commits, and where it no longer does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use goldsmith_lake::commit::entries::{made_lately, paths_added};
use goldsmith_lake::{Location, Stores};
use goldsmith_proto::id::{RefreshId, Version};
use serde_json::json;
use tempfile::TempDir;

fn entry(folder: &Path, version: u64, actions: &[serde_json::Value]) {
    let log = folder.join("_delta_log");
    fs::create_dir_all(&log).unwrap();
    let text: Vec<String> = actions.iter().map(ToString::to_string).collect();
    fs::write(log.join(format!("{version:020}.json")), text.join("\n")).unwrap();
}

fn add(path: &str, rows: u64) -> serde_json::Value {
    json!({"add": {"path": path, "size": 10, "stats": json!({"numRecords": rows}).to_string()}})
}

fn location(dir: &TempDir) -> Location {
    Location::parse(dir.path().to_str().unwrap()).unwrap()
}

#[tokio::test]
async fn files_that_were_added_are_known_as_long_as_every_entry_is_there() {
    let dir = TempDir::new().unwrap();
    let added = async |version: Option<u64>| {
        paths_added(&Stores::default(), &location(&dir), version.map(Version::new)).await.unwrap()
    };
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>());
    assert_eq!(added(None).await, names(&[]), "a folder without a log has no commits");
    for version in 0..4 {
        let remove = json!({"remove": {"path": format!("f{version}")}});
        entry(dir.path(), version, &[add(&format!("f{version}"), 1), remove]);
    }
    assert_eq!(added(None).await, names(&["f0", "f1", "f2", "f3"]));
    assert_eq!(added(Some(2)).await, names(&["f3"]));
    assert_eq!(added(Some(3)).await, names(&[]));
    fs::remove_file(dir.path().join("_delta_log/00000000000000000001.json")).unwrap();
    assert_eq!(added(None).await, None);
    assert_eq!(added(Some(0)).await, None, "the next entry is gone");
    assert_eq!(added(Some(1)).await, names(&["f2", "f3"]));
    fs::write(dir.path().join("_delta_log/00000000000000000003.json"), "{\"add\": {\"pa").unwrap();
    assert_eq!(added(Some(1)).await, None, "an entry cannot be read");
}

#[tokio::test]
async fn commits_of_others_are_not_ours() {
    let dir = TempDir::new().unwrap();
    let id = RefreshId::generate();
    let note = json!({"refresh_id": id, "as_of": "2026-01-01T00:00:00Z", "model_hash": "", "sources": {}});
    entry(dir.path(), 0, &[add("a", 3)]);
    entry(dir.path(), 1, &[json!({"commitInfo": {"timestamp": 5, "operation": "OPTIMIZE"}}), add("b", 3)]);
    entry(
        dir.path(),
        2,
        &[json!({"commitInfo": {"timestamp": 6, "goldsmith": note}}), add("c", 3), add("d", 4)],
    );
    let made = made_lately(&Stores::default(), &location(&dir), 10).await.unwrap();
    let [only] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!((only.version, only.note.refresh_id), (Version::new(2), id));
    assert_eq!((only.files, only.rows, only.bytes), (2, 7, 20));
    assert_eq!(only.at.timestamp_millis(), 6);
}
