//! Changes a lake as its sources do between two refreshes.
//!
//! A change looks at the lake as it stands, so it fits whatever earlier changes left, and a change that broke off can
//! simply be followed by another. New records and versions are numbered by the **step**: the sum of the versions of all
//! tables, which every commit makes greater.

mod change;
mod edit;
mod file;
mod pick;
mod read;
mod rewrite;

use std::num::NonZeroUsize;
use std::time::Instant;

use arrow::array::RecordBatch;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use goldsmith_lake::commit::apply::checkpoint_if_due;
use goldsmith_lake::{LakeError, Location, Stores};
use goldsmith_proto::id::Version;
use serde::Serialize;

use self::edit::Numbers;
use self::pick::{Lot, Record, Wanted, pick};
use self::read::Table;
use self::rewrite::{Change, rewrite};
use crate::commit::{self, Operation, commit};
use crate::error::{Result, SynthError};
use crate::generate::Clock;
use crate::progress::Progress;
use crate::stage::stage;
use crate::table::TABLES;
use crate::time::{SECOND, date};

/// How much to change.
#[derive(Debug, Clone, Copy)]
pub struct MutateOptions {
    /// Share of the rows that each kind of change touches, about; at least one.
    pub fraction: f64,
    /// Together with what the lake holds it says which rows.
    pub seed: u64,
    /// Files that are written at a time.
    pub threads: NonZeroUsize,
}

/// What was changed.
#[derive(Debug, Clone, Serialize)]
pub struct Mutated {
    /// The folder.
    pub location: String,
    /// As asked for.
    pub fraction: f64,
    /// As asked for.
    pub seed: u64,
    /// Number of the change: it grows with every commit to the lake.
    pub step: u64,
    /// From the first row that was read to the last commit.
    pub elapsed_ms: u64,
    /// The commits, in order.
    pub commits: Vec<MutatedTable>,
}

/// One commit of a change.
#[derive(Debug, Clone, Serialize)]
pub struct MutatedTable {
    /// Kind of change.
    pub change: &'static str,
    /// The table.
    pub table: &'static str,
    /// What the commit calls itself: `WRITE`, `MERGE`, `UPDATE` or `DELETE`.
    pub operation: &'static str,
    /// The version that it made.
    pub version: Version,
    /// Rows that were added, changed or removed.
    pub rows: u64,
    /// Files that the version adds.
    pub files_added: usize,
    /// Files that it removes.
    pub files_removed: usize,
}

/// First record id of what changes add, in every table.
const NEW_RECORDS: i64 = 100_000_000_000_000;
/// Records that one step may add.
const RECORDS_OF_STEP: i64 = 10_000_000;
/// First version number that changes write.
const NEW_VERSIONS: i64 = 1_000_000_000_000;
/// Version numbers that one step may write.
const VERSIONS_OF_STEP: i64 = 10_000_000_000;

/// Commits one change of the lake at `location`: new orders, late and corrected lines, changed contacts, moved
/// addresses, new names, soft and hard deletes, a customer moved to another party, new customers, a renamed channel.
///
/// Each commit stands for itself: if one fails, those before it stay and the lake is whole.
///
/// - **Cancel:** safe to drop; what was committed stays
/// # Errors
/// [`SynthError::Option`] if the fraction means nothing, [`SynthError::NoLake`] if the folder is no lake,
/// [`SynthError::Conflict`] if another writer commits at the same time; otherwise what the storage says.
pub async fn mutate(
    stores: &Stores,
    location: &Location,
    options: &MutateOptions,
    clock: Clock,
    progress: &dyn Progress,
) -> Result<Mutated> {
    let started = Instant::now();
    if !(options.fraction > 0.0 && options.fraction <= 1.0) {
        let hint = "give a number above 0 and up to 1, such as 0.001";
        return Err(SynthError::Option { what: "fraction", value: options.fraction, hint });
    }
    let mut step = 1;
    for table in &TABLES {
        step += match Table::open(stores, location, table.name).await {
            Ok(table) => table.version().get(),
            Err(SynthError::Lake(LakeError::NotATable { .. })) => {
                return Err(SynthError::NoLake { location: location.to_string(), table: table.name });
            }
            Err(error) => return Err(error),
        };
    }
    let mut lake = Lake {
        stores,
        location,
        fraction: options.fraction,
        lot: Lot { seed: options.seed, step },
        threads: options.threads.get(),
        clock,
        progress,
        new_records: 0,
        new_versions: 0,
        commits: Vec::new(),
    };
    change::all(&mut lake).await?;
    Ok(Mutated {
        location: location.to_string(),
        fraction: options.fraction,
        seed: options.seed,
        step,
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        commits: lake.commits,
    })
}

