//! One version of a table, pinned: schema, files, protocol and what its last commits say of themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use datafusion::common::ScalarValue;
use deltalake::DeltaTable;
use deltalake::kernel::{Action, LogicalFileView};
use deltalake::logstore::LogStoreRef;
use goldsmith_proto::id::Version;
use object_store::path::Path;

use crate::commit::CommitNote;
use crate::diagnose::broken_log;
use crate::error::{FileFault, LakeError, Result, is_storage_failure};
use crate::exec::read::DeletionVector;
use crate::location::Location;
use crate::mapping::Columns;
use crate::store::Stores;

/// Immutable view of a table at one version.
#[derive(Debug, Clone)]
pub struct TableSnapshot {
    name: String,
    location: Location,
    version: Version,
    table: DeltaTable,
    columns: Columns,
    files: Arc<[DataFile]>,
}

/// One data file of a version.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Key in the store of the table's location.
    pub path: Path,
    /// Path as the log has it: relative to the table's folder, or a whole URL.
    pub log_path: String,
    /// Size on storage.
    pub size_bytes: u64,
    /// Rows without the deleted ones, where the writer recorded them.
    pub rows: Option<u64>,
    /// Which of its rows are deleted.
    pub deletion_vector: Option<DeletionVector>,
    /// Values of the partition columns in the order of the table.
    pub partition_values: Vec<ScalarValue>,
    /// The same as the log has them.
    pub partition_text: BTreeMap<String, Option<String>>,
}

/// Whether a folder holds a table.
#[derive(Debug)]
pub enum Found {
    /// It does.
    Table(Box<TableSnapshot>),
    /// It has no Delta log.
    Nothing,
}

impl TableSnapshot {
    /// Reads the log of the table at `location` up to `version`, or to the latest.
    ///
    /// # Errors
    /// [`LakeError::NoVersion`] if the log does not tell of `version`; [`LakeError::LogEntry`], or [`LakeError::ReadLog`]
    /// for any other cause, if there is a log that cannot be read; [`LakeError::Feature`] if it asks for something that
    /// this reader does not know.
    pub async fn open(
        stores: &Stores,
        name: &str,
        location: &Location,
        version: Option<Version>,
    ) -> Result<Found> {
        let log = stores.log(location)?;
        let read_error = |source| LakeError::ReadLog {
            table: name.to_owned(),
            version,
            location: location.to_string(),
            source: Box::new(source),
        };
        // Whether there is a log is asked only where it could not be read: a listing is spared for every table that is
        // there.
        let mut table = DeltaTable::new(Arc::clone(&log));
        let loaded = match version {
            Some(version) => table.load_version(version.get()).await,
            None => table.load().await,
        };
        if let Err(error) = loaded {
            if !is_storage_failure(&error) && !log.is_delta_table_location().await.map_err(read_error)? {
                return Ok(Found::Nothing);
            }
            if !is_storage_failure(&error)
                && let Some(broken) = broken_log(stores, name, location, version).await
            {
                return Err(broken);
            }
            return Err(read_error(error));
        }
        Self::from_loaded(name, location, table).map(|s| Found::Table(Box::new(s)))
    }

    /// Like [`Self::open`] for a table that has to be there.
    ///
    /// # Errors
    /// As [`Self::open`], and [`LakeError::NotATable`].
    pub async fn require(
        stores: &Stores,
        name: &str,
        location: &Location,
        version: Option<Version>,
    ) -> Result<Self> {
        match Self::open(stores, name, location, version).await? {
            Found::Table(snapshot) => Ok(*snapshot),
            Found::Nothing => Err(LakeError::NotATable {
                table: name.to_owned(),
                location: location.to_string(),
                hint: "check that the folder is the table itself and that its `_delta_log` was copied with it",
            }),
        }
    }

    fn from_loaded(name: &str, location: &Location, table: DeltaTable) -> Result<Self> {
        let read_error = |version, source| LakeError::ReadLog {
            table: name.to_owned(),
            version,
            location: location.to_string(),
            source: Box::new(source),
        };
        let state = table.snapshot().map_err(|e| read_error(None, e))?;
        let version = Version::new(state.version());
        let eager = state.snapshot();
        let columns = Columns::new(&eager.arrow_schema(), eager.metadata().configuration());
        let partition_columns: Vec<String> =
            eager.metadata().partition_columns().iter().map(ToString::to_string).collect();
        let refused = |feature, hint| LakeError::Feature { table: name.to_owned(), version, feature, hint };
        let key = |path: &str| {
            location.key(path)?.ok_or_else(|| {
                refused(
                    format!("the file `{path}`, which is in another store"),
                    "let its writer make a copy that holds its own files (a deep clone)",
                )
            })
        };
        let mut files = Vec::with_capacity(state.log_data().num_files());
        for view in state.log_data().iter() {
            let log_path = view.path().into_owned();
            let partition_text: BTreeMap<_, _> = view.partition_values_map().into_iter().collect();
            let partition_values = partition_scalars(&columns, &partition_columns, &partition_text).map_err(
                |(column, reason)| {
                    refused(
                        format!("a partition value of `{column}` that cannot be read ({reason})"),
                        "rewrite that partition with its writer",
                    )
                },
            )?;
            let unreadable = |reason| LakeError::DataFile {
                table: name.to_owned(),
                version,
                file: log_path.clone(),
                fault: FileFault::Vector(reason),
                source: None,
            };
            let deletion_vector = view
                .deletion_vector_descriptor()
                .map(|descriptor| DeletionVector::of_log(&descriptor, key, unreadable))
                .transpose()?;
            files.push(DataFile {
                path: key(&log_path)?,
                log_path,
                size_bytes: u64::try_from(view.size()).unwrap_or(0),
                rows: live_rows(&view),
                deletion_vector,
                partition_values,
                partition_text,
            });
        }
        Ok(Self {
            name: name.to_owned(),
            location: location.clone(),
            version,
            columns,
            files: files.into(),
            table,
        })
    }

