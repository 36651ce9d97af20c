//! When a refresh publishes, when it does not, and what stays when it fails.

use std::collections::BTreeSet;
use std::fs;

use crate::common::{AS_OF, LakeLayout, Sandbox, TABLES, by_name, live_files, log};

#[test]
fn the_same_inputs_commit_nothing() {
    for layout in [LakeLayout::Simplified, LakeLayout::Medallion] {
        let sandbox = Sandbox::small(layout);
        sandbox.refresh(&[]);
        let second = sandbox.refresh(&[]);
        for table in TABLES {
            assert_eq!(second[table]["mode"], "unchanged", "{table}");
            assert_eq!(log(&sandbox.path("gold").join(table)).len(), 1, "{table}");
        }
    }
}

#[test]
fn a_full_rebuild_is_a_new_version_of_the_same_table() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.refresh(&[]);
    let before = live_files(&sandbox.path("gold/profiles_Customer"));
    let report = sandbox.refresh(&["--full", "--only", "profiles_Customer"]);
    assert_eq!(report.len(), 1);
    let model = &report["profiles_Customer"];
    assert_eq!((&model["version_before"], &model["version_after"]), (&0.into(), &1.into()));
    assert_eq!(model["rows_inserted"], model["rows_deleted"]);
    let after = live_files(&sandbox.path("gold/profiles_Customer"));
    assert!(before.iter().all(|file| !after.contains(file)));
    for file in before.iter().chain(&after) {
        assert!(
            sandbox.path("gold/profiles_Customer").join(file).exists(),
            "{file} is kept for older versions"
        );
    }
    assert_eq!(log(&sandbox.path("gold/activities_Orders")).len(), 1, "others are left alone");
}

#[test]
fn only_rows_whose_validity_changed_differ_across_the_bound() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    // The next address to become valid after the time of the reference.
    let bound = sandbox.json(&[
        "query",
        "SELECT date_format(min(a.validfrom), \"yyyy-MM-dd'T'HH:mm:ss\") AS t FROM logisticspostaladdress a \
         WHERE a.validfrom > TIMESTAMP'2026-01-01 00:00:00'",
        "--output",
        "json",
    ]);
    let bound = bound["rows"][0][0].as_str().unwrap().to_owned();
    let read = |as_of: &str| {
        let output = sandbox.run(&["refresh", "--as-of", as_of]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        sandbox.gold_rows("profiles_Customer", &["RowModifiedUtc"])
    };
    let before = read(&before_second(&bound));
    let after = read(&format!("{bound}Z"));
    // Said by bronze: who lives at the addresses that became valid.
    let moved = sandbox.json(&[
        "query",
        &format!(
            "SELECT lower(concat_ws('_', c.dataareaid, c.accountnum)) AS id FROM custtable c \
             JOIN dirpartytable p ON p.recid = c.party \
             JOIN logisticspostaladdress a ON a.location = p.primaryaddresslocation \
             WHERE a.validfrom = TIMESTAMP'{}'",
            bound.replace('T', " "),
        ),
        "--output",
        "json",
    ]);
    let moved: BTreeSet<&str> =
        moved["rows"].as_array().unwrap().iter().map(|row| row[0].as_str().unwrap()).collect();
    let id = |row: &str| row.split("CustomerId=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let changed: BTreeSet<String> =
        after.iter().filter(|row| !before.contains(row)).map(|row| id(row)).collect();
    assert!(!changed.is_empty());
    assert_eq!(changed.iter().map(String::as_str).collect::<BTreeSet<_>>(), moved);
    assert_eq!(before.len(), after.len());
}

/// The second before `time` (`yyyy-MM-ddTHH:mm:ss`).
fn before_second(time: &str) -> String {
    let time: chrono::NaiveDateTime = time.parse().unwrap();
    format!("{}Z", (time - chrono::Duration::seconds(1)).format("%Y-%m-%dT%H:%M:%S"))
}

#[test]
fn a_table_that_a_model_means_nothing_without_skips_it() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::remove_dir_all(sandbox.path("bronze/retailloyaltycard")).unwrap();
    let report = sandbox.refresh(&[]);
    assert_eq!(report["activities_LoyaltyPoints"]["mode"], "skipped");
    assert!(report["activities_LoyaltyPoints"]["reason"].as_str().unwrap().contains("retailloyaltycard"));
    assert_eq!(report["analytics_CustomerMetrics"]["mode"], "full");
    assert!(!sandbox.path("gold/activities_LoyaltyPoints").exists());
}

