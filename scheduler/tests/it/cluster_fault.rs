//! Storage that fails under the tasks of executors.

use std::collections::BTreeMap;
use std::sync::Arc;

use goldsmith_lake::Stores;
use goldsmith_scheduler::error::Failure;
use goldsmith_scheduler::refresh::RefreshReport;
use goldsmith_testkit::{Fault, Operation};
use object_store::path::Path;
use parking_lot::Mutex;
use tempfile::TempDir;

use crate::lab::{Lab, Trust, refresh, small_lake};

/// How often a task is run in all.
const ATTEMPTS: u32 = 4;

fn rows(report: &RefreshReport) -> BTreeMap<&str, u64> {
    report.models.iter().map(|model| (model.name.as_str(), model.rows_inserted)).collect()
}

/// Counts requests by name.
#[derive(Clone, Default)]
struct Requests(Arc<Mutex<BTreeMap<String, u32>>>);

impl Requests {
    /// How many there were before this one.
    fn count(&self, name: &str) -> u32 {
        let mut all = self.0.lock();
        let count = all.entry(name.to_owned()).or_default();
        *count += 1;
        *count - 1
    }
}

fn is_data(path: &Path, table: &str) -> bool {
    path.as_ref().contains(&format!("/{table}/")) && path.extension() == Some("parquet")
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_a_retry_cures_change_no_row() {
    let (reads, writes) = (Requests::default(), Requests::default());
    let (read, written) = (reads.clone(), writes.clone());
    let lab = Lab::start(move |operation, path| match operation {
        // As many times in all as one task may fail, and the first time that a file of another table is written.
        Operation::Get if is_data(path, "salesline") => {
            (read.count("salesline") + 1 < ATTEMPTS).then_some(Fault::Fails)
        }
        Operation::Put if is_data(path, "profiles_Customer") => {
            (written.count("profiles_Customer") == 0).then_some(Fault::Fails)
        }
        _ => None,
    })
    .await;
    let report = lab.refresh().await.unwrap();
    assert!(reads.0.lock()["salesline"] >= ATTEMPTS, "the faults fired");
    assert!(writes.0.lock()["profiles_Customer"] > 1, "the file was written again");
    assert_eq!(lab.cluster.resubmissions(), 0, "tasks were run again, and no job");
    let embedded = TempDir::new().unwrap();
    let expected = refresh(&small_lake(&embedded, "embedded", Stores::default())).await.unwrap();
    assert_eq!(rows(&report), rows(&expected));
    assert!(
        report.models.iter().flat_map(|model| &model.audits).any(|audit| audit.name.starts_with("unique"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_stays_ends_the_refresh_after_four_attempts_and_names_the_file() {
    let requests = Requests::default();
    let asked = requests.clone();
    let lab = Lab::start(move |operation, path| {
        let hit = operation == Operation::Get && is_data(path, "salesline");
        hit.then(|| {
            asked.count(path.as_ref());
            Fault::Fails
        })
    })
    .await;
    let error = lab.refresh().await.unwrap_err();
    assert_eq!(error.failure(), Failure::Other);
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    assert!(text.contains("a fault of the test at") && text.contains("salesline"), "{text}");
    let most = requests.0.lock().values().copied().max();
    // Models that read the table side by side each have their attempts.
    assert!(most.is_some_and(|most| (ATTEMPTS..=3 * ATTEMPTS).contains(&most)), "{most:?}");
    assert_eq!(lab.published(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_is_not_tried_again() {
    let requests = Requests::default();
    let asked = requests.clone();
    let lab = Lab::start(move |operation, path| {
        let hit = operation == Operation::Get && is_data(path, "custtable");
        hit.then(|| {
            asked.count(path.as_ref());
            Fault::Gone
        })
    })
    .await;
    let error = lab.refresh().await.unwrap_err();
    assert_eq!(error.failure(), Failure::Input, "{error}");
    assert!(requests.0.lock().values().all(|count| *count <= 3), "{:?}", requests.0.lock());
    assert_eq!(lab.published(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_too_large_is_refused_before_it_is_sent() {
    let lab = Lab::start_with(|_, _| None, &Trust { max_plan_bytes: 1000, ..Trust::default() }).await;
    let error = lab.refresh().await.unwrap_err();
    let text = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ");
    assert!(text.contains("more than the 1000 that may be sent"), "{text}");
    assert!(lab.published().is_empty());
    assert_eq!(lab.cluster.resubmissions(), 0);
}
