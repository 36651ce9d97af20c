//! Encodes finished gold rows with the writer settings of `lake/src/exec/write/file.rs`.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;

use crate::decode::BATCH_ROWS;
use crate::job::{Encoded, Job, Split};
use crate::pool;

/// The rows of one gold file, and where to write them again.
pub(crate) struct GoldFile {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    target: PathBuf,
}

pub(crate) fn load(job: &Job) -> Result<Vec<GoldFile>> {
    let read = |index: usize, path: &PathBuf| -> Result<GoldFile> {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?.with_batch_size(BATCH_ROWS);
        let schema = Arc::clone(reader.schema());
        let batches = reader.build()?.collect::<Result<_, _>>()?;
        Ok(GoldFile { schema, batches, target: job.out.join(format!("{index:03}.parquet")) })
    };
    let files = job.gold.iter().enumerate();
    files
        .map(|(index, path)| read(index, path).with_context(|| format!("cannot load `{}`", path.display())))
        .collect()
}

pub(crate) fn gold(job: &Job, mut files: Vec<GoldFile>) -> Result<Encoded> {
    // The largest first, so that the threads end together.
    files.sort_by_key(|file| std::cmp::Reverse(file.rows()));
    let written = match job.split {
        Split::Files => pool::map(files.iter().collect(), job.threads, |file| whole(job, file))?,
        Split::Columns => in_columns(job, &files)?,
    };
    let mut total = Encoded { files_written: written.len(), ..Encoded::default() };
    for file in &files {
        total.bytes_written += std::fs::metadata(&file.target)?.len();
    }
    total.rows_written = written.into_iter().sum();
    Ok(total)
}

impl GoldFile {
    fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn writer(&self, job: &Job) -> Result<ArrowWriter<File>> {
        let target = File::create(&self.target)
            .with_context(|| format!("cannot create `{}`", self.target.display()))?;
        Ok(ArrowWriter::try_new(target, Arc::clone(&self.schema), Some(properties(job)?))?)
    }
}

/// Writes a file as one stream of batches and returns its rows.
fn whole(job: &Job, file: &GoldFile) -> Result<i64> {
    let mut writer = file.writer(job)?;
    for batch in &file.batches {
        writer.write(batch)?;
    }
    Ok(writer.close()?.file_metadata().num_rows())
}

/// A column of a row group, ready to be encoded.
struct Column<'a> {
    /// File, row group, column: the place of the chunk.
    place: (usize, usize, usize),
    batches: &'a [RecordBatch],
    writer: ArrowColumnWriter,
}

/// Encodes all columns of all row groups of all files on all threads, then puts the files together.
fn in_columns(job: &Job, files: &[GoldFile]) -> Result<Vec<i64>> {
    let mut targets = Vec::new();
    let mut columns = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let (target, encoders) = file.writer(job)?.into_serialized_writer()?;
        for (group, batches) in file.batches.chunks(job.row_group_rows.div_ceil(BATCH_ROWS)).enumerate() {
            for (column, writer) in encoders.create_column_writers(group)?.into_iter().enumerate() {
                columns.push(Column { place: (index, group, column), batches, writer });
            }
        }
        targets.push((target, BTreeMap::new()));
    }
    for ((file, group, column), chunk) in pool::map(columns, job.threads, encode)? {
        if let Some((_, chunks)) = targets.get_mut(file) {
            chunks.insert((group, column), chunk);
        }
    }
    pool::map(targets, job.threads, |(target, chunks)| put_together(target, chunks))
}

/// Gold has flat columns only, so a field is one leaf.
fn encode(mut column: Column<'_>) -> Result<((usize, usize, usize), ArrowColumnChunk)> {
    let (_, _, index) = column.place;
    for batch in column.batches {
        for leaf in compute_leaves(batch.schema_ref().field(index), batch.column(index))? {
            column.writer.write(&leaf)?;
        }
    }
    Ok((column.place, column.writer.close()?))
}

fn put_together(
    mut target: SerializedFileWriter<File>,
    chunks: BTreeMap<(usize, usize), ArrowColumnChunk>,
) -> Result<i64> {
    let mut row_groups: BTreeMap<usize, Vec<ArrowColumnChunk>> = BTreeMap::new();
    for ((group, _), chunk) in chunks {
        row_groups.entry(group).or_default().push(chunk);
    }
    for chunks in row_groups.into_values() {
        let mut row_group = target.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut row_group)?;
        }
        row_group.close()?;
    }
    Ok(target.close()?.file_metadata().num_rows())
}

fn properties(job: &Job) -> Result<WriterProperties> {
    Ok(WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(job.zstd_level)?))
        .set_max_row_group_row_count(Some(job.row_group_rows))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build())
}
