//! Departments, the categories below them, and the category of each product.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::products::product_recid;
use super::{Row, Table};
use crate::columns::Columns;
use crate::entity::product::category;
use crate::error::Result;
use crate::schema::TableSchema;
use crate::stamp::Stamp;
use crate::text::GOODS;
use crate::time::date;
use crate::world::{World, recid, turn};

pub(super) const ECORESCATEGORY: Table = Table {
    name: "ecorescategory",
    units: |_| DEPARTMENTS + DEPARTMENTS * CATEGORIES,
    rows_per_thousand: 1000,
    commits: 1,
    rows: categories,
};

pub(super) const ECORESPRODUCTCATEGORY: Table = Table {
    name: "ecoresproductcategory",
    units: |world| world.products,
    rows_per_thousand: 1000,
    commits: 1,
    rows: assigned,
};

const DEPARTMENTS: u64 = GOODS.len() as u64;
const CATEGORIES: u64 = 9;

/// Departments come first, then the categories of each.
const fn category_recid(department: u64, category: Option<u64>) -> i64 {
    let index = match category {
        None => department,
        Some(category) => DEPARTMENTS + department * CATEGORIES + category,
    };
    recid::of(recid::PRODUCT, index)
}

fn rows_of(units: Range<u64>) -> Vec<Row<u64>> {
    let row = |unit| Stamp::new(recid::of(recid::PRODUCT, unit), Some("dat"), date(2015, 1, 1));
    units.map(|unit| Row { stamp: row(unit), is: unit }).collect()
}

fn categories(_: &World, table: &TableSchema, units: Range<u64>) -> Result<RecordBatch> {
    let rows = rows_of(units);
    // A department, or a department and the category below it.
    let place = |unit: u64| match unit.checked_sub(DEPARTMENTS) {
        None => (unit, None),
        Some(below) => (below / CATEGORIES, Some(below % CATEGORIES)),
    };
    let name = |unit: u64| {
        let (department, category) = place(unit);
        let below = category.map_or_else(String::new, |category| format!("/{category}"));
        Some(format!("{} department{below}", turn(&GOODS, department)))
    };
    let parent = |unit: u64| match place(unit) {
        (_, None) => 0,
        (department, Some(_)) => category_recid(department, None),
    };
    Columns::of(table, &rows)
        .text("name", rows.iter().map(|r| name(r.is)))
        .text("code", rows.iter().map(|r| Some(format!("CAT{:05}", r.is))))
        .integer("parentcategory", rows.iter().map(|r| parent(r.is)))
        .integer("level", rows.iter().map(|r| if r.is < DEPARTMENTS { 1 } else { 2 }))
        .finish()
}

fn assigned(_: &World, table: &TableSchema, units: Range<u64>) -> Result<RecordBatch> {
    let rows = rows_of(units);
    let of_product = |product: u64| {
        let (department, category) = category(product);
        category_recid(department, Some(category))
    };
    Columns::of(table, &rows)
        .integer("product", rows.iter().map(|r| product_recid(r.is)))
        .integer("category", rows.iter().map(|r| of_product(r.is)))
        .finish()
}
