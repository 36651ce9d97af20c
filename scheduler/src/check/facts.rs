//! Gathers what the rules judge.

use std::collections::BTreeSet;
use std::sync::Arc;

use goldsmith_lake::inspect::{FooterFacts, LogFacts, footers, inspect};
use goldsmith_lake::{LakeError, Location};
use goldsmith_proto::id::{Layer, Version};

use super::CheckOptions;
use super::key::{self, KeyFacts};
use crate::blame;
use crate::error::{Result, SchedulerError, chain};
use crate::lakehouse::Lakehouse;

/// A gold folder.
#[derive(Debug, Clone, Default)]
pub(super) struct FolderFacts {
    /// Its own name; empty for a container.
    pub(super) name: String,
    /// The folder is the container itself.
    pub(super) is_container_root: bool,
    /// The folder is a table.
    pub(super) is_table: bool,
    /// Folders with a log directly below it.
    pub(super) tables: Vec<String>,
    /// Folders without a log directly below it.
    pub(super) without_log: Vec<String>,
    /// Tables that stand deeper than one level, as paths from the folder.
    pub(super) nested: Vec<String>,
}

/// A table, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct TableFacts {
    pub(super) name: String,
    pub(super) version: Option<Version>,
    pub(super) rows: Option<u64>,
    /// None if not even protocol and metadata could be found.
    pub(super) log: Option<LogFacts>,
    /// Why its log cannot be read.
    pub(super) refused: Option<String>,
    /// Why its rows cannot be read although its log can.
    pub(super) broken: Option<String>,
    pub(super) file_bytes: Vec<u64>,
    /// Distinct values of the partition columns.
    pub(super) partitions: usize,
    pub(super) footers: FooterFacts,
    pub(super) key: KeyFacts,
}

/// # Errors
/// If the folder is not there or cannot be listed.
pub(super) async fn folder(lakehouse: &Lakehouse, gold: &Location) -> Result<FolderFacts> {
    let logs = lakehouse.engine.stores().log_folders(gold).await?;
    let mut folders = lakehouse.engine.stores().folder_names(gold).await?;
    // Ours, while a refresh runs.
    folders.remove(goldsmith_lake::lease::FOLDER);
    if folders.is_empty() {
        return Err(SchedulerError::NoGold { location: gold.to_string() });
    }
    let mut facts = FolderFacts {
        name: gold.name(),
        is_container_root: gold.is_container_root(),
        ..FolderFacts::default()
    };
    for log in logs {
        match log.as_slice() {
            [] => facts.is_table = true,
            [table] => facts.tables.push(table.clone()),
            deeper => facts.nested.push(deeper.join("/")),
        }
    }
    let holds_nested = |name: &str| facts.nested.iter().any(|path| path.starts_with(&format!("{name}/")));
    // Below a table stand its partitions and what its writers keep there.
    let others = folders.into_iter().filter(|_| !facts.is_table);
    facts.without_log = others.filter(|name| !facts.tables.contains(name) && !holds_nested(name)).collect();
    Ok(facts)
}

/// # Errors
/// If the storage cannot be reached.
pub(super) async fn table(
    lakehouse: &Lakehouse,
    gold: &Location,
    name: &str,
    options: &CheckOptions,
) -> Result<TableFacts> {
    let stores = lakehouse.engine.stores();
    let location = stores.folder(gold, name);
    let mut facts = TableFacts { name: name.to_owned(), ..TableFacts::default() };
    let inspected = match inspect(stores, name, &location).await {
        Ok(Some(inspected)) => inspected,
        Ok(None) => {
            facts.refused = Some("its `_delta_log` holds no version".to_owned());
            return Ok(facts);
        }
        Err(error @ LakeError::List { .. }) => return Err(error.into()),
        Err(error) => {
            facts.refused = Some(chain(&error));
            return Ok(facts);
        }
    };
    facts.log = Some(inspected.facts);
    let snapshot = match inspected.snapshot {
        Ok(snapshot) => *snapshot,
        Err(error) => {
            facts.refused = Some(chain(&error));
            return Ok(facts);
        }
    };
    facts.version = Some(snapshot.version());
    facts.rows = snapshot.rows();
    facts.file_bytes = snapshot.files().iter().map(|file| file.size_bytes).collect();
    let columns = facts.log.as_ref().map_or(&[][..], |log| &log.columns);
    let partitions: BTreeSet<_> = snapshot.files().iter().map(|file| &file.partition_text).collect();
    facts.partitions = if snapshot.partition_columns().is_empty() { 0 } else { partitions.len() };
    // A file that the footers find broken is named there; the engine would not always name it.
    match footers(stores, &snapshot).await {
        Ok(footers) => facts.footers = footers,
        Err(error @ LakeError::List { .. }) => return Err(error.into()),
        Err(error) => {
            facts.broken = Some(chain(&error));
            return Ok(facts);
        }
    }
    match key::find(lakehouse, &snapshot, columns, declared_key(lakehouse, name, options)).await {
        Ok(key) => facts.key = key,
        Err(SchedulerError::Run { what, hint, source }) => {
            let tables = [Arc::new(snapshot)];
            facts.broken = Some(match blame::broken_file(stores, &tables, &source).await {
                Some(broken) => chain(&broken),
                None => chain(&SchedulerError::Run { what, hint, source }),
            });
        }
        // Told by the rules about features.
        Err(error @ SchedulerError::Lake(LakeError::Feature { .. })) => facts.refused = Some(chain(&error)),
        Err(error) => facts.broken = Some(chain(&error)),
    }
    Ok(facts)
}

/// What is known of a table's key before its rows are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DeclaredKey {
    /// These columns, by the command line or by the model of that name.
    Columns(Vec<String>),
    /// Its model says that it is not meant for Customer Insights.
    NotForCustomerInsights,
    /// Nothing.
    Unknown,
}

fn declared_key(lakehouse: &Lakehouse, table: &str, options: &CheckOptions) -> DeclaredKey {
    if let Some(columns) = options.keys.get(table) {
        return DeclaredKey::Columns(columns.clone());
    }
    let models = lakehouse.pack.dag().models().iter();
    let mut of_name = models.filter(|m| m.layer() == Layer::Gold && m.table_name().as_str() == table);
    match of_name.next().map(goldsmith_jobs::Model::header) {
        Some(header) if header.ci_d == Some(false) => DeclaredKey::NotForCustomerInsights,
        Some(header) if !header.grain.is_empty() => DeclaredKey::Columns(header.grain.clone()),
        _ => DeclaredKey::Unknown,
    }
}
