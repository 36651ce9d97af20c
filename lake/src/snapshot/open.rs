//! Opens a log: which files are live, and what holds for the table.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::datatypes::{DataType, Fields, Schema, SchemaRef};
use arrow::json::WriterBuilder;
use arrow::json::writer::LineDelimited;
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use delta_kernel::engine::arrow_conversion::TryIntoArrow;
use delta_kernel::engine::arrow_data::ArrowEngineData;
use delta_kernel::scan::{ScanBuilder, StatsOptions};
use delta_kernel::snapshot::{Snapshot, SnapshotRef};
use deltalake::DeltaTableError;
use deltalake::kernel::{DeletionVectorDescriptor, StorageType};
use goldsmith_proto::id::Version;
use object_store::ObjectMeta;
use parquet::errors::ParquetError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::feature::{Stated, Unread, unknown_protocol};
use crate::diagnose::footer_at;
use crate::error::{EntryFault, LakeError, Result};
use crate::location::Location;
use crate::log::{FilePath, Live, Log, LogFault, Segment, Vector, reconcile};
use crate::store::Stores;

/// What a log tells of a version.
pub(super) struct Loaded {
    pub(super) log: Log,
    pub(super) version: Version,
    pub(super) id: String,
    /// With the metadata that the log has of columns.
    pub(super) schema: SchemaRef,
    pub(super) properties: HashMap<String, String>,
    pub(super) partition_columns: Vec<String>,
    pub(super) protocol: Value,
    pub(super) metadata: Value,
    pub(super) committed_at: Option<DateTime<Utc>>,
    pub(super) files: Vec<LiveFile>,
    /// Files that were removed under another spelling, and that the library takes for live.
    pub(super) ghosts: Vec<LiveFile>,
}

/// A live file.
pub(super) struct LiveFile {
    /// As the log spells it.
    pub(super) path: String,
    pub(super) size: i64,
    pub(super) stats: Option<String>,
    pub(super) partition_text: BTreeMap<String, Option<String>>,
    pub(super) vector: Option<DeletionVectorDescriptor>,
    vector_id: Option<Vector>,
}

impl LiveFile {
    /// Rows without those that its deletion vector takes away, if its writer recorded them.
    pub(super) fn rows(&self) -> Option<u64> {
        let stats: Stats = serde_json::from_str(self.stats.as_deref()?).ok()?;
        let rows = u64::try_from(stats.num_records?).ok()?;
        let Some(deleted) = &self.vector else { return Some(rows) };
        rows.checked_sub(u64::try_from(deleted.cardinality).ok()?)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    num_records: Option<i64>,
}

impl Live for LiveFile {
    fn path(&self) -> &str {
        &self.path
    }

