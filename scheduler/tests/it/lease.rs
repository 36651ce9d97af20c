//! What is removed of refreshes that died, and when.

use std::fs::{self, File};
use std::future::pending;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use goldsmith_proto::id::RefreshId;
use serde_json::json;

use crate::common::Sandbox;

const FIRST: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// A lease of a process on another machine that was last heard of `silent` ago, and a file that it staged in `supporting_B`.
fn other(sandbox: &Sandbox, id: RefreshId, silent: Duration, version_before: Option<u64>) -> PathBuf {
    let gold = sandbox.dir.path().join("gold");
    let record = json!({
        "owner": {"host": "other", "pid": 1, "started": "1", "boot": "another machine", "namespace": "pid:[1]"},
        "as_of": FIRST, "started_at": FIRST, "on_cluster": false,
        "tables": [{"layer": "gold", "name": "supporting_B", "version_before": version_before}],
    });
    let lease = gold.join(format!("_goldsmith/{id}.json"));
    let staged = gold.join(format!("supporting_B/part-00000-{id}-0.parquet"));
    for (path, text) in [(&lease, record.to_string()), (&staged, "rows".to_owned())] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    #[expect(clippy::disallowed_methods, reason = "storage dates what is written")]
    let written = SystemTime::now() - silent;
    File::options().write(true).open(&lease).unwrap().set_modified(written).unwrap();
    staged
}

fn leases(sandbox: &Sandbox) -> usize {
    fs::read_dir(sandbox.dir.path().join("gold/_goldsmith")).into_iter().flatten().count()
}

#[tokio::test]
async fn files_of_a_process_elsewhere_go_once_it_was_silent_for_long() {
    for (silent, is_left) in [(0, true), (14, true), (16, false)] {
        let sandbox = Sandbox::new(|_, _| None);
        let id = RefreshId::generate();
        let staged = other(&sandbox, id, Duration::from_secs(60 * silent), None);
        sandbox.refresh(FIRST, pending()).await.unwrap();
        assert_eq!(staged.exists(), is_left, "silent for {silent} min");
        assert_eq!(leases(&sandbox), usize::from(is_left));
        // Nothing is built this time, so there is no lease of its own to tell the time by.
        let again = other(&sandbox, id, Duration::from_secs(60 * silent), Some(0));
        sandbox.refresh(FIRST, pending()).await.unwrap();
        assert_eq!(again.exists(), is_left, "silent for {silent} min, nothing to build");
    }
}

#[tokio::test]
async fn a_file_that_was_committed_before_its_refresh_died_stays() {
    let sandbox = Sandbox::new(|_, _| None);
    let id = RefreshId::generate();
    let staged = other(&sandbox, id, Duration::from_secs(3600), None);
    let log = sandbox.dir.path().join("gold/supporting_B/_delta_log");
    sandbox.refresh(FIRST, pending()).await.unwrap();
    // The refresh that died had committed one file and not the other.
    let committed = other(&sandbox, id, Duration::from_secs(3600), Some(0));
    let stray = staged.with_file_name(format!("part-00001-{id}-0.parquet"));
    fs::write(&stray, "rows").unwrap();
    let name = committed.file_name().unwrap().to_str().unwrap();
    let entry = json!({"add": {
        "path": name, "partitionValues": {}, "size": 4, "modificationTime": 0, "dataChange": true,
        "stats": "{\"numRecords\": 1}",
    }});
    fs::write(log.join("00000000000000000001.json"), entry.to_string()).unwrap();
    // The next one replaces the whole table: what it removes belongs to versions that are kept all the same.
    let refreshed = sandbox.refresh(FIRST + chrono::Duration::days(1), pending()).await;
    assert!(refreshed.is_ok(), "{refreshed:?}");
    assert!(committed.exists(), "a file of version 1");
    assert!(!stray.exists());
    assert_eq!(leases(&sandbox), 0);
}
