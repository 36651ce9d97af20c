//! The contract of Customer Insights, on folders of any writer.

use std::fs;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use serde_json::{Value, json};

use crate::common::{LakeLayout, Sandbox, TABLES, write_table};

fn plain() -> Value {
    json!({"minReaderVersion": 1, "minWriterVersion": 2})
}

fn kept() -> Value {
    json!({"delta.deletedFileRetentionDuration": "interval 30 days"})
}

fn keys(values: Vec<Option<&str>>) -> RecordBatch {
    let keys: ArrayRef = Arc::new(StringArray::from(values));
    RecordBatch::try_from_iter_with_nullable([("Id", keys, true)]).unwrap()
}

/// Rules that are broken, by table.
fn findings(sandbox: &Sandbox, more: &[&str]) -> (i32, Vec<(String, Vec<String>)>) {
    let mut args = vec!["check", "other", "--output", "json"];
    args.extend(more);
    let output = sandbox.run(&args);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rules = |findings: &Value| -> Vec<String> {
        findings.as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap().to_owned()).collect()
    };
    let mut found = vec![(String::new(), rules(&report["findings"]))];
    for table in report["tables"].as_array().unwrap() {
        found.push((table["name"].as_str().unwrap().to_owned(), rules(&table["findings"])));
    }
    found.retain(|(_, rules)| !rules.is_empty());
    (output.status.code().unwrap(), found)
}

#[test]
fn what_a_refresh_publishes_passes() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.refresh(&[]);
    let report = sandbox.json(&["check", "--output", "json"]);
    assert_eq!(report["tables"].as_array().unwrap().len(), TABLES.len());
    for table in report["tables"].as_array().unwrap() {
        let findings = table["findings"].as_array().unwrap();
        let severe = findings.iter().find(|f| f["severity"] == "violation");
        assert_eq!(severe, None, "{}", table["name"]);
        let has_key = table["key"].is_string();
        assert_eq!(has_key, table["name"] != "analytics_CustomerMetrics", "{}", table["name"]);
    }
    let text = String::from_utf8(sandbox.run(&["check"]).stdout).unwrap();
    assert!(text.contains("9 tables, 0 violations") && text.contains("key CustomerId"), "{text}");
}

#[test]
fn every_fault_has_its_rule() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let table = |name: &str, rows: &RecordBatch, protocol: Value, properties: Value| {
        write_table(&sandbox.path("other").join(name), rows, &protocol, &properties);
    };
    let good = keys(vec![Some("a"), Some("b")]);
    table("good", &good, plain(), kept());
    table("twice", &keys(vec![Some("a"), Some("a"), None]), plain(), kept());
    table("1st", &good, plain(), kept());
    table("short", &good, plain(), json!({"delta.logRetentionDuration": "interval 1 day"}));
    let features = json!({"minReaderVersion": 3, "minWriterVersion": 7,
        "readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]});
    table("vectors", &good, features, kept());
    let unknown = json!({"minReaderVersion": 3, "minWriterVersion": 7,
        "readerFeatures": ["ofTomorrow"], "writerFeatures": ["ofTomorrow"]});
    table("tomorrow", &good, unknown, kept());
    let typed = RecordBatch::try_from_iter_with_nullable([
        ("Id", Arc::new(Int64Array::from(vec![1])) as ArrayRef, true),
        ("At", Arc::new(TimestampMicrosecondArray::from(vec![1])), true),
        ("Wide", Arc::new(Decimal128Array::from(vec![1]).with_precision_and_scale(38, 2).unwrap()), true),
    ])
    .unwrap();
    table("types", &typed, plain(), kept());
    let amounts: ArrayRef = Arc::new(Decimal128Array::from(vec![1]).with_precision_and_scale(10, 2).unwrap());
    let keyed = RecordBatch::try_from_iter_with_nullable([("Id", amounts, true)]).unwrap();
    table("keyed", &keyed, plain(), kept());
    fs::create_dir_all(sandbox.path("other/empty")).unwrap();
    write_table(&sandbox.path("other/deep/er"), &good, &plain(), &kept());
    fs::create_dir_all(sandbox.path("other/broken/_delta_log")).unwrap();
    fs::write(sandbox.path("other/broken/_delta_log/00000000000000000000.json"), "{").unwrap();

    let keys = ["--key", "twice=Id", "--key", "good=Id", "--key", "short=Id,At", "--key", "keyed=Id"];
    let (code, found) = findings(&sandbox, &keys);
    assert_eq!(code, 6);
    let rules = |name: &str| -> Vec<&str> {
        let table = found.iter().find(|(table, _)| table == name);
        table.map_or_else(Vec::new, |(_, rules)| rules.iter().map(String::as_str).collect())
    };
    assert_eq!(rules(""), ["layout", "layout"], "a table too deep, and a folder without one");
    assert_eq!(rules("good"), [""; 0]);
    assert_eq!(rules("twice"), ["key-not-null", "key-unique"]);
    assert_eq!(rules("1st"), ["name"]);
    assert_eq!(rules("short"), ["key-present", "retention", "retention"]);
    assert_eq!(rules("vectors"), ["reader-version", "table-features"]);
    assert_eq!(rules("tomorrow"), ["reader-version", "table-features"]);
    assert_eq!(rules("types"), ["timestamp-kind", "decimal-precision"]);
    assert_eq!(rules("keyed"), ["key-type"]);
    assert_eq!(rules("broken"), ["readable"]);

    let output = sandbox.run(&["check", "other", "--key", "twice=Id"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1 value(s) of the key `Id` occur more than once, such as `a`"), "{text}");
}

#[test]
fn a_folder_without_tables_is_an_error() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let (code, text) = sandbox.failure(&["check", "nowhere"]);
    assert_eq!(code, 3);
    assert!(text.contains("there is no table in") && text.contains("nowhere"), "{text}");
}
