//! Postal addresses, each with the window in which it is valid. No location has two that are valid at once (a tie of
//! kind N2) before the year 2095.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::parties::{all, exists, location_recid};
use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::party::Party;
use crate::error::Result;
use crate::schema::TableSchema;
use crate::seed::{Domain, Draw};
use crate::stamp::{Stamp, record};
use crate::text::{CITIES, STREETS, typed};
use crate::time::{DAY, NEVER, NEVER_9999, date};
use crate::world::{World, recid, spread};

pub(super) const LOGISTICSPOSTALADDRESS: Table =
    Table { name: "logisticspostaladdress", units: all, rows_per_thousand: 970, commits: 1, rows };

/// Addresses that a location may have had.
const RECORDS: u64 = 4;

#[derive(Clone)]
struct Address {
    location: i64,
    street: String,
    number: Option<u64>,
    city: (&'static str, &'static str, &'static str, &'static str),
    zip_code: String,
    from: i64,
    to: Option<i64>,
    latitude: Option<i128>,
    longitude: Option<i128>,
}

fn rows(world: &World, table: &TableSchema, parties: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = parties.flat_map(|index| of_party(world, index)).collect();
    let printed = |a: &Address| {
        let (city, state, _, country) = a.city;
        Some(format!("{}\n{city}, {state} {}\n{country}", a.street, a.zip_code))
    };
    Columns::of(table, &rows)
        .integer("location", rows.iter().map(|r| r.is.location))
        .text("address", rows.iter().map(|r| printed(&r.is)))
        .text("street", rows.iter().map(|r| Some(&r.is.street)))
        .text("streetnumber", rows.iter().map(|r| r.is.number.map(|n| n.to_string())))
        .text("city", rows.iter().map(|r| Some(r.is.city.0)))
        .text("state", rows.iter().map(|r| Some(r.is.city.1)))
        .text("county", rows.iter().map(|r| Some(r.is.city.2)))
        .text("countryregionid", rows.iter().map(|r| Some(r.is.city.3)))
        .text("zipcode", rows.iter().map(|r| Some(&r.is.zip_code)))
        .time("validfrom", rows.iter().map(|r| r.is.from))
        .time("validto", rows.iter().map(|r| r.is.to))
        .money("latitude", rows.iter().map(|r| r.is.latitude))
        .money("longitude", rows.iter().map(|r| r.is.longitude))
        .finish()
}

fn of_party(world: &World, index: u64) -> Vec<Row<Address>> {
    if !exists(world, index) || !Party::of(world, index).has_address {
        return Vec::new();
    }
    let case = world.case(&catalogue::ADDRESS, index);
    let mut draw = world.seed.draw(Domain::Address, index);
    let began = date(2018, 1, 1) + spread(index, 700) * DAY;
    let expired = (1, date(2005, 1, 1) + spread(index, 3000) * DAY, Some(date(2017, 12, 31)));
    let valid = match case {
        Some(Case::AddressNever9999) => (0, began, Some(NEVER_9999)),
        Some(Case::AddressOpenEnd) => (0, began, None),
        _ => (0, began, Some(NEVER)),
    };
    let windows = match case {
        Some(Case::AddressMissing) => vec![],
        Some(Case::AddressExpiredOnly) => vec![expired],
        Some(Case::AddressExpiredToo) => vec![expired, valid],
        Some(Case::AddressFutureToo) => {
            vec![valid, (2, date(2095, 1, 1) + spread(index, 700) * DAY, Some(NEVER))]
        }
        _ => vec![valid],
    };
    // A history is told of one of the addresses only.
    let mut history = world.case(&catalogue::RECORD, index);
    let mut rows = Vec::new();
    for (nth, from, to) in windows {
        let mut address = address(world, index, nth, &mut draw);
        (address.from, address.to) = (from, to);
        if case == Some(Case::AddressWithoutCoordinates) {
            (address.latitude, address.longitude) = (None, None);
        }
        let recid = recid::of(recid::ADDRESS, index * RECORDS + nth);
        let row = Row { stamp: Stamp::new(recid, Some("dat"), from.min(date(2025, 1, 1))), is: address };
        rows.extend(record(vec![row], history.take()));
    }
    rows
}

fn address(world: &World, party: u64, nth: u64, draw: &mut Draw) -> Address {
    let number = draw.below(900) + 1;
    let street = format!("{number} {}", draw.pick(&STREETS));
    let coordinate =
        |draw: &mut Draw, reach: u64| Some(i128::from(draw.micros(2 * reach)) - i128::from(reach));
    Address {
        location: location_recid(party),
        street: typed(&street, world.case(&catalogue::TEXT, party * 3 + nth + 31)),
        number: (!party.is_multiple_of(10)).then_some(number),
        city: *draw.pick(&CITIES),
        zip_code: format!("{:05}", draw.below(100_000)),
        from: 0,
        to: None,
        latitude: coordinate(draw, 90_000_000),
        longitude: coordinate(draw, 180_000_000),
    }
}
