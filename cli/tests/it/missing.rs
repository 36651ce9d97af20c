//! Lakes that lack tables, or have tables without rows.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{LakeLayout, Sandbox, TABLES};

/// Everything that the commerce pack reads and can do without.
const OPTIONAL: [&str; 9] = [
    "dirpersonname",
    "logisticselectronicaddress",
    "logisticslocation",
    "logisticspostaladdress",
    "retailaffiliation",
    "retailchanneltable",
    "retailloyaltycard",
    "retailloyaltycardrewardpointtrans",
    "retailloyaltycardtier",
];

/// Leaves the table without a file, as it is before its first row.
fn empty(folder: &Path) {
    for entry in fs::read_dir(folder.join("_delta_log")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let kept = text.lines().filter(|line| {
            let action: Value = serde_json::from_str(line).unwrap();
            action.get("add").is_none() && action.get("remove").is_none()
        });
        let kept: String = kept.map(|line| format!("{line}\n")).collect();
        fs::write(path, kept).unwrap();
    }
}

#[test]
fn each_optional_table_may_be_missing_or_empty() {
    for layout in [LakeLayout::Simplified, LakeLayout::Medallion] {
        for table in OPTIONAL {
            let sandbox = Sandbox::small(layout);
            fs::remove_dir_all(sandbox.path("bronze").join(table)).unwrap();
            let missing = sandbox.refresh(&["--threads", "1"]);
            assert!(TABLES.iter().all(|name| missing.contains_key(*name)), "{layout:?} without {table}");
            let sandbox = Sandbox::small(layout);
            empty(&sandbox.path("bronze").join(table));
            let without_rows = sandbox.refresh(&["--threads", "2"]);
            assert!(
                TABLES.iter().all(|name| without_rows[*name]["mode"] == "full"),
                "{layout:?} with an empty {table}: {without_rows:?}"
            );
        }
    }
}

#[test]
fn a_lake_without_any_row_gives_empty_tables() {
    for layout in [LakeLayout::Simplified, LakeLayout::Medallion] {
        let sandbox = Sandbox::small(layout);
        for entry in fs::read_dir(sandbox.path("bronze")).unwrap() {
            empty(&entry.unwrap().path());
        }
        let report = sandbox.refresh(&[]);
        for name in TABLES {
            assert_eq!(
                (&report[name]["rows_inserted"], &report[name]["version_after"]),
                (&0.into(), &0.into()),
                "{name}"
            );
        }
        let found = sandbox.json(&[
            "query",
            "SELECT count(*) FROM (SELECT * FROM gold.activities_Orders ORDER BY OrderDate) AS o",
            "--output",
            "json",
        ]);
        assert_eq!(found["rows"][0][0], 0);
    }
}

#[test]
fn a_query_over_a_model_that_lacks_a_required_table_is_an_error() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::remove_dir_all(sandbox.path("bronze/salesline")).unwrap();
    let (code, text) = sandbox.failure(&["query", "SELECT count(*) FROM silver.sales_line"]);
    assert_eq!(code, 3, "{text}");
    assert!(
        text.starts_with("error: bronze has no table `salesline`, which `silver.sales_line` needs"),
        "{text}"
    );
}

#[test]
fn what_the_contract_does_not_know_may_be_missing_too() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::create_dir(sandbox.path("pack")).unwrap();
    let model = |name: &str, text: &str| fs::write(sandbox.path("pack").join(name), text).unwrap();
    model(
        "a.sql",
        "-- skip_without = [\"nowhere\"]\nSELECT n.x AS X FROM nowhere AS n JOIN elsewhere AS e ON e.x = n.x",
    );
    model(
        "b.sql",
        "-- optional = [\"custtable.nickname\"]\nSELECT recid AS Id, coalesce(nickname, 'none') AS Nickname FROM custtable",
    );
    sandbox.configure(&sandbox.path("bronze"), LakeLayout::Simplified, "[pack]\npath = \"pack\"");
    let report = sandbox.refresh(&[]);
    assert_eq!(report["a"]["mode"], "skipped");
    let rows = sandbox.json(&["query", "SELECT DISTINCT Nickname FROM gold.b", "--output", "json"]);
    assert_eq!(rows["rows"], serde_json::json!([["none"]]));
    model("c.sql", "-- optional = [\"nowhere\"]\nSELECT x AS X FROM nowhere");
    let (code, text) = sandbox.failure(&["refresh"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("`nowhere`") && text.contains("hint: add the columns"), "{text}");
}
