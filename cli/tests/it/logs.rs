//! Log lines that programs read.

use serde_json::Value;

use crate::cluster::harness::Cluster;
use crate::common::{AS_OF, LakeLayout, Sandbox};

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

#[test]
fn lines_are_json_and_say_of_which_refresh_and_table_they_are() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let args = ["refresh", "--as-of", AS_OF, "--output", "json", "-v", "--log-format", "json"];
    let output = sandbox.run(&args);
    assert!(output.status.success());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines = lines(&String::from_utf8(output.stderr).unwrap());
    let committed: Vec<&Value> = lines.iter().filter(|line| line["message"] == "committed").collect();
    assert_eq!(committed.len(), 9, "{lines:?}");
    for line in committed {
        assert!(line["table"].as_str().unwrap().starts_with("gold."), "{line}");
        assert!(line["version"] == "0" || line["version"] == 0, "{line}");
        assert_eq!(line["span"]["refresh_id"], report["refresh_id"], "{line}");
        assert!(line["timestamp"].is_string() && line["level"] == "INFO", "{line}");
    }
}

#[test]
fn tasks_of_an_executor_are_told_with_job_stage_task_and_attempt() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let mut cluster = Cluster::start(&sandbox, 0);
    cluster.add_executor_with(&["--log-format", "json"]);
    cluster.wait_for_executors(1);
    cluster.refreshing().report();
    let lines = lines(&cluster.log("executor-0"));
    let ended: Vec<&Value> = lines.iter().filter(|line| line["message"] == "task ended").collect();
    assert!(!ended.is_empty());
    for line in ended {
        assert!(line["job_id"].is_string(), "{line}");
        assert!(["stage_id", "task_id", "attempt"].iter().all(|field| line[*field].is_u64()), "{line}");
    }
}
