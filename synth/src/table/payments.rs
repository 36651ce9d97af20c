//! Payments: of two orders in three, some of them in two tenders with change.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::{Row, Table};
use crate::catalogue;
use crate::columns::Columns;
use crate::entity::channel;
use crate::entity::line::Line;
use crate::entity::order::{self, Order};
use crate::error::Result;
use crate::schema::TableSchema;
use crate::seed::{Domain, signed};
use crate::stamp::{Stamp, record};
use crate::time::DAY;
use crate::world::{World, recid, turn};

pub(super) const RETAILTRANSACTIONPAYMENTTRANS: Table = Table {
    name: "retailtransactionpaymenttrans",
    units: World::blocks,
    rows_per_thousand: 237_000,
    commits: 2,
    rows,
};

/// Lines that one payment may have.
const RECORDS: u64 = 4;

#[derive(Clone)]
struct Payment {
    order: u64,
    number: u64,
    store: Option<String>,
    channel: i64,
    tender: &'static str,
    amount: i64,
    is_change: bool,
    is_void: bool,
    currency: &'static str,
    paid_at: i64,
}

fn rows(world: &World, table: &TableSchema, blocks: Range<u64>) -> Result<RecordBatch> {
    let orders = blocks.flat_map(|block| order::of_block(world, block));
    let rows: Vec<_> = orders.flat_map(|order| of_order(world, &order)).collect();
    let amount = |r: &Row<Payment>| i128::from(r.is.amount);
    Columns::of(table, &rows)
        .text("transactionid", rows.iter().map(|r| Some(format!("T{}", r.is.order))))
        .text("receiptid", rows.iter().map(|r| Some(format!("R{}", r.is.order))))
        .money("linenum", rows.iter().map(|r| i128::from(r.is.number + 1) * 1_000_000))
        .text("store", rows.iter().map(|r| r.is.store.as_deref()))
        .text("terminal", rows.iter().map(|r| Some(format!("POS{}", r.is.order % 9))))
        .integer("channel", rows.iter().map(|r| r.is.channel))
        .text("tendertype", rows.iter().map(|r| Some(r.is.tender)))
        .money("amounttendered", rows.iter().map(amount))
        .money("amountcur", rows.iter().map(amount))
        .money("amountmst", rows.iter().map(amount))
        .text("currency", rows.iter().map(|r| Some(r.is.currency)))
        .integer("changeline", rows.iter().map(|r| i64::from(r.is.is_change)))
        .integer("transactionstatus", rows.iter().map(|r| i64::from(r.is.is_void)))
        .time("transdate", rows.iter().map(|r| r.is.paid_at / DAY * DAY))
        .integer("transtime", rows.iter().map(|r| r.is.paid_at % DAY / 1_000_000))
        .finish()
}

fn of_order(world: &World, order: &Order) -> Vec<Row<Payment>> {
    if order.index.is_multiple_of(3) {
        return Vec::new();
    }
    let lines = order.first_line..order.first_line + order.lines;
    let total: i64 = lines.map(|line| Line::of(world, line).amount.max(0)).sum();
    let mut draw = world.seed.draw(Domain::Payment, order.index);
    let mut rows = Vec::new();
    let mut pay = |number: u64, amount: i64, is_change: bool, is_void: bool| {
        let payment = Payment {
            order: order.index,
            number,
            store: channel::id(world, order.channel),
            channel: channel::recid(order.channel),
            tender: if is_change { "1" } else { turn(&["1", "2", "3", "8"], order.index + number) },
            amount,
            is_change,
            is_void,
            currency: order.currency(),
            paid_at: order.ordered_at,
        };
        let recid = recid::of(recid::PAYMENT, order.index * RECORDS + number);
        let row = Row { stamp: Stamp::new(recid, Some(order.company()), order.ordered_at), is: payment };
        // A history is told of the first tender only.
        let case = if number == 0 { world.case(&catalogue::RECORD, order.index) } else { None };
        rows.extend(record(vec![row], case));
    };
    match draw.below(100) {
        0..8 => {
            let first = total / 2;
            pay(0, first, false, false);
            pay(1, total - first, false, false);
        }
        8..16 => {
            let change = signed(draw.below(20)) * 1_000_000;
            pay(0, total + change, false, false);
            pay(1, -change, true, false);
        }
        16..18 => {
            pay(0, total, false, true);
            pay(1, total, false, false);
        }
        _ => pay(0, total, false, false),
    }
    rows
}
