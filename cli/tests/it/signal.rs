//! A signal ends a refresh promptly, and nothing of it is left.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::common::{LakeLayout, Sandbox, live_files};

/// Puts a pipe that nobody writes to in the place of the table's only file: whoever reads the table waits.
fn block(table: &Path) {
    let file = table.join(live_files(table).pop().unwrap());
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
}

/// Waits until `condition` holds or the process has ended.
fn wait_until(child: &mut Child, mut condition: impl FnMut() -> bool) {
    while !condition() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before the condition held");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

fn staged(gold: &Path) -> usize {
    let tables = fs::read_dir(gold).into_iter().flatten();
    tables.map(|table| fs::read_dir(table.unwrap().path()).map_or(0, Iterator::count)).sum()
}

#[test]
fn a_signal_before_the_first_commit_publishes_nothing() {
    for (signal, layout) in [("-INT", LakeLayout::Simplified), ("-TERM", LakeLayout::Medallion)] {
        let sandbox = Sandbox::small(layout);
        // Read by one of the last models only.
        block(&sandbox.path("bronze/retailaffiliation"));
        let gold = sandbox.path("gold");
        let mut child = Command::new(env!("CARGO_BIN_EXE_goldsmith"))
            .arg("refresh")
            .current_dir(sandbox.dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_until(&mut child, || staged(&gold) > 0 || staged(&sandbox.path("silver")) > 0);
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("interrupted before the first gold commit: gold stays as it is"), "{text}");
        assert_eq!(staged(&gold), 0);
    }
}
