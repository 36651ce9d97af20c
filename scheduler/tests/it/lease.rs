//! What is removed of refreshes that died, and when.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use goldsmith_proto::id::RefreshId;
use goldsmith_scheduler::SchedulerError;
use goldsmith_testkit::{Fault, Operation};
use parking_lot::Mutex;
use serde_json::json;

use crate::common::{Sandbox, is_data};

const FIRST: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// A lease of a process on another machine that was last heard of `silent` ago, and a file that it staged in `supporting_B`.
fn other(sandbox: &Sandbox, id: RefreshId, silent: Duration, version_before: Option<u64>) -> PathBuf {
    let gold = sandbox.dir.path().join("gold");
    let record = json!({
        "refresh_id": id,
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

/// A client asks again under the same id when its scheduler was lost, and what it asks for may have changed meanwhile.
#[tokio::test]
async fn what_an_earlier_life_of_a_refresh_has_published_stays() {
    let fails = Arc::new(AtomicBool::new(false));
    let broken = Arc::clone(&fails);
    let sandbox = Sandbox::new(move |operation, path| {
        let hit = operation == Operation::Put && is_data(path, "activities_C");
        (hit && broken.load(Ordering::SeqCst)).then_some(Fault::Fails)
    });
    let id = RefreshId::generate();
    sandbox.refresh_as(id, FIRST, pending()).await.unwrap();
    let before = sandbox.gold();
    fails.store(true, Ordering::SeqCst);
    let later = FIRST + chrono::Duration::days(1);
    assert!(sandbox.refresh_as(id, later, pending()).await.is_err());
    assert_eq!(sandbox.gold(), before, "the second life failed and left all as it was");
    fails.store(false, Ordering::SeqCst);
    sandbox.refresh_as(id, later, pending()).await.unwrap();
    assert!(sandbox.gold().values().all(|table| *table == (2, 2)), "{:?}", sandbox.gold());
}

/// As if the process had stood still until another refresh took its files for abandoned.
#[tokio::test]
async fn a_refresh_whose_lease_was_taken_publishes_nothing() {
    let gold = Arc::new(Mutex::new(PathBuf::new()));
    let folder = Arc::clone(&gold);
    let sandbox = Sandbox::new(move |operation, path| {
        if operation == Operation::Put && is_data(path, "activities_C") {
            for lease in fs::read_dir(folder.lock().join("_goldsmith")).into_iter().flatten().flatten() {
                let mut record: serde_json::Value =
                    serde_json::from_slice(&fs::read(lease.path()).unwrap()).unwrap();
                record["has_ended"] = true.into();
                fs::write(lease.path(), record.to_string()).unwrap();
            }
        }
        None
    });
    *gold.lock() = sandbox.dir.path().join("gold");
    let error = sandbox.refresh(FIRST, pending()).await.unwrap_err();
    assert!(matches!(error, SchedulerError::LeaseExpired { .. }), "{error}");
    assert_eq!(sandbox.gold(), BTreeMap::new());
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
