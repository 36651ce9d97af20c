//! E-mail addresses and phone numbers.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::parties::{all, email_recid, exists, location_recid, phone_recid};
use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::party::Party;
use crate::error::Result;
use crate::schema::TableSchema;
use crate::stamp::{Stamp, record};
use crate::time::{DAY, date};
use crate::world::{World, spread};

pub(super) const LOGISTICSELECTRONICADDRESS: Table =
    Table { name: "logisticselectronicaddress", units: all, rows_per_thousand: 1400, commits: 1, rows };

/// Kinds of address, as the source numbers them.
const PHONE: i64 = 1;
const EMAIL: i64 = 2;

#[derive(Clone)]
struct Electronic {
    kind: i64,
    locator: Option<String>,
    party: u64,
}

fn rows(world: &World, table: &TableSchema, parties: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = parties.flat_map(|index| of_party(world, index)).collect();
    let mobile = |e: &Electronic| i64::from(e.kind == PHONE && e.party.is_multiple_of(2));
    let role = |e: &Electronic| if e.party.is_multiple_of(2) { "Home" } else { "Business" };
    Columns::of(table, &rows)
        .text("locator", rows.iter().map(|r| r.is.locator.as_deref()))
        .integer("type", rows.iter().map(|r| r.is.kind))
        .integer("location", rows.iter().map(|r| location_recid(r.is.party) + 1))
        .text("description", rows.iter().map(|_| Some("Primary")))
        .integer("isprimary", rows.iter().map(|_| 1))
        .integer("ismobilephone", rows.iter().map(|r| mobile(&r.is)))
        .text("electronicaddressroles", rows.iter().map(|r| Some(role(&r.is))))
        .integer("retailmarketingoptin", rows.iter().map(|r| i64::from(r.is.party % 4 == 1)))
        .finish()
}

fn of_party(world: &World, index: u64) -> Vec<Row<Electronic>> {
    if !exists(world, index) {
        return Vec::new();
    }
    let party = Party::of(world, index);
    let row = |recid, kind, locator: String| Row {
        stamp: Stamp::new(recid, Some("dat"), date(2016, 1, 1) + spread(index, 2500) * DAY),
        is: Electronic { kind, locator: (index % 331 != 3).then_some(locator), party: index },
    };
    let mut rows = Vec::new();
    if party.has_email && party.case != Some(Case::PartyEmailLost) {
        let email = row(email_recid(index), EMAIL, party.email());
        rows.extend(record(vec![email], world.case(&catalogue::RECORD, index)));
    }
    if party.has_phone {
        rows.extend(record(vec![row(phone_recid(index), PHONE, party.phone())], None));
    }
    rows
}
