//! Log entries as the writers of a bronze lake make them.

use std::collections::HashMap;

use arrow::datatypes::Schema;
use chrono::{DateTime, Utc};
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::{
    Action, Add, AddCDCFile, CommitInfo, MetadataExt, Protocol, Remove, StructType, new_metadata,
};
use goldsmith_lake::commit::CommitOutcome;
use goldsmith_lake::commit::apply::put_if_absent;
use goldsmith_lake::snapshot::DataFile;
use goldsmith_lake::{Location, Stores};
use goldsmith_proto::id::Version;
use goldsmith_proto::lake::v1::StagedFile;
use serde_json::{Value, json};

use crate::error::{Result, SynthError};

/// What Link to Fabric sets on its tables.
const PROPERTIES: [(&str, &str); 1] = [("delta.enableChangeDataFeed", "true")];

/// What a commit does, with what its commit info says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Adds rows.
    Write,
    /// Changes rows that a source names by their id.
    Merge,
    /// Changes the rows of a predicate.
    Update { predicate: String },
    /// Removes the rows of a predicate.
    Delete { predicate: String },
}

impl Operation {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Write => "WRITE",
            Self::Merge => "MERGE",
            Self::Update { .. } => "UPDATE",
            Self::Delete { .. } => "DELETE",
        }
    }

    /// Parameters as Delta's own writers name and spell them.
    fn parameters(&self) -> HashMap<String, Value> {
        let parameters = match self {
            Self::Write => vec![("mode", json!("Append")), ("partitionBy", json!("[]"))],
            Self::Merge => vec![
                ("predicate", json!("[\"(t.Id = s.Id)\"]")),
                ("matchedPredicates", json!("[{\"actionType\":\"update\"}]")),
                ("notMatchedPredicates", json!("[]")),
                ("notMatchedBySourcePredicates", json!("[]")),
            ],
            Self::Update { predicate } | Self::Delete { predicate } => {
                vec![("predicate", json!(json!([predicate]).to_string()))]
            }
        };
        parameters.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

/// Reader 1, writer 4: what the change feed asks for, and what Link to Fabric writes.
pub(crate) fn create(table: &str, schema: &Schema, at: DateTime<Utc>) -> Result<Vec<Action>> {
    let fault = |e: &dyn std::fmt::Display| SynthError::Schema { reason: format!("`{table}`: {e}") };
    let protocol: Protocol = serde_json::from_value(json!({"minReaderVersion": 1, "minWriterVersion": 4}))
        .map_err(|e| fault(&e))?;
    let columns: StructType = schema.try_into_kernel().map_err(|e| fault(&e))?;
    let metadata = new_metadata(&columns, [""; 0], PROPERTIES)
        .and_then(|metadata| metadata.with_name(table.to_owned()))
        .map_err(|e| fault(&e))?;
    let parameters = HashMap::from([
        ("partitionBy".to_owned(), json!("[]")),
        ("properties".to_owned(), json!(json!(HashMap::from(PROPERTIES)).to_string())),
    ]);
    let info = CommitInfo {
        operation: Some("CREATE TABLE".to_owned()),
        operation_parameters: Some(parameters),
        is_blind_append: Some(true),
        ..info(at)
    };
    Ok(vec![Action::CommitInfo(info), Action::Protocol(protocol), Action::Metadata(metadata)])
}

/// The next version, with more files.
pub(crate) fn append(
    operation: Operation,
    read: Version,
    files: &[StagedFile],
    at: DateTime<Utc>,
) -> Vec<Action> {
    let rows: u64 = files.iter().map(|file| file.rows).sum();
    let metrics = json!({"numFiles": files.len().to_string(), "numOutputRows": rows.to_string()});
    let mut actions = vec![operation_info(&operation, read, metrics, at)];
    actions.extend(files.iter().map(|file| Action::Add(add(file))));
    actions
}

/// The files of a version that rewrites rows.
#[derive(Debug, Default)]
pub(crate) struct Rewritten {
    pub(crate) removed: Vec<DataFile>,
    pub(crate) added: Vec<StagedFile>,
    /// Files of the change feed, by their path below the table's folder.
    pub(crate) changes: Vec<StagedFile>,
    /// Rows that were changed or removed.
    pub(crate) rows: u64,
}

/// The next version, with some files in place of others and the rows that differ.
pub(crate) fn rewrite(
    operation: &Operation,
    read: Version,
    files: &Rewritten,
    at: DateTime<Utc>,
) -> Vec<Action> {
    let touched = match operation {
        Operation::Merge => "numTargetRowsUpdated",
        Operation::Delete { .. } => "numDeletedRows",
        Operation::Write | Operation::Update { .. } => "numUpdatedRows",
    };
    let metrics = json!({
        "numAddedFiles": files.added.len().to_string(),
        "numRemovedFiles": files.removed.len().to_string(),
        "numAddedChangeFiles": files.changes.len().to_string(),
        touched: files.rows.to_string(),
    });
    let mut actions = vec![operation_info(operation, read, metrics, at)];
    actions.extend(files.removed.iter().map(|file| Action::Remove(remove(file, at))));
    actions.extend(files.added.iter().map(|file| Action::Add(add(file))));
    actions.extend(files.changes.iter().map(|file| {
        Action::Cdc(AddCDCFile {
            path: file.path.clone(),
            size: i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
            partition_values: HashMap::new(),
            data_change: false,
            tags: None,
        })
    }));
    actions
}

/// Makes `actions` a version, if nobody has made it yet.
pub(crate) async fn commit(
    stores: &Stores,
    table: &str,
    location: &Location,
    version: Version,
    actions: &[Action],
) -> Result<Version> {
    match put_if_absent(stores, table, location, version, actions).await? {
        CommitOutcome::Committed(version) => Ok(version),
        CommitOutcome::Conflicted { version } => {
            Err(SynthError::Conflict { table: table.to_owned(), version })
        }
    }
}

fn operation_info(operation: &Operation, read: Version, metrics: Value, at: DateTime<Utc>) -> Action {
    Action::CommitInfo(CommitInfo {
        operation: Some(operation.name().to_owned()),
        operation_parameters: Some(operation.parameters()),
        read_version: Some(read.get()),
        is_blind_append: Some(*operation == Operation::Write),
        info: HashMap::from([("operationMetrics".to_owned(), metrics)]),
        ..info(at)
    })
}

fn info(at: DateTime<Utc>) -> CommitInfo {
    CommitInfo {
        timestamp: Some(at.timestamp_millis()),
        engine_info: Some(format!("goldsmith-synth/{}", env!("CARGO_PKG_VERSION"))),
        ..CommitInfo::default()
    }
}

fn add(file: &StagedFile) -> Add {
    Add {
        path: file.path.clone(),
        partition_values: HashMap::new(),
        size: i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
        modification_time: file.modified_at_ms,
        data_change: true,
        stats: Some(file.stats_json.clone()),
        ..Add::default()
    }
}

fn remove(file: &DataFile, at: DateTime<Utc>) -> Remove {
    Remove {
        path: file.log_path.clone(),
        data_change: true,
        deletion_timestamp: Some(at.timestamp_millis()),
        extended_file_metadata: Some(true),
        partition_values: Some(file.partition_text.clone().into_iter().collect()),
        size: i64::try_from(file.size_bytes).ok(),
        ..Remove::default()
    }
}
