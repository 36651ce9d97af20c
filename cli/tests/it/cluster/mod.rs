//! A scheduler and executors as processes of their own: the same gold as the embedded engine, whatever happens to them.

mod chaos;
pub(crate) mod harness;
mod loss;
mod query;

use self::harness::{Cluster, assert_same_gold};
use crate::common::{LakeLayout, Sandbox};

/// The small lake, and gold of it by the embedded engine.
fn reference(layout: LakeLayout) -> Sandbox {
    let sandbox = Sandbox::small(layout);
    sandbox.refresh(&[]);
    sandbox
}

fn assert_cluster_equals_embedded(layout: LakeLayout) {
    let sandbox = Sandbox::small(layout);
    let cluster = Cluster::start(&sandbox, 2);
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
    for executor in ["executor-0", "executor-1"] {
        assert!(cluster.log(executor).contains("task begins"), "{executor} took no part");
    }
}

#[test]
fn gold_of_the_cluster_is_that_of_the_embedded_engine() {
    assert_cluster_equals_embedded(LakeLayout::Simplified);
}

#[test]
fn gold_of_the_cluster_is_that_of_the_embedded_engine_with_silver_tables() {
    assert_cluster_equals_embedded(LakeLayout::Medallion);
}
