//! Channels.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::{Row, Table};
use crate::columns::Columns;
use crate::entity::channel;
use crate::entity::order::{company, currency};
use crate::error::Result;
use crate::schema::TableSchema;
use crate::seed::{Domain, signed};
use crate::stamp::{Stamp, record};
use crate::time::{SECOND, date};
use crate::world::{COMPANIES, World};

pub(super) const RETAILCHANNELTABLE: Table =
    Table { name: "retailchanneltable", units: channel::all, rows_per_thousand: 1110, commits: 1, rows };

#[derive(Clone)]
struct Channel {
    index: u64,
    id: Option<String>,
    company: u64,
    area: i128,
}

fn rows(world: &World, table: &TableSchema, channels: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = channels.flat_map(|index| of_channel(world, index)).collect();
    Columns::of(table, &rows)
        .text("retailchannelid", rows.iter().map(|r| r.is.id.as_deref()))
        .integer("channeltype", rows.iter().map(|r| signed(r.is.index % 3)))
        .text("currency", rows.iter().map(|r| Some(currency(r.is.company))))
        .integer("omoperatingunitid", rows.iter().map(|r| 5_637_140_000 + signed(r.is.index)))
        .text("inventlocation", rows.iter().map(|r| Some(format!("WH{:02}", r.is.index % 50))))
        .text("inventlocationdataareaid", rows.iter().map(|r| Some(company(r.is.company))))
        .money("storearea", rows.iter().map(|r| r.is.area))
        .finish()
}

fn of_channel(world: &World, index: u64) -> Vec<Row<Channel>> {
    let mut draw = world.seed.draw(Domain::Channel, index);
    let company = draw.below(COMPANIES.len() as u64);
    let area = i128::from(draw.micros(5_000)) * 1_000_000;
    let row = |area| Row {
        stamp: Stamp::new(channel::recid(index), Some("dat"), date(2015, 1, 1) + signed(index) * SECOND),
        is: Channel { index, id: channel::id(world, index), company, area },
    };
    let mut versions = vec![row(area)];
    // A version that differs only in what no model reads: which of them is taken makes no difference.
    if index % 9 == 4 {
        versions.push(row(area + 50_000_000));
    }
    record(versions, None)
}
