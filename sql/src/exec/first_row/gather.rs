//! Rows in memory, and for each key the one that comes first.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, make_comparator};
use arrow::buffer::MutableBuffer;
use arrow::compute::{SortOptions, filter_record_batch};
use arrow::util::bit_util;
use datafusion::common::Result;
use datafusion::common::hash_utils::{RandomState, create_hashes};
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::spill::get_record_batch_memory_size;
use hashbrown::HashTable;

/// A row: number of its batch, number in it.
#[derive(Debug, Clone, Copy)]
struct Place {
    batch: u32,
    row: u32,
}

/// The first row of a key so far.
#[derive(Debug, Clone, Copy)]
struct First {
    hash: u64,
    place: Place,
}

/// A batch with its keys and its values of the order.
struct Gathered {
    batch: RecordBatch,
    keys: Vec<ArrayRef>,
    order: Vec<ArrayRef>,
    /// One bit a row, set while the row is the first of its key; none while every row is.
    kept: Option<MutableBuffer>,
    bytes: usize,
}

/// All rows that have been added, and which of them are first.
pub(super) struct FirstRows {
    keys: Vec<Arc<dyn PhysicalExpr>>,
    order: Vec<PhysicalSortExpr>,
    /// Shared with the pool: what is added here is refused to others.
    reservation: MemoryReservation,
    /// Bytes of `reservation` that the table and not the batches have.
    table_bytes: usize,
    table: HashTable<First>,
    batches: Vec<Gathered>,
    random_state: RandomState,
}

impl FirstRows {
    pub(super) fn new(
        keys: Vec<Arc<dyn PhysicalExpr>>,
        order: Vec<PhysicalSortExpr>,
        reservation: MemoryReservation,
    ) -> Self {
        Self {
            keys,
            order,
            reservation,
            table_bytes: 0,
            table: HashTable::new(),
            batches: Vec::new(),
            random_state: RandomState::default(),
        }
    }

    /// Adds the rows of `batch`; gives it back if there is no memory for it.
    pub(super) fn add(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>> {
        if batch.num_rows() == 0 {
            return Ok(None);
        }
        let keys = self.keys.iter().map(|key| key.evaluate(&batch)?.into_array(batch.num_rows()));
        let keys = keys.collect::<Result<Vec<_>>>()?;
        let order = self.order.iter().map(|sort| sort.expr.evaluate(&batch)?.into_array(batch.num_rows()));
        let order = order.collect::<Result<Vec<_>>>()?;
        let bytes = get_record_batch_memory_size(&batch) + computed_bytes(&batch, keys.iter().chain(&order));
        // The table doubles when it is full, and both halves are there while it does.
        let grown = if self.table.len() + batch.num_rows() > self.table.capacity() {
            3 * std::mem::size_of::<First>() * (self.table.capacity() + batch.num_rows())
        } else {
            self.table_bytes
        };
        let Ok(index) = u32::try_from(self.batches.len()) else { return Ok(Some(batch)) };
        let (Ok(_), true) = (u32::try_from(batch.num_rows()), self.reserve(bytes, grown)) else {
            return Ok(Some(batch));
        };
        let mut hashes = vec![0; batch.num_rows()];
        create_hashes(&keys, &self.random_state, &mut hashes)?;
        self.batches.push(Gathered { batch, keys, order, kept: None, bytes });
        for (row, hash) in (0..).zip(hashes) {
            self.offer(First { hash, place: Place { batch: index, row } })?;
        }
        Ok(None)
    }

    fn reserve(&mut self, batch_bytes: usize, table_bytes: usize) -> bool {
        let more = batch_bytes + table_bytes.saturating_sub(self.table_bytes);
        if self.reservation.try_grow(more).is_err() {
            return false;
        }
        self.table_bytes = self.table_bytes.max(table_bytes);
        true
    }

    /// Puts a row against the first one of its key; the loser's bit is cleared.
    fn offer(&mut self, new: First) -> Result<()> {
        let Self { table, batches, order, .. } = self;
        let mut failed = None;
        let same_key = |first: &First| {
            if first.hash != new.hash {
                return false;
            }
            // The table takes no errors; one is kept and given after it.
            equal_keys(batches, first.place, new.place).unwrap_or_else(|error| {
                failed = Some(error);
                false
            })
        };
        let found = table.find_mut(new.hash, same_key);
        let loser = match found {
            Some(first) => {
                let new_is_first = comes_before(batches, order, new.place, first.place)?;
                Some(if new_is_first { std::mem::replace(first, new).place } else { new.place })
            }
            None => {
                table.insert_unique(new.hash, new, |first| first.hash);
                None
            }
        };
        if let Some(error) = failed {
            return Err(error);
        }
        if let Some(loser) = loser {
            batches[loser.batch as usize].drop_row(loser.row as usize);
        }
        Ok(())
    }

    /// All rows as they were added, for a sort, which accounts for them from now on: it could not begin while the pool is
    /// full of them.
    pub(super) fn into_batches(self) -> impl Iterator<Item = Result<RecordBatch>> + Send {
        self.batches.into_iter().map(|gathered| Ok(gathered.batch))
    }

    /// The first rows in the order in which they were added.
    pub(super) fn into_first_rows(self) -> impl Iterator<Item = Result<RecordBatch>> + Send {
        let Self { reservation, batches, table_bytes, table, .. } = self;
        drop(table);
        reservation.shrink(table_bytes);
        batches.into_iter().filter_map(move |gathered| {
            reservation.shrink(gathered.bytes);
            let kept = gathered.kept_rows();
            (!matches!(kept, Ok(ref kept) if kept.num_rows() == 0)).then_some(kept)
        })
    }
}

impl Gathered {
    fn drop_row(&mut self, row: usize) {
        let rows = self.batch.num_rows();
        let bytes = bit_util::ceil(rows, 8);
        let kept = self.kept.get_or_insert_with(|| MutableBuffer::new(bytes).with_bitset(bytes, true));
        bit_util::unset_bit(kept.as_slice_mut(), row);
    }

