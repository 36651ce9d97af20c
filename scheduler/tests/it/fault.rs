//! Nothing is half published, whatever fails and whenever.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Duration, Utc};
use goldsmith_scheduler::SchedulerError;
use goldsmith_scheduler::error::Failure;
use goldsmith_testkit::{Fault, Operation};
use tokio::sync::{Notify, Semaphore};

use crate::common::{Sandbox, TABLES, is_data, is_entry};

const FIRST: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// One log entry and one file in each of the tables.
fn whole(tables: &[&str]) -> BTreeMap<String, (usize, usize)> {
    tables.iter().map(|table| ((*table).to_owned(), (1, 1))).collect()
}

#[tokio::test]
async fn a_file_that_cannot_be_written_leaves_nothing() {
    let sandbox = Sandbox::new(|operation, path| {
        (operation == Operation::Put && is_data(path, "supporting_B")).then_some(Fault::Fails)
    });
    let error = sandbox.refresh(FIRST, pending()).await.unwrap_err();
    assert_eq!(error.failure(), Failure::Other);
    assert!(error.to_string().contains("gold.supporting_B"), "{error}");
    assert_eq!(sandbox.gold(), BTreeMap::new());
}

#[tokio::test]
async fn a_commit_that_fails_names_what_stands_and_running_again_completes_it() {
    let fails = Arc::new(AtomicU32::new(1));
    let left = Arc::clone(&fails);
    let sandbox = Sandbox::new(move |operation, path| {
        let hit = operation == Operation::Put && is_entry(path, "supporting_B", 0);
        (hit && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok())
            .then_some(Fault::Fails)
    });
    let error = sandbox.refresh(FIRST, pending()).await.unwrap_err();
    assert_eq!(fails.load(Ordering::SeqCst), 0, "the fault fired");
    let SchedulerError::PartlyCommitted { table, committed, missing, .. } = &error else { panic!("{error}") };
    assert_eq!(table, "supporting_B");
    assert_eq!(committed, &["profiles_A"]);
    assert_eq!(missing, &["supporting_B", "activities_C"]);
    assert_eq!(sandbox.gold(), whole(&["profiles_A"]), "no file of the others is left");

    let report = sandbox.refresh(FIRST, pending()).await.unwrap();
    assert_eq!(sandbox.gold(), whole(&TABLES));
    let modes: Vec<_> = report.models.iter().map(|m| (m.name.as_str(), m.rows_inserted)).collect();
    assert!(modes.contains(&("profiles_A", 0)), "what stands is not built again: {modes:?}");
}

#[tokio::test]
async fn a_log_that_nobody_hands_out_is_not_waited_for_for_ever() {
    let (never, stalls) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicU32::new(0)));
    let now = Arc::clone(&stalls);
    let sandbox = Sandbox::new(move |operation, path| {
        let reads = operation == Operation::Get && is_entry(path, "supporting_B", 0);
        (reads && now.load(Ordering::SeqCst) == 1).then(|| Fault::Waits(Arc::clone(&never)))
    });
    let limit = std::time::Duration::from_millis(200);
    let sandbox = sandbox.giving_up_after(limit);
    sandbox.refresh(FIRST, pending()).await.unwrap();
    stalls.store(1, Ordering::SeqCst);
    let error = sandbox.refresh(FIRST, pending()).await.unwrap_err();
    let SchedulerError::StorageStalled { waited, path } = &error else { panic!("{error}") };
    let path = path.as_deref().unwrap();
    assert!(path.ends_with("supporting_B/_delta_log/00000000000000000000.json"), "{path}");
    assert!(*waited >= limit, "{waited:?}");
    assert_eq!(error.failure(), Failure::Other);
    assert_eq!(sandbox.stalls(), 1);
    assert_eq!(sandbox.gold(), whole(&TABLES));
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_counts_as_made() {
    let sandbox = Sandbox::new(|operation, path| {
        (operation == Operation::Put && is_entry(path, "supporting_B", 0)).then_some(Fault::AnswerLost)
    });
    sandbox.refresh(FIRST, pending()).await.unwrap();
    assert_eq!(sandbox.gold(), whole(&TABLES));
}

