//! Reads tables as they stand, a few columns of all rows or all columns of a few rows.

use std::sync::Arc;

use arrow::array::TimestampMicrosecondArray;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::{cast, concat_batches, take_record_batch};
use arrow::datatypes::{Int64Type, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use goldsmith_lake::snapshot::DataFile;
use goldsmith_lake::{Location, Stores, TableSnapshot};
use goldsmith_proto::id::{TableName, Version};
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};

use super::file::StoredFile;
use crate::error::{Result, SynthError};

/// Rows that are read at a time.
const BATCH_ROWS: usize = 8192;

/// Place of a row in a version of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Position of its file in the version's list.
    pub(super) file: usize,
    /// Its number in the file.
    pub(super) row: usize,
}

/// A version of a table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) location: Location,
    pub(super) stores: Stores,
    pub(super) snapshot: TableSnapshot,
}

impl Table {
    pub(super) async fn open(stores: &Stores, lake: &Location, name: &'static str) -> Result<Self> {
        let location = lake.table(&TableName::try_new(name)?);
        let snapshot = TableSnapshot::require(stores, name, &location, None).await?;
        Ok(Self { name, location, stores: stores.clone(), snapshot })
    }

    pub(super) const fn version(&self) -> Version {
        self.snapshot.version()
    }

    pub(super) fn rows(&self) -> u64 {
        self.snapshot.rows().unwrap_or(0)
    }

    pub(super) const fn schema(&self) -> &SchemaRef {
        self.snapshot.schema()
    }

    pub(super) fn file(&self, file: usize) -> &DataFile {
        &self.snapshot.files()[file]
    }

    /// The rows of a file: of `columns`, or of all; those of `rows`, or all. They come in the order of the file and with
    /// the types of the table.
    pub(super) async fn read(
        &self,
        file: usize,
        columns: Option<&[&str]>,
        rows: Option<&[usize]>,
    ) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let file = self.file(file).clone();
        let (name, version) = (self.name, self.version());
        let log_path = file.log_path.clone();
        let failed = move |source| SynthError::Read {
            table: name.to_owned(),
            version,
            file: log_path.clone(),
            source: Box::new(source),
        };
        let reader = StoredFile {
            store: self.stores.root(&self.location)?,
            path: file.path.clone(),
            size_bytes: file.size_bytes,
        };
        let mut builder =
            ParquetRecordBatchStreamBuilder::new(reader).await.map_err(&failed)?.with_batch_size(BATCH_ROWS);
        if let Some(columns) = columns {
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            builder = builder.with_projection(mask);
        }
        if let Some(rows) = rows {
            builder = builder.with_row_selection(selection(rows));
        }
        let schema = match columns {
            None => Arc::clone(self.schema()),
            Some(columns) => {
                let fields = columns.iter().filter_map(|c| self.schema().field_with_name(c).ok().cloned());
                Arc::new(arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()))
            }
        };
        let stream = builder.build().map_err(&failed)?;
        Ok(stream.map(move |batch| conform(name, &batch.map_err(&failed)?, &schema)).boxed())
    }

    /// Shows `columns` of all rows, file by file: the place of the first row of a batch, and the batch.
    pub(super) async fn scan(
        &self,
        columns: &[&str],
        mut see: impl FnMut(Place, &RecordBatch) -> Result<()>,
    ) -> Result<()> {
        for file in 0..self.snapshot.files().len() {
            let mut row = 0;
            let mut batches = self.read(file, Some(columns), None).await?;
            while let Some(batch) = batches.try_next().await? {
                see(Place { file, row }, &batch)?;
                row += batch.num_rows();
            }
        }
        Ok(())
    }

    /// All columns of the rows at `places`, in that order.
    pub(super) async fn fetch(&self, places: &[Place]) -> Result<RecordBatch> {
        let mut sorted = places.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut batches = Vec::new();
        for group in sorted.chunk_by(|a, b| a.file == b.file) {
            let rows: Vec<usize> = group.iter().map(|place| place.row).collect();
            let mut found = self.read(group[0].file, None, Some(&rows)).await?;
            while let Some(batch) = found.try_next().await? {
                batches.push(batch);
            }
        }
        let rows = concat_batches(self.schema(), &batches).map_err(|e| self.fault(e))?;
        let order: Int64Array =
            places.iter().map(|p| sorted.binary_search(p).ok().and_then(|n| i64::try_from(n).ok())).collect();
        take_record_batch(&rows, &order).map_err(|e| self.fault(e))
    }

    pub(super) fn fault(&self, source: ArrowError) -> SynthError {
        SynthError::Rows { table: self.name.to_owned(), source }
    }

    pub(super) fn integers<'b>(&self, batch: &'b RecordBatch, column: &str) -> Result<&'b Int64Array> {
        self.typed(batch, column, "bigint", |array| array.as_primitive_opt::<Int64Type>())
    }

    pub(super) fn times<'b>(
        &self,
        batch: &'b RecordBatch,
        column: &str,
    ) -> Result<&'b TimestampMicrosecondArray> {
        self.typed(batch, column, "timestamp", |array| array.as_primitive_opt::<TimestampMicrosecondType>())
    }

    pub(super) fn texts<'b>(&self, batch: &'b RecordBatch, column: &str) -> Result<&'b StringArray> {
        self.typed(batch, column, "string", |array| array.as_string_opt::<i32>())
    }

    pub(super) fn flags<'b>(&self, batch: &'b RecordBatch, column: &str) -> Result<&'b BooleanArray> {
        self.typed(batch, column, "boolean", |array| array.as_boolean_opt())
    }

    fn typed<'b, A>(
        &self,
        batch: &'b RecordBatch,
        column: &str,
        expected: &'static str,
        typed: impl FnOnce(&'b ArrayRef) -> Option<&'b A>,
    ) -> Result<&'b A> {
        batch.column_by_name(column).and_then(typed).ok_or_else(|| SynthError::Column {
            table: self.name.to_owned(),
            column: column.to_owned(),
            expected,
        })
    }
}

/// Selects some rows of a file, in order.
fn selection(rows: &[usize]) -> RowSelection {
    let mut selectors = Vec::new();
    let mut next = 0;
    for row in rows {
        if *row > next {
            selectors.push(RowSelector::skip(row - next));
        }
        selectors.push(RowSelector::select(1));
        next = row + 1;
    }
    selectors.into()
}

/// The columns of `schema`, by name; another writer may have stored strings or times in another form.
fn conform(table: &str, batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let fault = |source| SynthError::Rows { table: table.to_owned(), source };
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let array = match batch.column_by_name(field.name()) {
            Some(array) if array.data_type() == field.data_type() => Arc::clone(array),
            Some(array) => cast(array, field.data_type()).map_err(fault)?,
            None => arrow::array::new_null_array(field.data_type(), batch.num_rows()),
        };
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::clone(schema), arrays).map_err(fault)
}

/// Whether a value is there.
pub(super) fn has(array: &dyn Array, row: usize) -> bool {
    array.is_valid(row)
}