    /// Name by which messages call the table.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Folder of the table.
    #[must_use]
    pub const fn location(&self) -> &Location {
        &self.location
    }

    /// The pinned version.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The id that the table got when it was made.
    #[must_use]
    pub fn id(&self) -> String {
        self.table.snapshot().map(|state| state.metadata().id().to_string()).unwrap_or_default()
    }

    /// Columns with their names as the table has them; timestamps are `Timestamp(µs, "UTC")`.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.columns.logical
    }

    /// What the files call the columns.
    pub(crate) const fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Live files of the version.
    #[must_use]
    pub fn files(&self) -> &[DataFile] {
        &self.files
    }

    /// Rows of all files, if every writer recorded them.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        self.files.iter().map(|f| f.rows).sum()
    }

    /// Bytes of all files.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.files.iter().map(|f| f.size_bytes).sum()
    }

    /// The protocol action that holds for the version.
    pub(crate) fn protocol_json(&self) -> serde_json::Value {
        self.table
            .snapshot()
            .ok()
            .and_then(|state| serde_json::to_value(state.protocol()).ok())
            .unwrap_or_default()
    }

    /// The metadata action that holds for the version.
    pub(crate) fn metadata_json(&self) -> serde_json::Value {
        self.table
            .snapshot()
            .ok()
            .and_then(|state| serde_json::to_value(state.metadata()).ok())
            .unwrap_or_default()
    }

    /// When the version was committed, if its log entry is still there.
    #[must_use]
    pub fn committed_at(&self) -> Option<DateTime<Utc>> {
        let millis = self.table.snapshot().ok()?.version_timestamp(self.version.get())?;
        DateTime::from_timestamp_millis(millis)
    }

    /// Names of the partition columns.
    #[must_use]
    pub fn partition_columns(&self) -> Vec<String> {
        self.table
            .snapshot()
            .map(|s| s.metadata().partition_columns().iter().map(ToString::to_string).collect())
            .unwrap_or_default()
    }

    pub(crate) fn log_store(&self) -> LogStoreRef {
        self.table.log_store()
    }

    pub(crate) const fn delta_table(&self) -> &DeltaTable {
        &self.table
    }

    /// What goldsmith wrote into the newest commit that it made, looking back over at most `limit` commits: maintenance
    /// commits may come between. None as well if a commit after it changed rows, because it then no longer says what
    /// stands in the table.
    ///
    /// # Errors
    /// [`LakeError::ReadLog`] if a commit that is in the log cannot be read.
    pub async fn last_note(&self, limit: u64) -> Result<Option<CommitNote>> {
        let first = self.version.get().saturating_sub(limit);
        for version in (first..=self.version.get()).rev() {
            let entry =
                self.log_store().read_commit_entry(version).await.map_err(|source| LakeError::ReadLog {
                    table: self.name.clone(),
                    version: Some(Version::new(version)),
                    location: self.location.to_string(),
                    source: Box::new(source),
                })?;
            let Some(entry) = entry else { return Ok(None) };
            let mut changes_rows = false;
            for line in entry.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
                match serde_json::from_slice(line) {
                    Ok(Action::CommitInfo(info)) => {
                        if let Some(note) = info.info.get(CommitNote::KEY) {
                            return Ok(serde_json::from_value(note.clone()).ok());
                        }
                    }
                    Ok(Action::Add(add)) => changes_rows |= add.data_change,
                    Ok(Action::Remove(remove)) => changes_rows |= remove.data_change,
                    Ok(_) => {}
                    // What is not understood may be a change.
                    Err(_) => changes_rows = true,
                }
            }
            if changes_rows {
                return Ok(None);
            }
        }
        Ok(None)
    }
}

/// Rows of a file without those that its deletion vector takes away, if its writer recorded them.
fn live_rows(view: &LogicalFileView) -> Option<u64> {
    let rows = u64::try_from(view.num_records()?).ok()?;
    let Some(deleted) = view.deletion_vector_descriptor() else { return Some(rows) };
    rows.checked_sub(u64::try_from(deleted.cardinality).ok()?)
}

/// Parses partition values as the protocol serialises them: text, the empty string for null.
fn partition_scalars(
    table: &Columns,
    columns: &[String],
    values: &BTreeMap<String, Option<String>>,
) -> std::result::Result<Vec<ScalarValue>, (String, String)> {
    columns
        .iter()
        .map(|column| {
            let field = table.logical.field_with_name(column).map_err(|e| (column.clone(), e.to_string()))?;
            let text = values
                .get(table.physical_name(column))
                .and_then(Option::as_deref)
                .filter(|text| !text.is_empty());
            let parsed = match text {
                None => ScalarValue::try_from(field.data_type()),
                Some(text) => ScalarValue::try_from_string(text.to_owned(), field.data_type()),
            };
            parsed.map_err(|e| (column.clone(), e.to_string()))
        })
        .collect()
}
