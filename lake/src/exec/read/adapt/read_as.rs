//! Reads values of a file as a column of the table, at every depth.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeListArray, GenericListArray, MapArray, OffsetSizeTrait, StructArray,
    new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Schema};
use arrow::record_batch::RecordBatch;
use datafusion::common::{Result as DfResult, internal_err};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;

use super::calendar::FileMarks;
use super::target::Target;
use super::{Misread, leaf};

/// The values of `input`, which come from a file, as the table has them. It is made for one file by whoever opens it, and never
/// travels.
#[derive(Debug, Clone)]
pub(super) struct ReadAs {
    input: Arc<dyn PhysicalExpr>,
    target: Target,
    marks: Arc<FileMarks>,
}

impl ReadAs {
    pub(super) fn new(input: Arc<dyn PhysicalExpr>, target: Target, marks: Arc<FileMarks>) -> Self {
        Self { input, target, marks }
    }
}

impl PartialEq for ReadAs {
    fn eq(&self, other: &Self) -> bool {
        self.input.eq(&other.input) && self.target == other.target && self.marks == other.marks
    }
}

impl Eq for ReadAs {}

impl Hash for ReadAs {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.input.hash(state);
        self.target.hash(state);
    }
}

impl fmt::Display for ReadAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "read_as({}, {})", self.input, self.target.data_type())
    }
}

impl PhysicalExpr for ReadAs {
    fn data_type(&self, _input_schema: &Schema) -> DfResult<DataType> {
        Ok(self.target.data_type().clone())
    }

    fn nullable(&self, _input_schema: &Schema) -> DfResult<bool> {
        Ok(true)
    }

    fn evaluate(&self, batch: &RecordBatch) -> DfResult<ColumnarValue> {
        let values = self.input.evaluate(batch)?.into_array(batch.num_rows())?;
        Ok(ColumnarValue::Array(read(&values, &self.target, &self.marks)?))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.input]
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> DfResult<Arc<dyn PhysicalExpr>> {
        let Ok([input]) = <[_; 1]>::try_from(children) else { return internal_err!("ReadAs has one child") };
        Ok(Arc::new(Self { input, target: self.target.clone(), marks: Arc::clone(&self.marks) }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads `values` as `target`.
pub(super) fn read(values: &ArrayRef, target: &Target, marks: &FileMarks) -> Result<ArrayRef, Misread> {
    let failed = |error: arrow::error::ArrowError| target.misread(error.to_string());
    let plain = leaf::plain(values.data_type());
    if plain != values.data_type() {
        let plain = cast(values, plain).map_err(failed)?;
        return read(&plain, target, marks);
    }
    if !target.is_there(values.data_type()) {
        return Ok(new_null_array(target.data_type(), values.len()));
    }
    match (values.data_type(), target.data_type()) {
        (DataType::Null, to) => Ok(new_null_array(to, values.len())),
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let of_file = values.as_struct();
            let mut columns = Vec::with_capacity(fields.len());
            for child in target.children() {
                columns.push(match child.find(of_file.fields(), target.children())? {
                    Some(index) => read(of_file.column(index), child, marks)?,
                    None => new_null_array(child.data_type(), values.len()),
                });
            }
            let read = StructArray::try_new(fields.clone(), columns, of_file.nulls().cloned());
            Ok(Arc::new(read.map_err(failed)?))
        }
        (DataType::List(_), DataType::List(element)) => {
            list::<i32, i32>(values.as_list(), element, target, marks)
        }
        (DataType::LargeList(_), DataType::List(element)) => {
            list::<i64, i32>(values.as_list(), element, target, marks)
        }
        (DataType::List(_), DataType::LargeList(element)) => {
            list::<i32, i64>(values.as_list(), element, target, marks)
        }
        (DataType::LargeList(_), DataType::LargeList(element)) => {
            list::<i64, i64>(values.as_list(), element, target, marks)
        }
        (DataType::FixedSizeList(..), DataType::List(element)) => {
            let of_file: &FixedSizeListArray = values.as_fixed_size_list();
            let lengths =
                std::iter::repeat_n(usize::try_from(of_file.value_length()).unwrap_or(0), values.len());
            let offsets = OffsetBuffer::<i32>::from_lengths(lengths);
            let inner = inner(of_file.values(), target, 0, marks)?;
            let read =
                GenericListArray::try_new(Arc::clone(element), offsets, inner, of_file.nulls().cloned());
            Ok(Arc::new(read.map_err(failed)?))
        }
        (DataType::Map(..), DataType::Map(entries, sorted)) => {
            let of_file = values.as_map();
            let DataType::Struct(pair) = entries.data_type() else {
                return Err(target.misread("is a map without keys"));
            };
            let columns =
                vec![inner(of_file.keys(), target, 0, marks)?, inner(of_file.values(), target, 1, marks)?];
            let pairs = StructArray::try_new(pair.clone(), columns, None).map_err(failed)?;
            let nulls: Option<NullBuffer> = of_file.nulls().cloned();
            let read =
                MapArray::try_new(Arc::clone(entries), of_file.offsets().clone(), pairs, nulls, *sorted);
            Ok(Arc::new(read.map_err(failed)?))
        }
        (_, to) => {
            let rebased = marks.rebased(values, to).map_err(|reason| target.misread(reason))?;
            leaf::exact(&rebased, to).map_err(|reason| target.misread(reason))
        }
    }
}

fn inner(values: &ArrayRef, target: &Target, place: usize, marks: &FileMarks) -> Result<ArrayRef, Misread> {
    match target.children().get(place) {
        Some(child) => read(values, child, marks),
        None => Err(target.misread("has parts that the table has not")),
    }
}

fn list<F: OffsetSizeTrait, T: OffsetSizeTrait>(
    of_file: &GenericListArray<F>,
    element: &FieldRef,
    target: &Target,
    marks: &FileMarks,
) -> Result<ArrayRef, Misread> {
    let offsets: Option<Vec<T>> =
        of_file.offsets().iter().map(|offset| T::from_usize(offset.as_usize())).collect();
    let offsets = offsets.ok_or_else(|| target.misread("has more elements than a list can have"))?;
    let read = GenericListArray::<T>::try_new(
        Arc::clone(element),
        OffsetBuffer::new(offsets.into()),
        inner(of_file.values(), target, 0, marks)?,
        of_file.nulls().cloned(),
    );
    Ok(Arc::new(read.map_err(|error| target.misread(error.to_string()))?))
}