#[tokio::test]
async fn files_of_a_commit_in_doubt_stay() {
    let broken = Arc::new(AtomicU32::new(0));
    let state = Arc::clone(&broken);
    let sandbox = Sandbox::new(move |operation, path| {
        if !is_entry(path, "profiles_A", 0) {
            return None;
        }
        match operation {
            Operation::Put => {
                state.store(1, Ordering::SeqCst);
                Some(Fault::AnswerLost)
            }
            // Nobody can look whether it is there.
            Operation::Get if state.load(Ordering::SeqCst) == 1 => Some(Fault::Fails),
            _ => None,
        }
    });
    let error = sandbox.refresh(FIRST, pending()).await.unwrap_err();
    assert!(error.to_string().contains("may or may not have been made"), "{error}");
    assert_eq!(sandbox.gold(), whole(&["profiles_A"]), "a live file would be lost, those of the others not");
    broken.store(2, Ordering::SeqCst);
}

#[tokio::test]
async fn a_lost_race_is_planned_again_from_the_new_version() {
    let races = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&races);
    let sandbox = Sandbox::new(move |operation, path| {
        let other = b"{\"commitInfo\":{\"operation\":\"OPTIMIZE\"}}\n".to_vec();
        (operation == Operation::Put
            && is_entry(path, "profiles_A", 1)
            && count.fetch_add(1, Ordering::SeqCst) == 0)
            .then_some(Fault::Overtaken(other))
    });
    sandbox.refresh(FIRST, pending()).await.unwrap();
    let report = sandbox.refresh(FIRST + Duration::days(1), pending()).await.unwrap();
    assert_eq!(races.load(Ordering::SeqCst), 1, "the race was lost once");
    let profiles = report.models.iter().find(|m| m.name == "profiles_A").unwrap();
    assert_eq!(profiles.version_before.map(|v| v.get()), Some(1));
    assert_eq!(profiles.version_after.map(|v| v.get()), Some(2));
    assert_eq!(sandbox.gold()["profiles_A"], (3, 2), "the attempt that lost left no file");
}

#[tokio::test]
async fn a_race_that_is_lost_every_time_is_an_error() {
    let sandbox = Sandbox::new(|operation, path| {
        let first = is_entry(path, "profiles_A", 0);
        let later = path.as_ref().contains("profiles_A/_delta_log/") && !first;
        let other = b"{\"commitInfo\":{\"operation\":\"OPTIMIZE\"}}\n".to_vec();
        (operation == Operation::Put && later).then_some(Fault::Overtaken(other))
    });
    sandbox.refresh(FIRST, pending()).await.unwrap();
    let error = sandbox.refresh(FIRST + Duration::days(1), pending()).await.unwrap_err();
    assert_eq!(error.failure(), Failure::Race, "{error}");
    assert!(
        error.to_string().contains("as version 3") && error.to_string().contains("nothing was published")
    );
    assert_eq!(sandbox.gold()["profiles_A"], (4, 1));
    assert_eq!(sandbox.gold()["supporting_B"], (1, 1));
}

#[tokio::test]
async fn a_signal_while_files_are_written_leaves_nothing() {
    let (begun, gate) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let (seen, wait) = (Arc::clone(&begun), Arc::clone(&gate));
    let sandbox = Sandbox::new(move |operation, path| {
        (operation == Operation::Put && is_data(path, "supporting_B")).then(|| {
            seen.notify_one();
            Fault::Waits(Arc::clone(&wait))
        })
    });
    let signal = async {
        begun.notified().await;
        // The request that is under way is carried out after the signal.
        gate.add_permits(1);
    };
    let error = sandbox.refresh(FIRST, signal).await.unwrap_err();
    assert!(matches!(error, SchedulerError::Interrupted), "{error}");
    assert_eq!(sandbox.gold(), BTreeMap::new());
}

#[tokio::test]
async fn a_signal_between_two_commits_lets_the_others_be_made() {
    let (begun, gate) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let (seen, wait) = (Arc::clone(&begun), Arc::clone(&gate));
    let sandbox = Sandbox::new(move |operation, path| {
        (operation == Operation::Put && is_entry(path, "supporting_B", 0)).then(|| {
            seen.notify_one();
            Fault::Waits(Arc::clone(&wait))
        })
    });
    let shutdown = Notify::new();
    let refresh = sandbox.refresh(FIRST, shutdown.notified());
    let signal = async {
        begun.notified().await;
        shutdown.notify_one();
        gate.add_permits(1);
    };
    let (report, ()) = tokio::join!(refresh, signal);
    report.unwrap();
    assert_eq!(sandbox.gold(), whole(&TABLES));
}
