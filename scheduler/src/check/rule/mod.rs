//! The rules of Customer Insights for Delta tables in ADLS Gen2, each a pure function of facts.

use serde::Serialize;

use super::facts::{FolderFacts, TableFacts};
use super::key::KeyFacts;

mod key;
mod layout;
mod protocol;
mod types;

/// What a breach means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Customer Insights refuses the table or reads it wrongly.
    Violation,
    /// It works, and costs more or may stop working.
    Warning,
}

/// A rule of the contract. The order is that of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The table can be read at all.
    Readable,
    /// The reader version of the protocol is at most 2.
    ReaderVersion,
    /// No table feature that Customer Insights does not know.
    TableFeatures,
    /// No column mapping: it works, and raises the reader version.
    ColumnMapping,
    /// Versions and files are kept for at least 15 days.
    Retention,
    /// One folder per table, directly below a folder that is not the container.
    Layout,
    /// Names of letters, digits and underscores that begin with a letter.
    Name,
    /// The key is one of the columns.
    KeyPresent,
    /// The key is a single column.
    KeySingle,
    /// The key is a string or an integer.
    KeyType,
    /// The key is never null.
    KeyNotNull,
    /// No key occurs twice.
    KeyUnique,
    /// Timestamps are in UTC and not stored as INT96.
    TimestampKind,
    /// Decimals have at most 16 digits.
    DecimalPrecision,
    /// Data pages are those of version 1 of the format.
    ParquetVersion,
    /// Files are neither many and small nor larger than 1 GB.
    FileSize,
    /// Partitions are few.
    Partitions,
}

impl Rule {
    /// Its stable name, as in JSON.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Readable => "readable",
            Self::ReaderVersion => "reader-version",
            Self::TableFeatures => "table-features",
            Self::ColumnMapping => "column-mapping",
            Self::Retention => "retention",
            Self::Layout => "layout",
            Self::Name => "name",
            Self::KeyPresent => "key-present",
            Self::KeySingle => "key-single",
            Self::KeyType => "key-type",
            Self::KeyNotNull => "key-not-null",
            Self::KeyUnique => "key-unique",
            Self::TimestampKind => "timestamp-kind",
            Self::DecimalPrecision => "decimal-precision",
            Self::ParquetVersion => "parquet-version",
            Self::FileSize => "file-size",
            Self::Partitions => "partitions",
        }
    }
}

/// A breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What the breach means.
    pub severity: Severity,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub hint: &'static str,
}

impl Finding {
    fn violation(rule: Rule, message: String, hint: &'static str) -> Self {
        Self { rule, severity: Severity::Violation, message, hint }
    }

    fn warning(rule: Rule, message: String, hint: &'static str) -> Self {
        Self { rule, severity: Severity::Warning, message, hint }
    }
}

/// Judges the folder.
pub(super) fn folder(facts: &FolderFacts) -> Vec<Finding> {
    layout::folder(facts)
}

/// Judges one table.
pub(super) fn table(facts: &TableFacts) -> Vec<Finding> {
    let mut findings = layout::table(facts);
    if let Some(log) = &facts.log {
        findings.extend(protocol::check(log));
        findings.extend(types::check(log, facts));
    }
    findings.extend(key::check(&facts.key));
    // A feature that is named says why already.
    let is_explained = |f: &Finding| {
        f.severity == Severity::Violation
            && matches!(f.rule, Rule::ReaderVersion | Rule::TableFeatures | Rule::TimestampKind)
    };
    let refused = facts.refused.as_ref().filter(|_| !findings.iter().any(is_explained));
    let causes: Vec<&String> = refused.into_iter().chain(&facts.broken).collect();
    findings.extend(causes.into_iter().map(|cause| {
        Finding::violation(
            Rule::Readable,
            cause.clone(),
            "restore what is missing or broken, or write the table anew",
        )
    }));
    findings
}

/// The column that Customer Insights can use as key, if there is one.
pub(super) fn usable_key(facts: &TableFacts) -> Option<String> {
    match &facts.key {
        KeyFacts::Counted { column, null_rows: 0, repeated: 0, .. } => Some(column.clone()),
        KeyFacts::Candidates { columns } => columns.first().cloned(),
        _ => None,
    }
}
