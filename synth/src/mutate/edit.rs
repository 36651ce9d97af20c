//! Changes columns of whole rows.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    new_null_array,
};
use arrow::compute::interleave;

use super::read::Table;
use crate::error::{Result, SynthError};
use crate::schema::Kind;
use crate::stamp;

/// Columns that a deletion leaves.
const LINK_COLUMNS: [&str; 5] = ["Id", "SinkCreatedOn", "SinkModifiedOn", "IsDelete", "versionnumber"];

/// Rows with some columns replaced.
#[derive(Debug)]
pub(super) struct Edit<'a> {
    table: &'a Table,
    batch: RecordBatch,
    columns: Vec<ArrayRef>,
    fault: Option<SynthError>,
}

impl<'a> Edit<'a> {
    pub(super) fn new(table: &'a Table, batch: &RecordBatch) -> Self {
        Self { table, batch: batch.clone(), columns: batch.columns().to_vec(), fault: None }
    }

    pub(super) fn text<S: AsRef<str>>(self, column: &str, values: impl Iterator<Item = Option<S>>) -> Self {
        self.put(column, "string", Arc::new(values.collect::<StringArray>()))
    }

    pub(super) fn integer(self, column: &str, values: impl Iterator<Item = i64>) -> Self {
        self.put(column, "bigint", Arc::new(Int64Array::from_iter_values(values)))
    }

    /// Decimals by their millionths.
    pub(super) fn money(self, column: &str, values: impl Iterator<Item = Option<i128>>) -> Self {
        let array: Decimal128Array = values.collect();
        self.put(column, "decimal(32,6)", Arc::new(array.with_data_type(Kind::Money.data_type())))
    }

    pub(super) fn time(self, column: &str, values: impl Iterator<Item = i64>) -> Self {
        let array = TimestampMicrosecondArray::from_iter_values(values);
        self.put(column, "timestamp", Arc::new(array.with_timezone("UTC")))
    }

    pub(super) fn flag(self, column: &str, value: Option<bool>) -> Self {
        let array = BooleanArray::from(vec![value; self.batch.num_rows()]);
        self.put(column, "boolean", Arc::new(array))
    }

    /// What the link and the source note of every row that they write.
    pub(super) fn written(self, number: &Numbers, ranks: &[u64]) -> Self {
        let count = |from: i64| ranks.iter().map(move |rank| from + rank.cast_signed());
        self.time("SinkModifiedOn", count(number.written_at))
            .integer("versionnumber", count(number.version))
            .integer("sysrowversion", count(number.version * 2))
    }

    /// Makes new records of rows: not deleted, with ids of their own.
    pub(super) fn copied(self, number: &Numbers, recids: &[i64]) -> Self {
        let ranks: Vec<u64> = (0..recids.len() as u64).collect();
        let ids = match self.table.texts(&self.batch, "Id") {
            Ok(old) => {
                let prefix = |row: usize| old.value(row).get(..8).unwrap_or("00000000");
                let ids = recids.iter().enumerate().map(|(row, recid)| {
                    let number = u32::from_str_radix(prefix(row), 16).unwrap_or(0);
                    stamp::id(number, *recid)
                });
                ids.collect::<Vec<_>>()
            }
            Err(error) => return Self { fault: Some(error), ..self },
        };
        self.text("Id", ids.into_iter().map(Some))
            .integer("recid", recids.iter().copied())
            .time("SinkCreatedOn", recids.iter().map(|_| number.written_at))
            .time("modifieddatetime", recids.iter().map(|_| number.written_at))
            .flag("IsDelete", None)
            .written(number, &ranks)
    }

    fn put(mut self, column: &str, expected: &'static str, array: ArrayRef) -> Self {
        let schema = self.batch.schema();
        match schema.index_of(column) {
            Ok(index) if schema.field(index).data_type() == array.data_type() => self.columns[index] = array,
            _ => {
                self.fault.get_or_insert_with(|| SynthError::Column {
                    table: self.table.name.to_owned(),
                    column: column.to_owned(),
                    expected,
                });
            }
        }
        self
    }

    /// The rows of `which` with nothing left but the columns of the link, which is how Dataverse writes a deletion.
    pub(super) fn hollow(mut self, which: &[bool]) -> Result<Self> {
        let schema = self.batch.schema();
        for (column, field) in self.columns.iter_mut().zip(schema.fields()) {
            if LINK_COLUMNS.contains(&field.name().as_str()) {
                continue;
            }
            let null = new_null_array(field.data_type(), 1);
            let places: Vec<(usize, usize)> =
                which.iter().enumerate().map(|(row, gone)| if *gone { (1, 0) } else { (0, row) }).collect();
            *column =
                interleave(&[column.as_ref(), null.as_ref()], &places).map_err(|e| self.table.fault(e))?;
        }
        Ok(self)
    }

    pub(super) fn finish(self) -> Result<RecordBatch> {
        match self.fault {
            Some(fault) => Err(fault),
            None => RecordBatch::try_new(self.batch.schema(), self.columns).map_err(|e| self.table.fault(e)),
        }
    }
}

/// Numbers that one commit writes: younger and greater than any before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) version: i64,
    pub(super) written_at: i64,
}
