//! The first thing that anybody runs.

use std::fs;
use std::process::Command;

use crate::common::{Sandbox, TABLES, log};

/// Small enough to be made in a moment.
const SCALE: &str = "0.002";

/// The commands that a demo says to try next, as a shell reads them.
fn commands(text: &str) -> Vec<String> {
    let tail = text.split_once("Try next:\n").unwrap().1;
    let lines: Vec<&str> = tail.lines().take_while(|line| !line.starts_with("Models of your own")).collect();
    let commands = lines.split(|line| line.is_empty()).map(|block| {
        let lines = block.iter().filter(|line| !line.trim_start().starts_with('#'));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    });
    commands.filter(|command| !command.is_empty()).collect()
}

#[test]
fn it_tells_the_whole_story_and_what_it_says_to_try_works() {
    let sandbox = Sandbox::empty();
    let output = sandbox.run(&["demo", "--scale", SCALE]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let steps: Vec<&str> =
        text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).collect();
    let starts = ["1. Bronze", "2. Refresh", "3. Change", "4. Refresh again", "5. Check", "6. Gold"];
    assert_eq!(steps.len(), starts.len(), "{steps:?}");
    assert!(steps.iter().zip(starts).all(|(step, start)| step.starts_with(start)), "{steps:?}");
    assert!(text.contains("no incremental"), "{text}");
    assert!(text.contains("Yes: 9 tables, 0 violations"), "{text}");
    let samples = text.split_once("6. Gold").unwrap().1;
    for table in TABLES {
        assert!(text.contains(&format!("   {table} ")), "{table}");
        assert!(samples.contains(&format!("  {table}")), "{table}");
    }
    // Commands are pasted, not read.
    let story = text.split_once("Try next:").unwrap().0;
    let wide: Vec<&str> = story.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:?}");
    for folder in ["bronze", "gold"] {
        assert!(sandbox.path("goldsmith-demo").join(folder).is_dir());
    }
    let commands = commands(&text);
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let output =
            Command::new("sh").args(["-ec", &command]).current_dir(sandbox.dir.path()).output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "{command}: {output:?}");
    }
}

#[test]
fn run_again_it_goes_on_with_the_lake_that_is_there() {
    let sandbox = Sandbox::empty();
    let demo = ["demo", "--dir", "my demo", "--output", "json"];
    let first = sandbox.json(&[&demo[..], &["--scale", SCALE]].concat());
    let config = fs::read_to_string(sandbox.path("my demo/goldsmith.toml")).unwrap();
    assert_eq!(first["config"], "my demo/goldsmith.toml");
    assert_eq!(first["generated"]["tables"].as_array().unwrap().len(), 20);
    assert_eq!(first["checked"]["tables"].as_array().unwrap().len(), TABLES.len());
    let versions = |table: &str| log(&sandbox.path("my demo/gold").join(table)).len();
    assert_eq!(versions("activities_Orders"), 2);
    // Bronze does not change it, and the refresh time is the same.
    assert_eq!(versions("supporting_LoyaltyPrograms"), 1);

    let second = sandbox.json(&demo);
    assert!(second["generated"].is_null());
    assert!(second["changed"]["step"].as_u64() > first["changed"]["step"].as_u64());
    assert_eq!(versions("activities_Orders"), 4);
    assert_eq!(fs::read_to_string(sandbox.path("my demo/goldsmith.toml")).unwrap(), config);

    let (code, text) = sandbox.failure(&["demo", "--dir", "my demo", "--scale", "0.1"]);
    assert_eq!(code, 3);
    assert!(text.contains("holds a demo already") && text.contains("hint: leave --scale out"), "{text}");
    let text = String::from_utf8(sandbox.run(&["demo", "--dir", "my demo"]).stdout).unwrap();
    assert!(text.starts_with("A small lake of Dynamics 365 Commerce goes on in my demo.\n"), "{text}");
    assert!(text.contains("-c 'my demo/goldsmith.toml'"), "{text}");
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let sandbox = Sandbox::empty();
    fs::create_dir(sandbox.path("goldsmith-demo")).unwrap();
    fs::write(sandbox.path("goldsmith-demo/notes.txt"), "mine").unwrap();
    let (code, text) = sandbox.failure(&["demo"]);
    assert_eq!(code, 3);
    assert!(text.contains("goldsmith-demo is not empty") && text.contains("hint: "), "{text}");
    assert_eq!(fs::read_dir(sandbox.path("goldsmith-demo")).unwrap().count(), 1);
    let (code, text) = sandbox.failure(&["demo", "-c", "goldsmith.toml"]);
    assert_eq!(code, 64);
    assert!(text.contains("brings its own configuration"), "{text}");
}

#[test]
fn quiet_it_says_nothing() {
    let sandbox = Sandbox::empty();
    let output = sandbox.run(&["demo", "--scale", SCALE, "-q"]);
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    assert!(sandbox.path("goldsmith-demo/gold/profiles_Customer/_delta_log").is_dir());
}