/// A lake while it is changed.
struct Lake<'a> {
    stores: &'a Stores,
    location: &'a Location,
    fraction: f64,
    lot: Lot,
    threads: usize,
    clock: Clock,
    progress: &'a dyn Progress,
    new_records: i64,
    new_versions: i64,
    commits: Vec<MutatedTable>,
}

impl Lake<'_> {
    /// The table as it is now.
    async fn open(&self, name: &'static str) -> Result<Table> {
        Table::open(self.stores, self.location, name).await
    }

    async fn pick(&self, table: &Table, wanted: &Wanted<'_>) -> Result<Vec<Record>> {
        pick(table, self.lot, wanted).await
    }

    const fn step(&self) -> i64 {
        self.lot.step.cast_signed()
    }

    /// Ids for so many new records.
    fn new_recids(&mut self, records: usize) -> Vec<i64> {
        let first = NEW_RECORDS + 3 * (self.step() * RECORDS_OF_STEP + self.new_records);
        let ids: Vec<i64> = (0..records).zip(0..).map(|(_, n)| first + 3 * n).collect();
        self.new_records += ids.len() as i64;
        ids
    }

    /// Numbers for one commit of so many rows.
    fn numbers(&mut self, rows: usize) -> Numbers {
        let version = NEW_VERSIONS + self.step() * VERSIONS_OF_STEP + self.new_versions;
        self.new_versions += rows as i64;
        // After every time of change in the lake; a minute is enough for the rows of most commits.
        Numbers {
            version,
            written_at: date(2026, 1, 1) + (self.step() * 60 + self.commits.len() as i64) * SECOND,
        }
    }

    /// Commits new rows.
    async fn append(&mut self, change: &'static str, table: &Table, rows: RecordBatch) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let count = rows.num_rows() as u64;
        let stream = RecordBatchStreamAdapter::new(rows.schema(), futures::stream::iter([Ok(rows)]));
        let files = stage(&table.stores, table.name, &table.location, Box::pin(stream)).await?;
        self.progress.stored(table.name, files.iter().map(|file| file.size_bytes).sum());
        let actions = commit::append(Operation::Write, table.version(), &files, (self.clock)());
        let version =
            commit(self.stores, table.name, &table.location, table.version().next(), &actions).await?;
        let done = MutatedTable {
            change,
            table: table.name,
            operation: Operation::Write.name(),
            version,
            rows: count,
            files_added: files.len(),
            files_removed: 0,
        };
        self.committed(done).await
    }

    /// Commits changed rows, or without `edit` their removal.
    async fn rewrite(
        &mut self,
        change: &'static str,
        table: &Table,
        operation: Operation,
        records: &[Record],
        edit: Option<Change>,
    ) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let files = rewrite(table, records, edit, self.threads).await?;
        self.progress.stored(table.name, files.added.iter().map(|file| file.size_bytes).sum());
        let actions = commit::rewrite(&operation, table.version(), &files, (self.clock)());
        let version =
            commit(self.stores, table.name, &table.location, table.version().next(), &actions).await?;
        let done = MutatedTable {
            change,
            table: table.name,
            operation: operation.name(),
            version,
            rows: files.rows,
            files_added: files.added.len(),
            files_removed: files.removed.len(),
        };
        self.committed(done).await
    }

    async fn committed(&mut self, done: MutatedTable) -> Result<()> {
        self.progress.written(done.table, done.rows);
        self.progress.committed(done.table, done.operation);
        let table = self.open(done.table).await?;
        self.commits.push(done);
        checkpoint_if_due(&table.snapshot).await;
        self.progress.finished(table.name);
        Ok(())
    }
}

/// Rows that `records` have in all.
fn rows_of(records: &[Record]) -> usize {
    records.iter().map(|record| record.rows.len()).sum()
}
