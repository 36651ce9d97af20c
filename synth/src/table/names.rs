//! Names of persons, each with the window in which it is valid. Windows of one person begin at different times: of two
//! that are valid the younger counts, and equals would be a tie of kind N3.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::parties::{all, exists};
use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::party::Party;
use crate::error::Result;
use crate::schema::TableSchema;
use crate::seed::Domain;
use crate::stamp::{Stamp, record};
use crate::text::LAST_NAMES;
use crate::time::{DAY, NEVER, NEVER_9999, SECOND, date};
use crate::world::{World, recid, spread, turn};

pub(super) const DIRPERSONNAME: Table =
    Table { name: "dirpersonname", units: all, rows_per_thousand: 1130, commits: 1, rows };

/// Names that a person may have had.
const RECORDS: u64 = 4;

#[derive(Clone)]
struct Name {
    person: i64,
    first: Option<String>,
    middle: Option<&'static str>,
    last: String,
    prefix: &'static str,
    from: i64,
    to: Option<i64>,
}

fn rows(world: &World, table: &TableSchema, parties: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = parties.flat_map(|index| of_party(world, index)).collect();
    Columns::of(table, &rows)
        .integer("person", rows.iter().map(|r| r.is.person))
        .text("firstname", rows.iter().map(|r| r.is.first.as_deref()))
        .text("middlename", rows.iter().map(|r| r.is.middle))
        .text("lastname", rows.iter().map(|r| Some(&r.is.last)))
        .text("lastnameprefix", rows.iter().map(|r| Some(r.is.prefix)))
        .time("validfrom", rows.iter().map(|r| r.is.from))
        .time("validto", rows.iter().map(|r| r.is.to))
        .finish()
}

fn of_party(world: &World, index: u64) -> Vec<Row<Name>> {
    if !exists(world, index) {
        return Vec::new();
    }
    let party = Party::of(world, index);
    let case = world.case(&catalogue::NAME, index);
    if !party.is_person() || case == Some(Case::NameMissing) {
        return Vec::new();
    }
    let mut draw = world.seed.draw(Domain::Name, index);
    let begin = date(2016, 1, 1) + draw.micros(1500) * DAY + draw.micros(86_400) * SECOND;
    let middle = *draw.pick(&[Some(""), Some("J."), Some("María"), None]);
    let name = |nth: u64, last: String, from: i64, to: Option<i64>| Row {
        stamp: Stamp::new(
            recid::of(recid::NAME, index * RECORDS + nth),
            Some("dat"),
            from.min(date(2025, 1, 1)),
        ),
        is: Name {
            person: party.recid(),
            first: (case != Some(Case::NameFirstNull)).then(|| party.first_name.to_owned()),
            middle,
            last,
            prefix: if index.is_multiple_of(7) { "van" } else { "" },
            from,
            to,
        },
    };
    let last = || party.last_name.to_owned();
    let married = || format!("{}-{}", party.last_name, turn(&LAST_NAMES, index * 5 + 1));
    let expired = || name(1, last(), date(2001, 1, 1) + spread(index, 97) * DAY, Some(date(2015, 1, 1)));
    let valid_to = if case == Some(Case::NameNever9999) { NEVER_9999 } else { NEVER };
    let valid = name(0, last(), begin, Some(valid_to));
    let windows = match case {
        Some(Case::NameExpiredOnly) => vec![expired()],
        Some(Case::NameExpiredToo) => vec![expired(), valid],
        Some(Case::NameFutureToo) => {
            vec![valid, name(2, married(), date(2095, 1, 1) + spread(index, 31) * DAY, Some(NEVER))]
        }
        Some(Case::NameTwoValid) => vec![valid, name(3, married(), begin + 401 * DAY, Some(NEVER))],
        Some(Case::NameOpenEnd) => vec![valid, name(3, married(), begin + 400 * DAY, None)],
        _ => vec![valid],
    };
    // A history is told of one of the names only.
    let mut history = world.case(&catalogue::RECORD, index);
    windows.into_iter().flat_map(|row| record(vec![row], history.take())).collect()
}
