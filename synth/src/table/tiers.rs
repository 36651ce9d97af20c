//! Tiers of loyalty cards. No card has two that are valid at once (a tie of kind N1) before the year 2095.

use std::ops::Range;

use arrow::array::RecordBatch;

use super::cards::{all, not_deleted};
use super::{Row, Table, programs};
use crate::catalogue::{self, Case};
use crate::columns::Columns;
use crate::error::Result;
use crate::schema::TableSchema;
use crate::seed::{Domain, signed};
use crate::stamp::{Stamp, record};
use crate::time::{DAY, NEVER, NEVER_9999, NO_DATE, date};
use crate::world::{World, recid, spread};

pub(super) const RETAILLOYALTYCARDTIER: Table =
    Table { name: "retailloyaltycardtier", units: all, rows_per_thousand: 1200, commits: 1, rows };

/// Tiers that a card may have had.
const RECORDS: u64 = 4;

#[derive(Clone)]
struct Tier {
    card: i64,
    level: Option<i64>,
    program: i64,
    from: i64,
    to: Option<i64>,
}

fn rows(world: &World, table: &TableSchema, cards: Range<u64>) -> Result<RecordBatch> {
    let rows: Vec<_> = cards.flat_map(|index| of_card(world, index)).collect();
    Columns::of(table, &rows)
        .integer("loyaltycard", rows.iter().map(|r| r.is.card))
        .integer("loyaltytier", rows.iter().map(|r| r.is.level))
        .integer("affiliation", rows.iter().map(|r| r.is.program))
        .time("validfrom", rows.iter().map(|r| r.is.from))
        .time("validto", rows.iter().map(|r| r.is.to))
        .finish()
}

/// Record id of a level within a program.
pub(super) const fn level(index: u64) -> i64 {
    5_637_144 + spread(index, 4)
}

fn of_card(world: &World, index: u64) -> Vec<Row<Tier>> {
    let case = world.case(&catalogue::TIER, index);
    let began = date(2020, 1, 1) + spread(index, 600) * DAY;
    let from_2095 = date(2095, 1, 1) + spread(index, 300) * DAY;
    let valid = (0, began, Some(NEVER));
    let windows = match case {
        Some(Case::TierMissing) => vec![],
        Some(Case::TierNever9999) => vec![(0, began, Some(NEVER_9999))],
        Some(Case::TierOpen1900) => vec![(0, began, Some(NO_DATE))],
        Some(Case::TierOpenEnd) => vec![(0, began, None)],
        Some(Case::TierExpiredToo) => vec![(1, began - 1200 * DAY, Some(date(2019, 12, 31))), valid],
        Some(Case::TierFutureToo) => vec![valid, (2, from_2095, Some(NEVER))],
        Some(Case::TierFutureOpen) => vec![valid, (3, from_2095 + 365 * DAY, None)],
        _ => vec![valid],
    };
    // A history is told of one of the tiers only.
    let mut history = world.case(&catalogue::TIER_VERSION, index);
    let tiers = windows.into_iter().map(|(nth, from, to)| (nth, from, to, history.take()));
    tiers.flat_map(|(nth, from, to, history)| tier(world, index, nth, (from, to), history)).collect()
}

fn tier(
    world: &World,
    card: u64,
    nth: u64,
    (from, to): (i64, Option<i64>),
    history: Option<Case>,
) -> Vec<Row<Tier>> {
    let mut draw = world.seed.draw(Domain::Tier, card * RECORDS + nth);
    let changed_at = date(2023, 1, 1) + draw.micros(700) * DAY;
    let program = programs::recid(draw.below(programs::COUNT));
    let row = |nth_version: u64, changed_at: i64| {
        let recid = recid::of(recid::TIER, card * RECORDS + nth);
        let mut stamp = Stamp::new(recid, Some("dat"), date(2020, 1, 1) + signed(card % 900) * DAY);
        (stamp.modified_at, stamp.written_at) = (Some(changed_at), changed_at);
        stamp.deleted = not_deleted(card);
        let level = (history != Some(Case::TierLevelNull)).then_some(level(card + nth_version));
        Row { stamp, is: Tier { card: recid::of(recid::CARD, card), level, program, from, to } }
    };
    let mut live = row(0, changed_at);
    // Versions of one tier never have the same time of change: a tie of kind N3.
    let versions = match history {
        Some(Case::TierOlderVersion) => vec![row(1, changed_at - 400 * DAY), live],
        Some(Case::TierDeletedAfterLive) => {
            let mut deleted = row(2, changed_at + 30 * DAY);
            deleted.stamp.deleted = Some(true);
            vec![live, deleted]
        }
        Some(Case::TierModifiedNull) => {
            live.stamp.modified_at = None;
            vec![live]
        }
        _ => vec![live],
    };
    record(versions, None)
}