#[test]
fn a_required_table_that_is_missing_is_an_error() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::remove_dir_all(sandbox.path("bronze/salesline")).unwrap();
    let (code, text) = sandbox.failure(&["refresh"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.starts_with("error: bronze has no table `salesline`") && text.contains("hint: "), "{text}");
    assert!(!sandbox.path("gold").exists(), "nothing is written");
}

#[test]
fn a_failed_audit_leaves_gold_at_its_last_version() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::create_dir(sandbox.path("pack")).unwrap();
    let model = |second: &str| {
        let sql = format!("SELECT * FROM (SELECT 'x' AS CustomerId UNION ALL SELECT {second}) AS t");
        let text = format!("-- grain = [\"CustomerId\"]\n{sql}");
        fs::write(sandbox.path("pack/profiles_Customer.sql"), text).unwrap();
    };
    sandbox.configure(&sandbox.path("bronze"), LakeLayout::Simplified, "[pack]\npath = \"pack\"");
    model("'y'");
    sandbox.refresh(&[]);
    let files = |table: &str| fs::read_dir(sandbox.path("gold").join(table)).unwrap().count();
    let before = files("profiles_Customer");
    model("'x'");
    let output = sandbox.run(&["refresh", "--output", "json"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("unique(CustomerId) fails for 1 row(s)"), "{text}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let model = &by_name(&report)["profiles_Customer"];
    assert_eq!((&model["version_before"], &model["version_after"]), (&0.into(), &0.into()));
    assert_eq!(
        model["audits"][0],
        serde_json::json!({"name": "unique(CustomerId)", "severity": "block", "failed_rows": 1})
    );
    assert_eq!(log(&sandbox.path("gold/profiles_Customer")).len(), 1);
    assert_eq!(files("profiles_Customer"), before, "staged files are removed");
}

#[test]
fn nested_columns_are_published_again() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::create_dir(sandbox.path("pack")).unwrap();
    fs::write(
        sandbox.path("pack/t.sql"),
        "-- grain = [\"Id\"]\nSELECT recid AS Id, array(1, 2) AS Numbers, map('a', array('b')) AS Names, named_struct('x', 1) AS Pair \
         FROM (SELECT DISTINCT recid FROM retailchanneltable) AS c",
    )
    .unwrap();
    sandbox.configure(&sandbox.path("bronze"), LakeLayout::Simplified, "[pack]\npath = \"pack\"");
    sandbox.refresh(&[]);
    assert_eq!(sandbox.refresh(&["--full"])["t"]["version_after"], 1);
}

#[test]
fn a_later_refresh_time_is_nothing_new_to_a_model_without_the_clock() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.refresh(&["--only", "supporting_LoyaltyPrograms,supporting_Channels"]);
    let later = sandbox.json(&["refresh", "--as-of", "2026-02-01", "--output", "json"]);
    let report = by_name(&later);
    assert_eq!(report["supporting_LoyaltyPrograms"]["mode"], "unchanged");
    assert_eq!(report["supporting_Channels"]["reason"], "refresh time was 2026-01-01 00:00:00 UTC");
}

#[test]
fn plan_ends_with_the_command_that_applies_it() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let args = ["-c", "goldsmith.toml", "--only", "supporting_Channels", "--as-of", AS_OF];
    let output = sandbox.run(&[&["plan"][..], &args].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let command = text.lines().last().unwrap().strip_prefix("Apply it with: ").unwrap();
    let applied = std::process::Command::new("sh")
        .args(["-c", command])
        .current_dir(sandbox.dir.path())
        .output()
        .unwrap();
    assert!(applied.status.success(), "{command}: {}", String::from_utf8_lossy(&applied.stderr));
    let entries = log(&sandbox.path("gold/supporting_Channels"));
    let info = entries[0].iter().find_map(|action| action.get("commitInfo")).unwrap();
    assert_eq!(info["goldsmith"]["as_of"], AS_OF);
    assert!(!sandbox.path("gold/profiles_Customer").exists());
}

