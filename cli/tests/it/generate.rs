//! Lakes of our own making.

use std::fs;

use crate::common::{LakeLayout, Sandbox, log};

#[test]
fn a_lake_is_made_once_and_changed_as_often_as_wanted() {
    let sandbox = Sandbox::empty();
    let made = sandbox.json(&["generate", "lake", "--scale", "0.001", "--seed", "7", "--output", "json"]);
    assert_eq!((&made["schema_version"], &made["seed"]), (&1.into(), &7.into()));
    let tables = made["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 20);
    for table in tables {
        let entries = log(&sandbox.path("lake").join(table["name"].as_str().unwrap()));
        assert_eq!(table["version"], entries.len() - 1, "{table}");
    }
    let change = ["generate", "lake", "--mutate", "--fraction", "0.01", "--output", "json"];
    let (first, second) = (sandbox.json(&change), sandbox.json(&change));
    assert!(second["step"].as_u64() > first["step"].as_u64());
    for commit in second["commits"].as_array().unwrap() {
        let entries = log(&sandbox.path("lake").join(commit["table"].as_str().unwrap()));
        let version = usize::try_from(commit["version"].as_u64().unwrap()).unwrap();
        let info = entries[version].iter().find(|action| action["commitInfo"].is_object()).unwrap();
        assert_eq!(info["commitInfo"]["operation"], commit["operation"], "{commit}");
    }
}

#[test]
fn gold_is_built_from_it_before_and_after_a_change() {
    let sandbox = Sandbox::empty();
    sandbox.json(&["generate", "bronze", "--scale", "0.003", "--output", "json"]);
    sandbox.configure(
        &sandbox.path("bronze"),
        LakeLayout::Medallion,
        "[pack.vars]\ndeleted_rows = \"exclude\"",
    );
    let before = sandbox.refresh(&[]);
    assert!(before["activities_Orders"]["rows_inserted"].as_u64() > Some(2_900));
    sandbox.json(&["generate", "bronze", "--mutate", "--fraction", "0.02", "--output", "json"]);
    let after = sandbox.refresh(&[]);
    assert_eq!(after["activities_Orders"]["version_after"], 1);
    assert_ne!(
        after["activities_Orders"]["rows_inserted"], before["activities_Orders"]["rows_inserted"],
        "orders came and went"
    );
    assert_eq!(after["supporting_LoyaltyPrograms"]["mode"], "unchanged");
    sandbox.json(&["check", "--output", "json"]);
    let quiet = sandbox.run(&["refresh", "-q"]);
    assert!(quiet.status.success() && quiet.stdout.is_empty() && quiet.stderr.is_empty(), "{quiet:?}");
}

#[test]
fn a_person_sees_tables_and_the_next_command_and_no_progress_where_there_is_no_terminal() {
    let sandbox = Sandbox::empty();
    let output = sandbox.run(&["generate", "lake", "--scale", "0.001"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with(&format!("made {}: ", sandbox.path("lake").display())), "{text}");
    assert!(
        text.lines()
            .all(|line| line.chars().count() <= 80 || line.starts_with("made ") || line.contains("generate"))
    );
    let next = text.lines().last().unwrap().strip_prefix("Change it with: ").unwrap().to_owned();
    // As it was called, so that it can be pasted.
    let pasted = std::process::Command::new("sh")
        .args(["-c", &next])
        .current_dir(sandbox.dir.path())
        .output()
        .unwrap();
    assert!(pasted.status.success() && pasted.stderr.is_empty(), "{pasted:?}");
    let text = String::from_utf8(pasted.stdout).unwrap();
    assert!(
        text.contains("renamed channel\n") && text.lines().skip(1).all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let quiet = sandbox.run(&["generate", "lake", "--mutate", "-q"]);
    assert!(quiet.status.success() && quiet.stdout.is_empty() && quiet.stderr.is_empty(), "{quiet:?}");
}

#[test]
fn what_cannot_be_made_or_changed_is_refused() {
    let sandbox = Sandbox::empty();
    fs::create_dir(sandbox.path("lake")).unwrap();
    fs::write(sandbox.path("lake/notes.txt"), "mine").unwrap();
    let (code, text) = sandbox.failure(&["generate", "lake", "--scale", "0.001"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("is not empty\n  hint: ") && text.contains("--mutate"), "{text}");
    assert_eq!(fs::read_dir(sandbox.path("lake")).unwrap().count(), 1);
    let (code, text) = sandbox.failure(&["generate", "lake", "--mutate"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("there is no generated lake in ") && text.contains("\n  hint: "), "{text}");
    for args in [
        &["generate"][..],
        &["generate", "lake", "--scale", "0"],
        &["generate", "lake", "--scale", "-1"],
        &["generate", "lake", "--mutate", "--fraction", "2"],
        &["generate", "lake", "--fraction", "0.1"],
        &["generate", "lake", "--mutate", "--scale", "1"],
    ] {
        assert_eq!(sandbox.failure(args).0, 64, "{args:?}");
    }
}
