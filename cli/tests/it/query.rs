//! Statements over the lake.

use std::fs;

use serde_json::json;

use crate::common::{LakeLayout, Sandbox};

#[test]
fn bronze_silver_and_gold_can_be_asked_together() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.refresh(&[]);
    let found = sandbox.json(&[
        "query",
        "SELECT count(*) AS n FROM gold.profiles_Customer p JOIN silver.customer c ON c.customer_id = p.CustomerId",
        "--output",
        "json",
    ]);
    assert_eq!(found["schema"], json!([["n", "bigint"]]));
    assert!(found["rows"][0][0].as_i64().unwrap() > 200);
    let bronze = sandbox.json(&[
        "query",
        "SELECT COUNT(*) FROM `CustTable` WHERE AccountNum IS NOT NULL",
        "--output",
        "json",
    ]);
    assert!(bronze["rows"][0][0].as_i64().unwrap() > 200);
}

#[test]
fn a_table_can_be_read_at_a_version() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let count = |at: &str| {
        let found =
            sandbox.json(&["query", "SELECT count(*) FROM salesline", "--at", at, "--output", "json"]);
        found["rows"][0][0].as_i64().unwrap()
    };
    assert!(count("salesline=0") < count("salesline=7"));
}

#[test]
fn a_statement_needs_no_lake_if_it_names_no_table() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::remove_file(sandbox.path("goldsmith.toml")).unwrap();
    let found = sandbox.json(&["query", "SELECT 1 AS a, 'x' AS b", "--output", "json"]);
    assert_eq!(found, json!({"schema": [["a", "int"], ["b", "string"]], "rows": [[1, "x"]]}));
}

#[test]
fn only_reading_is_possible() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    for sql in [
        "DROP TABLE custtable",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "SELECT 1; SELECT 2",
    ] {
        let (code, text) = sandbox.failure(&["query", sql]);
        assert_eq!(code, 3, "{sql}: {text}");
    }
}

#[test]
fn an_unknown_table_names_the_nearest_one() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let (code, text) = sandbox.failure(&["query", "SELECT * FROM custtabel"]);
    assert_eq!(code, 3);
    assert!(text.contains("`custtabel`") && text.contains("`custtable`"), "{text}");
}
