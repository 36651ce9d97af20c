//! What is lost while a refresh runs, or goes of its own will.

use super::harness::{Client, Cluster, Work, assert_same_gold, wait_until};
use super::reference;
use crate::common::{LakeLayout, Sandbox, TABLES};
use crate::orphans::uncommitted;

const LAYOUT: LakeLayout = LakeLayout::Simplified;

/// A refresh on a cluster whose first executor has begun to work, and is shown to run still.
fn working(sandbox: &Sandbox, executors: usize) -> (Cluster<'_>, Client) {
    let cluster = Cluster::start(sandbox, executors);
    let mut client = cluster.refreshing();
    cluster.wait_for_work(0, 1);
    assert!(client.is_running(), "the refresh had ended before anything could happen to it");
    (cluster, client)
}

/// Refreshes that are begun until an executor was killed at the wanted moment.
const TRIES: u32 = 10;

/// One refresh with an executor killed while it was at `work`.
fn killed_at(work: Work) {
    for _ in 0..TRIES {
        let sandbox = Sandbox::small(LAYOUT);
        let mut cluster = Cluster::start(&sandbox, 2);
        let mut client = cluster.refreshing();
        let fired = cluster.kill_executor_at(0, &mut client, work);
        client.report();
        assert_same_gold(&sandbox, &reference(LAYOUT));
        if fired {
            return;
        }
    }
    panic!("no refresh of {TRIES} was hit while an executor was at {work:?}");
}

#[test]
fn an_executor_that_is_killed_while_it_scans_changes_no_row() {
    killed_at(Work::Scan);
}

#[test]
fn an_executor_that_is_killed_while_it_shuffles_changes_no_row() {
    killed_at(Work::Shuffle);
}

#[test]
fn an_executor_that_is_killed_while_it_writes_changes_no_row() {
    killed_at(Work::Write);
}

#[test]
fn an_executor_that_is_killed_between_two_stages_changes_no_row() {
    killed_at(Work::BetweenStages);
}

#[test]
fn an_executor_that_stands_still_and_comes_back_changes_no_row() {
    let sandbox = Sandbox::small(LAYOUT);
    let (cluster, client) = working(&sandbox, 2);
    cluster.stop_executor(0);
    client.report();
    assert_same_gold(&sandbox, &reference(LAYOUT));
    assert_eq!(cluster.status().unwrap()["executors"].as_array().unwrap().len(), 1, "it was given up");
    cluster.continue_executor(0);
    cluster.wait_for_executors(2);
    assert!(cluster.log("executor-0").contains("starting anew"), "{}", cluster.log("executor-0"));
    // What it was at before is worth nothing: it takes back what it can, and the mark of the refresh tells of the rest.
    assert!(
        uncommitted(&sandbox).iter().any(|file| file.starts_with("_goldsmith/")),
        "{:?}",
        uncommitted(&sandbox)
    );
    let report = cluster.refreshing_with(&["--full"]).report();
    assert!(report["models"].as_array().unwrap().iter().all(|model| model["mode"] == "full"), "{report}");
    for table in TABLES {
        let rows = sandbox.gold_rows(table, &["RowModifiedUtc"]);
        assert_eq!(rows, reference(LAYOUT).gold_rows(table, &["RowModifiedUtc"]), "{table}");
    }
}

#[test]
fn what_a_scheduler_left_that_died_with_its_client_is_removed_by_the_next_refresh() {
    let sandbox = Sandbox::small(LAYOUT);
    let mut cluster = Cluster::start(&sandbox, 2);
    let client = cluster.refreshing();
    wait_until("staged files", || uncommitted(&sandbox).iter().any(|file| file.ends_with(".parquet")));
    cluster.kill_scheduler();
    client.kill();
    assert!(uncommitted(&sandbox).iter().any(|file| file.ends_with(".parquet")), "nothing was left");
    cluster.restart_scheduler();
    cluster.wait_for_executors(2);
    cluster.refreshing().report();
    let left = uncommitted(&sandbox);
    // The mark stays as long as executors that nobody hears of might still write.
    assert!(left.iter().all(|file| file.starts_with("_goldsmith/")), "{left:?}");
}

