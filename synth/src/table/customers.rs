//! Accounts of customers.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::customer::Customer;
use crate::entity::order::{company, currency};
use crate::error::Result;
use crate::schema::TableSchema;
use crate::stamp::{Stamp, record};
use crate::time::{DAY, date};
use crate::world::{World, recid, spread};

pub(super) const CUSTTABLE: Table =
    Table { name: "custtable", units: |world| world.customers, rows_per_thousand: 1016, commits: 2, rows };

/// Records that one account may have.
const RECORDS: u64 = 8;

#[derive(Clone)]
struct Account {
    number: Option<String>,
    party: Option<i64>,
    currency: &'static str,
    group: u64,
}

fn rows(world: &World, table: &TableSchema, customers: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = customers.flat_map(|index| of_customer(world, index)).collect();
    Columns::of(table, &rows)
        .text("accountnum", rows.iter().map(|r| r.is.number.as_deref()))
        .integer("party", rows.iter().map(|r| r.is.party))
        .text("currency", rows.iter().map(|r| Some(r.is.currency)))
        .text("invoiceaccount", rows.iter().map(|r| r.is.number.as_deref()))
        .text("custgroup", rows.iter().map(|r| Some((10 * (r.is.group % 9 + 1)).to_string())))
        .finish()
}

/// Party that an account had before it was merged, where it had one.
pub(super) fn merged_party(customer: &Customer, index: u64) -> Option<i64> {
    matches!(customer.case, Some(Case::CustomerEarlierParty | Case::CustomerSecondRecord))
        .then(|| recid::of(recid::MERGED_PARTY, index))
}

/// Party under which an account was recorded again, where it was.
pub(super) fn successor(customer: &Customer, index: u64) -> Option<i64> {
    (customer.case == Some(Case::CustomerDeletedRecordWins)).then(|| recid::of(recid::SUCCESSOR, index))
}

fn of_customer(world: &World, index: u64) -> Vec<Row<Account>> {
    let customer = Customer::of(world, index);
    let case = customer.case;
    let created_at = date(2016, 1, 1) + spread(index, 2500) * DAY;
    let row = |nth: u64, party: Option<i64>| {
        let company = (case != Some(Case::CustomerWithoutCompany)).then(|| company(customer.company));
        let stamp = Stamp::new(recid::of(recid::CUSTOMER, index * RECORDS + nth), company, created_at);
        let number = (case != Some(Case::CustomerWithoutAccount)).then(|| customer.account.clone());
        Row { stamp, is: Account { number, party, currency: currency(customer.company), group: index } }
    };
    let party = match case {
        Some(Case::CustomerPartyZero) => Some(0),
        Some(Case::CustomerPartyNull) => None,
        Some(Case::CustomerPartyUnknown) => Some(recid::of(recid::UNKNOWN_PARTY, index)),
        _ => Some(recid::of(recid::PARTY, customer.party)),
    };
    let mut versions = vec![row(0, party)];
    if case == Some(Case::CustomerEarlierParty) {
        versions.insert(0, row(0, merged_party(&customer, index)));
    }
    let mut rows = record(versions, world.case(&catalogue::RECORD, index));
    match case {
        Some(Case::CustomerSecondRecord) => rows.push(row(1, merged_party(&customer, index))),
        Some(Case::CustomerSecondRecordUnknownParty) => {
            rows.push(row(2, Some(recid::of(recid::UNKNOWN_PARTY, index))));
        }
        Some(Case::CustomerDeletedRecordWins) => {
            let mut deleted = row(3, successor(&customer, index));
            deleted.stamp.deleted = Some(true);
            rows.push(deleted);
        }
        _ => {}
    }
    rows
}
