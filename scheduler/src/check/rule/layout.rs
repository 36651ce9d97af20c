//! Where tables stand, what they are called and how they are cut into files.

use std::collections::BTreeMap;

use super::{Finding, Rule};
use crate::check::facts::{FolderFacts, TableFacts};

/// Customer Insights reads files between these sizes best.
const SMALL_FILE_BYTES: u64 = 16_000_000;
const LARGE_FILE_BYTES: u64 = 1_000_000_000;

/// Partitions above which a table has many. Customer Insights names no number; a day each for about three years.
const MANY_PARTITIONS: usize = 1_000;

/// Small files that a table may have before they count as many.
const FEW_FILES: usize = 8;

pub(super) fn folder(facts: &FolderFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut layout = |message: String, hint| findings.push(Finding::violation(Rule::Layout, message, hint));
    if facts.is_container_root {
        layout(
            "the folder is the root of its container".to_owned(),
            "write gold into a folder of the container, such as gold/ci",
        );
    }
    if facts.is_table {
        layout(
            "the folder is a table itself".to_owned(),
            "name the folder that holds the tables, and put each table into a folder directly below it",
        );
    }
    for path in &facts.nested {
        layout(
            format!("the table `{path}` stands deeper than one level"),
            "put each table into a folder directly below the one that Customer Insights is given",
        );
    }
    if !facts.is_container_root && !is_name(&facts.name) {
        findings.push(Finding::warning(
            Rule::Name,
            format!("the folder's own name `{}` is none that Customer Insights takes", facts.name),
            "use letters, digits and underscores, and begin with a letter",
        ));
    }
    let mut by_case: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for table in &facts.tables {
        by_case.entry(table.to_lowercase()).or_default().push(format!("`{table}`"));
    }
    for names in by_case.into_values().filter(|names| names.len() > 1) {
        findings.push(Finding::warning(
            Rule::Name,
            format!("names differ only in case: {}", names.join(", ")),
            "rename one of them: many readers take no notice of case",
        ));
    }
    for name in &facts.without_log {
        findings.push(Finding::warning(
            Rule::Layout,
            format!("the folder `{name}` holds no Delta table"),
            "Customer Insights does not offer it; remove it, or find out who writes there",
        ));
    }
    findings
}

pub(super) fn table(facts: &TableFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_name(&facts.name) {
        findings.push(Finding::violation(
            Rule::Name,
            format!("`{}` is no name that Customer Insights takes", facts.name),
            "use letters, digits and underscores, and begin with a letter",
        ));
    }
    let small = facts.file_bytes.iter().filter(|bytes| **bytes < SMALL_FILE_BYTES).count();
    let total: u64 = facts.file_bytes.iter().sum();
    // A table that is small as a whole cannot have large files.
    if small > FEW_FILES && total > SMALL_FILE_BYTES {
        findings.push(Finding::warning(
            Rule::FileSize,
            format!("{small} of {} files are smaller than 16 MB", facts.file_bytes.len()),
            "compact the table, or use fewer partitions",
        ));
    }
    let large = facts.file_bytes.iter().filter(|bytes| **bytes > LARGE_FILE_BYTES).count();
    if large > 0 {
        findings.push(Finding::warning(
            Rule::FileSize,
            format!("{large} of {} files are larger than 1 GB", facts.file_bytes.len()),
            "write smaller files",
        ));
    }
    if facts.partitions > MANY_PARTITIONS {
        findings.push(Finding::warning(
            Rule::Partitions,
            format!("the table has {} partitions", facts.partitions),
            "partition by a column with few values, or not at all",
        ));
    }
    findings
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_with_a_letter() {
        for (name, is) in [
            ("profiles_Customer", true),
            ("a1", true),
            ("1a", false),
            ("a-b", false),
            ("é", false),
            ("_a", false),
        ] {
            assert_eq!(is_name(name), is, "{name}");
        }
    }

    #[test]
    fn few_or_small_files_are_fine() {
        let table =
            |file_bytes: Vec<u64>| TableFacts { name: "t".to_owned(), file_bytes, ..TableFacts::default() };
        assert!(super::table(&table(vec![1_000; 9])).is_empty(), "the table is small");
        assert!(super::table(&table(vec![8_000_000; 8])).is_empty(), "the files are few");
        assert_eq!(super::table(&table(vec![8_000_000; 9]))[0].rule, Rule::FileSize);
        assert_eq!(super::table(&table(vec![2_000_000_000]))[0].rule, Rule::FileSize);
        let partitioned = |partitions| TableFacts { partitions, ..table(vec![]) };
        assert!(super::table(&partitioned(1_000)).is_empty());
        assert_eq!(super::table(&partitioned(1_001))[0].rule, Rule::Partitions);
    }

    #[test]
    fn every_wrong_place_is_named() {
        let facts = FolderFacts {
            name: String::new(),
            is_container_root: true,
            is_table: true,
            tables: vec!["a".to_owned()],
            without_log: vec!["b".to_owned()],
            nested: vec!["c/d".to_owned()],
        };
        let messages: Vec<String> = folder(&facts).into_iter().map(|f| f.message).collect();
        assert_eq!(messages.len(), 4);
        assert!(messages.iter().any(|m| m.contains("`c/d`")) && messages.iter().any(|m| m.contains("`b`")));
        let named = |name: &str| folder(&FolderFacts { name: name.to_owned(), ..FolderFacts::default() });
        assert_eq!(named("gold"), []);
        assert_eq!(named("my-gold")[0].rule, Rule::Name);
        let tables = ["a", "A", "b"].map(str::to_owned).to_vec();
        let spelt = folder(&FolderFacts { name: "gold".to_owned(), tables, ..FolderFacts::default() });
        assert_eq!(spelt.len(), 1);
        assert_eq!(spelt[0].message, "names differ only in case: `a`, `A`");
    }
}
