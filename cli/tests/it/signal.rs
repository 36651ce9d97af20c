//! A signal before the first commit of gold ends a refresh promptly and nothing of it is left; after it, the commits are made.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::common::{LakeLayout, Sandbox, block, live_files, signal};

/// Waits until `condition` holds or the process has ended.
fn wait_until(child: &mut Child, mut condition: impl FnMut() -> bool) {
    while !condition() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before the condition held");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

fn staged(gold: &Path) -> usize {
    let tables = fs::read_dir(gold).into_iter().flatten().flatten();
    // Not the mark that a refresh runs.
    let tables = tables.filter(|folder| folder.file_name() != "_goldsmith");
    tables.map(|table| fs::read_dir(table.path()).map_or(0, Iterator::count)).sum()
}

fn refresh(sandbox: &Sandbox) -> Child {
    Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(["refresh", "--full"])
        .current_dir(sandbox.dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn ended(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_signal_before_the_first_commit_publishes_nothing() {
    for (sent, layout) in [("-INT", LakeLayout::Simplified), ("-TERM", LakeLayout::Medallion)] {
        let sandbox = Sandbox::small(layout);
        // Read by one of the last models only. Nobody ever writes to it, so the refresh ends by the signal or not at all.
        block(&sandbox.path("bronze/retailaffiliation"));
        let gold = sandbox.path("gold");
        let mut child = refresh(&sandbox);
        wait_until(&mut child, || staged(&gold) > 0 || staged(&sandbox.path("silver")) > 0);
        signal(sent, &child);
        let (code, text) = ended(child);
        assert_eq!(code, Some(1), "{text}");
        assert!(
            text.starts_with("error: interrupted before the first gold commit: gold stays as it is"),
            "{text}"
        );
        assert!(text.contains("\n  hint: run it again"), "{text}");
        assert_eq!(staged(&gold), 0);
        for table in fs::read_dir(sandbox.path("silver")).into_iter().flatten() {
            let table = table.unwrap().path();
            let files =
                fs::read_dir(&table).unwrap().count() - usize::from(table.join("_delta_log").exists());
            assert_eq!(files, live_files(&table).len(), "a staged file is left in {}", table.display());
        }
    }
}

#[test]
fn a_signal_over_published_gold_leaves_its_last_version() {
    let sandbox = Sandbox::published();
    let before = sandbox.layers();
    let (gold, files) = (sandbox.path("gold"), staged(&sandbox.path("gold")));
    block(&sandbox.path("bronze/retailaffiliation"));
    let mut child = refresh(&sandbox);
    wait_until(&mut child, || staged(&gold) > files);
    signal("-TERM", &child);
    let (code, text) = ended(child);
    assert_eq!(code, Some(1), "{text}");
    assert!(sandbox.layers() == before, "{text}");
}

/// Models whose commits take long enough, all together, for a signal to come between the first and the last.
const MANY: usize = 60;

#[test]
fn a_signal_after_the_first_commit_lets_the_others_be_made() {
    for sent in ["-INT", "-TERM"] {
        let sandbox = Sandbox::small(LakeLayout::Simplified);
        fs::create_dir(sandbox.path("pack")).unwrap();
        for model in 0..MANY {
            let sql = "-- grain = [\"Id\"]\nSELECT 'x' AS Id";
            fs::write(sandbox.path("pack").join(format!("supporting_{model:03}.sql")), sql).unwrap();
        }
        sandbox.configure(&sandbox.path("bronze"), LakeLayout::Simplified, "[pack]\npath = \"pack\"");
        let gold = sandbox.path("gold");
        let committed = || {
            let entry = "_delta_log/00000000000000000000.json";
            (0..MANY).filter(|model| gold.join(format!("supporting_{model:03}")).join(entry).exists()).count()
        };
        let mut child = refresh(&sandbox);
        wait_until(&mut child, || committed() > 0);
        // Stopped, it cannot reach the last commit before the signal is there.
        signal("-STOP", &child);
        let when_sent = committed();
        signal(sent, &child);
        signal("-CONT", &child);
        let (code, text) = ended(child);
        assert!(when_sent < MANY, "the signal came too late to show anything");
        assert_eq!(code, Some(0), "{text}");
        assert_eq!(committed(), MANY, "{text}");
    }
}
