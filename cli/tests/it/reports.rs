//! What broke other programs, rebuilt as small lakes: each statement gives what Spark answers, or is refused as the archive
//! allows, here and on a cluster.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cluster::harness::Cluster;
use crate::common::{Sandbox, copy, golden, live_files};

/// What is not fixed yet.
const OPEN: [&str; 4] = ["R15", "R16", "R17", "R40"];

/// The steps of each report, in order.
fn reports(golden: &Path) -> BTreeMap<String, Vec<Value>> {
    let text = fs::read_to_string(golden.join("reports/cases.jsonl")).unwrap();
    let mut reports: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in text.lines() {
        let step: Value = serde_json::from_str(line).unwrap();
        reports.entry(step["id"].as_str().unwrap().to_owned()).or_default().push(step);
    }
    reports.retain(|id, _| !OPEN.contains(&id.as_str()));
    reports
}

fn sorted(rows: &Value) -> Vec<String> {
    let mut rows: Vec<String> = rows.as_array().unwrap().iter().map(Value::to_string).collect();
    rows.sort();
    rows
}

/// Runs a step; what is wrong with its outcome, and whether it was refused.
fn run(sandbox: &Sandbox, step: &Value, cluster: Option<&str>) -> (Option<String>, bool) {
    let accepted = step["accept"].as_array().unwrap();
    if step["kind"] == "log" {
        assert_eq!(step["look"], "one_file", "{step}");
        let folder = sandbox.path(step["table"].as_str().unwrap());
        let files = live_files(&folder);
        let holds = files.len() == 1 && folder.join(&files[0]).is_file();
        return ((!holds).then(|| format!("live files: {files:?}")), false);
    }
    let mut args: Vec<&str> = match step["sql"].as_str() {
        Some(sql) => vec!["query", sql, "--output", "json"],
        None => step["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect(),
    };
    if ["query", "refresh"].contains(&step["kind"].as_str().unwrap()) {
        args.extend(cluster.into_iter().flat_map(|url| ["--cluster", url]));
    }
    let output = sandbox.run(&args);
    let code = output.status.code();
    let text = String::from_utf8_lossy(&output.stderr);
    let rows = if step["kind"] == "query" && code == Some(0) {
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["rows"].clone()
    } else {
        Value::Null
    };
    let is_right = accepted.iter().any(|answer| {
        if answer["rows"].is_array() {
            let any_order = answer["any_order"] == true;
            return rows == answer["rows"]
                || (any_order && rows.is_array() && sorted(&rows) == sorted(&answer["rows"]));
        }
        let says = answer["says"].as_array().map_or(&[][..], Vec::as_slice);
        code.map(i64::from) == answer["exit"].as_i64()
            && (says.is_empty() || says.iter().any(|word| text.contains(word.as_str().unwrap())))
    });
    (
        (!is_right).then(|| format!("{args:?}: exit {code:?}, {rows} {text}, not {}", json!(accepted))),
        code != Some(0),
    )
}

/// Runs the steps of a report over a lake of its own.
fn faults(folder: &Path, steps: &[Value], on_cluster: bool) -> Vec<String> {
    let sandbox = Sandbox::empty();
    copy(folder, sandbox.dir.path());
    let cluster = on_cluster.then(|| Cluster::start(&sandbox, 1));
    let url = cluster.as_ref().map(Cluster::url);
    let (mut faults, mut refused) = (Vec::new(), Vec::new());
    for step in steps {
        let case = step["case"].as_str().unwrap();
        if refused.contains(&case) {
            continue;
        }
        for _ in 0..step["repeat"].as_u64().unwrap_or(1) {
            let (fault, is_refused) = run(&sandbox, step, url.as_deref());
            faults.extend(fault.map(|fault| format!("{case}, cluster: {on_cluster}: {fault}")));
            if is_refused && step["last_if_refused"] == true {
                refused.push(case);
            }
        }
    }
    faults
}

#[test]
fn what_broke_other_programs_is_answered_or_refused() {
    let Some(golden) = golden("what broke other programs") else { return };
    let folder = TempDir::new().unwrap();
    let archive = golden.join("reports/tables.tar.gz");
    let unpacked = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(folder.path()).status().unwrap();
    assert!(unpacked.success());
    let reports = reports(&golden);
    assert!(reports.len() >= 15, "{:?}", reports.keys());
    let mut found = Vec::new();
    for (id, steps) in &reports {
        for on_cluster in [false, true] {
            found.extend(faults(&folder.path().join(id), steps, on_cluster));
        }
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}
