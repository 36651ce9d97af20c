//! Headers of orders.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::channel;
use crate::entity::order::{self, Order, company, currency};
use crate::error::Result;
use crate::schema::TableSchema;
use crate::seed::signed;
use crate::stamp::{Stamp, record};
use crate::world::{World, recid, turn};

pub(super) const SALESTABLE: Table =
    Table { name: "salestable", units: World::blocks, rows_per_thousand: 323_000, commits: 4, rows };

#[derive(Clone)]
struct Header {
    index: u64,
    sales_id: String,
    account: Option<String>,
    channel: Option<i64>,
    company: u64,
}

fn rows(world: &World, table: &TableSchema, blocks: Range<u64>) -> Result<RecordBatch> {
    let orders = blocks.flat_map(|block| order::of_block(world, block));
    let rows: Vec<_> = orders.flat_map(|order| of_order(world, &order)).collect();
    Columns::of(table, &rows)
        .text("salesid", rows.iter().map(|r| Some(&r.is.sales_id)))
        .text("custaccount", rows.iter().map(|r| r.is.account.as_deref()))
        .text("invoiceaccount", rows.iter().map(|r| r.is.account.as_deref()))
        .integer("retailchanneltable", rows.iter().map(|r| r.is.channel))
        .text("currencycode", rows.iter().map(|r| Some(currency(r.is.company))))
        .text("salesname", rows.iter().map(|r| Some(format!("Order {}", r.is.index))))
        .text("custgroup", rows.iter().map(|r| Some(turn(&["10", "20", "30"], r.is.index))))
        .text("languageid", rows.iter().map(|r| Some(turn(&["en-us", "de"], r.is.index))))
        .integer("salesstatus", rows.iter().map(|r| signed(r.is.index % 4 + 1)))
        .integer("salestype", rows.iter().map(|_| 3))
        .finish()
}

fn of_order(world: &World, order: &Order) -> Vec<Row<Header>> {
    let header = |recid, company_of: u64, account: Option<String>, channel| Row {
        stamp: Stamp::new(recid, Some(company(company_of)), order.ordered_at),
        is: Header {
            index: order.index,
            sales_id: order.sales_id.clone(),
            account,
            channel,
            company: company_of,
        },
    };
    let own = recid::of(recid::ORDER, order.index);
    // Another channel, to see that it comes with the version that wins.
    let elsewhere = channel::recid((order.channel + 2) % world.channels);
    let older =
        |account: Option<&str>| header(own, order.company, account.map(str::to_owned), Some(elsewhere));
    let mut versions = vec![header(own, order.company, order.account.clone(), order.channel_recid)];
    match order.case {
        Some(Case::OrderWithoutHeader) => return Vec::new(),
        // Two nulls would be a tie of kind N3.
        Some(Case::HeaderNullAccountLoses) if order.account.is_some() => versions.insert(0, older(None)),
        Some(Case::HeaderNullAccountLoses | Case::HeaderOtherAccountLoses) => {
            versions.insert(0, older(Some("!first")));
        }
        Some(Case::HeaderOtherAccountWins) => versions.insert(0, older(Some("zz-other"))),
        _ => {}
    }
    let mut rows = record(versions, world.case(&catalogue::RECORD, order.index));
    let more = recid::of(recid::MORE_ORDERS, order.index);
    match order.case {
        Some(Case::OrderWithoutLines) => {
            let mut quotation = header(more, order.company, order.account.clone(), order.channel_recid);
            quotation.is.sales_id = format!("{}-Q", order.sales_id);
            rows.push(quotation);
        }
        Some(Case::OrderNumberTwice) => {
            rows.push(header(
                more,
                order.twin_company(),
                Some(order.twin_account(world)),
                order.channel_recid,
            ));
        }
        Some(Case::OrderNumberTwiceOtherChannel) => {
            let other = channel::recid((order.channel + 1) % world.channels);
            rows.push(header(more, order.twin_company(), Some(order.twin_account(world)), Some(other)));
        }
        _ => {}
    }
    rows
}