    fn vector(&self) -> Option<&Vector> {
        self.vector_id.as_ref()
    }
}

/// Reads the log of the table `name` up to `version`, or to its end; none if there is none.
pub(super) async fn load(
    stores: &Stores,
    name: &str,
    location: &Location,
    version: Option<Version>,
) -> Result<Option<Loaded>> {
    let log = Log::of(stores, location)?;
    let read_error = |source: DeltaTableError| LakeError::ReadLog {
        table: name.to_owned(),
        version,
        location: location.to_string(),
        source: Box::new(source),
    };
    let of_store = |source: object_store::Error| read_error(source.into());
    let judged = log.segment(version.map(Version::get)).await.map_err(of_store)?;
    let segment = match judged {
        Ok(Some(segment)) => segment,
        Ok(None) => return Ok(None),
        Err(fault) => return Err(log_error(name, location, version, fault)),
    };
    let commits = log.read(segment.entries.keys().copied().collect()).await.map_err(of_store)?;
    for commit in &commits {
        if let Some(fault) = commit.fault.clone().or_else(|| commit.doubled()) {
            return Err(entry_error(name, location, commit.version, fault));
        }
    }
    let replayed = replay(&log, segment.version).await;
    let Replayed { kernel, rows } = match replayed {
        Ok(replayed) => replayed,
        Err(error) => {
            if let Some(unread) = unknown_protocol(&commits) {
                return Err(unread.of(name, segment.version));
            }
            let broken = broken_checkpoint(stores, name, location, &segment).await;
            return Err(broken.unwrap_or_else(|| LakeError::ReadLog {
                table: name.to_owned(),
                version: Some(Version::new(segment.version)),
                location: location.to_string(),
                source: Box::new(error),
            }));
        }
    };
    let files = rows
        .iter()
        .map(live_files)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| read_error(DeltaTableError::Generic(error)))?;
    let files = files.into_iter().flatten().collect();
    let key = |path: &str| FilePath(path).key(location).ok().flatten().map(|key| key.to_string());
    let (files, ghosts) = reconcile(files, &commits, key)
        .map_err(|found| Unread::from(&found).of(name, found.version.unwrap_or(segment.version)))?;
    let configuration = kernel.table_configuration();
    let (protocol, metadata) = (configuration.protocol(), configuration.metadata());
    let (protocol_json, metadata_json) = (json(protocol), json(metadata));
    let stated =
        Stated { protocol: &protocol_json, metadata: &metadata_json, properties: metadata.configuration() };
    if let Some(unread) = stated.unread(&files) {
        return Err(unread.of(name, segment.version));
    }
    let schema = configuration.logical_schema();
    let schema: Schema = schema.as_ref().try_into_arrow().map_err(|error| read_error(error.into()))?;
    let schema = Schema::new(without_void(schema.fields()));
    Ok(Some(Loaded {
        version: Version::new(segment.version),
        id: metadata.id().to_owned(),
        schema: Arc::new(schema),
        properties: metadata.configuration().clone(),
        partition_columns: metadata.partition_columns().to_vec(),
        protocol: protocol_json,
        metadata: metadata_json,
        committed_at: committed_at(&segment).map(|meta| meta.last_modified),
        files,
        ghosts,
        log,
    }))
}

