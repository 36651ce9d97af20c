//! Loyalty cards.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::{Row, Table};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::entity::card;
use crate::error::Result;
use crate::schema::TableSchema;
use crate::seed::{Domain, signed};
use crate::stamp::{Stamp, record};
use crate::time::{DAY, NO_DATE, date};
use crate::world::{World, recid, spread, turn};

pub(super) const RETAILLOYALTYCARD: Table =
    Table { name: "retailloyaltycard", units: all, rows_per_thousand: 1050, commits: 1, rows };

/// Party of cards whose holder was never recorded in this environment.
const UNKNOWN_HOLDER: i64 = 424_242;

/// Cards that customers hold, then those that nobody holds.
pub(super) fn all(world: &World) -> u64 {
    world.cards() + world.stray_cards()
}

#[derive(Clone)]
struct Card {
    index: u64,
    number: String,
    party: Option<i64>,
    enrolled_at: Option<i64>,
}

fn rows(world: &World, table: &TableSchema, cards: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = cards.flat_map(|index| of_card(world, index)).collect();
    let blocked = |c: &Card| if c.index.is_multiple_of(50) { date(2025, 1, 1) } else { NO_DATE };
    Columns::of(table, &rows)
        .text("cardnumber", rows.iter().map(|r| Some(&r.is.number)))
        .integer("party", rows.iter().map(|r| r.is.party))
        .integer(
            "omoperatingunitid",
            rows.iter().map(|r| 5_637_140_000 + signed(r.is.index % world.channels)),
        )
        .time("loyaltyenrollmentdate", rows.iter().map(|r| r.is.enrolled_at))
        .time("loyaltyblockeddate", rows.iter().map(|r| blocked(&r.is)))
        .finish()
}

/// Rows of loyalty tables that are not deleted: some say so, some say nothing.
pub(super) fn not_deleted(index: u64) -> Option<bool> {
    (!index.is_multiple_of(3)).then_some(false)
}

fn of_card(world: &World, index: u64) -> Vec<Row<Card>> {
    let case = world.case(&catalogue::CARD, index);
    let mut draw = world.seed.draw(Domain::Card, index);
    let changed_at = date(2023, 1, 1) + draw.micros(700) * DAY;
    let party = match (case, card::holder(world, index)) {
        (Some(Case::CardPartyNull), _) => None,
        (_, Some(customer)) => Some(recid::of(recid::PARTY, customer)),
        (_, None) => Some(turn(&[0, UNKNOWN_HOLDER], index)),
    };
    // "No date" for those who never said when.
    let enrolled = if index % 7 == 2 { NO_DATE } else { date(2020, 1, 1) + spread(index, 900) * DAY };
    let row = |number: String, changed_at: i64| {
        let mut stamp = Stamp::new(recid::of(recid::CARD, index), Some("dat"), changed_at - 10 * DAY);
        (stamp.modified_at, stamp.written_at) = (Some(changed_at), changed_at);
        stamp.deleted = not_deleted(index);
        let enrolled_at = (case != Some(Case::CardEnrollmentNull)).then_some(enrolled);
        Row { stamp, is: Card { index, number, party, enrolled_at } }
    };
    let mut live = row(card::number(index), changed_at);
    // Versions of one card never have the same time of change: a tie of kind N3.
    let versions = match case {
        Some(Case::CardOlderVersion) => {
            vec![row(format!("{}-OLD", card::number(index)), changed_at - 400 * DAY), live]
        }
        Some(Case::CardDeletedAfterLive) => {
            let mut deleted = row(card::number(index), changed_at + 30 * DAY);
            deleted.stamp.deleted = Some(true);
            vec![live, deleted]
        }
        Some(Case::CardModifiedNull) => {
            live.stamp.modified_at = None;
            vec![live]
        }
        _ => vec![live],
    };
    record(versions, None)
}
