//! What gold tables look like from outside: schema, protocol, properties, watermarks.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::common::{LakeLayout, Sandbox, TABLES, log, repository};

fn first<'a>(entry: &'a [Value], action: &str) -> &'a Value {
    entry.iter().map(|a| &a[action]).find(|a| !a.is_null()).unwrap_or(&Value::Null)
}

/// The Delta spelling of a Spark type name.
fn delta_type(spark: &str) -> &str {
    match spark {
        "bigint" => "long",
        "int" => "integer",
        other => other,
    }
}

#[test]
fn every_schema_is_that_of_the_contract() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.refresh(&[]);
    let text = fs::read_to_string(repository().join("jobs/commerce/contracts/gold.toml")).unwrap();
    let contract: BTreeMap<String, BTreeMap<String, Vec<(String, String)>>> = toml::from_str(&text).unwrap();
    for table in TABLES {
        let entries = log(&sandbox.path("gold").join(table));
        let schema: Value =
            serde_json::from_str(first(&entries[0], "metaData")["schemaString"].as_str().unwrap()).unwrap();
        let found: Vec<(String, String, bool)> = schema["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| {
                (
                    f["name"].as_str().unwrap().to_owned(),
                    f["type"].as_str().unwrap().to_owned(),
                    f["nullable"].as_bool().unwrap(),
                )
            })
            .collect();
        let expected: Vec<(String, String, bool)> = contract[table]["columns"]
            .iter()
            .map(|(name, spark)| (name.clone(), delta_type(spark).to_owned(), true))
            .collect();
        assert_eq!(found, expected, "{table}");
    }
}

#[test]
fn the_strictest_reader_can_read_them() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    sandbox.refresh(&[]);
    for table in TABLES {
        let entries = log(&sandbox.path("gold").join(table));
        let protocol = first(&entries[0], "protocol");
        assert_eq!(protocol["minReaderVersion"], 1, "{table}");
        assert_eq!(protocol["minWriterVersion"], 4, "{table}");
        assert!(protocol["readerFeatures"].is_null() && protocol["writerFeatures"].is_null(), "{table}");
        let properties = &first(&entries[0], "metaData")["configuration"];
        assert_eq!(properties["delta.enableChangeDataFeed"], "true");
        assert_eq!(properties["delta.logRetentionDuration"], "interval 30 days");
        assert_eq!(properties["delta.deletedFileRetentionDuration"], "interval 30 days");
        assert_eq!(properties["delta.enableExpiredLogCleanup"], "false");
    }
}

#[test]
fn a_commit_carries_a_watermark_per_source() {
    let sandbox = Sandbox::small(LakeLayout::Medallion);
    sandbox.refresh(&[]);
    let entries = log(&sandbox.path("gold/activities_Orders"));
    let watermarks: BTreeMap<&str, i64> = entries[0]
        .iter()
        .filter(|a| !a["txn"].is_null())
        .map(|a| (a["txn"]["appId"].as_str().unwrap(), a["txn"]["version"].as_i64().unwrap()))
        .collect();
    assert_eq!(watermarks["goldsmith:salesline"], 7);
    assert_eq!(watermarks["goldsmith:salestable"], 7);
    assert_eq!(watermarks["goldsmith:custtable"], 1);
    assert!(!watermarks.contains_key("goldsmith:contact"));
}
