//! Parties: those of customers, those that were merged, those that took over, and prospects.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::customers::{merged_party, successor};
use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::customer::Customer;
use crate::entity::party::{PERSON, Party, written_kind};
use crate::error::Result;
use crate::schema::TableSchema;
use crate::stamp::{Stamp, record};
use crate::text::shortened;
use crate::time::{DAY, date};
use crate::world::{World, recid, spread, turn};

pub(super) const DIRPARTYTABLE: Table =
    Table { name: "dirpartytable", units: all, rows_per_thousand: 990, commits: 2, rows };

/// Languages as they are spelt in the source.
const LANGUAGES: [&str; 6] = ["en-us", "de", "fr", "EN-US", "", "pt-br"];

/// Parties by number: of customers and of prospects.
pub(super) fn all(world: &World) -> u64 {
    world.customers + world.prospects()
}

/// Whether party `index` is in the party table: an account that shares another one's has none of its own.
pub(super) fn exists(world: &World, index: u64) -> bool {
    index >= world.customers || Customer::of(world, index).has_own_party(index)
}

#[derive(Clone)]
struct Written {
    number: String,
    name: String,
    kind: Option<i64>,
    known_as: Option<String>,
    address_books: Option<&'static str>,
    language: &'static str,
    email: Option<i64>,
    phone: Option<i64>,
    location: Option<i64>,
}

fn rows(world: &World, table: &TableSchema, parties: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = parties.flat_map(|index| of_party(world, index)).collect();
    Columns::of(table, &rows)
        .text("partynumber", rows.iter().map(|r| Some(&r.is.number)))
        .text("name", rows.iter().map(|r| Some(&r.is.name)))
        .text("namealias", rows.iter().map(|r| Some(shortened(&r.is.name, 20))))
        .text("knownas", rows.iter().map(|r| r.is.known_as.as_deref()))
        .text("addressbooknames", rows.iter().map(|r| r.is.address_books))
        .text("languageid", rows.iter().map(|r| Some(r.is.language)))
        .integer("instancerelationtype", rows.iter().map(|r| r.is.kind))
        .integer("primarycontactemail", rows.iter().map(|r| r.is.email))
        .integer("primarycontactphone", rows.iter().map(|r| r.is.phone))
        .integer("primaryaddresslocation", rows.iter().map(|r| r.is.location))
        .finish()
}

fn of_party(world: &World, index: u64) -> Vec<Row<Written>> {
    let mut rows = Vec::new();
    if index < world.customers {
        let customer = Customer::of(world, index);
        rows.extend(merged_party(&customer, index).map(|recid| nameless(recid, index, "Merged")));
        rows.extend(successor(&customer, index).map(|recid| nameless(recid, index, "Successor")));
    }
    if exists(world, index) {
        let party = Party::of(world, index);
        rows.extend(record(vec![written(&party)], world.case(&catalogue::RECORD, index)));
    }
    rows
}

fn written(party: &Party) -> Row<Written> {
    let index = party.index;
    let created_at = date(2015, 1, 1) + spread(index, 2400) * DAY;
    let nobody = (party.case != Some(Case::PartyPointersNull)).then_some(0);
    // The address that is pointed to is lost if the case says so; see the table of electronic addresses.
    let email = if party.has_email { Some(email_recid(index)) } else { nobody };
    let phone = if party.has_phone { phone_recid(index) } else { 0 };
    let location = if party.has_address { Some(location_recid(index)) } else { nobody };
    Row {
        stamp: Stamp::new(party.recid(), Some("dat"), created_at),
        is: Written {
            number: format!("{:09}", index + 1000),
            name: party.name.clone(),
            kind: written_kind(party),
            known_as: index.is_multiple_of(3).then(|| party.first_name.to_owned()),
            address_books: (!index.is_multiple_of(3)).then_some("USRT;USMF"),
            language: turn(&LANGUAGES, index * 5 + index / 7),
            email,
            phone: Some(phone),
            location,
        },
    }
}

/// A party of which little is known.
fn nameless(recid: i64, index: u64, what: &str) -> Row<Written> {
    Row {
        stamp: Stamp::new(recid, Some("dat"), date(2012, 1, 1)),
        is: Written {
            number: format!("{}{:08}", &what[..1], index),
            name: format!("{what} {index}"),
            kind: Some(PERSON),
            known_as: None,
            address_books: None,
            language: "en-us",
            email: Some(0),
            phone: Some(0),
            location: Some(0),
        },
    }
}

pub(super) const fn email_recid(party: u64) -> i64 {
    recid::of(recid::ELECTRONIC, party * 2)
}

pub(super) const fn phone_recid(party: u64) -> i64 {
    recid::of(recid::ELECTRONIC, party * 2 + 1)
}

pub(super) const fn location_recid(party: u64) -> i64 {
    recid::of(recid::LOCATION, party)
}