    fn kept_rows(self) -> Result<RecordBatch> {
        let rows = self.batch.num_rows();
        let Some(kept) = self.kept else { return Ok(self.batch) };
        let kept = BooleanArray::new(arrow::buffer::BooleanBuffer::new(kept.into(), 0, rows), None);
        Ok(filter_record_batch(&self.batch, &kept)?)
    }
}

/// Bytes of the arrays that are not columns of the batch.
fn computed_bytes<'a>(batch: &RecordBatch, arrays: impl Iterator<Item = &'a ArrayRef>) -> usize {
    let is_column = |array: &ArrayRef| batch.columns().iter().any(|column| Arc::ptr_eq(column, array));
    arrays.filter(|array| !is_column(array)).map(|array| array.get_array_memory_size()).sum()
}

fn equal_keys(batches: &[Gathered], one: Place, other: Place) -> Result<bool> {
    let (left, right) = (&batches[one.batch as usize], &batches[other.batch as usize]);
    for (left, right) in left.keys.iter().zip(&right.keys) {
        if compare(left, one, right, other, SortOptions::default())?.is_ne() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether `one` comes before `other`; a tie leaves the earlier one first.
fn comes_before(batches: &[Gathered], order: &[PhysicalSortExpr], one: Place, other: Place) -> Result<bool> {
    let (left, right) = (&batches[one.batch as usize], &batches[other.batch as usize]);
    for ((left, right), sort) in left.order.iter().zip(&right.order).zip(order) {
        match compare(left, one, right, other, sort.options)? {
            Ordering::Less => return Ok(true),
            Ordering::Equal => {}
            Ordering::Greater => return Ok(false),
        }
    }
    Ok(false)
}

fn compare(
    left: &ArrayRef,
    one: Place,
    right: &ArrayRef,
    other: Place,
    options: SortOptions,
) -> Result<Ordering> {
    Ok(make_comparator(left, right, options)?(one.row as usize, other.row as usize))
}