#[test]
fn a_client_that_cannot_reach_its_scheduler_any_more_says_so() {
    let sandbox = Sandbox::small(LAYOUT);
    let mut cluster = Cluster::start(&sandbox, 1);
    let mut client = cluster.refreshing_with(&["--scheduler-wait", "2"]);
    cluster.wait_for_work(0, 1);
    cluster.kill_scheduler();
    assert!(client.is_running(), "the refresh had ended before the kill");
    let output = client.wait();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("cannot reach the scheduler") && text.contains("for 2 s"), "{text}");
    assert!(text.contains("hint: "), "{text}");
}

#[test]
fn two_executors_killed_one_after_the_other_change_no_row() {
    let sandbox = Sandbox::small(LAYOUT);
    let (mut cluster, mut client) = working(&sandbox, 3);
    cluster.kill_executor(0);
    wait_until("the loss to be noticed", || cluster.resubmitted() > 0 || !client.is_running());
    assert!(client.is_running(), "the refresh had ended before the second kill");
    cluster.kill_executor(1);
    assert!(client.is_running(), "the refresh had ended before the second kill");
    client.report();
    assert_same_gold(&sandbox, &reference(LAYOUT));
}

#[test]
fn without_an_executor_nothing_is_published_and_the_error_says_why() {
    let sandbox = Sandbox::small(LAYOUT);
    let (mut cluster, mut client) = working(&sandbox, 1);
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
    let (mut cluster, mut client) = working(&sandbox, 2);
    let mut drained = cluster.drain_executor(0);
    assert!(client.is_running(), "the refresh had ended before the drain");
    cluster.add_executor();
    client.report();
    assert!(drained.wait().unwrap().success(), "a drained executor ends well");
    assert!(cluster.log("executor-0").contains("drained"), "{}", cluster.log("executor-0"));
    wait_until("the new executor", || cluster.log("executor-2").contains("asking for tasks"));
    assert_eq!(cluster.resubmitted(), 0, "a job was thrown away");
    assert_same_gold(&sandbox, &reference(LAYOUT));
    cluster.refreshing_with(&["--full"]).report();
    assert!(cluster.log("executor-2").contains("task runs"), "{}", cluster.log("executor-2"));
    assert_eq!(cluster.resubmitted(), 0, "a job was thrown away");
}

#[test]
fn a_refresh_whose_last_executor_drains_ends_and_lets_it_go() {
    let sandbox = Sandbox::small(LAYOUT);
    let (mut cluster, client) = working(&sandbox, 1);
    let mut drained = cluster.drain_executor(0);
    let output = client.wait();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("no executor is there"), "{text}");
    assert!(drained.wait().unwrap().success(), "a drained executor ends well");
    assert_eq!(uncommitted(&sandbox), Vec::<String>::new());
}

#[test]
fn a_scheduler_that_is_killed_and_started_again_publishes_once() {
    let sandbox = Sandbox::small(LAYOUT);
    let (mut cluster, mut client) = working(&sandbox, 2);
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
    let (cluster, client) = working(&sandbox, 2);
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
    wait_until("one of them to wait", || {
        let status = cluster.status().unwrap();
        status["refreshes"].as_array().unwrap().iter().any(|refresh| refresh["state"] == "waiting")
    });
    first.report();
    second.report();
    assert_same_gold(&sandbox, &reference(LAYOUT));
}

#[test]
fn a_scheduler_that_is_stopped_ends_the_refresh_and_tells_its_client() {
    let sandbox = Sandbox::small(LAYOUT);
    let (mut cluster, client) = working(&sandbox, 2);
    assert!(cluster.stop_scheduler(), "a scheduler that is stopped ends well");
    let output = client.wait();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("interrupted before the first gold commit"), "{text}");
    assert!(sandbox.layers().is_empty(), "{:?}", sandbox.layers().keys());
}
