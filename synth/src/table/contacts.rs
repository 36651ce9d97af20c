//! Contacts of Dataverse: the other side of customers who are persons.

use std::ops::Range;

use arrow::array::RecordBatch;
use uuid::Builder;

use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::customer::Customer;
use crate::entity::order::company;
use crate::entity::party::Party;
use crate::error::Result;
use crate::schema;
use crate::schema::TableSchema;
use crate::seed::Domain;
use crate::stamp::{Stamp, Stamped};
use crate::time::{DAY, date};
use crate::world::{World, spread};

pub(super) const CONTACT: Table =
    Table { name: schema::CONTACT, units: |world| world.customers, rows_per_thousand: 900, commits: 1, rows };

#[derive(Clone)]
struct Contact {
    id: String,
    first_name: &'static str,
    last_name: &'static str,
    email: Option<String>,
    phone: Option<String>,
    account: String,
    company: Option<&'static str>,
    index: u64,
}

fn rows(world: &World, table: &TableSchema, customers: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = customers.flat_map(|index| of_customer(world, index)).collect();
    let stamps = rows.iter().map(Stamped::stamp);
    Columns::new(table, rows.len())
        .link(stamps.clone(), rows.iter().map(|r| r.is.id.clone()))
        .text("contactid", rows.iter().map(|r| Some(&r.is.id)))
        .text("firstname", rows.iter().map(|r| Some(r.is.first_name)))
        .text("lastname", rows.iter().map(|r| Some(r.is.last_name)))
        .text("fullname", rows.iter().map(|r| Some(format!("{} {}", r.is.first_name, r.is.last_name))))
        .text("emailaddress1", rows.iter().map(|r| r.is.email.as_deref()))
        .text("telephone1", rows.iter().map(|r| r.is.phone.as_deref()))
        .text("msdyn_contactpersonid", rows.iter().map(|r| Some(&r.is.account)))
        .text("msdyn_company", rows.iter().map(|r| r.is.company))
        .integer("statecode", rows.iter().map(|r| i64::from(r.is.index.is_multiple_of(40))))
        .time("createdon", stamps.clone().map(|s| s.created_at))
        .time("modifiedon", stamps.map(|s| s.modified_at))
        .finish()
}

fn of_customer(world: &World, index: u64) -> Vec<Row<Contact>> {
    let customer = Customer::of(world, index);
    let party = Party::of(world, customer.party);
    let case = world.case(&catalogue::CONTACT, index);
    if !party.is_person() || case == Some(Case::ContactMissing) {
        return Vec::new();
    }
    let mut draw = world.seed.draw(Domain::Contact, index);
    let mut contact = || {
        let created_at = date(2016, 1, 1) + spread(index, 2500) * DAY;
        // The record id is the customer's here: contacts have none, and versions are counted by it.
        let mut stamp = Stamp::new(index.cast_signed(), None, created_at);
        stamp.modified_at = Some(date(2020, 1, 1) + spread(index, 1500) * DAY);
        let email = match case {
            Some(Case::ContactEmailDrifted) => Some(format!("private{index}@example.net")),
            _ => party.has_email.then(|| party.email()),
        };
        let is = Contact {
            id: Builder::from_random_bytes(draw.bytes()).into_uuid().to_string(),
            first_name: party.first_name,
            last_name: party.last_name,
            email,
            phone: party.has_phone.then(|| party.phone()),
            account: match case {
                Some(Case::ContactWithoutCustomer) => format!("GONE-{index}"),
                _ => customer.account.clone(),
            },
            company: (case != Some(Case::ContactWithoutCompany)).then(|| company(customer.company)),
            index,
        };
        Row { stamp, is }
    };
    let mut rows = vec![contact()];
    if case == Some(Case::ContactTwice) {
        rows.push(contact());
    }
    rows
}