#[test]
fn plan_finds_what_would_stop_the_refresh() {
    let sandbox = Sandbox::small(LakeLayout::Medallion);
    fs::create_dir(sandbox.path("pack")).unwrap();
    fs::write(sandbox.path("pack/t.sql"), "SELECT nonsense AS Id FROM custtable").unwrap();
    sandbox.configure(
        &sandbox.path("bronze"),
        LakeLayout::Medallion,
        "[pack]\npath = \"pack\"\nextends = \"builtin:commerce\"",
    );
    for command in ["plan", "refresh"] {
        let (code, text) = sandbox.failure(&[command]);
        assert_eq!(code, 3, "{text}");
        assert!(text.contains("nonsense") && text.contains("t.sql"), "{text}");
        assert!(!sandbox.path("silver").exists(), "{command} has written silver");
    }
}

#[test]
fn a_variable_that_nobody_uses_is_refused() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.configure(
        &sandbox.path("bronze"),
        LakeLayout::Simplified,
        "[pack.vars]\ndelete_rows = \"reference\"",
    );
    let (code, text) = sandbox.failure(&["plan"]);
    assert_eq!(code, 3);
    assert!(text.contains("`delete_rows`") && text.contains("did you mean `deleted_rows`?"), "{text}");
}

#[test]
fn plan_writes_nothing() {
    let sandbox = Sandbox::small(LakeLayout::Medallion);
    let plan = sandbox.json(&["plan", "--as-of", AS_OF, "--output", "json"]);
    assert!(plan["models"].as_array().unwrap().iter().all(|m| m["mode"] == "full"));
    assert!(!sandbox.path("gold").exists() && !sandbox.path("silver").exists());
}

#[test]
fn wrong_usage_ends_with_64() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    for args in [
        &["refresh", "--nonsense"][..],
        &["nonsense"],
        &["query"],
        &["query", "SELECT 1", "--output", "parquet"],
    ] {
        assert_eq!(sandbox.failure(args).0, 64, "{args:?}");
    }
    assert_eq!(sandbox.failure(&["refresh", "-c", "missing.toml"]).0, 3);
}

#[test]
fn changed_bronze_makes_a_new_version_and_moves_the_watermark() {
    let sandbox = Sandbox::small(LakeLayout::Medallion);
    let entry = sandbox.path("bronze/salesline/_delta_log/00000000000000000007.json");
    let kept = sandbox.path("later.json");
    fs::rename(&entry, &kept).unwrap();
    sandbox.refresh(&[]);
    fs::rename(&kept, &entry).unwrap();
    let report = sandbox.refresh(&[]);
    let orders = &report["activities_Orders"];
    assert_eq!((&orders["mode"], &orders["version_after"]), (&"full".into(), &1.into()));
    assert!(orders["reason"].as_str().unwrap().contains("salesline 6→7"), "{}", orders["reason"]);
    assert_eq!(report["profiles_Customer"]["mode"], "unchanged");
    let entries = log(&sandbox.path("gold/activities_Orders"));
    let watermark = entries[1].iter().find(|action| action["txn"]["appId"] == "goldsmith:salesline").unwrap();
    assert_eq!(watermark["txn"]["version"], 7);
    assert!(entries[1].iter().all(|action| action["metaData"].is_null() && action["protocol"].is_null()));
}

#[test]
fn a_source_that_was_dropped_and_made_again_is_another_one() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.refresh(&[]);
    let entry = sandbox.path("bronze/retailchanneltable/_delta_log/00000000000000000000.json");
    let text = fs::read_to_string(&entry).unwrap();
    let anew = text.replacen("\"metaData\":{\"id\":\"", "\"metaData\":{\"id\":\"0", 1);
    assert_ne!(text, anew);
    fs::write(&entry, anew).unwrap();
    let report = sandbox.refresh(&[]);
    assert_eq!(report["supporting_Channels"]["reason"], "retailchanneltable was made anew");
    assert_eq!(report["supporting_Channels"]["version_after"], 1);
    assert_eq!(report["profiles_Customer"]["mode"], "unchanged");
}

