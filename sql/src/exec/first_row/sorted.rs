//! What happens when memory runs out: a sort, which spills, and the first row of each run of equal keys.

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt32Array, make_comparator};
use arrow::compute::{SortOptions, partition, take_record_batch};
use arrow::datatypes::SchemaRef;
use datafusion::common::{Result, internal_datafusion_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;

/// The first row by `order` for each value of `keys`, of rows in any order.
pub(super) fn first_rows(
    schema: SchemaRef,
    rows: BoxStream<'static, Result<RecordBatch>>,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    order: Vec<PhysicalSortExpr>,
    context: &Arc<TaskContext>,
) -> Result<SendableRecordBatchStream> {
    let by_key = keys.iter().map(|key| PhysicalSortExpr::new_default(Arc::clone(key)));
    let ordering = LexOrdering::new(by_key.chain(order))
        .ok_or_else(|| internal_datafusion_err!("FirstRowExec without a key"))?;
    let rows = Arc::new(Once { schema: Arc::clone(&schema), rows: Mutex::new(Some(rows)) });
    let source = StreamingTableExec::try_new(Arc::clone(&schema), vec![rows], None, [], false, None)?;
    let sorted = SortExec::new(ordering, Arc::new(source)).execute(0, Arc::clone(context))?;
    let mut runs = Runs { keys, last: None };
    let first = sorted.map(move |batch| runs.first_rows(&batch?));
    let first = first.try_filter(|batch| std::future::ready(batch.num_rows() > 0));
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, first)))
}

/// Finds where the key changes in sorted rows.
struct Runs {
    keys: Vec<Arc<dyn PhysicalExpr>>,
    /// Keys of the last row of the batch before.
    last: Option<Vec<ArrayRef>>,
}

impl Runs {
    fn first_rows(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        if batch.num_rows() == 0 {
            return Ok(batch.clone());
        }
        let keys = self.keys.iter().map(|key| key.evaluate(batch)?.into_array(batch.num_rows()));
        let keys = keys.collect::<Result<Vec<_>>>()?;
        let mut starts: Vec<u32> = Vec::new();
        for run in partition(&keys)?.ranges() {
            starts.push(
                u32::try_from(run.start).map_err(|e| internal_datafusion_err!("rows of a batch: {e}"))?,
            );
        }
        if self.continues(&keys)? {
            starts.remove(0);
        }
        // A copy of one row, so that the batch is not kept for it.
        let end = UInt32Array::from_value(u32::try_from(batch.num_rows() - 1).unwrap_or(u32::MAX), 1);
        let last = keys.iter().map(|key| Ok(arrow::compute::take(key, &end, None)?));
        self.last = Some(last.collect::<Result<Vec<_>>>()?);
        Ok(take_record_batch(batch, &UInt32Array::from(starts))?)
    }

    /// Whether the first row has the key that the last batch ended with.
    fn continues(&self, keys: &[ArrayRef]) -> Result<bool> {
        let Some(last) = &self.last else { return Ok(false) };
        for (before, now) in last.iter().zip(keys) {
            if make_comparator(before, now, SortOptions::default())?(0, 0).is_ne() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A source that can be read once.
struct Once {
    schema: SchemaRef,
    /// Taken by the one who reads.
    rows: Mutex<Option<BoxStream<'static, Result<RecordBatch>>>>,
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

impl PartitionStream for Once {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.rows.lock().take();
        let rows = rows.unwrap_or_else(|| {
            let read = internal_datafusion_err!("the rows of a FirstRowExec have been read");
            futures::stream::once(std::future::ready(Err(read))).boxed()
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows))
    }
}
