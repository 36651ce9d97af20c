//! What is lost while a refresh runs, or goes of its own will.

use super::harness::{Cluster, assert_same_gold, wait_until};
use super::reference;
use crate::common::{LakeLayout, Sandbox, TABLES};

const LAYOUT: LakeLayout = LakeLayout::Simplified;

#[test]
fn an_executor_that_is_killed_changes_no_row() {
    let sandbox = Sandbox::small(LAYOUT);
    let mut cluster = Cluster::start(&sandbox, 2);
    let mut client = cluster.refreshing();
    cluster.wait_for_work(0, 1);
    cluster.kill_executor(0);
    assert!(client.is_running(), "the refresh had ended before the kill");
    client.report();
    assert_same_gold(&sandbox, &reference(LAYOUT));
}

#[test]
fn two_executors_killed_one_after_the_other_change_no_row() {
    let sandbox = Sandbox::small(LAYOUT);
    let mut cluster = Cluster::start(&sandbox, 3);
    let mut client = cluster.refreshing();
    cluster.wait_for_work(0, 1);
    cluster.kill_executor(0);
    cluster.wait_for_work(1, 1);
    cluster.kill_executor(1);
    assert!(client.is_running(), "the refresh had ended before the second kill");
    client.report();
    assert_same_gold(&sandbox, &reference(LAYOUT));
}

#[test]
fn without_an_executor_nothing_is_published_and_the_error_says_why() {
    let sandbox = Sandbox::small(LAYOUT);
    let mut cluster = Cluster::start(&sandbox, 1);
    let mut client = cluster.refreshing();
    cluster.wait_for_work(0, 1);
    cluster.kill_executor(0);
    assert!(client.is_running());
    let output = client.wait();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("no executor is there") && text.contains("goldsmith executor"), "{text}");
    for table in TABLES {
        assert!(!sandbox.path("gold").join(table).join("_delta_log").exists(), "{table} was published");
    }
}

#[test]
fn executors_drained_and_added_cost_no_job() {
    let sandbox = Sandbox::small(LAYOUT);
    let mut cluster = Cluster::start(&sandbox, 2);
    let mut client = cluster.refreshing();
    cluster.wait_for_work(0, 1);
    let mut drained = cluster.drain_executor(0);
    assert!(client.is_running(), "the refresh had ended before the drain");
    cluster.add_executor();
    client.report();
    assert!(drained.wait().unwrap().success(), "a drained executor ends well");
    assert!(cluster.log("executor-0").contains("drained"), "{}", cluster.log("executor-0"));
    wait_until("the new executor", || cluster.log("executor-2").contains("asking for tasks"));
    assert_eq!(cluster.resubmitted(), 0, "a job was thrown away");
    assert_same_gold(&sandbox, &reference(LAYOUT));
}

#[test]
fn a_scheduler_that_is_killed_and_started_again_publishes_once() {
    let sandbox = Sandbox::small(LAYOUT);
    let mut cluster = Cluster::start(&sandbox, 2);
    let mut client = cluster.refreshing();
    cluster.wait_for_work(0, 1);
    cluster.kill_scheduler();
    assert!(client.is_running(), "the refresh had ended before the kill");
    cluster.restart_scheduler();
    let report = client.report();
    assert_eq!(report["models"].as_array().unwrap().len(), TABLES.len());
    // Files of the life that was killed are removed by name at the end of the next one.
    assert_same_gold(&sandbox, &reference(LAYOUT));
}

#[test]
fn an_interrupted_client_ends_the_refresh_and_leaves_nothing() {
    let sandbox = Sandbox::small(LAYOUT);
    let cluster = Cluster::start(&sandbox, 2);
    let mut client = cluster.refreshing();
    cluster.wait_for_work(0, 1);
    assert!(client.is_running());
    client.interrupt();
    let output = client.wait();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("interrupted before the first gold commit"), "{text}");
    assert!(cluster.status().unwrap()["refreshes"].as_array().unwrap().is_empty());
    assert!(sandbox.layers().is_empty(), "{:?}", sandbox.layers().keys());
}

#[test]
fn a_second_refresh_waits_for_the_first() {
    let sandbox = Sandbox::small(LAYOUT);
    let cluster = Cluster::start(&sandbox, 2);
    let (first, second) = (cluster.refreshing(), cluster.refreshing());
    first.report();
    second.report();
    assert_same_gold(&sandbox, &reference(LAYOUT));
}

#[test]
fn a_scheduler_that_is_stopped_ends_the_refresh_and_tells_its_client() {
    let sandbox = Sandbox::small(LAYOUT);
    let mut cluster = Cluster::start(&sandbox, 2);
    let mut client = cluster.refreshing();
    cluster.wait_for_work(0, 1);
    assert!(client.is_running(), "the refresh had ended before the stop");
    assert!(cluster.stop_scheduler(), "a scheduler that is stopped ends well");
    let output = client.wait();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("interrupted before the first gold commit"), "{text}");
    assert!(sandbox.layers().is_empty(), "{:?}", sandbox.layers().keys());
}
