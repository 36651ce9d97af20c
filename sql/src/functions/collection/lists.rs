//! Helpers for functions over arrays and maps: elements are picked by their places, and compared by sortable keys.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt64Array, new_empty_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::Result;

use crate::functions::math::float::normalize;
use crate::types::list_field;
use crate::udf::{Args, failed};

/// An argument that holds arrays.
pub(crate) struct Lists {
    list: ListArray,
    constant: bool,
}

impl Lists {
    pub(crate) fn new(args: &Args, index: usize) -> Result<Self> {
        let (array, constant) = args.compact(index)?;
        let list = array
            .as_list_opt::<i32>()
            .ok_or_else(|| failed(format!("argument {} should be an array", index + 1)))?
            .clone();
        Ok(Self { list, constant })
    }

    /// Returns the places of the elements of a row; nothing if its array is null.
    pub(crate) fn range(&self, row: usize) -> Option<Range<usize>> {
        let row = if self.constant { 0 } else { row };
        if self.list.is_null(row) {
            return None;
        }
        let offsets = self.list.value_offsets();
        Some(usize::try_from(offsets[row]).ok()?..usize::try_from(offsets[row + 1]).ok()?)
    }

    /// All elements of all rows.
    pub(crate) fn values(&self) -> &ArrayRef {
        self.list.values()
    }
}

/// Builds arrays out of elements that are picked by their places; a place that is nothing is a null element.
pub(crate) struct Picker {
    offsets: Vec<i32>,
    places: Vec<Option<u64>>,
    valid: Vec<bool>,
}

impl Picker {
    pub(crate) fn new(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self { offsets, places: Vec::new(), valid: Vec::with_capacity(rows) }
    }

    /// Adds an element to the array of the current row.
    pub(crate) fn push(&mut self, place: Option<usize>) {
        self.places.push(place.and_then(|place| u64::try_from(place).ok()));
    }

    pub(crate) fn extend(&mut self, places: impl IntoIterator<Item = usize>) {
        places.into_iter().for_each(|place| self.push(Some(place)));
    }

    /// Ends the array of the current row; a null one has no elements.
    pub(crate) fn end_row(&mut self, valid: bool) -> Result<()> {
        self.offsets.push(i32::try_from(self.places.len()).map_err(|_| failed("the arrays are too long"))?);
        self.valid.push(valid);
        Ok(())
    }

    pub(crate) fn finish(self, values: &ArrayRef) -> Result<ListArray> {
        let picked = if values.is_empty() && self.places.is_empty() {
            new_empty_array(values.data_type())
        } else {
            take(values, &UInt64Array::from(self.places), None)?
        };
        let field = list_field(values.data_type().clone());
        Ok(ListArray::try_new(
            field,
            OffsetBuffer::new(self.offsets.into()),
            picked,
            Some(NullBuffer::from(self.valid)),
        )?)
    }
}

/// Makes an array for every row: the closure picks elements and tells whether the array is not null.
pub(crate) fn pick(
    args: &Args,
    values: &ArrayRef,
    mut row: impl FnMut(usize, &mut Picker) -> Result<bool>,
) -> Result<ArrayRef> {
    let mut picker = Picker::new(args.rows);
    for index in 0..args.rows {
        let valid = row(index, &mut picker)?;
        picker.end_row(valid)?;
    }
    Ok(Arc::new(picker.finish(values)?))
}

/// Takes one element, or null, for every row.
pub(crate) fn pick_one(
    args: &Args,
    values: &ArrayRef,
    mut row: impl FnMut(usize) -> Result<Option<usize>>,
) -> Result<ArrayRef> {
    let mut places = Vec::with_capacity(args.rows);
    for index in 0..args.rows {
        places.push(row(index)?.and_then(|place| u64::try_from(place).ok()));
    }
    if values.is_empty() {
        return Ok(arrow::array::new_null_array(values.data_type(), args.rows));
    }
    Ok(take(values, &UInt64Array::from(places), None)?)
}

/// Makes keys that are equal for equal values and ordered like them, nulls first. All arrays share one order.
pub(crate) fn keys(arrays: &[&ArrayRef]) -> Result<Vec<Rows>> {
    keys_of(arrays, normalize)
}

/// Makes keys by which the two zeros differ, as they do where Spark hashes elements.
pub(crate) fn hash_keys(arrays: &[&ArrayRef]) -> Result<Vec<Rows>> {
    keys_of(arrays, crate::functions::math::float::one_nan)
}

fn keys_of(arrays: &[&ArrayRef], prepare: fn(&ArrayRef) -> Result<ArrayRef>) -> Result<Vec<Rows>> {
    let data_type = arrays.first().map_or(DataType::Null, |array| array.data_type().clone());
    let converter = RowConverter::new(vec![SortField::new(data_type)])?;
    arrays.iter().map(|array| Ok(converter.convert_columns(&[prepare(array)?])?)).collect()
}
