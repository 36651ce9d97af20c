//! Delta tables by another writer (Delta Spark): read as it reads them, or refused with the table and the cause.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::cluster::harness::Cluster;
use crate::common::{LakeLayout, Sandbox, copy, file_rows, golden, repository};

/// One table of the archive.
struct Case {
    name: String,
    facts: Value,
    folder: PathBuf,
}

impl Case {
    fn all(folder: &Path) -> Vec<Self> {
        let mut folders: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        folders.sort();
        let read = |folder: PathBuf| Self {
            name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            facts: serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap(),
            folder,
        };
        folders.into_iter().map(read).collect()
    }

    fn list(&self, key: &str) -> &[Value] {
        self.facts[key].as_array().map_or(&[], Vec::as_slice)
    }

    fn may(&self, what: &str) -> bool {
        self.facts["must"].as_str().unwrap().contains(what)
    }
}

/// What is wrong with how a table is read, and how many answers were right or refused.
#[derive(Default)]
struct Outcome {
    faults: Vec<String>,
    equal: usize,
    refused: usize,
}

/// Reads every table at every version that the archive tells of.
fn outcome(reader: Reader<'_>, case: &Case) -> Outcome {
    let mut outcome = Outcome::default();
    let name = &case.name;
    for version in case.list("versions") {
        let number = version["version"].as_u64().unwrap();
        let at = format!("{name}={number}");
        // What no reader has a form for has no file: it must be refused.
        let expected =
            version["file"].as_str().map_or_else(Vec::new, |file| file_rows(&case.folder.join(file), &[]));
        let expected = sorted(expected);
        assert!(version["file"].is_null() || expected.len() as u64 == version["rows"].as_u64().unwrap());
        match reader.rows(&format!("SELECT * FROM {name}"), &["--at", &at], &format!("{name}.{number}")) {
            Ok(found) if found == expected => outcome.equal += 1,
            Ok(found) => outcome.faults.push(format!("{at}: {}", difference(&expected, &found))),
            Err(text) if case.may("refuse") => outcome.refusal(case, &at, &text),
            Err(text) => outcome.faults.push(format!("{at}: refused: {text}")),
        }
    }
    for filter in case.list("filters") {
        let sql = format!("SELECT * FROM {name} WHERE {}", filter["where"].as_str().unwrap());
        match reader.rows(&sql, &[], &format!("{name}.filter")) {
            Ok(found) if found.len() as u64 == filter["rows"].as_u64().unwrap() => outcome.equal += 1,
            Ok(found) => outcome.faults.push(format!("{sql}: {} rows, not {}", found.len(), filter["rows"])),
            Err(text) if case.may("refuse") => outcome.refusal(case, &sql, &text),
            Err(text) => outcome.faults.push(format!("{sql}: refused: {text}")),
        }
    }
    let unreadable: Vec<String> =
        case.list("unreadable_versions").iter().map(|version| format!("{name}={version}")).collect();
    let latest = if case.facts["must"] == "refuse" { vec![String::new()] } else { Vec::new() };
    for at in unreadable.iter().chain(&latest) {
        let pinned = ["--at", at];
        let pinned = if at.is_empty() { &[][..] } else { &pinned[..] };
        match reader.rows(&format!("SELECT * FROM {name}"), pinned, &format!("{name}.refused")) {
            Ok(found) => outcome.faults.push(format!("{name} {at}: {} rows and no error", found.len())),
            Err(text) => outcome.refusal(case, at, &text),
        }
    }
    outcome
}

impl Outcome {
    /// An error names the table, says why and what to do.
    fn refusal(&mut self, case: &Case, what: &str, text: &str) {
        self.refused += 1;
        let whole = text.starts_with("error: ")
            && text.contains(&format!("`{}`", case.name))
            && text.contains("\n  hint: ");
        if !whole {
            self.faults.push(format!("{} {what}: not the form of an error: {text}", case.name));
        }
    }
}

/// Who reads the tables: the command itself, or a cluster.
#[derive(Clone, Copy)]
struct Reader<'a> {
    sandbox: &'a Sandbox,
    cluster: Option<&'a str>,
}

