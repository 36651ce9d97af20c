//! Statements over the lake.

use std::fs;

use serde_json::json;

use crate::cluster::harness::Cluster;
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
    let cluster = Cluster::start(&sandbox, 1);
    let url = cluster.url();
    for sql in [
        "DROP TABLE custtable",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TEMPORARY VIEW v USING csv OPTIONS (path '/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/goldsmith-copied'",
        "INSERT INTO custtable SELECT * FROM custtable",
        "INSERT OVERWRITE DIRECTORY '/tmp/goldsmith-copied' SELECT 1",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM `/etc/passwd`",
        "SELECT * FROM `file:///etc/passwd`",
        "SELECT * FROM csv.`/etc/passwd`",
        "SELECT * FROM parquet.`abfss://c@evil.dfs.core.windows.net/x`",
        "SELECT * FROM delta.`/etc`",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_files('/etc/passwd')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
        "SELECT * FROM information_schema.tables",
        "SET datafusion.execution.batch_size = 1",
        "SELECT 1; SELECT 2",
    ] {
        for args in [&["query", sql][..], &["query", sql, "--cluster", &url]] {
            let (code, text) = sandbox.failure(args);
            assert_eq!(code, 3, "{args:?}: {text}");
        }
    }
}

#[test]
fn an_unknown_table_names_the_nearest_one() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let (code, text) = sandbox.failure(&["query", "SELECT * FROM custtabel"]);
    assert_eq!(code, 3);
    assert!(text.contains("`custtabel`") && text.contains("`custtable`"), "{text}");
}

#[test]
fn a_version_of_a_table_that_is_not_read_is_an_error() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let sql = "SELECT count(*) FROM salesline";
    let (code, text) = sandbox.failure(&["query", sql, "--at", "saleslin=0"]);
    assert_eq!(code, 3);
    assert!(text.contains("`--at saleslin`") && text.contains("`salesline`"), "{text}");
    let (code, text) =
        sandbox.failure(&["query", "SELECT 1 FROM silver.customer", "--at", "silver.customer=0"]);
    assert_eq!(code, 3);
    assert!(text.contains("inlined"), "{text}");
    let (code, text) = sandbox.failure(&["query", sql, "--at", "salesline=99"]);
    assert_eq!(code, 3, "{text}");
}

#[test]
fn rows_come_in_every_form() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let sql = "SELECT a, b AS a FROM VALUES (1, 'x'), (2, NULL) AS t(a, b) ORDER BY 1";
    let out = |format: &str, file: &str| {
        let output = sandbox.run(&["query", sql, "--output", format, "--out", file]);
        assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
        sandbox.path(file)
    };
    assert_eq!(fs::read_to_string(out("csv", "a.csv")).unwrap(), "a,a\n1,x\n2,\n");
    assert_eq!(
        crate::common::file_rows(&out("parquet", "a.parquet"), &[]),
        ["a=\"1\" a_2=\"x\"", "a=\"2\" a_2=\"∅\""]
    );
    let text = sandbox.run(&["query", sql]).stdout;
    assert!(String::from_utf8(text).unwrap().ends_with("2 rows\n"));
    let empty = sandbox.run(&["query", "SELECT 1 AS a WHERE false", "--output", "csv"]);
    assert_eq!(String::from_utf8(empty.stdout).unwrap(), "a\n");
}

#[test]
fn a_file_is_not_left_by_a_statement_that_fails() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let before = fs::read_dir(sandbox.dir.path()).unwrap().count();
    let (code, _) = sandbox.failure(&["query", "SELECT nonsense(1)", "--output", "csv", "--out", "a.csv"]);
    assert_eq!(code, 3);
    let nested = sandbox.failure(&["query", "SELECT array(1)", "--output", "csv", "--out", "a.csv"]);
    assert!(nested.1.contains("hint: take --output json"), "{}", nested.1);
    assert_eq!(fs::read_dir(sandbox.dir.path()).unwrap().count(), before);
}

#[test]
fn columns_are_spelt_as_the_source_spells_them() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let names = |sql: &str| -> Vec<String> {
        let found = sandbox.json(&["query", sql, "--output", "json"]);
        let columns = found["schema"].as_array().unwrap().iter();
        columns.map(|column| column[0].as_str().unwrap().to_owned()).collect()
    };
    let bronze = names("SELECT * FROM custtable LIMIT 0");
    assert!(bronze.contains(&"IsDelete".to_owned()), "{bronze:?}");
    sandbox.refresh(&["--only", "supporting_Channels"]);
    let gold = names("SELECT * FROM gold.supporting_channels LIMIT 0");
    assert!(gold.contains(&"ChannelId".to_owned()), "{gold:?}");
}

#[test]
fn tables_that_no_model_of_the_pack_makes_can_be_read() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.refresh(&["--only", "supporting_Channels"]);
    std::fs::create_dir(sandbox.path("pack")).unwrap();
    std::fs::write(sandbox.path("pack/t.sql"), "SELECT 1 AS a").unwrap();
    sandbox.configure(&sandbox.path("bronze"), LakeLayout::Simplified, "[pack]\npath = \"pack\"");
    let sql = "SELECT count(*) FROM gold.supporting_Channels";
    let found = sandbox.json(&["query", sql, "--at", "gold.supporting_channels=0", "--output", "json"]);
    assert_eq!(found["rows"][0][0], sandbox.gold_rows("supporting_Channels", &[]).len());
    assert_eq!(sandbox.failure(&["query", sql, "--at", "gold.supporting_channels=7"]).0, 3);
}
