//! Lines of orders.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::line::Line;
use crate::entity::order::{self, Order, company, currency};
use crate::entity::product::unit;
use crate::error::Result;
use crate::schema::TableSchema;
use crate::seed::{Domain, signed};
use crate::stamp::{Stamp, record};
use crate::text::other_case;
use crate::time::{DAY, SECOND};
use crate::world::{World, recid};

pub(super) const SALESLINE: Table =
    Table { name: "salesline", units: World::blocks, rows_per_thousand: 1_009_000, commits: 4, rows };

/// An amount that decimal(32,6) holds and decimal(18,4) does not.
const TOO_LARGE: i128 = 123_456_789_012_345_678_901;

#[derive(Clone)]
struct Written {
    index: u64,
    product: u64,
    sales_id: String,
    account: Option<String>,
    company: String,
    currency: &'static str,
    item: Option<String>,
    name: Option<String>,
    quantity: Option<i128>,
    price: Option<i128>,
    discount: Option<i128>,
    amount: Option<i128>,
    cost: Option<i128>,
    status: Option<i64>,
    /// Place within the order.
    number: u64,
    ordered_at: i64,
}

fn rows(world: &World, table: &TableSchema, blocks: Range<u64>) -> Result<RecordBatch> {
    let mut rows = Vec::new();
    for order in blocks.flat_map(|block| order::of_block(world, block)) {
        for number in 0..order.lines {
            rows.extend(of_line(world, &order, number));
        }
        if order.has_twin() {
            rows.push(twin(world, &order));
        }
    }
    let price_unit = |line: &Written| if line.index.is_multiple_of(50) { 100_000_000 } else { 1_000_000 };
    Columns::of(table, &rows)
        .text("dataareaid", rows.iter().map(|r| Some(&r.is.company)))
        .text("salesid", rows.iter().map(|r| Some(&r.is.sales_id)))
        .text("itemid", rows.iter().map(|r| r.is.item.as_deref()))
        .text("name", rows.iter().map(|r| r.is.name.as_deref()))
        .money("salesqty", rows.iter().map(|r| r.is.quantity))
        .money("qtyordered", rows.iter().map(|r| r.is.quantity))
        .money("salesprice", rows.iter().map(|r| r.is.price))
        .money("linedisc", rows.iter().map(|r| r.is.discount))
        .money("lineamount", rows.iter().map(|r| r.is.amount))
        .money("costprice", rows.iter().map(|r| r.is.cost))
        .text("currencycode", rows.iter().map(|r| Some(r.is.currency)))
        .money("linenum", rows.iter().map(|r| i128::from(r.is.number + 1) * 1_000_000))
        .money("priceunit", rows.iter().map(|r| price_unit(&r.is)))
        .text("salesunit", rows.iter().map(|r| Some(unit(r.is.product))))
        .integer("salesstatus", rows.iter().map(|r| r.is.status))
        .text("custaccount", rows.iter().map(|r| r.is.account.as_deref()))
        .text("inventtransid", rows.iter().map(|r| Some(format!("IVT{:010}", r.is.index))))
        .time("shippingdaterequested", rows.iter().map(|r| r.is.ordered_at / DAY * DAY))
        .integer("salestype", rows.iter().map(|_| 3))
        .finish()
}

fn of_line(world: &World, order: &Order, number: u64) -> Vec<Row<Written>> {
    let index = order.first_line + number;
    let case = world.case(&catalogue::LINE, index);
    let mut row = plain(world, order, number, order.company, recid::of(recid::LINE, index));
    remove_values(world, &mut row.is);
    match case {
        Some(Case::LineCompanyOtherCase) => row.is.company = other_case(&row.is.company),
        Some(Case::LineOrphan) => row.is.sales_id = format!("LOST-{}", index % 997),
        Some(Case::LineDateNull) => row.stamp.created_at = None,
        _ => {}
    }
    let mut versions = vec![row];
    if let Some(Case::LineNewerVersion | Case::LineNewerVersionWithoutDate) = case {
        let mut newer = versions[0].clone();
        newer.is.quantity = newer.is.quantity.map(|quantity| quantity + 1_000_000);
        let later = 1 + world.seed.draw(Domain::Clone, index).micros(100_000);
        // Versions of one line never have the same date, nor none twice: a tie of kind N3.
        newer.stamp.created_at = match case {
            Some(Case::LineNewerVersion) => newer.stamp.created_at.map(|at| at + later * SECOND),
            _ => None,
        };
        newer.stamp.written_at += later * SECOND;
        versions.push(newer);
    }
    record(versions, world.case(&catalogue::RECORD, index))
}

/// The first line of the order that has the same number in another company.
fn twin(world: &World, order: &Order) -> Row<Written> {
    let mut row = plain(world, order, 0, order.twin_company(), recid::of(recid::MORE_LINES, order.index));
    row.is.account = Some(order.twin_account(world));
    row
}

/// A line as the source wrote it at first.
fn plain(world: &World, order: &Order, number: u64, company_of: u64, recid: i64) -> Row<Written> {
    let index = order.first_line + number;
    let line = Line::of(world, index);
    let at = order.ordered_at + line.after;
    let company = company(company_of);
    Row {
        stamp: Stamp::new(recid, Some(company), at),
        is: Written {
            index,
            product: line.product.index,
            sales_id: order.sales_id.clone(),
            account: order.account.clone(),
            company: company.to_owned(),
            currency: currency(company_of),
            item: Some(line.product.item),
            name: line.product.name,
            quantity: Some(line.quantity.into()),
            price: Some(line.price.into()),
            discount: Some(line.discount.into()),
            amount: Some(line.amount.into()),
            cost: Some(line.cost.into()),
            status: Some(signed(index % 4 + 1)),
            number,
            ordered_at: order.ordered_at,
        },
    }
}

fn remove_values(world: &World, line: &mut Written) {
    let missing = world.case(&catalogue::LINE_VALUE, line.index);
    match missing {
        Some(Case::LineDiscountNull | Case::LineAmountAndDiscountNull) => line.discount = None,
        Some(Case::LinePriceNull | Case::LineAmountAndPriceNull) => line.price = None,
        Some(Case::LineQuantityNull | Case::LineAmountAndQuantityNull) => line.quantity = None,
        Some(Case::LineCostNull) => line.cost = None,
        _ => {}
    }
    if let Some(
        Case::LineAmountNull
        | Case::LineAmountAndDiscountNull
        | Case::LineAmountAndPriceNull
        | Case::LineAmountAndQuantityNull,
    ) = missing
    {
        line.amount = None;
    }
    if world.case(&catalogue::LINE_RARE, line.index) == Some(Case::LineAmountTooLarge) {
        line.amount = Some(TOO_LARGE);
    }
    match world.case(&catalogue::LINE_ITEM, line.index) {
        Some(Case::LineItemNull) => line.item = None,
        // One name for all of them: two would be a tie of kind N1.
        Some(Case::LineItemEmpty) => {
            (line.item, line.name) = (Some(String::new()), Some("unknown item".to_owned()));
        }
        Some(Case::LineStatusNull) => line.status = None,
        _ => {}
    }
}
