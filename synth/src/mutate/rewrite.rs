//! Copy-on-write: the files that hold a touched row are written anew, and the change feed says which rows those were.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray, UInt64Array};
use arrow::compute::{filter_record_batch, interleave_record_batch, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::{StreamExt, TryStreamExt};
use goldsmith_proto::id::TableName;
use goldsmith_proto::lake::v1::StagedFile;
use parking_lot::Mutex;

use super::pick::Record;
use super::read::Table;
use crate::commit::Rewritten;
use crate::error::{Result, SynthError};
use crate::stage::stage;

/// Folder of the change feed, below that of the table.
const CHANGE_FOLDER: &str = "_change_data";

/// What becomes of touched rows; the numbers are their ranks among all that the commit touches.
pub(super) type Change = Arc<dyn Fn(&RecordBatch, &[u64]) -> Result<RecordBatch> + Send + Sync>;

/// Touched rows of one file: number in the file, rank.
type Hits = Vec<(usize, u64)>;

/// Writes the files of `table` that hold rows of `records` anew: changed as `change` says, or without these rows.
pub(super) async fn rewrite(
    table: &Table,
    records: &[Record],
    change: Option<Change>,
    threads: usize,
) -> Result<Rewritten> {
    let mut touched: BTreeMap<usize, Hits> = BTreeMap::new();
    for (rank, row) in (0..).zip(records.iter().flat_map(|record| &record.rows)) {
        touched.entry(row.place.file).or_default().push((row.place.row, rank));
    }
    let rows = touched.values().map(|hits| hits.len() as u64).sum();
    let removed = touched.keys().map(|file| table.file(*file).clone()).collect();
    let differences = Arc::new(Mutex::new(Vec::new()));
    let added: Vec<Vec<StagedFile>> = futures::stream::iter(touched)
        .map(|(file, mut hits)| {
            hits.sort_unstable();
            let (table, change) = (table.clone(), change.clone());
            let differences = Arc::clone(&differences);
            // Each file on a thread of its own.
            SpawnedTask::spawn(async move { one(&table, file, hits, change, &differences).await })
        })
        .map(|task| async { task.join_unwind().await.map_err(|source| ended(table, source))? })
        .buffered(threads)
        .try_collect()
        .await?;
    let differences = std::mem::take(&mut *differences.lock());
    Ok(Rewritten { removed, added: added.concat(), changes: changes(table, differences).await?, rows })
}

/// A thread that ended before its work did.
fn ended(table: &Table, source: tokio::task::JoinError) -> SynthError {
    SynthError::Write {
        table: table.name.to_owned(),
        location: table.location.to_string(),
        source: Box::new(DataFusionError::ExecutionJoin(Box::new(source))),
    }
}

async fn one(
    table: &Table,
    file: usize,
    hits: Hits,
    change: Option<Change>,
    differences: &Arc<Mutex<Vec<(u64, RecordBatch)>>>,
) -> Result<Vec<StagedFile>> {
    let mut begin = 0;
    let mut hits = hits.into_iter().peekable();
    let (reader, differences) = (table.clone(), Arc::clone(differences));
    let rows = table.read(file, None, None).await?.map(move |batch| {
        let batch = batch?;
        let end = begin + batch.num_rows();
        let mut here = Vec::new();
        while let Some((row, rank)) = hits.next_if(|(row, _)| *row < end) {
            here.push((row - begin, rank));
        }
        begin = end;
        if here.is_empty() {
            Ok(batch)
        } else {
            edited(&reader, &batch, &here, change.as_ref(), &differences)
        }
    });
    let rows = rows.map_err(|e| DataFusionError::External(Box::new(e)));
    let stream = RecordBatchStreamAdapter::new(Arc::clone(table.schema()), rows);
    stage(&table.stores, table.name, &table.location, Box::pin(stream)).await
}

/// A batch after the change, the differences noted.
fn edited(
    table: &Table,
    batch: &RecordBatch,
    hits: &[(usize, u64)],
    change: Option<&Change>,
    differences: &Mutex<Vec<(u64, RecordBatch)>>,
) -> Result<RecordBatch> {
    let fault = |e| table.fault(e);
    let places: UInt64Array = hits.iter().map(|(row, _)| *row as u64).collect();
    let before = take_record_batch(batch, &places).map_err(fault)?;
    let first = hits.first().map_or(0, |(_, rank)| *rank);
    let note = |rows: &RecordBatch, what: &str| -> Result<()> {
        let noted = with_change_type(rows, what).map_err(fault)?;
        differences.lock().push((first, noted));
        Ok(())
    };
    let Some(change) = change else {
        note(&before, "delete")?;
        let mut stays = vec![true; batch.num_rows()];
        hits.iter().for_each(|(row, _)| stays[*row] = false);
        return filter_record_batch(batch, &BooleanArray::from(stays)).map_err(fault);
    };
    let ranks: Vec<u64> = hits.iter().map(|(_, rank)| *rank).collect();
    let after = change(&before, &ranks)?;
    note(&before, "update_preimage")?;
    note(&after, "update_postimage")?;
    let mut order: Vec<(usize, usize)> = (0..batch.num_rows()).map(|row| (0, row)).collect();
    for (place, (row, _)) in hits.iter().enumerate() {
        order[*row] = (1, place);
    }
    interleave_record_batch(&[batch, &after], &order).map_err(fault)
}

/// Writes the rows that differ where the change feed looks for them.
async fn changes(table: &Table, mut differences: Vec<(u64, RecordBatch)>) -> Result<Vec<StagedFile>> {
    if differences.is_empty() {
        return Ok(Vec::new());
    }
    // Threads note them in any order.
    differences.sort_by_key(|(rank, _)| *rank);
    let schema = change_schema(table.schema());
    let rows = differences.into_iter().map(|(_, batch)| Ok(batch));
    let stream = RecordBatchStreamAdapter::new(schema, futures::stream::iter(rows));
    let folder = table.location.table(&TableName::try_new(CHANGE_FOLDER)?);
    let mut files = stage(&table.stores, table.name, &folder, Box::pin(stream)).await?;
    for file in &mut files {
        file.path = format!("{CHANGE_FOLDER}/{}", file.path);
    }
    Ok(files)
}

fn change_schema(schema: &SchemaRef) -> SchemaRef {
    let mut fields: Vec<_> = schema.fields().iter().map(Arc::clone).collect();
    fields.push(Arc::new(Field::new("_change_type", DataType::Utf8, true)));
    Arc::new(Schema::new(fields))
}

fn with_change_type(rows: &RecordBatch, what: &str) -> Result<RecordBatch, arrow::error::ArrowError> {
    let mut columns = rows.columns().to_vec();
    let types = std::iter::repeat_n(what, rows.num_rows());
    columns.push(Arc::new(StringArray::from_iter_values(types)) as ArrayRef);
    RecordBatch::try_new(change_schema(&rows.schema()), columns)
}
