//! The inventory of bronze.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::common::{LakeLayout, Sandbox, live_files, log, write_table};

fn tables(report: &Value) -> BTreeMap<String, Value> {
    let tables = report["tables"].as_array().unwrap().iter();
    tables.map(|table| (table["name"].as_str().unwrap().to_owned(), table.clone())).collect()
}

/// Report, standard output and standard error of a command that must end with 3.
fn unusable(sandbox: &Sandbox) -> (BTreeMap<String, Value>, String, String) {
    let document = sandbox.run(&["sources", "--output", "json"]);
    let text = sandbox.run(&["sources"]);
    assert_eq!((document.status.code(), text.status.code()), (Some(3), Some(3)), "{text:?}");
    let report = tables(&serde_json::from_slice(&document.stdout).unwrap());
    (report, String::from_utf8(text.stdout).unwrap(), String::from_utf8(text.stderr).unwrap())
}

/// The line of `table` in the text.
fn line<'a>(text: &'a str, table: &str) -> &'a str {
    text.lines().find(|line| line.split_whitespace().next() == Some(table)).unwrap()
}

/// Puts a table of these columns in the place of a bronze table.
fn replace(sandbox: &Sandbox, table: &str, columns: Vec<(&str, ArrayRef)>) {
    let folder = sandbox.path("bronze").join(table);
    fs::remove_dir_all(&folder).unwrap();
    let rows =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap();
    write_table(&folder, &rows, &json!({"minReaderVersion": 1, "minWriterVersion": 2}), &json!({}));
}

#[test]
fn every_table_is_listed_with_what_its_log_says() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let report = sandbox.json(&["sources", "--output", "json"]);
    assert_eq!(report["schema_version"], 1);
    let tables = tables(&report);
    assert_eq!(tables.len(), fs::read_dir(sandbox.path("bronze")).unwrap().count());
    for (name, table) in &tables {
        let folder = sandbox.path("bronze").join(name);
        let entries = log(&folder);
        assert_eq!(table["version"], entries.len() - 1, "{name}");
        let files = live_files(&folder);
        let bytes: u64 = files.iter().map(|f| fs::metadata(folder.join(f)).unwrap().len()).sum();
        assert_eq!(table["bytes"], bytes, "{name}");
        let added = entries.iter().flatten().filter(|a| a["add"]["path"].is_string());
        let live = added.filter(|a| files.contains(&a["add"]["path"].as_str().unwrap().to_owned()));
        let rows = live.map(|action| {
            let stats: Value = serde_json::from_str(action["add"]["stats"].as_str().unwrap()).unwrap();
            stats["numRecords"].as_u64().unwrap()
        });
        assert_eq!(table["rows"], rows.sum::<u64>(), "{name}");
        // The protocol: a version is as old as its log entry.
        let entry = folder.join(format!("_delta_log/{:020}.json", entries.len() - 1));
        let written_at: DateTime<Utc> = fs::metadata(entry).unwrap().modified().unwrap().into();
        let committed_at: DateTime<Utc> = table["committed_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(committed_at.timestamp_millis(), written_at.timestamp_millis(), "{name}");
        assert_eq!((&table["kind"], &table["misfits"]), (&json!("delta"), &json!([])), "{name}");
    }
    assert_eq!(tables["custtable"]["required"], true);
    assert_eq!(tables["retailaffiliation"]["required"], false);
    assert_eq!(tables["custtable"]["read_by"], json!(["silver.customer_account"]));
    assert_eq!(tables["contact"]["read_by"], json!([]));
}

#[test]
fn the_text_says_who_reads_a_table_and_how_fresh_it_is() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let made = ["generate", "made", "--scale", "0.001"];
    assert!(sandbox.run(&made).status.success());
    sandbox.configure(&sandbox.path("made"), LakeLayout::Simplified, "");
    let output = sandbox.run(&["sources"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with(&format!("{}: 20 tables\n", sandbox.path("made").display())), "{text}");
    assert!(line(&text, "custtable").ends_with("now yes  1 model"), "{text}");
    assert!(line(&text, "contact").ends_with("no model"), "{text}");
}

#[test]
fn a_required_table_that_is_missing_is_an_error_and_an_optional_one_is_not() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    fs::remove_dir_all(sandbox.path("bronze/retailloyaltycard")).unwrap();
    let report = tables(&sandbox.json(&["sources", "--output", "json"]));
    assert_eq!(report["retailloyaltycard"]["kind"], Value::Null);
    assert_eq!(report["retailloyaltycard"]["required"], false);
    fs::remove_dir_all(sandbox.path("bronze/salesline")).unwrap();
    let (report, text, error) = unusable(&sandbox);
    assert_eq!(report["salesline"]["required"], true);
    assert!(line(&text, "salesline").ends_with("MISSING, required"), "{text}");
    assert!(line(&text, "retailloyaltycard").ends_with("missing, optional"), "{text}");
    assert!(error.contains("`salesline` is missing") && !error.contains("retailloyaltycard"), "{error}");
    assert!(error.contains("\n  hint: "), "{error}");
}

#[test]
fn columns_that_are_missing_or_of_another_type_are_named() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let text = |value: &str| Arc::new(StringArray::from(vec![value])) as ArrayRef;
    let one = || Arc::new(Int64Array::from(vec![1])) as ArrayRef;
    replace(
        &sandbox,
        "custtable",
        vec![("accountnum", text("a")), ("dataareaid", text("usrt")), ("recid", one())],
    );
    replace(&sandbox, "retailaffiliation", vec![("recid", text("one")), ("name", one())]);
    let (report, text, error) = unusable(&sandbox);
    let expected = json!({"column": "party", "found": null, "expected": "bigint"});
    assert_eq!(report["custtable"]["misfits"], json!([expected]));
    assert!(line(&text, "custtable").ends_with("columns MISSING: party"), "{text}");
    assert!(error.contains("`custtable` has no column `party`"), "{error}");
    let misfits = report["retailaffiliation"]["misfits"].as_array().unwrap();
    let expected = json!({"column": "recid", "found": "string", "expected": "bigint"});
    assert!(misfits.contains(&expected), "{misfits:?}");
    let told = "column `recid` of `retailaffiliation` is string, which does not widen to bigint";
    assert!(error.contains(told), "{error}");
}

#[test]
fn a_table_that_cannot_be_read_is_reported_beside_those_that_can() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let first = sandbox.path("bronze/salestable/_delta_log/00000000000000000000.json");
    fs::write(first, "{\"protocol\": {").unwrap();
    fs::remove_dir_all(sandbox.path("bronze/dirpartytable/_delta_log")).unwrap();
    fs::create_dir(sandbox.path("bronze/notes")).unwrap();
    let (report, text, error) = unusable(&sandbox);
    for table in ["salestable", "dirpartytable"] {
        assert!(report[table]["error"].as_str().unwrap().contains(table), "{}", report[table]);
        assert!(line(&text, table).ends_with("cannot be read"), "{text}");
        assert!(error.contains(table), "{error}");
    }
    assert!(report["custtable"]["rows"].as_u64() > Some(200));
    assert!(!report.contains_key("notes"), "a folder of something else is nobody's concern");
}

#[test]
fn a_folder_without_tables_is_an_error() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.configure(&sandbox.path("nowhere"), LakeLayout::Simplified, "");
    let (code, text) = sandbox.failure(&["sources"]);
    assert_eq!(code, 3);
    assert!(text.contains("nowhere") && text.contains("hint: "), "{text}");
}
