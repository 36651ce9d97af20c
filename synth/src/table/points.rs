//! Reward points: earned with half of the orders of customers who hold a card, sometimes redeemed with them. Orders whose
//! number stands for two channels give none (a tie of kind N1).

use std::ops::Range;

use arrow::array::RecordBatch;

use super::cards::not_deleted;
use super::tiers::level;
use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::order::{self, Order};
use crate::entity::{card, channel, customer::Customer};
use crate::error::Result;
use crate::schema::TableSchema;
use crate::seed::{Domain, Draw, signed};
use crate::stamp::{Stamp, record};
use crate::time::{DAY, NO_DATE, date};
use crate::world::{World, recid, spread, turn};

pub(super) const RETAILLOYALTYCARDREWARDPOINTTRANS: Table = Table {
    name: "retailloyaltycardrewardpointtrans",
    units: World::blocks,
    rows_per_thousand: 107_000,
    commits: 2,
    rows,
};

/// Transactions of each block for which the wheel turns: about as many as the poorest blocks have, so that none of its
/// slots is passed over.
const TURNS: u64 = 64;
/// Transactions that one order may bring.
const RECORDS: u64 = 2;

#[derive(Clone)]
struct Points {
    record: u64,
    card: Option<String>,
    points: Option<i64>,
    is_redeemed: bool,
    sales_id: Option<String>,
    store: Option<String>,
    account: String,
    entry_date: Option<i64>,
    start_date: Option<i64>,
    expiration_date: Option<i64>,
}

fn rows(world: &World, table: &TableSchema, blocks: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = blocks.flat_map(|block| of_block(world, block)).collect();
    let left = |p: &Points| i128::from(p.points.unwrap_or(0).max(0));
    let transaction = |n: u64| if n.is_multiple_of(17) { String::new() } else { format!("Tx-{n}") };
    let kind = |p: &Points| i64::from(p.is_redeemed);
    Columns::of(table, &rows)
        .text("cardnumber", rows.iter().map(|r| r.is.card.as_deref()))
        .integer(
            "rewardpoint",
            rows.iter().map(|r| (r.is.record % 401 != 0).then(|| 5_637_144_577 + spread(r.is.record, 3))),
        )
        .money("rewardpointamountqty", rows.iter().map(|r| r.is.points.map(i128::from)))
        .money("remaining", rows.iter().map(|r| left(&r.is)))
        .text("salesid", rows.iter().map(|r| r.is.sales_id.as_deref()))
        .text("storeid", rows.iter().map(|r| r.is.store.as_deref()))
        .text("terminalid", rows.iter().map(|r| Some(format!("POS{}", r.is.record % 9))))
        .text("transactionid", rows.iter().map(|r| Some(transaction(r.is.record))))
        .text("staffid", rows.iter().map(|r| Some(turn(&["000160", "000161", ""], r.is.record))))
        .integer("loyaltytransactiontype", rows.iter().map(|r| kind(&r.is)))
        .integer("entrytype", rows.iter().map(|r| kind(&r.is)))
        .integer("loyaltytier", rows.iter().map(|r| (r.is.record % 5 != 0).then(|| level(r.is.record))))
        .time("entrydate", rows.iter().map(|r| r.is.entry_date))
        .time("startdate", rows.iter().map(|r| r.is.start_date))
        .time("expirationdate", rows.iter().map(|r| r.is.expiration_date))
        .text("custaccount", rows.iter().map(|r| Some(&r.is.account)))
        .finish()
}

fn of_block(world: &World, block: u64) -> Vec<Row<Points>> {
    let mut rows = Vec::new();
    let mut place = 0;
    for order in order::of_block(world, block) {
        let Some(card) = card::of_customer(order.customer) else { continue };
        let mut draw = world.seed.draw(Domain::Point, order.index);
        if order.case == Some(Case::OrderNumberTwiceOtherChannel) || !draw.per_mille(500) {
            continue;
        }
        let redeems = draw.per_mille(100);
        for nth in 0..=u64::from(redeems) {
            let case =
                if place < TURNS { world.case(&catalogue::POINT, block * TURNS + place) } else { None };
            rows.extend(transaction(world, &order, card, nth, case, &mut draw));
            place += 1;
        }
    }
    rows
}

fn transaction(
    world: &World,
    order: &Order,
    card: u64,
    nth: u64,
    case: Option<Case>,
    draw: &mut Draw,
) -> Vec<Row<Points>> {
    let record_of = order.index * RECORDS + nth;
    let earned = match draw.below(10) {
        0..7 => (draw.micros(50) + 1) * 1_000_000,
        _ => draw.micros(5_000_000) * 10 + 100,
    };
    let earned = if case == Some(Case::PointHalfQuantity) { earned / 100 * 100 + 50 } else { earned };
    let points = if nth == 1 { -earned } else { earned };
    let day = order.ordered_at / DAY * DAY;
    let number = card::number(card);
    let undated = matches!(case, Some(Case::PointExpirationOnly | Case::PointWithoutDate));
    let expires =
        if record_of.is_multiple_of(6) { NO_DATE } else { date(2027, 1, 1) + spread(record_of, 300) * DAY };
    let is = Points {
        record: record_of,
        card: match case {
            Some(Case::PointCardNull) => None,
            Some(Case::PointCardOtherCase) => Some(number.to_lowercase()),
            _ => Some(number),
        },
        points: (case != Some(Case::PointQuantityNull)).then_some(points),
        is_redeemed: nth == 1,
        sales_id: (case != Some(Case::PointOrderNull)).then(|| order.sales_id.clone()),
        store: channel::id(world, order.channel),
        account: Customer::of(world, order.customer).account,
        entry_date: match case {
            _ if undated => None,
            Some(Case::PointEntryNull) => None,
            Some(Case::PointEntry1900) => Some(NO_DATE),
            _ => Some(day),
        },
        start_date: (!undated).then_some(order.ordered_at),
        expiration_date: (case != Some(Case::PointWithoutDate)).then_some(expires),
    };
    let row = |changed_at: i64, points: Option<i64>| {
        let recid = recid::of(recid::POINT, record_of);
        let mut stamp = Stamp::new(recid, Some(order.company()), order.ordered_at);
        stamp.modified_at = (!undated).then_some(changed_at);
        stamp.written_at = changed_at;
        stamp.deleted = not_deleted(order.index);
        Row { stamp, is: Points { points, ..is.clone() } }
    };
    let changed_at = order.ordered_at + DAY;
    let live = row(changed_at, is.points);
    // Versions of one transaction never have the same time of change: a tie of kind N3.
    let versions = match case {
        Some(Case::PointOlderVersion) => vec![row(changed_at - DAY / 24, Some(signed(1_000_000))), live],
        Some(Case::PointDeletedAfterLive) => {
            let mut deleted = row(changed_at + DAY / 24, is.points);
            deleted.stamp.deleted = Some(true);
            vec![live, deleted]
        }
        _ => vec![live],
    };
    record(versions, None)
}
