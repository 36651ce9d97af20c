//! Writes one partition's rows into as many files as their size asks for.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::Result as DfResult;
use datafusion::error::DataFusionError;
use goldsmith_proto::lake::v1::StagedFile;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::AsyncArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use uuid::Uuid;

use super::{WriteTarget, stats};
use crate::error::Result;

/// Rows of a row group: small enough that several fit into memory while they are encoded, large enough to be read in
/// few requests.
const ROW_GROUP_ROWS: usize = 256 * 1024;

/// Bytes that are gathered before a part is uploaded.
const UPLOAD_PART_BYTES: usize = 8 * 1024 * 1024;

pub(super) struct FileWriter {
    store: Arc<dyn ObjectStore>,
    root: Path,
    target: WriteTarget,
    partition: usize,
    task_id: String,
    /// Makes the names of two attempts at the same task differ.
    attempt: Uuid,
    open: Option<OpenFile>,
    done: Vec<StagedFile>,
}

struct OpenFile {
    name: String,
    path: Path,
    writer: AsyncArrowWriter<BufWriter>,
}

impl FileWriter {
    pub(super) fn try_new(
        store: Arc<dyn ObjectStore>,
        target: &WriteTarget,
        partition: usize,
        task_id: Option<&str>,
    ) -> Result<Self> {
        Ok(Self {
            store,
            root: target.location.store_path()?,
            target: target.clone(),
            partition,
            task_id: task_id.unwrap_or_default().to_owned(),
            attempt: Uuid::new_v4(),
            open: None,
            done: Vec::new(),
        })
    }

    pub(super) async fn write(&mut self, batch: &RecordBatch) -> DfResult<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        let written = open.writer.write(batch).await;
        let full = open.writer.bytes_written() + open.writer.in_progress_size();
        if let Err(error) = written {
            self.open = Some(open);
            return Err(storage_error(error));
        }
        if full as u64 >= self.target.target_file_bytes {
            let file = self.close(open).await?;
            self.done.push(file);
        } else {
            self.open = Some(open);
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> DfResult<Vec<StagedFile>> {
        if let Some(open) = self.open.take() {
            match self.close(open).await {
                Ok(file) => self.done.push(file),
                Err(error) => {
                    self.abort().await;
                    return Err(error);
                }
            }
        }
        Ok(self.done)
    }

    /// Takes back what this attempt wrote, as far as the storage lets it; what stays is found by the marker.
    pub(super) async fn abort(mut self) {
        if let Some(open) = self.open.take() {
            let mut upload = open.writer.into_inner();
            if let Err(error) = upload.abort().await {
                tracing::warn!(file = open.name, %error, "upload not aborted");
            }
        }
        for file in &self.done {
            let path = self.root.clone().join(file.path.as_str());
            if let Err(error) = self.store.delete(&path).await {
                tracing::warn!(file = file.path, %error, "staged file not removed");
            }
        }
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
        let upload = BufWriter::with_capacity(Arc::clone(&self.store), path.clone(), UPLOAD_PART_BYTES);
        let writer = AsyncArrowWriter::try_new(upload, Arc::clone(&self.target.schema), Some(properties()))
            .map_err(storage_error)?;
        Ok(OpenFile { name, path, writer })
    }

    async fn close(&mut self, mut open: OpenFile) -> DfResult<StagedFile> {
        let metadata = open.writer.finish().await.map_err(storage_error)?;
        // The store says when the file was made: this process's clock need not agree with it.
        let written = self.store.head(&open.path).await.map_err(object_store_error)?;
        Ok(StagedFile {
            path: open.name,
            size_bytes: written.size,
            rows: row_count(&metadata),
            modified_at_ms: written.last_modified.timestamp_millis(),
            partition_values: Vec::new(),
            stats_json: stats::of_file(&metadata, &self.target.schema),
            task_id: self.task_id.clone(),
        })
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

fn object_store_error(error: object_store::Error) -> DataFusionError {
    DataFusionError::ObjectStore(Box::new(error))
}

fn storage_error(error: ParquetError) -> DataFusionError {
    DataFusionError::ParquetError(Box::new(error))
}
