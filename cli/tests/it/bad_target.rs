//! A target that cannot be written, before and in the middle of writing: exit code 1, nothing published, nothing left.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::approved::Page;
use crate::common::{LakeLayout, Sandbox, tree};

const REFRESH: [&str; 2] = ["refresh", "--full"];

#[test]
fn a_file_in_the_place_of_a_folder() {
    let mut page = Page::new("target");
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::write(sandbox.path("gold"), "a file in the place of the folder").unwrap();
    page.refused("a file in the place of the gold folder", &sandbox, &REFRESH, 1);

    let sandbox = Sandbox::published();
    fs::remove_dir_all(sandbox.path("gold/supporting_Channels")).unwrap();
    fs::write(sandbox.path("gold/supporting_Channels"), "a file in the place of the table").unwrap();
    page.refused("a file in the place of a gold table", &sandbox, &REFRESH, 1);

    let sandbox = Sandbox::published();
    sandbox.configure(
        &sandbox.path("bronze"),
        LakeLayout::Simplified,
        "[engine]\nspill_dir = \"goldsmith.toml\"",
    );
    page.refused("a file in the place of the folder for spilled data", &sandbox, &REFRESH, 1);
    page.approve();
}

/// A shell in which file systems may be mounted that nobody else sees; none where that is not allowed.
fn mounting_shell() -> Option<Vec<&'static str>> {
    let shells = [vec!["unshare", "-m", "sh"], vec!["unshare", "-rm", "sh"]];
    let found = shells.into_iter().find(|shell| {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).args(["-c", "mount -t tmpfs tmpfs /mnt"]);
        command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    });
    if found.is_none() {
        // Not by a macro: what those print is shown only of tests that fail.
        writeln!(
            std::io::stderr(),
            "not run: file systems that are full or read-only (mounting is not allowed here)"
        )
        .unwrap();
    }
    found
}

/// What `goldsmith refresh --full` says whose gold folder is a file system of its own, mounted with `options` over a copy
/// of what is there. The folder must be the same before and after.
fn refresh_onto(shell: &[&str], sandbox: &Sandbox, size_bytes: u64, freeze: bool) -> (i32, String) {
    let script = r#"
        set -e
        cp -a gold before
        mount -t tmpfs -o size=$2 tmpfs gold
        cp -a before/. gold
        if [ $3 = true ]; then mount -o remount,ro gold; fi
        code=0
        "$1" refresh --full >answer || code=$?
        # A staged file that could not be removed would be seen here.
        cp -a gold after
        exit $code
    "#;
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .args([
            "-c",
            script,
            "sh",
            env!("CARGO_BIN_EXE_goldsmith"),
            &size_bytes.to_string(),
            &freeze.to_string(),
        ])
        .current_dir(sandbox.dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(fs::read_to_string(sandbox.path("answer")).unwrap(), "", "{text}");
    let files = |folder: &str| tree(&sandbox.path(folder));
    let names = |folder: &str| files(folder).into_keys().collect::<Vec<_>>();
    assert_eq!(names("after"), names("before"), "{text}");
    assert!(files("after") == files("before"), "{text}");
    (output.status.code().unwrap(), text)
}

/// What the files of `folder` take on a file system of pages of 4 KiB.
fn occupied_bytes(folder: &Path) -> u64 {
    tree(folder).values().map(|content| (content.len() as u64).div_ceil(4_096) * 4_096).sum()
}

#[test]
fn a_disk_that_fills_up_in_the_middle() {
    let Some(shell) = mounting_shell() else { return };
    let published = Sandbox::published();
    let fresh = Sandbox::small(LakeLayout::Simplified);
    fs::create_dir(fresh.path("gold")).unwrap();
    for sandbox in [&published, &fresh] {
        // Room for some of the files and not for all.
        let size_bytes = occupied_bytes(&sandbox.path("gold")) + 150_000;
        let (code, text) = refresh_onto(&shell, sandbox, size_bytes, false);
        assert_eq!(code, 1, "{text}");
        assert!(
            text.starts_with("error: model `gold.") && text.contains("No space left on device"),
            "{text}"
        );
        assert!(
            text.contains("\n  hint: check that the folder can be written and that there is room"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 3, "{text}");
    }
}

#[test]
fn a_file_system_that_is_read_only() {
    let Some(shell) = mounting_shell() else { return };
    let sandbox = Sandbox::published();
    let (code, text) = refresh_onto(&shell, &sandbox, 1 << 30, true);
    assert_eq!(code, 1, "{text}");
    assert!(text.starts_with("error: cannot write ") && text.contains("Read-only file system"), "{text}");
    assert!(text.contains("\n  hint: check that the folder can be written"), "{text}");
}

/// The same as a full disk, where nothing may be mounted: no file may grow above a limit.
#[test]
fn a_file_that_may_not_grow() {
    let sandbox = Sandbox::published();
    let before = sandbox.layers();
    let output = Command::new("bash")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 24; exec \"$0\" refresh --full",
            env!("CARGO_BIN_EXE_goldsmith"),
        ])
        .current_dir(sandbox.dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.starts_with("error: model `gold.") && text.contains("File too large"), "{text}");
    assert!(text.contains("\n  hint: check that the folder can be written"), "{text}");
    assert!(sandbox.layers() == before, "{text}");
}

/// What spills is removed when the disk is full, too.
#[test]
fn a_full_disk_for_spilled_data() {
    let Some(shell) = mounting_shell() else { return };
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::create_dir(sandbox.path("spill")).unwrap();
    let script = r#"
        mount -t tmpfs -o size=1m tmpfs spill
        "$1" query "SELECT x, CAST(x AS STRING) AS s FROM (SELECT explode(sequence(1, 1000000)) AS x) AS t ORDER BY s" \
            --output csv --threads 1 --memory-limit 40MiB --spill-dir spill
        code=$?
        ls spill >left
        exit $code
    "#;
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_goldsmith")])
        .current_dir(sandbox.dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.starts_with("error: the statement failed\n  because: ") && text.contains("No space left"),
        "{text}"
    );
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read_to_string(sandbox.path("left")).unwrap(), "", "spilled files are left");
}
