//! Products, released to two of the companies and named in two languages.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::{Row, Table};
use crate::columns::Columns;
use crate::entity::order::company;
use crate::entity::product::Product;
use crate::error::Result;
use crate::schema::TableSchema;
use crate::stamp::Stamp;
use crate::text::shortened;
use crate::time::{DAY, date};
use crate::world::{World, recid, spread, turn};

pub(super) const INVENTTABLE: Table = Table {
    name: "inventtable",
    units: |world| world.products * COPIES,
    rows_per_thousand: 1000,
    commits: 1,
    rows: released,
};

pub(super) const ECORESPRODUCT: Table = Table {
    name: "ecoresproduct",
    units: |world| world.products,
    rows_per_thousand: 1000,
    commits: 1,
    rows: products,
};

pub(super) const ECORESPRODUCTTRANSLATION: Table = Table {
    name: "ecoresproducttranslation",
    units: |world| world.products * COPIES,
    rows_per_thousand: 1000,
    commits: 1,
    rows: translated,
};

/// Companies that a product is released to, and languages that it is named in.
const COPIES: u64 = 2;

/// One of the copies of a product.
#[derive(Clone)]
struct Copy {
    product: Product,
    nth: u64,
}

fn row(world: &World, unit: u64, copies: u64, company: Option<&'static str>) -> Row<Copy> {
    let product = Product::of(world, unit / copies);
    let created_at = date(2015, 1, 1) + spread(product.index, 3000) * DAY;
    let stamp = Stamp::new(recid::of(recid::PRODUCT, unit), company, created_at);
    Row { stamp, is: Copy { product, nth: unit % copies } }
}

/// Record id of the product itself.
pub(super) const fn product_recid(index: u64) -> i64 {
    recid::of(recid::PRODUCT, index)
}

fn released(world: &World, table: &TableSchema, units: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = units.map(|unit| row(world, unit, COPIES, Some(company(unit % COPIES)))).collect();
    Columns::of(table, &rows)
        .text("itemid", rows.iter().map(|r| Some(&r.is.product.item)))
        .integer("product", rows.iter().map(|r| product_recid(r.is.product.index)))
        .text("namealias", rows.iter().map(|r| r.is.product.name.as_ref().map(|name| shortened(name, 20))))
        .money("netweight", rows.iter().map(|r| i128::from(r.is.product.index % 900 + 50) * 1_000))
        .finish()
}

fn products(world: &World, table: &TableSchema, units: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = units.map(|unit| row(world, unit, 1, Some("dat"))).collect();
    Columns::of(table, &rows)
        .text("displayproductnumber", rows.iter().map(|r| Some(&r.is.product.item)))
        .integer("producttype", rows.iter().map(|_| 1))
        .text("searchname", rows.iter().map(|r| r.is.product.name.as_ref().map(|name| shortened(name, 15))))
        .finish()
}

fn translated(world: &World, table: &TableSchema, units: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = units.map(|unit| row(world, unit, COPIES, Some("dat"))).collect();
    let name = |copy: &Copy| {
        copy.product.name.as_ref().map(|name| format!("{name}{}", turn(&["", " (de)"], copy.nth)))
    };
    Columns::of(table, &rows)
        .integer("product", rows.iter().map(|r| product_recid(r.is.product.index)))
        .text("languageid", rows.iter().map(|r| Some(turn(&["en-us", "de"], r.is.nth))))
        .text("name", rows.iter().map(|r| name(&r.is)))
        .text("description", rows.iter().map(|r| Some(format!("{} g", r.is.product.index % 900 + 50))))
        .finish()
}
