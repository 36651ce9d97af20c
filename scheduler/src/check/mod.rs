//! Whether Customer Insights could read a gold folder, whoever wrote it.
//!
//! ```text
//!   folder ──▶ facts (logs, footers, keys) ──▶ rules, one by one, pure ──▶ findings
//! ```

mod facts;
mod key;
mod rule;

use std::collections::BTreeMap;

use goldsmith_lake::Location;
use serde::Serialize;

pub use self::key::KeyFacts;
pub use self::rule::{Finding, Rule, Severity};
use crate::error::Result;
use crate::lakehouse::Lakehouse;

/// What is asked of a check.
#[derive(Debug, Clone, Default)]
pub struct CheckOptions {
    /// Key columns by table, for tables that no model of the pack makes.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// What a check found.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// Version of this document's form.
    pub schema_version: u32,
    /// The folder.
    pub url: String,
    /// Findings that concern the folder and no single table.
    pub findings: Vec<Finding>,
    /// Its tables, by name.
    pub tables: Vec<TableReport>,
}

/// What a check found in one table.
#[derive(Debug, Clone, Serialize)]
pub struct TableReport {
    /// Name of its folder.
    pub name: String,
    /// The version that was looked at; none if it cannot be read.
    pub version: Option<u64>,
    /// Its rows; none if it cannot be read.
    pub rows: Option<u64>,
    /// The column that Customer Insights can use as key.
    pub key: Option<String>,
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
}

impl CheckReport {
    /// Number of findings of `severity`.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let of_tables = self.tables.iter().flat_map(|table| &table.findings);
        self.findings.iter().chain(of_tables).filter(|finding| finding.severity == severity).count()
    }
}

/// Checks the folder `gold`.
///
/// # Errors
/// If the folder is not there or cannot be listed; what is wrong with a table is a finding.
pub async fn run(lakehouse: &Lakehouse, gold: &Location, options: &CheckOptions) -> Result<CheckReport> {
    let folder = facts::folder(lakehouse, gold).await?;
    let mut findings = rule::folder(&folder);
    worst_first(&mut findings);
    let mut tables = Vec::new();
    for name in &folder.tables {
        let facts = facts::table(lakehouse, gold, name, options).await?;
        let mut findings = rule::table(&facts);
        worst_first(&mut findings);
        tables.push(TableReport {
            name: name.clone(),
            version: facts.version.map(goldsmith_proto::id::Version::get),
            rows: facts.rows,
            key: rule::usable_key(&facts),
            findings,
        });
    }
    Ok(CheckReport { schema_version: 1, url: gold.to_string(), findings, tables })
}

fn worst_first(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (finding.severity, finding.rule));
}
