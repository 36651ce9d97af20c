//! Writes one partition's rows into as many files as their size asks for.

use std::io;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::Result as DfResult;
use datafusion::error::DataFusionError;
use goldsmith_proto::lake::v1::StagedFile;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use uuid::Uuid;

use super::open_file::{ClosedFile, FailedFile, OpenFile};
use super::row_group::{EncodedRowGroup, Encoding, RowGroup};
use super::{OpenWriters, WriteTarget, stats};
use crate::error::LakeError;
use crate::location::Location;

/// Rows of a row group: small enough that several fit into memory while they are encoded, large enough to be read in
/// few requests.
const ROW_GROUP_ROWS: usize = 256 * 1024;

/// Bytes of a row group's rows in memory, for rows that are very wide.
const ROW_GROUP_RAW_BYTES: u64 = 256 << 20;

/// What is smaller is no file of its own beside a larger one: Customer Insights wants 16 MB at least.
const SMALL_FILE_BYTES: u64 = 24 << 20;

/// Writes the rows of one partition. Dropped before it is finished, it takes back what it wrote; whoever dropped it may
/// wait for that with [`OpenWriters::wait`].
///
/// ```text
///   rows ──▶ row group, encoded in memory ─┬─▶ open file, while it has room
///                                          └─▶ held until there is enough for another file; what is held at the end
///                                              makes the open file a little larger than asked for
/// ```
pub(super) struct FileWriter {
    store: Arc<dyn ObjectStore>,
    root: Path,
    target: WriteTarget,
    partition: usize,
    task_id: String,
    /// Makes the names of two attempts at the same task differ.
    attempt: Uuid,
    /// Where what is done here is accounted for, so that it can be waited for.
    tasks: TaskTracker,
    /// Counts the writer itself until it is dropped.
    _token: TaskTrackerToken,
    encoding: Encoding,
    /// Rows that are no whole row group yet.
    group: Option<RowGroup>,
    held: Vec<EncodedRowGroup>,
    open: Option<OpenFile>,
    done: Vec<StagedFile>,
}

impl FileWriter {
    pub(super) fn try_new(
        store: Arc<dyn ObjectStore>,
        target: &WriteTarget,
        partition: usize,
        task_id: Option<&str>,
        writers: &OpenWriters,
    ) -> DfResult<Self> {
        let encoding = Encoding::try_new(Arc::clone(&target.schema))
            .map_err(|source| write_error(&target.location, NO_FILE, source))?;
        let root =
            target.location.store_path().map_err(|error| DataFusionError::External(Box::new(error)))?;
        Ok(Self {
            store,
            root,
            target: target.clone(),
            partition,
            task_id: task_id.unwrap_or_default().to_owned(),
            attempt: Uuid::new_v4(),
            tasks: writers.0.clone(),
            _token: writers.0.token(),
            encoding,
            group: None,
            held: Vec::new(),
            open: None,
            done: Vec::new(),
        })
    }

