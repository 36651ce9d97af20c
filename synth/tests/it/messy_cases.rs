//! Every case of the catalogue is in the tables that were written.

use std::collections::{BTreeMap, BTreeSet};

use goldsmith_synth::catalogue::Case;
use serde::Deserialize;

use crate::lake::Lake;

#[derive(Deserialize)]
struct Written {
    tables: BTreeMap<String, Vec<String>>,
    cases: BTreeMap<String, String>,
}

/// The queries of a case: one, or one for each table that it is about.
fn queries(written: &Written, case: &str) -> Vec<String> {
    let query = &written.cases[case];
    let tables = written.tables.iter().find(|(kind, _)| case.starts_with(kind.as_str()));
    match tables.filter(|_| query.contains("{t}")) {
        None => vec![query.clone()],
        Some((_, tables)) => tables
            .iter()
            .map(|table| {
                let (table, column) = table.split_once('.').unwrap_or((table, ""));
                query.replace("{t}", table).replace("{c}", column)
            })
            .collect(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_case_is_missing_at_scale_a_tenth() {
    let written: Written = toml::from_str(include_str!("messy_cases.toml")).unwrap();
    let named: BTreeSet<String> = written.cases.keys().cloned().collect();
    assert_eq!(named, Case::ALL.iter().map(|case| format!("{case:?}")).collect(), "each case has its query");
    let lake = Lake::make(0.1, 3).await;
    let tables = lake.tables().await;
    let mut missing = Vec::new();
    for case in written.cases.keys() {
        for query in queries(&written, case) {
            if tables.count(&query).await == 0 {
                missing.push(format!("{case}: {query}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    let companies = "FROM (SELECT DISTINCT dataareaid FROM custtable WHERE dataareaid IS NOT NULL)";
    assert_eq!(tables.count(companies).await, 5);
}