impl Reader<'_> {
    /// Sorted rows of a statement, or what was said instead of them.
    fn rows(self, sql: &str, more: &[&str], file: &str) -> Result<Vec<String>, String> {
        let path = self.sandbox.path(&format!("{file}.parquet"));
        let mut args =
            vec!["query", sql, "--output", "parquet", "--out", path.to_str().unwrap(), "--threads", "1"];
        args.extend(more);
        args.extend(self.cluster.into_iter().flat_map(|url| ["--cluster", url]));
        let output = self.sandbox.run(&args);
        let text = String::from_utf8(output.stderr).unwrap();
        match output.status.code() {
            Some(0) => Ok(sorted(file_rows(&path, &[]))),
            code => {
                assert_eq!(code, Some(3), "{sql} {more:?}: {text}");
                assert!(!path.exists() && output.stdout.is_empty(), "{sql}: rows beside an error");
                Err(text)
            }
        }
    }
}

fn sorted(mut rows: Vec<String>) -> Vec<String> {
    rows.sort();
    rows
}

fn difference(expected: &[String], found: &[String]) -> String {
    let first = expected.iter().zip(found).find(|(expected, found)| expected != found);
    let (expected_row, found_row) = first.unzip();
    format!("{} rows, not {}; {found_row:?}, not {expected_row:?}", found.len(), expected.len())
}

/// Puts the tables of all cases side by side, as a lake has them.
fn lake(cases: &[Case]) -> tempfile::TempDir {
    let lake = tempfile::TempDir::new().unwrap();
    for case in cases {
        let table = case.facts["table"].as_str().unwrap_or("table");
        copy(&case.folder.join(table), &lake.path().join(&case.name));
    }
    lake
}

/// Runs every case of `folder`, here or on a cluster, and returns the outcomes by name.
fn run(folder: &Path, on_cluster: bool) -> BTreeMap<String, Outcome> {
    let cases = Case::all(folder);
    let bronze = lake(&cases);
    let sandbox = Sandbox::over(bronze.path(), LakeLayout::Simplified, "");
    let cluster = on_cluster.then(|| Cluster::start(&sandbox, 2));
    let url = cluster.as_ref().map(Cluster::url);
    let reader = Reader { sandbox: &sandbox, cluster: url.as_deref() };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
            done.push((case.name.clone(), outcome(reader, case)));
        }
        done
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

