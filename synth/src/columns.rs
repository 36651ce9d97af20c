//! Puts the columns of a batch together: those that differ from row to row are given, all others are constants, as they
//! are in a real export, where most columns of a wide table are never filled.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::compute::nullif;
use arrow::error::ArrowError;

use crate::error::{Result, SynthError};
use crate::schema::{Kind, TableSchema};
use crate::stamp::{self, Stamp, Stamped};
use crate::time::{NO_DATE, SECOND};

/// Columns of the link, which a deletion leaves.
const LINK_COLUMNS: usize = 5;

/// Columns of one batch of one table.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    table: &'a TableSchema,
    rows: usize,
    given: Vec<Option<ArrayRef>>,
    hollow: Option<BooleanArray>,
    fault: Option<String>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(table: &'a TableSchema, rows: usize) -> Self {
        Self { table, rows, given: vec![None; table.columns.len()], hollow: None, fault: None }
    }

    /// The columns that every row of Finance and Operations has.
    pub(crate) fn of<R: Stamped>(table: &'a TableSchema, rows: &[R]) -> Self {
        let all = || rows.iter().map(Stamped::stamp);
        let company = all().map(|s| s.company);
        let mut columns = Self::new(table, rows.len())
            .link(all(), all().map(|s| stamp::id(table.table_id, s.recid)))
            .integer("recid", all().map(|s| s.recid))
            .text("dataareaid", company)
            .time("createddatetime", all().map(|s| s.created_at))
            .time("modifieddatetime", all().map(|s| s.modified_at))
            .integer("sysrowversion", all().map(|s| s.version_number() * 2 + 1))
            .integer("partition", all().map(|_| 5_637_144_576))
            .integer("tableid", all().map(|_| i64::from(table.table_id)))
            .text("createdby", all().map(|_| Some("Admin")))
            .text("modifiedby", all().map(|_| Some("RetailServiceAccount")))
            .integer("recversion", all().map(|s| s.version + 1));
        if all().any(|s| s.hollow) {
            columns.hollow = Some(all().map(|s| Some(s.hollow)).collect());
        }
        columns
    }

    /// The columns that the link adds.
    pub(crate) fn link<'s>(
        self,
        stamps: impl Iterator<Item = &'s Stamp> + Clone,
        ids: impl Iterator<Item = String>,
    ) -> Self {
        // The link is some seconds behind, and not for all rows the same.
        let behind = |s: &Stamp| 90 * SECOND + s.recid.rem_euclid(997) * 1003 + s.version * 60 * SECOND;
        self.text("Id", ids.map(Some))
            .time("SinkCreatedOn", stamps.clone().map(|s| s.written_at + behind(s)))
            .time("SinkModifiedOn", stamps.clone().map(|s| s.written_at + 2 * behind(s)))
            .flag("IsDelete", stamps.clone().map(|s| s.deleted))
            .integer("versionnumber", stamps.map(Stamp::version_number))
    }

    pub(crate) fn text<S: AsRef<str>>(self, name: &str, values: impl Iterator<Item = Option<S>>) -> Self {
        self.put(name, Kind::Text, Arc::new(values.collect::<StringArray>()))
    }

    pub(crate) fn integer<V: Into<Option<i64>>>(self, name: &str, values: impl Iterator<Item = V>) -> Self {
        let array: Int64Array = values.map(Into::into).collect();
        self.put(name, Kind::Integer, Arc::new(array))
    }

    /// Decimals by their millionths.
    pub(crate) fn money<V: Into<Option<i128>>>(
        mut self,
        name: &str,
        values: impl Iterator<Item = V>,
    ) -> Self {
        let array: Decimal128Array = values.map(Into::into).collect();
        match array.with_precision_and_scale(32, 6) {
            Ok(array) => self.put(name, Kind::Money, Arc::new(array)),
            Err(error) => {
                self.fault.get_or_insert(error.to_string());
                self
            }
        }
    }

    pub(crate) fn time<V: Into<Option<i64>>>(self, name: &str, values: impl Iterator<Item = V>) -> Self {
        let array: TimestampMicrosecondArray = values.map(Into::into).collect();
        self.put(name, Kind::Time, Arc::new(array.with_timezone("UTC")))
    }

    pub(crate) fn flag(self, name: &str, values: impl Iterator<Item = Option<bool>>) -> Self {
        self.put(name, Kind::Flag, Arc::new(values.collect::<BooleanArray>()))
    }

    fn put(mut self, name: &str, kind: Kind, array: ArrayRef) -> Self {
        match self.table.find(name) {
            Some(index) if self.table.columns[index].1 == kind => self.given[index] = Some(array),
            _ => {
                self.fault.get_or_insert_with(|| format!("there is no column `{name}` of kind {kind:?}"));
            }
        }
        self
    }

    /// The batch, filled up to the full width of the table.
    pub(crate) fn finish(self) -> Result<RecordBatch> {
        let fault = |source| SynthError::Rows { table: self.table.name.clone(), source };
        if let Some(text) = self.fault {
            return Err(fault(ArrowError::SchemaError(text)));
        }
        let constants = Constants::new(self.rows);
        let mut arrays = Vec::with_capacity(self.given.len());
        for (index, (given, (_, kind))) in self.given.into_iter().zip(&self.table.columns).enumerate() {
            let array = given.unwrap_or_else(|| constants.of(*kind, index));
            arrays.push(match &self.hollow {
                Some(hollow) if index >= LINK_COLUMNS => nullif(&array, hollow).map_err(fault)?,
                _ => array,
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.table.arrow), arrays, &options).map_err(fault)
    }
}

/// What columns hold that nobody fills: zeros, empty texts and no dates, and in some columns nulls.
struct Constants {
    rows: usize,
    values: [ArrayRef; 5],
}

impl Constants {
    fn new(rows: usize) -> Self {
        let money = Decimal128Array::from_value(0, rows).with_data_type(Kind::Money.data_type());
        let no_date = TimestampMicrosecondArray::from_value(NO_DATE, rows).with_timezone("UTC");
        // One text that is not empty stands before the others and is cut off: without any the array would have no memory, and
        // comparing at an address where nothing is costs some processors a hundred times as much.
        let empty = std::iter::once(" ").chain(std::iter::repeat_n("", rows));
        let values: [ArrayRef; 5] = [
            Arc::new(StringArray::from_iter_values(empty).slice(1, rows)),
            Arc::new(Int64Array::from_value(0, rows)),
            Arc::new(money),
            Arc::new(no_date),
            Arc::new(BooleanArray::from(vec![false; rows])),
        ];
        Self { rows, values }
    }

    fn of(&self, kind: Kind, column: usize) -> ArrayRef {
        // One column in eight came with a later version of the source and was never written.
        if column % 8 == 5 {
            return new_null_array(&kind.data_type(), self.rows);
        }
        let [text, integer, money, time, flag] = &self.values;
        Arc::clone(match kind {
            Kind::Text => text,
            Kind::Integer => integer,
            Kind::Money => money,
            Kind::Time => time,
            Kind::Flag => flag,
        })
    }
}
