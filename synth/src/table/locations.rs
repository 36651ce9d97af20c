//! Locations, by which parties and addresses find one another.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::parties::{all, exists, location_recid};
use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::party::Party;
use crate::error::Result;
use crate::schema::TableSchema;
use crate::stamp::{Stamp, record};
use crate::time::{DAY, date};
use crate::world::{World, spread};

pub(super) const LOGISTICSLOCATION: Table =
    Table { name: "logisticslocation", units: all, rows_per_thousand: 790, commits: 1, rows };

#[derive(Clone)]
struct Location {
    number: u64,
    description: &'static str,
}

fn rows(world: &World, table: &TableSchema, parties: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = parties.flat_map(|index| of_party(world, index)).collect();
    Columns::of(table, &rows)
        .text("locationid", rows.iter().map(|r| Some(format!("{:09}", r.is.number))))
        .text("description", rows.iter().map(|r| Some(r.is.description)))
        .integer("ispostaladdress", rows.iter().map(|_| 1))
        .finish()
}

fn of_party(world: &World, index: u64) -> Vec<Row<Location>> {
    if !exists(world, index) || !Party::of(world, index).has_address {
        return Vec::new();
    }
    let row = |description| Row {
        stamp: Stamp::new(location_recid(index), Some("dat"), date(2015, 1, 1) + spread(index, 2400) * DAY),
        is: Location { number: index + 5000, description },
    };
    let mut versions = vec![row("Primary")];
    if world.case(&catalogue::ADDRESS, index) == Some(Case::LocationTwoVersions) {
        versions.push(row("Primary (checked)"));
    }
    record(versions, None)
}