/// The fields without those of the type `void`, which no reader shows.
fn without_void(fields: &Fields) -> Fields {
    let kept = fields.iter().filter(|field| *field.data_type() != DataType::Null);
    kept.map(|field| match field.data_type() {
        DataType::Struct(inner) => {
            Arc::new(field.as_ref().clone().with_data_type(DataType::Struct(without_void(inner))))
        }
        _ => Arc::clone(field),
    })
    .collect()
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn committed_at(segment: &Segment) -> Option<&ObjectMeta> {
    segment.entries.get(&segment.version).or(segment.at_checkpoint.as_ref())
}

struct Replayed {
    kernel: SnapshotRef,
    rows: Vec<RecordBatch>,
}

/// Lets the library replay the segment that it is shown. It does not interpret paths and partition values: both are read as
/// Spark does, which is not how it would.
async fn replay(log: &Log, version: u64) -> std::result::Result<Replayed, DeltaTableError> {
    let engine = log.library().engine(None);
    let mut root = log.library().root_url().clone();
    if !root.path().ends_with('/') {
        root.set_path(&format!("{}/", root.path()));
    }
    let replayed = tokio::task::spawn_blocking(move || {
        let kernel = Snapshot::builder_for(root).at_version(version).build(engine.as_ref())?;
        let scan = ScanBuilder::new(Arc::clone(&kernel))
            .without_row_transforms()
            .with_stats(StatsOptions::json_only())
            .build()?;
        let mut rows = Vec::new();
        for part in scan.scan_metadata(engine.as_ref())? {
            let (data, selected) = part?.scan_files.into_parts();
            let batch: RecordBatch = (*ArrowEngineData::try_from_engine_data(data)?).into();
            rows.push(selection(&batch, selected)?);
        }
        Ok::<_, delta_kernel::Error>(Replayed { kernel, rows })
    });
    match replayed.await {
        Ok(replayed) => Ok(replayed?),
        Err(error) => Err(DeltaTableError::Generic(error.to_string())),
    }
}

/// The first file of the segment's checkpoint that is no whole parquet file.
async fn broken_checkpoint(
    stores: &Stores,
    name: &str,
    location: &Location,
    segment: &Segment,
) -> Option<LakeError> {
    let (_, files) = segment.checkpoint.as_ref()?;
    let store = stores.root(location).ok()?;
    for file in files {
        let file_name = file.location.filename().filter(|name| name.ends_with(".parquet"));
        let Some(file_name) = file_name else { continue };
        match footer_at(Arc::clone(&store), &file.location, file.size).await {
            Ok(_) | Err(ParquetError::External(_)) => {}
            Err(error) => {
                return Some(LakeError::Checkpoint {
                    table: name.to_owned(),
                    version: Version::new(segment.version),
                    location: location.to_string(),
                    file: file_name.to_owned(),
                    source: Box::new(error),
                });
            }
        }
    }
    None
}

/// The rows of `batch` that are selected; those that `selected` is too short for are.
fn selection(
    batch: &RecordBatch,
    mut selected: Vec<bool>,
) -> std::result::Result<RecordBatch, delta_kernel::Error> {
    selected.resize(batch.num_rows(), true);
    Ok(arrow::compute::filter_record_batch(batch, &selected.into())?)
}

/// A row of the library's scan.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    path: String,
    size: Option<i64>,
    stats: Option<String>,
    deletion_vector: Option<DeletionVectorDescriptor>,
    file_constant_values: Option<Constants>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Constants {
    partition_values: Option<BTreeMap<String, Option<String>>>,
}

fn live_files(batch: &RecordBatch) -> std::result::Result<Vec<LiveFile>, String> {
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(Vec::new());
    writer.write(batch).and_then(|()| writer.finish()).map_err(|error| error.to_string())?;
    let lines = writer.into_inner();
    let rows = serde_json::Deserializer::from_slice(&lines).into_iter::<Row>();
    rows.map(|row| {
        let row = row.map_err(|error| format!("a file of its log makes no sense: {error}"))?;
        let vector_id = row.deletion_vector.as_ref().map(|vector| Vector {
            storage_type: match vector.storage_type {
                StorageType::UuidRelativePath => "u",
                StorageType::Inline => "i",
                StorageType::AbsolutePath => "p",
            }
            .to_owned(),
            path_or_inline_dv: vector.path_or_inline_dv.clone(),
            offset: vector.offset,
        });
        Ok(LiveFile {
            path: row.path,
            size: row.size.unwrap_or(0),
            stats: row.stats,
            partition_text: row.file_constant_values.and_then(|c| c.partition_values).unwrap_or_default(),
            vector: row.deletion_vector,
            vector_id,
        })
    })
    .collect()
}

fn entry_error(name: &str, location: &Location, version: u64, fault: EntryFault) -> LakeError {
    LakeError::LogEntry {
        table: name.to_owned(),
        entry: Version::new(version),
        location: location.to_string(),
        fault,
    }
}

fn log_error(name: &str, location: &Location, asked: Option<Version>, fault: LogFault) -> LakeError {
    match fault {
        LogFault::NoVersion { first, last } => LakeError::NoVersion {
            table: name.to_owned(),
            version: asked.unwrap_or(Version::FIRST),
            first: Version::new(first),
            last: Version::new(last),
        },
        LogFault::NotBegun { first } => {
            entry_error(name, location, 0, EntryFault::NotBegun { first: Version::new(first) })
        }
        LogFault::Missing(version) => entry_error(name, location, version, EntryFault::Missing),
        LogFault::Empty(version) => entry_error(name, location, version, EntryFault::Empty),
        LogFault::Misnamed { version, name: file } => LakeError::MisnamedEntry {
            table: name.to_owned(),
            location: location.to_string(),
            file,
            version: version.map(Version::new),
        },
    }
}
