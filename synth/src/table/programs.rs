//! Loyalty programs, which the source calls affiliations.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::{Row, Table};
use crate::columns::Columns;
use crate::error::Result;
use crate::schema::TableSchema;
use crate::seed::{position, signed};
use crate::stamp::{Stamp, record};
use crate::text::PROGRAMS;
use crate::time::{DAY, date};
use crate::world::{World, recid as ids};

pub(super) const RETAILAFFILIATION: Table =
    Table { name: "retailaffiliation", units: |_| COUNT, rows_per_thousand: 1250, commits: 1, rows };

/// The named ones, then one that is deleted, one with blanks around its name, and one without a name.
pub(super) const COUNT: u64 = PROGRAMS.len() as u64 + 3;

pub(super) const fn recid(index: u64) -> i64 {
    ids::of(ids::PROGRAM, index)
}

fn rows(_: &World, table: &TableSchema, programs: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = programs.flat_map(of_program).collect();
    let names = PROGRAMS.iter().copied().map(Some).chain([Some("Ended in 2019"), Some(" blank "), None]);
    let names: Vec<_> = names.collect();
    Columns::of(table, &rows)
        .text("name", rows.iter().map(|r| names[position(r.is)]))
        .integer("affiliationtype", rows.iter().map(|r| signed(r.is % 2)))
        .integer("poolrelatedcards", rows.iter().map(|r| signed(r.is % 2)))
        .integer("hideinchannels", rows.iter().map(|r| i64::from(r.is.is_multiple_of(3))))
        .finish()
}

fn of_program(index: u64) -> Vec<Row<u64>> {
    let row = |deleted: Option<bool>, days: i64| {
        let mut stamp = Stamp::new(recid(index), Some("dat"), date(2019, 1, 1));
        stamp.modified_at = Some(date(2023, 1, 1) + (signed(index) + days) * DAY);
        stamp.deleted = deleted;
        Row { stamp, is: index }
    };
    let named = PROGRAMS.len() as u64;
    let versions = match index {
        1 | 2 => vec![row(Some(false), 0), row(Some(true), 40)],
        _ if index == named => vec![row(Some(true), 0)],
        _ => vec![row((index < named).then_some(false), 0)],
    };
    record(versions, None)
}
