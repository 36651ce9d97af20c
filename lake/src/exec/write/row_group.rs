//! One row group while it is encoded.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{FieldRef, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Arrays that wait for a column's task before whoever writes has to wait, too.
const ARRAYS_IN_FLIGHT: usize = 4;

/// How files of one schema are encoded.
pub(super) struct Encoding {
    schema: SchemaRef,
    /// Columns of the file that each column of the schema is made of: several for a nested one.
    leaves: Vec<usize>,
    factory: ArrowRowGroupWriterFactory,
}

impl Encoding {
    pub(super) fn try_new(schema: SchemaRef) -> ParquetResult<Self> {
        let (file, factory) = file_writer(&schema)?;
        let mut leaves = vec![0; schema.fields().len()];
        for leaf in 0..file.schema_descr().num_columns() {
            leaves[file.schema_descr().get_column_root_idx(leaf)] += 1;
        }
        Ok(Self { schema, leaves, factory })
    }

    /// A file that has no row group yet. What it holds is written into memory.
    pub(super) fn begin_file(&self) -> ParquetResult<SerializedFileWriter<Vec<u8>>> {
        Ok(file_writer(&self.schema)?.0)
    }

    pub(super) fn begin_group(&self) -> ParquetResult<RowGroup> {
        // The index only matters to encryption.
        let mut writers = self.factory.create_column_writers(0)?.into_iter();
        let columns = self.schema.fields().iter().zip(&self.leaves).map(|(field, &leaves)| {
            let writers: Vec<ArrowColumnWriter> = writers.by_ref().take(leaves).collect();
            let (arrays, received) = mpsc::channel(ARRAYS_IN_FLIGHT);
            let encoding = tokio::spawn(encode(Arc::clone(field), writers, received));
            Column { arrays, encoding: AbortOnDropHandle::new(encoding) }
        });
        Ok(RowGroup { columns: columns.collect(), rows: 0, raw_bytes: 0 })
    }
}

fn file_writer(
    schema: &SchemaRef,
) -> ParquetResult<(SerializedFileWriter<Vec<u8>>, ArrowRowGroupWriterFactory)> {
    ArrowWriter::try_new(Vec::new(), Arc::clone(schema), Some(properties()))?.into_serialized_writer()
}

/// Version 1 pages, no INT96: what the strictest reader of gold takes.
fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(format!("goldsmith/{}", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Encodes the rows of one row group, every column on a task of its own: compression is most of the work of writing, and
/// the rows come in one stream.
pub(super) struct RowGroup {
    columns: Vec<Column>,
    rows: usize,
    raw_bytes: usize,
}

struct Column {
    /// The task holds the other end and ends when this one is dropped.
    arrays: mpsc::Sender<ArrayRef>,
    encoding: AbortOnDropHandle<ParquetResult<Vec<ArrowColumnChunk>>>,
}

/// A row group that belongs to no file yet.
pub(super) struct EncodedRowGroup {
    pub(super) chunks: Vec<ArrowColumnChunk>,
    pub(super) size_bytes: u64,
}

impl RowGroup {
    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of the rows in memory, before they are encoded: known at once and the same in every run.
    pub(super) const fn raw_bytes(&self) -> usize {
        self.raw_bytes
    }

    pub(super) async fn write(&mut self, batch: &RecordBatch) -> ParquetResult<()> {
        for index in 0..self.columns.len() {
            let array = batch.column(index);
            self.raw_bytes += array.to_data().get_slice_memory_size()?;
            if self.columns[index].arrays.send(Arc::clone(array)).await.is_err() {
                // The task has gone: its result says why.
                let column = self.columns.swap_remove(index);
                return Err(ended(column).await.err().unwrap_or_else(|| {
                    ParquetError::General("a column's task ended before its rows".to_owned())
                }));
            }
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    pub(super) async fn finish(self) -> ParquetResult<EncodedRowGroup> {
        let mut chunks = Vec::new();
        for column in self.columns {
            chunks.extend(ended(column).await?);
        }
        let size_bytes = chunks.iter().map(|chunk| chunk.close().bytes_written).sum();
        Ok(EncodedRowGroup { chunks, size_bytes })
    }
}

async fn ended(column: Column) -> ParquetResult<Vec<ArrowColumnChunk>> {
    drop(column.arrays);
    column.encoding.await.map_err(|error| ParquetError::External(Box::new(error)))?
}

async fn encode(
    field: FieldRef,
    mut writers: Vec<ArrowColumnWriter>,
    mut arrays: mpsc::Receiver<ArrayRef>,
) -> ParquetResult<Vec<ArrowColumnChunk>> {
    while let Some(array) = arrays.recv().await {
        for (writer, leaf) in writers.iter_mut().zip(compute_leaves(&field, &array)?) {
            writer.write(&leaf)?;
        }
    }
    writers.into_iter().map(ArrowColumnWriter::close).collect()
}
