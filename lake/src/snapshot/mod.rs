//! One version of a table, pinned: schema, files, protocol and what its last commits say of themselves.

mod feature;
mod open;
mod partition;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use datafusion::common::ScalarValue;
use deltalake::logstore::LogStoreRef;
use goldsmith_proto::id::Version;
use object_store::path::Path;
use serde_json::Value;

use self::open::{Loaded, load};
use crate::commit::CommitNote;
use crate::error::{FileFault, LakeError, Result};
use crate::exec::read::DeletionVector;
use crate::location::Location;
use crate::log::{FilePath, Log};
use crate::mapping::Columns;
use crate::store::Stores;

/// Immutable view of a table at one version.
#[derive(Debug, Clone)]
pub struct TableSnapshot {
    name: String,
    location: Location,
    version: Version,
    log: Log,
    id: String,
    partition_columns: Vec<String>,
    protocol: Value,
    metadata: Value,
    committed_at: Option<DateTime<Utc>>,
    columns: Columns,
    files: Arc<[DataFile]>,
    ghosts: Arc<[DataFile]>,
}

/// One data file of a version.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Key in the store of the table's location.
    pub path: Path,
    /// Path as the log spells it: a URI, relative to the table's folder or absolute. A removal has to spell it so as well.
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
        match load(stores, name, location, version).await? {
            Some(loaded) => Self::from_loaded(name, location, loaded).map(|s| Found::Table(Box::new(s))),
            None => Ok(Found::Nothing),
        }
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

    fn from_loaded(name: &str, location: &Location, loaded: Loaded) -> Result<Self> {
        let version = loaded.version;
        let columns = Columns::new(&loaded.schema, &loaded.properties);
        let refused = |feature, hint| LakeError::Feature { table: name.to_owned(), version, feature, hint };
        let key = |path: &str| {
            FilePath(path).key(location)?.ok_or_else(|| {
                refused(
                    format!("the file `{path}`, which is in another store"),
                    "let its writer make a copy that holds its own files (a deep clone)",
                )
            })
        };
        let count = loaded.files.len();
        let mut files = Vec::with_capacity(count + loaded.ghosts.len());
        for file in loaded.files.into_iter().chain(loaded.ghosts) {
            let partition_values =
                partition::values(&columns, &loaded.partition_columns, &file.partition_text).map_err(
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
                file: file.path.clone(),
                fault: FileFault::Vector(reason),
                source: None,
            };
            let vector_key =
                |path: &str| location.key(path)?.ok_or_else(|| unreadable("its file is in another store"));
            let deletion_vector = file
                .vector
                .as_ref()
                .map(|descriptor| DeletionVector::of_log(descriptor, vector_key, unreadable))
                .transpose()?;
            let rows = file.rows();
            files.push(DataFile {
                path: key(&file.path)?,
                log_path: file.path,
                size_bytes: u64::try_from(file.size).unwrap_or(0),
                rows,
                deletion_vector,
                partition_values,
                partition_text: file.partition_text,
            });
        }
        let ghosts = files.split_off(count);
        Ok(Self {
            name: name.to_owned(),
            location: location.clone(),
            version,
            log: loaded.log,
            id: loaded.id,
            partition_columns: loaded.partition_columns,
            protocol: loaded.protocol,
            metadata: loaded.metadata,
            committed_at: loaded.committed_at,
            columns,
            files: files.into(),
            ghosts: ghosts.into(),
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
        self.id.clone()
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

    /// Files that entries of the log removed under another spelling. They are no part of the version, but readers that compare
    /// paths byte by byte take them for live until they are removed as they were added.
    pub(crate) fn ghosts(&self) -> &[DataFile] {
        &self.ghosts
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
    pub(crate) const fn protocol_json(&self) -> &Value {
        &self.protocol
    }

    /// The metadata action that holds for the version.
    pub(crate) const fn metadata_json(&self) -> &Value {
        &self.metadata
    }

    /// When the version was committed, if its log entry is still there.
    #[must_use]
    pub const fn committed_at(&self) -> Option<DateTime<Utc>> {
        self.committed_at
    }

    /// Names of the partition columns.
    #[must_use]
    pub fn partition_columns(&self) -> Vec<String> {
        self.partition_columns.clone()
    }

    /// The log as the library sees it.
    pub(crate) const fn log_store(&self) -> &LogStoreRef {
        self.log.library()
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
            let read = self.log.read(vec![version]).await.map_err(|source| LakeError::ReadLog {
                table: self.name.clone(),
                version: Some(Version::new(version)),
                location: self.location.to_string(),
                source: Box::new(source.into()),
            })?;
            let Some(commit) = read.into_iter().next() else { return Ok(None) };
            let note = commit
                .actions
                .iter()
                .find_map(|action| action.commit_info.as_ref().and_then(|info| info.get(CommitNote::KEY)));
            if let Some(note) = note {
                return Ok(serde_json::from_value(note.clone()).ok());
            }
            // What is not understood, or does not say, may be a change.
            let changes = |file: &crate::log::FileAction| file.data_change.unwrap_or(true);
            let changes_rows = commit.fault.is_some()
                || commit.actions.iter().any(|action| action.add.iter().chain(&action.remove).any(changes));
            if changes_rows {
                return Ok(None);
            }
        }
        Ok(None)
    }
}
