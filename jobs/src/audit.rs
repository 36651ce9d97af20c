//! Audits: conditions of which a breach is found by a query whose rows are faults.

use serde::{Deserialize, Serialize};

use crate::model::Model;

/// What a breach means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is published.
    #[default]
    Block,
    /// It is reported.
    Warn,
}

/// An audit as a header writes it: exactly one condition.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSpec {
    /// Columns that are never null.
    pub not_null: Vec<String>,
    /// Columns that together tell all rows apart.
    pub unique: Vec<String>,
    /// Columns whose values another table has.
    pub references: Option<References>,
    /// What a breach means.
    pub severity: Severity,
}

impl AuditSpec {
    /// Why it cannot be run, if that can be told from itself.
    pub(crate) fn fault(&self) -> Option<String> {
        let conditions = [!self.not_null.is_empty(), !self.unique.is_empty(), self.references.is_some()];
        if conditions.into_iter().filter(|condition| *condition).count() != 1 {
            return Some("an audit has exactly one of `not_null`, `unique` and `references`".to_owned());
        }
        let references = self.references.as_ref()?;
        if references.columns.is_empty() || references.columns.len() != references.to.len() {
            return Some("`references` has as many `columns` as `to`, and at least one".to_owned());
        }
        if !matches!(references.table.split_once('.'), Some(("silver" | "gold", _))) {
            return Some(format!("`{}` is no model; write it as gold.name or silver.name", references.table));
        }
        None
    }

    /// Columns of the model that it names.
    pub fn columns(&self) -> impl Iterator<Item = &String> {
        let own = self.references.iter().flat_map(|references| &references.columns);
        self.not_null.iter().chain(&self.unique).chain(own)
    }
}

/// A foreign key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct References {
    /// Columns of the model.
    pub columns: Vec<String>,
    /// The other table, such as `gold.profiles_Customer`.
    pub table: String,
    /// Its columns, in the same order.
    pub to: Vec<String>,
}

/// An audit that can be run.
#[derive(Debug, Clone)]
pub struct Audit {
    /// Name by which reports call it.
    pub name: String,
    /// What a breach means.
    pub severity: Severity,
    /// One Spark SQL query that yields one row: the number of faulty rows.
    pub sql: String,
    /// Table besides the model's own that the query reads.
    pub reads: Option<String>,
}

/// All audits of `model`: those that its grain and its timestamp imply, and those of its header.
#[must_use]
pub fn of_model(model: &Model) -> Vec<Audit> {
    let header = model.header();
    let table = format!("{}.{}", model.layer(), quote(model.name()));
    let mut audits = Vec::new();
    if !header.grain.is_empty() {
        audits.push(unique(&table, &header.grain, Severity::Block));
        audits.push(not_null(&table, &header.grain, Severity::Block));
    }
    if let Some(column) = &header.timestamp {
        audits.push(not_null(&table, std::slice::from_ref(column), Severity::Block));
    }
    for spec in &header.audits {
        if !spec.not_null.is_empty() {
            audits.push(not_null(&table, &spec.not_null, spec.severity));
        }
        if !spec.unique.is_empty() {
            audits.push(unique(&table, &spec.unique, spec.severity));
        }
        if let Some(references) = &spec.references {
            audits.push(foreign_key(&table, references, spec.severity));
        }
    }
    audits
}

fn unique(table: &str, columns: &[String], severity: Severity) -> Audit {
    let list = list(columns);
    Audit {
        name: format!("unique({})", columns.join(", ")),
        severity,
        sql: format!(
            "SELECT coalesce(sum(n - 1), 0) AS failed_rows FROM (SELECT count(*) AS n FROM {table} GROUP BY {list} HAVING count(*) > 1) AS d"
        ),
        reads: None,
    }
}

fn not_null(table: &str, columns: &[String], severity: Severity) -> Audit {
    let any_null = columns.iter().map(|c| format!("{} IS NULL", quote(c))).collect::<Vec<_>>().join(" OR ");
    Audit {
        name: format!("not_null({})", columns.join(", ")),
        severity,
        sql: format!("SELECT count(*) AS failed_rows FROM {table} WHERE {any_null}"),
        reads: None,
    }
}

fn foreign_key(table: &str, references: &References, severity: Severity) -> Audit {
    let on = references
        .columns
        .iter()
        .zip(&references.to)
        .map(|(from, to)| format!("m.{} = r.{}", quote(from), quote(to)))
        .collect::<Vec<_>>()
        .join(" AND ");
    let set = references
        .columns
        .iter()
        .map(|c| format!("m.{} IS NOT NULL", quote(c)))
        .collect::<Vec<_>>()
        .join(" AND ");
    Audit {
        name: format!("references({} → {})", references.columns.join(", "), references.table),
        severity,
        sql: format!(
            "SELECT count(*) AS failed_rows FROM {table} AS m LEFT ANTI JOIN {} AS r ON {on} WHERE {set}",
            references.table
        ),
        reads: Some(references.table.to_lowercase()),
    }
}

fn list(columns: &[String]) -> String {
    columns.iter().map(|c| quote(c)).collect::<Vec<_>>().join(", ")
}

fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
