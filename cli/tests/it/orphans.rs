//! Files of a refresh that died are removed by the next one; those of one that still runs are not.

use std::fs;
use std::process::{Child, Command, Stdio};

use crate::cluster::harness::wait_until;
use crate::common::{AS_OF, Blocked, LakeLayout, Sandbox, TABLES, block, live_files, signal};

/// Files of gold that no version of a table holds.
pub(crate) fn uncommitted(sandbox: &Sandbox) -> Vec<String> {
    let mut left = Vec::new();
    for folder in fs::read_dir(sandbox.path("gold")).into_iter().flatten().flatten() {
        let live =
            if folder.path().join("_delta_log").exists() { live_files(&folder.path()) } else { Vec::new() };
        let files = fs::read_dir(folder.path()).unwrap().flatten();
        let names = files.map(|file| file.file_name().into_string().unwrap());
        let other = names.filter(|name| name != "_delta_log" && !live.contains(name));
        left.extend(other.map(|name| format!("{}/{name}", folder.file_name().display())));
    }
    left
}

/// Files of tables among them.
fn staged(sandbox: &Sandbox) -> usize {
    uncommitted(sandbox).iter().filter(|file| file.ends_with(".parquet")).count()
}

/// A refresh that has staged some models and waits for ever for a bronze table that another one reads.
fn waiting(sandbox: &Sandbox) -> (Child, Blocked) {
    let blocked = block(&sandbox.path("bronze/retailaffiliation"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(["refresh", "--full", "--as-of", AS_OF])
        .current_dir(sandbox.dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("staged files", || {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it had staged anything");
        staged(sandbox) > 0
    });
    (child, blocked)
}

fn states(sandbox: &Sandbox) -> Vec<String> {
    let status = sandbox.json(&["status", "--output", "json"]);
    let refreshes = status["refreshes"].as_array().unwrap().iter();
    refreshes.map(|refresh| refresh["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_a_killed_refresh_left_is_removed_by_the_next() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let (mut child, blocked) = waiting(&sandbox);
    assert_eq!(states(&sandbox), ["running"]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(states(&sandbox), ["abandoned"]);
    assert!(staged(&sandbox) > 0, "nothing was left, so nothing is shown");
    blocked.unblock();
    sandbox.refresh(&[]);
    assert_eq!(uncommitted(&sandbox), Vec::<String>::new());
    assert_eq!(states(&sandbox), Vec::<String>::new());
    let history = sandbox.json(&["history", "--output", "json"]);
    let refreshes = history["refreshes"].as_array().unwrap();
    assert_eq!(refreshes.len(), 1, "{history}");
    assert_eq!(refreshes[0]["report"]["models"].as_array().unwrap().len(), TABLES.len());
}

#[test]
fn a_refresh_with_nothing_to_do_removes_what_another_left_as_well() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.refresh(&[]);
    let before = sandbox.layers();
    let (mut child, blocked) = waiting(&sandbox);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(staged(&sandbox) > 0);
    let check = sandbox.run(&["check"]);
    let text = String::from_utf8(check.stdout).unwrap();
    assert!(check.status.success() && !text.contains("_goldsmith"), "it is nobody's table: {text}");
    blocked.unblock();
    let models = sandbox.refresh(&[]);
    assert!(models.values().all(|model| model["mode"] == "unchanged"), "{models:?}");
    assert!(sandbox.layers() == before, "{:?}", uncommitted(&sandbox));
}

#[test]
fn what_a_running_refresh_has_staged_is_left_alone() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let (child, _blocked) = waiting(&sandbox);
    // Stopped, it stages nothing while the other one looks.
    signal("-STOP", &child);
    let before = uncommitted(&sandbox);
    sandbox.refresh(&["--only", "supporting_Calendar"]);
    assert_eq!(uncommitted(&sandbox), before);
    signal("-TERM", &child);
    signal("-CONT", &child);
    let mut child = child;
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(
        uncommitted(&sandbox),
        Vec::<String>::new(),
        "the signal ended it, and it cleaned up after itself"
    );
}