    pub(super) async fn write(&mut self, batch: &RecordBatch) -> DfResult<()> {
        let raw_bytes = ROW_GROUP_RAW_BYTES.min(self.target.target_file_bytes);
        let mut start = 0;
        while start < batch.num_rows() {
            let mut group = match self.group.take() {
                Some(group) => group,
                None => self.encoding.begin_group().map_err(|source| self.error(source))?,
            };
            let length = (batch.num_rows() - start).min(ROW_GROUP_ROWS - group.rows());
            group.write(&batch.slice(start, length)).await.map_err(|source| self.error(source))?;
            start += length;
            if group.rows() >= ROW_GROUP_ROWS || group.raw_bytes() as u64 >= raw_bytes {
                self.end_group(group).await?;
            } else {
                self.group = Some(group);
            }
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> DfResult<Vec<StagedFile>> {
        match self.end().await {
            Ok(()) => Ok(std::mem::take(&mut self.done)),
            Err(error) => {
                self.abort().await;
                Err(error)
            }
        }
    }

    /// Takes back what this attempt wrote, as far as the storage lets it; what stays is found by the marker.
    pub(super) async fn abort(mut self) {
        let (open, done) = (self.open.take(), std::mem::take(&mut self.done));
        take_back(Arc::clone(&self.store), self.root.clone(), open, done).await;
    }

    /// Finds a file for the rows of a group.
    async fn end_group(&mut self, group: RowGroup) -> DfResult<()> {
        let group = group.finish().await.map_err(|source| self.error(source))?;
        let has_room = self
            .open
            .as_ref()
            .is_none_or(|open| open.size_bytes() + group.size_bytes <= self.target.target_file_bytes);
        self.held.push(group);
        let held_bytes: u64 = self.held.iter().map(|group| group.size_bytes).sum();
        if has_room && self.held.len() == 1 {
            self.append_held().await?;
        } else if held_bytes >= SMALL_FILE_BYTES.min(self.target.target_file_bytes) {
            self.close().await?;
            self.append_held().await?;
        }
        Ok(())
    }

    /// Moves the row groups that are held into the open file; opens one if none is.
    async fn append_held(&mut self) -> DfResult<()> {
        for group in std::mem::take(&mut self.held) {
            let mut open = match self.open.take() {
                Some(open) => open,
                None => self.begin()?,
            };
            let appended = open.append(group).await;
            let name = open.name.clone();
            self.open = Some(open);
            appended.map_err(|source| write_error(&self.target.location, &name, source))?;
        }
        Ok(())
    }

    fn begin(&self) -> DfResult<OpenFile> {
        let name = format!(
            "part-{:05}-{:03}-{}-{}.zstd.parquet",
            self.partition,
            self.done.len(),
            self.target.marker,
            self.attempt.simple(),
        );
        OpenFile::begin(Arc::clone(&self.store), &self.root, name.clone(), &self.encoding)
            .map_err(|source| write_error(&self.target.location, &name, source))
    }

    async fn end(&mut self) -> DfResult<()> {
        if let Some(group) = self.group.take() {
            self.end_group(group).await?;
        }
        self.append_held().await?;
        self.close().await
    }

    async fn close(&mut self) -> DfResult<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        // A task of its own: dropped half way, its last request could still make the file after somebody looked for it.
        let closing = self.tasks.spawn(open.close());
        let closed = closing.await.map_err(|source| DataFusionError::ExecutionJoin(Box::new(source)))?;
        let ClosedFile { name, metadata, written } = closed
            .map_err(|FailedFile { name, source }| write_error(&self.target.location, &name, source))?;
        self.done.push(StagedFile {
            path: name,
            size_bytes: written.size,
            rows: row_count(&metadata),
            modified_at_ms: written.last_modified.timestamp_millis(),
            partition_values: Vec::new(),
            stats_json: stats::of_file(&metadata, &self.target.schema),
            task_id: self.task_id.clone(),
        });
        Ok(())
    }

    /// A failure to encode rows of which it is not known yet which file they go to.
    fn error(&self, source: ParquetError) -> DataFusionError {
        write_error(&self.target.location, self.open.as_ref().map_or(NO_FILE, |open| &open.name), source)
    }
}

/// Stands for the name of a file that has not been begun.
const NO_FILE: &str = "a data file";

impl Drop for FileWriter {
    fn drop(&mut self) {
        let (open, done) = (self.open.take(), std::mem::take(&mut self.done));
        if (open.is_some() || !done.is_empty()) && tokio::runtime::Handle::try_current().is_ok() {
            self.tasks.spawn(take_back(Arc::clone(&self.store), self.root.clone(), open, done));
        }
    }
}

async fn take_back(store: Arc<dyn ObjectStore>, root: Path, open: Option<OpenFile>, done: Vec<StagedFile>) {
    if let Some(open) = open {
        open.abort().await;
    }
    for file in done {
        if let Err(error) = store.delete(&root.clone().join(file.path.as_str())).await {
            tracing::warn!(file = file.path, %error, "staged file not removed");
        }
    }
}

fn row_count(metadata: &ParquetMetaData) -> u64 {
    u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0)
}

/// Transient failures of storage have to be `io::Error`s, the only kind that a cluster tries again.
fn write_error(location: &Location, file: &str, source: ParquetError) -> DataFusionError {
    let source =
        Box::new(LakeError::WriteFile { file: file.to_owned(), location: location.to_string(), source });
    DataFusionError::IoError(io::Error::other(source))
}
