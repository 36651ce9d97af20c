//! A scheduler and executors as processes of their own: the same gold as the embedded engine, whatever happens to them.

mod chaos;
pub(crate) mod harness;
mod loss;
mod page;
mod query;
mod trust;

use self::harness::{Cluster, assert_same_gold};
use crate::common::{LakeLayout, Sandbox};

/// The small lake, and gold of it by the embedded engine.
fn reference(layout: LakeLayout) -> Sandbox {
    let sandbox = Sandbox::small(layout);
    sandbox.refresh(&[]);
    sandbox
}

fn assert_cluster_equals_embedded(layout: LakeLayout, options: &'static [&'static str]) {
    let sandbox = Sandbox::small(layout);
    let cluster = Cluster::start_with(&sandbox, 2, options);
    let report = cluster.refreshing().report();
    assert_same_gold(&sandbox, &reference(layout));
    let again = cluster.refreshing().report();
    let modes = |report: &serde_json::Value| -> Vec<String> {
        let models = report["models"].as_array().unwrap().iter();
        models.map(|model| model["mode"].as_str().unwrap().to_owned()).collect()
    };
    assert!(modes(&report).iter().all(|mode| mode == "full"), "{report}");
    assert!(modes(&again).iter().all(|mode| mode == "unchanged"), "{again}");
    assert_eq!(cluster.resubmitted(), 0);
    assert_data_was_read_by_executors_alone(&report);
}

/// Every process counts what it reads from storage, whoever asks for it.
fn assert_data_was_read_by_executors_alone(report: &serde_json::Value) {
    let processes = |role: &str| -> Vec<(u64, u64)> {
        let all = report["processes"].as_array().unwrap().iter().filter(|process| process["role"] == role);
        let bytes = |process: &serde_json::Value, name: &str| process[name].as_u64().unwrap();
        all.map(|process| (bytes(process, "log_bytes_read"), bytes(process, "data_bytes_read"))).collect()
    };
    let [(logs, data)] = processes("scheduler")[..] else { panic!("{report}") };
    assert!(logs > 0 && data == 0, "the coordinator read {data} bytes of data");
    let executors = processes("executor");
    assert_eq!(executors.len(), 2);
    assert!(executors.iter().all(|(logs, data)| *logs == 0 && *data > 0), "both took part: {executors:?}");
    let scanned: u64 =
        report["models"].as_array().unwrap().iter().map(|model| model["bytes_read"].as_u64().unwrap()).sum();
    let read: u64 = executors.iter().map(|(_, data)| data).sum();
    assert!(scanned > 0 && read >= scanned, "{scanned} bytes were scanned, and {read} read");
    let memory = report["processes"].as_array().unwrap().iter().map(|process| &process["peak_memory_bytes"]);
    assert!(memory.into_iter().all(|bytes| bytes.as_u64().is_some_and(|bytes| bytes > 1 << 20)), "{report}");
}

#[test]
fn gold_of_the_cluster_is_that_of_the_embedded_engine() {
    assert_cluster_equals_embedded(LakeLayout::Simplified, &["--small-job", "0"]);
}

#[test]
fn gold_of_the_cluster_is_that_of_the_embedded_engine_with_silver_tables() {
    assert_cluster_equals_embedded(
        LakeLayout::Medallion,
        &["--small-job", "0", "--shuffle-compression", "lz4"],
    );
}

#[test]
fn gold_of_jobs_that_are_one_task_is_that_of_the_embedded_engine() {
    assert_cluster_equals_embedded(LakeLayout::Medallion, &[]);
}