fn assert_no_faults(outcomes: &BTreeMap<String, Outcome>) {
    let faults: Vec<&String> = outcomes.values().flat_map(|outcome| &outcome.faults).collect();
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.iter().map(|f| f.as_str()).collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn tables_that_come_with_the_repository() {
    for on_cluster in [false, true] {
        let outcomes = run(&repository().join("testdata/other_writer"), on_cluster);
        assert_no_faults(&outcomes);
        assert!(outcomes.values().any(|o| o.equal > 0) && outcomes.values().any(|o| o.refused > 0));
    }
}

/// Rules that `check` finds violated in every table of `folder`, against what the archive says of it.
fn assert_checked(folder: &Path) {
    let cases = Case::all(folder);
    let gold = lake(&cases);
    let sandbox = Sandbox::over(gold.path(), LakeLayout::Simplified, "");
    let output = sandbox.run(&["check", gold.path().to_str().unwrap(), "--output", "json"]);
    assert_eq!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let tables = report["tables"].as_array().unwrap();
    assert_eq!(tables.len(), cases.len());
    for (case, table) in cases.iter().zip(tables) {
        assert_eq!(table["name"], case.name.as_str());
        let found: BTreeMap<&str, &str> = table["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| (finding["rule"].as_str().unwrap(), finding["severity"].as_str().unwrap()))
            .collect();
        let expected = expected_violations(case);
        for rule in ["reader-version", "table-features", "readable"] {
            let is_violated = found.get(rule) == Some(&"violation");
            assert_eq!(is_violated, expected.contains(&rule), "{}: {rule} in {found:?}", case.name);
        }
        let mode = case.facts["properties"]["delta.columnMapping.mode"].as_str();
        assert_eq!(found.contains_key("column-mapping"), mode.is_some(), "{}: {found:?}", case.name);
        if case.name.starts_with("timestamp_ntz") {
            assert_eq!(found.get("timestamp-kind"), Some(&"violation"), "{}: {found:?}", case.name);
        }
        if case.name == "int96_extremes" {
            assert_eq!(found.get("timestamp-kind"), Some(&"warning"), "{}: {found:?}", case.name);
        }
        assert_eq!(
            found.contains_key("parquet-version"),
            case.name == "micros_v2_pages",
            "{}: {found:?}",
            case.name
        );
    }
}

fn expected_violations(case: &Case) -> Vec<&'static str> {
    let version = |key: &str| case.facts[key].as_u64().unwrap();
    // A feature that is unknown says already why the table cannot be read.
    let is_unknown = version("min_reader_version") > 2;
    [
        ("reader-version", is_unknown),
        // Only this version lists features.
        ("table-features", version("min_writer_version") == 7),
        ("readable", case.facts["must"] == "refuse" && !is_unknown),
    ]
    .into_iter()
    .filter_map(|(rule, is_violated)| is_violated.then_some(rule))
    .collect()
}

/// The archive, unpacked.
fn archive() -> Option<tempfile::TempDir> {
    let golden = golden("the tables of another writer")?;
    let folder = tempfile::TempDir::new().unwrap();
    let archive = golden.join("delta_tables.tar.gz");
    let unpacked = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(folder.path()).status().unwrap();
    assert!(unpacked.success());
    Some(folder)
}

#[test]
fn the_contract_is_judged_by_what_tables_are() {
    assert_checked(&repository().join("testdata/other_writer"));
    if let Some(folder) = archive() {
        assert_checked(folder.path());
    }
}

#[test]
fn every_table_of_the_archive() {
    let Some(folder) = archive() else { return };
    for on_cluster in [false, true] {
        let outcomes = run(folder.path(), on_cluster);
        assert_no_faults(&outcomes);
        assert!(outcomes.len() > 40, "{} tables", outcomes.len());
        let refused: Vec<&String> =
            outcomes.iter().filter(|(_, o)| o.refused > 0 && o.equal == 0).map(|(name, _)| name).collect();
        assert!(refused.iter().any(|name| *name == "unknown_feature"), "{refused:?}");
    }
}

/// The same times, where the files have other names for the columns.
#[test]
fn times_beyond_64_bit_nanoseconds_are_read_through_column_mapping() {
    let bronze = tempfile::TempDir::new().unwrap();
    let table = bronze.path().join("mapped");
    copy(&repository().join("testdata/other_writer/int96_extremes/table"), &table);
    let entry = table.join("_delta_log/00000000000000000000.json");
    let mut actions = crate::common::log(&table).remove(0);
    for action in &mut actions {
        if !action["protocol"].is_null() {
            action["protocol"] = json!({"minReaderVersion": 2, "minWriterVersion": 5});
        }
        if let Some(schema) = action["metaData"]["schemaString"].as_str() {
            let mut schema: Value = serde_json::from_str(schema).unwrap();
            for (index, field) in schema["fields"].as_array_mut().unwrap().iter_mut().enumerate() {
                field["metadata"] = json!({"delta.columnMapping.id": index + 1, "delta.columnMapping.physicalName": field["name"]});
            }
            action["metaData"]["schemaString"] = schema.to_string().into();
            action["metaData"]["configuration"] =
                json!({"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "2"});
        }
    }
    let lines: Vec<String> = actions.iter().map(Value::to_string).collect();
    fs::write(entry, lines.join("\n")).unwrap();
    let sandbox = Sandbox::over(bronze.path(), LakeLayout::Simplified, "");
    let reader = Reader { sandbox: &sandbox, cluster: None };
    let found = reader.rows("SELECT * FROM mapped", &[], "mapped").unwrap();
    let expected = repository().join("testdata/other_writer/int96_extremes/expected/v0.parquet");
    assert_eq!(found, sorted(file_rows(&expected, &[])));
    assert!(found.iter().any(|row| row.contains("9999-12-31")), "{found:?}");
}
