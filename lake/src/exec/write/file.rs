//! Writes one partition's rows into as many files as their size asks for.

use std::io;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::Result as DfResult;
use datafusion::error::DataFusionError;
use goldsmith_proto::lake::v1::StagedFile;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use parquet::arrow::AsyncArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use uuid::Uuid;

use super::upload::Upload;
use super::{OpenWriters, WriteTarget, stats};
use crate::error::{LakeError, Result};
use crate::location::Location;

/// Rows of a row group: small enough that several fit into memory while they are encoded, large enough to be read in
/// few requests.
const ROW_GROUP_ROWS: usize = 256 * 1024;

/// Writes the rows of one partition. Dropped before it is finished, it takes back what it wrote; whoever dropped it may
/// wait for that with [`OpenWriters::wait`].
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
    open: Option<OpenFile>,
    done: Vec<StagedFile>,
}

struct OpenFile {
    name: String,
    path: Path,
    writer: AsyncArrowWriter<Upload>,
}

impl FileWriter {
    pub(super) fn try_new(
        store: Arc<dyn ObjectStore>,
        target: &WriteTarget,
        partition: usize,
        task_id: Option<&str>,
        writers: &OpenWriters,
    ) -> Result<Self> {
        Ok(Self {
            store,
            root: target.location.store_path()?,
            target: target.clone(),
            partition,
            task_id: task_id.unwrap_or_default().to_owned(),
            attempt: Uuid::new_v4(),
            tasks: writers.0.clone(),
            _token: writers.0.token(),
            open: None,
            done: Vec::new(),
        })
    }

    pub(super) async fn write(&mut self, batch: &RecordBatch) -> DfResult<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.open.is_none() {
            self.open = Some(self.begin()?);
        }
        let Some(open) = self.open.as_mut() else { return Ok(()) };
        if let Err(source) = open.writer.write(batch).await {
            return Err(write_error(&self.target.location, &open.name, source));
        }
        if (open.writer.bytes_written() + open.writer.in_progress_size()) as u64
            >= self.target.target_file_bytes
        {
            self.close().await?;
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> DfResult<Vec<StagedFile>> {
        match self.close().await {
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

    fn begin(&self) -> DfResult<OpenFile> {
        let name = format!(
            "part-{:05}-{:03}-{}-{}.zstd.parquet",
            self.partition,
            self.done.len(),
            self.target.marker,
            self.attempt.simple(),
        );
        let path = self.root.clone().join(name.as_str());
        let upload = Upload::new(Arc::clone(&self.store), path.clone());
        let writer = AsyncArrowWriter::try_new(upload, Arc::clone(&self.target.schema), Some(properties()))
            .map_err(|source| write_error(&self.target.location, &name, source))?;
        Ok(OpenFile { name, path, writer })
    }

    async fn close(&mut self) -> DfResult<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let (store, location) = (Arc::clone(&self.store), self.target.location.clone());
        // A task of its own: dropped half way, its last request could still make the file after somebody looked for it.
        let closing = self.tasks.spawn(async move { close(store, &location, open).await });
        let closed = closing.await.map_err(|source| DataFusionError::ExecutionJoin(Box::new(source)))?;
        let ClosedFile { name, metadata, written } = closed?;
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
}
impl Drop for FileWriter {
    fn drop(&mut self) {
        let (open, done) = (self.open.take(), std::mem::take(&mut self.done));
        if (open.is_some() || !done.is_empty()) && tokio::runtime::Handle::try_current().is_ok() {
            self.tasks.spawn(take_back(Arc::clone(&self.store), self.root.clone(), open, done));
        }
    }
}

/// A file that is whole.
struct ClosedFile {
    name: String,
    metadata: ParquetMetaData,
    written: ObjectMeta,
}

async fn close(store: Arc<dyn ObjectStore>, location: &Location, mut open: OpenFile) -> DfResult<ClosedFile> {
    let closed = match open.writer.finish().await {
        // The store says when the file was made: this process's clock need not agree with it.
        Ok(metadata) => store.head(&open.path).await.map(|written| (metadata, written)).map_err(Into::into),
        Err(source) => Err(source),
    };
    match closed {
        Ok((metadata, written)) => Ok(ClosedFile { name: open.name, metadata, written }),
        Err(source) => {
            let error = write_error(location, &open.name, source);
            abort(open).await;
            Err(error)
        }
    }
}

async fn abort(open: OpenFile) {
    if let Err(error) = open.writer.into_inner().abort().await {
        tracing::warn!(file = open.name, %error, "upload not aborted");
    }
}

async fn take_back(store: Arc<dyn ObjectStore>, root: Path, open: Option<OpenFile>, done: Vec<StagedFile>) {
    if let Some(open) = open {
        abort(open).await;
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

/// Version 1 pages, no INT96: what the strictest reader of gold takes.
fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(format!("goldsmith/{}", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Transient failures of storage have to be `io::Error`s, the only kind that a cluster tries again.
fn write_error(location: &Location, file: &str, source: ParquetError) -> DataFusionError {
    let source =
        Box::new(LakeError::WriteFile { file: file.to_owned(), location: location.to_string(), source });
    DataFusionError::IoError(io::Error::other(source))
}
