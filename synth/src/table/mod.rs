//! The twenty tables: how many units each is made of, and the rows of a range of them.

mod addresses;
mod cards;
mod categories;
mod channels;
mod contacts;
mod customers;
mod electronic;
mod headers;
mod lines;
mod locations;
mod names;
mod parties;
mod payments;
mod points;
mod products;
mod programs;
mod tiers;

use std::ops::Range;

use arrow::array::RecordBatch;

use crate::error::Result;
use crate::schema::TableSchema;
use crate::stamp::{Stamp, Stamped};
use crate::world::World;

/// One table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// What it is made of: customers, orders in blocks, cards and so on. Units are independent of one another.
    pub(crate) units: fn(&World) -> u64,
    /// About how many rows a thousand units give.
    pub(crate) rows_per_thousand: u64,
    /// Commits over which its first rows are spread; large tables arrive in several.
    pub(crate) commits: u64,
    /// The rows of some units.
    pub(crate) rows: fn(&World, &TableSchema, Range<u64>) -> Result<RecordBatch>,
}

/// All tables, the slowest first, so that no core is left with one of them at the end.
pub(crate) static TABLES: [Table; 20] = [
    lines::SALESLINE,
    headers::SALESTABLE,
    payments::RETAILTRANSACTIONPAYMENTTRANS,
    customers::CUSTTABLE,
    points::RETAILLOYALTYCARDREWARDPOINTTRANS,
    contacts::CONTACT,
    parties::DIRPARTYTABLE,
    addresses::LOGISTICSPOSTALADDRESS,
    locations::LOGISTICSLOCATION,
    electronic::LOGISTICSELECTRONICADDRESS,
    names::DIRPERSONNAME,
    products::INVENTTABLE,
    products::ECORESPRODUCT,
    products::ECORESPRODUCTTRANSLATION,
    categories::ECORESPRODUCTCATEGORY,
    categories::ECORESCATEGORY,
    cards::RETAILLOYALTYCARD,
    tiers::RETAILLOYALTYCARDTIER,
    channels::RETAILCHANNELTABLE,
    programs::RETAILAFFILIATION,
];

/// A row: its stamp and what the table adds.
#[derive(Debug, Clone)]
struct Row<T> {
    stamp: Stamp,
    is: T,
}

impl<T: Clone> Stamped for Row<T> {
    fn stamp(&self) -> &Stamp {
        &self.stamp
    }
    fn stamp_mut(&mut self) -> &mut Stamp {
        &mut self.stamp
    }
}