#[test]
fn other_columns_than_the_published_ones_are_refused_before_anything_is_built() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::create_dir(sandbox.path("pack")).unwrap();
    let model = |column: &str| {
        let text = format!("-- grain = [\"Id\"]\nSELECT DISTINCT recid AS Id, 1 AS {column} FROM custtable");
        fs::write(sandbox.path("pack/t.sql"), text).unwrap();
    };
    sandbox.configure(&sandbox.path("bronze"), LakeLayout::Simplified, "[pack]\npath = \"pack\"");
    model("First");
    sandbox.refresh(&[]);
    let files = || fs::read_dir(sandbox.path("gold/t")).unwrap().count();
    let before = files();
    model("Second");
    let (code, text) = sandbox.failure(&["refresh"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("`gold.t` at version 0 has other columns than its model"), "{text}");
    assert_eq!((log(&sandbox.path("gold/t")).len(), files()), (1, before));
}

#[test]
fn a_model_is_refreshed_with_those_that_it_reads() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let report = sandbox.refresh(&["--only", "analytics_CustomerMetrics"]);
    let names: BTreeSet<&str> = report.keys().map(String::as_str).collect();
    let expected =
        ["activities_LoyaltyPoints", "activities_Orders", "analytics_CustomerMetrics", "profiles_Customer"];
    assert_eq!(names, expected.into());
    let (code, text) = sandbox.failure(&["refresh", "--only", "profiles_Custmer"]);
    assert_eq!(code, 3);
    assert!(text.contains("did you mean `profiles_Customer`?"), "{text}");
}

#[test]
fn another_treatment_of_deleted_rows_is_another_input() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.refresh(&[]);
    let switch = |value: &str| {
        let vars = format!("[pack.vars]\ndeleted_rows = \"{value}\"");
        sandbox.configure(&sandbox.path("bronze"), LakeLayout::Simplified, &vars);
    };
    switch("exclude");
    let report = sandbox.refresh(&[]);
    assert!(report.values().all(|model| model["reason"] == "the model changed"), "{report:?}");
    switch("excluded");
    let (code, text) = sandbox.failure(&["refresh"]);
    assert_eq!(code, 3);
    assert!(text.contains("`excluded`") && text.contains("`reference`"), "{text}");
}

#[test]
fn orphans_are_counted_against_the_parents_of_the_same_refresh() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let report = sandbox.refresh(&[]);
    let audits = report["activities_Orders"]["audits"].as_array().unwrap();
    let orphans = audits.iter().find(|a| a["name"] == "references(CustomerId → gold.profiles_Customer)");
    let counted = sandbox.json(&[
        "query",
        "SELECT count(*) FROM gold.activities_Orders o LEFT ANTI JOIN gold.profiles_Customer p \
         ON o.CustomerId = p.CustomerId WHERE o.CustomerId IS NOT NULL",
        "--output",
        "json",
    ]);
    assert_eq!(orphans.unwrap()["failed_rows"], counted["rows"][0][0]);
    // The parents that are published know no customer; those of the refresh know all.
    let log = sandbox.path("bronze/custtable/_delta_log/00000000000000000001.json");
    let kept = sandbox.path("later.json");
    fs::rename(&log, &kept).unwrap();
    sandbox.refresh(&[]);
    fs::rename(&kept, &log).unwrap();
    let again = sandbox.refresh(&["--full"]);
    let audits = again["activities_Orders"]["audits"].as_array().unwrap();
    assert!(audits.iter().any(|a| Some(a) == orphans), "{audits:?}");
}

#[test]
fn a_folder_that_cannot_be_written_is_no_fault_of_the_input() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::write(sandbox.path("gold"), "a file in the place of the folder").unwrap();
    let (code, text) = sandbox.failure(&["refresh"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("hint: "), "{text}");
}

#[test]
fn layers_in_one_another_are_refused() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let bronze = sandbox.path("gold").join("bronze");
    sandbox.configure(&bronze, LakeLayout::Simplified, "");
    let (code, text) = sandbox.failure(&["refresh"]);
    assert_eq!(code, 3);
    assert!(text.contains("the bronze and the gold folder lie in one another"), "{text}");
}
