//! Inventory of bronze: what is there, how fresh it is, and what the models miss in it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt};
use goldsmith_jobs::Model;
use goldsmith_lake::bronze::{Misfit, misfits};
use goldsmith_lake::inspect::LogFacts;
use goldsmith_lake::snapshot::Found;
use goldsmith_lake::{LakeError, Location, TableSnapshot};
use goldsmith_proto::id::Version;
use serde::{Deserialize, Serialize};

use crate::catalog::bronze_columns;
use crate::error::{Result, SchedulerError};
use crate::lakehouse::Lakehouse;

/// Tables whose logs are read at the same time.
const CONCURRENT_TABLES: usize = 8;

/// What bronze holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SourcesReport {
    /// Version of this document's form.
    pub schema_version: u32,
    /// The folder.
    pub url: String,
    /// Tables that are there or that a model reads, by name.
    pub tables: Vec<Source>,
}

/// One bronze table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Source {
    /// Name of the table, in lower case.
    pub name: String,
    /// How it is stored; none if it is missing.
    pub kind: Option<String>,
    /// Whether a refresh is an error without it.
    pub required: bool,
    /// Models that read it.
    pub read_by: Vec<String>,
    /// Its latest version.
    pub version: Option<Version>,
    /// Rows; none if a writer did not count them.
    pub rows: Option<u64>,
    /// Bytes of its files.
    pub bytes: Option<u64>,
    /// When the latest version was committed.
    pub committed_at: Option<DateTime<Utc>>,
    /// Whether it records which rows change.
    pub change_feed: Option<bool>,
    /// Columns that models need and that are missing, or whose type does not widen to the one that is expected.
    pub misfits: Vec<Misfit>,
    /// Why it cannot be read.
    pub error: Option<String>,
}

impl SourcesReport {
    /// What keeps a refresh from running, one line each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let of_table = |table: &Source| -> Vec<String> {
            if let Some(error) = &table.error {
                return vec![error.clone()];
            }
            if table.kind.is_none() && table.required {
                return vec![format!("`{}` is missing", table.name)];
            }
            let misfit = |misfit: &Misfit| match &misfit.found {
                None => format!("`{}` has no column `{}`", table.name, misfit.column),
                Some(found) => format!(
                    "column `{}` of `{}` is {found}, which does not widen to {}",
                    misfit.column, table.name, misfit.expected
                ),
            };
            table.misfits.iter().map(misfit).collect()
        };
        self.tables.iter().flat_map(of_table).collect()
    }
}

/// Looks at every table of bronze.
///
/// # Errors
/// If bronze is not configured or cannot be listed; a table that cannot be read is reported.
pub async fn run(lakehouse: &Lakehouse) -> Result<SourcesReport> {
    let bronze = lakehouse.bronze()?;
    let root = bronze.root();
    let stores = lakehouse.engine.stores();
    let folders = bronze.tables(stores).await?;
    if folders.is_empty() {
        return Err(SchedulerError::NoBronze { location: root.to_string() });
    }
    let mut names: BTreeMap<String, Option<Location>> =
        folders.into_iter().map(|(name, folder)| (name, Some(folder))).collect();
    for model in lakehouse.pack.dag().models() {
        for table in model.bronze_tables() {
            names.entry(table).or_default();
        }
    }
    let unusable: BTreeMap<String, LakeError> = bronze.unusable().collect();
    names.extend(unusable.keys().map(|name| (name.clone(), None)));
    let unusable = &unusable;
    let look = names.into_iter().map(|(name, folder)| async move {
        let error = unusable.get(&name).map(error_text);
        let mut source = expected(lakehouse, name);
        source.error = error;
        if let Some(location) = folder {
            match TableSnapshot::open(stores, &source.name, &location, None).await {
                Ok(Found::Table(snapshot)) => describe(lakehouse, &mut source, &snapshot),
                // A folder of something else is nobody's concern, unless a model wants a table there.
                Ok(Found::Nothing) if source.read_by.is_empty() => return None,
                Ok(Found::Nothing) => source.error = Some(not_a_table(&source.name, &location)),
                Err(error) => source.error = Some(error_text(&error)),
            }
        }
        Some(source)
    });
    let tables: Vec<Option<Source>> = stream::iter(look).buffered(CONCURRENT_TABLES).collect().await;
    Ok(SourcesReport {
        schema_version: 1,
        url: root.to_string(),
        tables: tables.into_iter().flatten().collect(),
    })
}

/// What the pack expects of a table, before it is looked at.
fn expected(lakehouse: &Lakehouse, name: String) -> Source {
    let readers = readers(lakehouse, &name);
    let needs = |model: &&Model| !model.can_miss(&name);
    Source {
        required: lakehouse.pack.required_tables().contains(&name.as_str()) || readers.iter().any(needs),
        read_by: readers.iter().map(|model| model.display_name()).collect(),
        name,
        kind: None,
        version: None,
        rows: None,
        bytes: None,
        committed_at: None,
        change_feed: None,
        misfits: Vec::new(),
        error: None,
    }
}

fn readers<'a>(lakehouse: &'a Lakehouse, table: &str) -> Vec<&'a Model> {
    let models = lakehouse.pack.dag().models().iter();
    models.filter(|model| model.bronze_tables().any(|name| name == table)).collect()
}

fn describe(lakehouse: &Lakehouse, source: &mut Source, snapshot: &TableSnapshot) {
    let facts = LogFacts::of(snapshot);
    let has_feed = facts.properties.get("delta.enableChangeDataFeed");
    source.kind = Some("delta".to_owned());
    source.version = Some(snapshot.version());
    source.rows = snapshot.rows();
    source.bytes = Some(snapshot.size_bytes());
    source.committed_at = snapshot.committed_at();
    source.change_feed = Some(has_feed.is_some_and(|value| value.eq_ignore_ascii_case("true")));
    for model in readers(lakehouse, &source.name) {
        for misfit in misfits(snapshot, &bronze_columns(lakehouse, model, &source.name, Some(snapshot))) {
            if !source.misfits.contains(&misfit) {
                source.misfits.push(misfit);
            }
        }
    }
}

fn not_a_table(name: &str, location: &goldsmith_lake::Location) -> String {
    let error = LakeError::NotATable { table: name.to_owned(), location: location.to_string(), hint: "" };
    // One hint stands at the end for everything that is listed.
    let text = error_text(&error);
    text.split("; hint:").next().unwrap_or(&text).to_owned()
}

fn error_text(error: &LakeError) -> String {
    crate::error::chain(error)
}
