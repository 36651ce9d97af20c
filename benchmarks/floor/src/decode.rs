//! Decodes bronze columns and drops them.

use std::fs::File;
use std::hint::black_box;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use crate::job::{BronzeTable, Decoded, Job};
use crate::pool;

/// Rows of a batch: what the engine uses as well.
pub(crate) const BATCH_ROWS: usize = 8192;

/// A row group of a file, with the footer that was read once for all of them.
struct Part<'a> {
    path: &'a Path,
    table: &'a BronzeTable,
    metadata: ArrowReaderMetadata,
    row_group: usize,
    rows: i64,
}

pub(crate) fn bronze(job: &Job) -> Result<Decoded> {
    let files: Vec<(&BronzeTable, &Path)> = job
        .bronze
        .iter()
        .flat_map(|table| table.files.iter().map(move |file| (table, file.as_path())))
        .collect();
    let files_read = files.len();
    let mut parts: Vec<Part<'_>> =
        pool::map(files, job.threads, |(table, path)| parts_of(table, path))?.into_iter().flatten().collect();
    // The largest first, so that the threads end together.
    parts.sort_by_key(|part| std::cmp::Reverse(part.rows));
    let mut total = Decoded { files_read, ..Decoded::default() };
    for (rows, values) in pool::map(parts, job.threads, decode)? {
        total.rows_read += rows;
        total.values_read += values;
    }
    Ok(total)
}

fn parts_of<'a>(table: &'a BronzeTable, path: &'a Path) -> Result<Vec<Part<'a>>> {
    let file = open(path)?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .with_context(|| format!("cannot read the footer of `{}`", path.display()))?;
    let row_groups = metadata.metadata().row_groups().iter().enumerate();
    let part = |row_group, rows| Part { path, table, metadata: metadata.clone(), row_group, rows };
    Ok(row_groups.map(|(index, group)| part(index, group.num_rows())).collect())
}

/// Rows and values of one part.
fn decode(part: Part<'_>) -> Result<(usize, usize)> {
    let failed = || format!("cannot decode `{}`", part.path.display());
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(open(part.path)?, part.metadata);
    let columns = part.table.columns.iter().map(String::as_str);
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns);
    let reader = builder
        .with_projection(mask)
        .with_row_groups(vec![part.row_group])
        .with_batch_size(BATCH_ROWS)
        .build()
        .with_context(failed)?;
    let (mut rows, mut values) = (0, 0);
    for batch in reader {
        let batch = black_box(batch.with_context(failed)?);
        ensure!(
            batch.num_columns() == part.table.columns.len(),
            "`{}` has not all of the columns {:?}",
            part.path.display(),
            part.table.columns
        );
        rows += batch.num_rows();
        values += batch.num_rows() * batch.num_columns();
    }
    Ok((rows, values))
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("cannot open `{}`", path.display()))
}
