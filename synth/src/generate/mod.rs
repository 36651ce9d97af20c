//! Makes a new lake.
//!
//! ```text
//!   table ──▶ CREATE TABLE ──▶ units of commit 1 ─┬▶ part ──▶ files ┐
//!                                                 └▶ part ──▶ files ┴▶ WRITE ──▶ units of commit 2 …
//! ```
//!
//! A part makes its rows batch by batch and closes a file when it is full, so that memory depends on the number of
//! threads and not on the scale. How units are shared among commits and parts depends on their number alone.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::{StreamExt, TryStreamExt};
use goldsmith_lake::{Location, Stores};
use goldsmith_proto::id::{TableName, Version};
use goldsmith_proto::lake::v1::StagedFile;
use object_store::ObjectStore;
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::commit::{Operation, append, commit, create};
use crate::error::{Result, SynthError};
use crate::progress::Progress;
use crate::schema::{self, TableSchema};
use crate::stage::stage;
use crate::table::{TABLES, Table};
use crate::world::World;

/// The clock of the machine, for the times of commits.
pub type Clock = fn() -> DateTime<Utc>;

/// What lake to make.
#[derive(Debug, Clone, Copy)]
pub struct GenerateOptions {
    /// 1 is 100,000 customers and 1,000,000 sales lines; less than 0.001 counts as 0.001.
    pub scale: f64,
    /// The same seed and scale give the same rows.
    pub seed: u64,
    /// Files that are written at a time; what is written does not depend on it.
    pub threads: NonZeroUsize,
}

/// What was made.
#[derive(Debug, Clone, Serialize)]
pub struct Generated {
    /// The folder.
    pub location: String,
    /// As asked for.
    pub scale: f64,
    /// As asked for.
    pub seed: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// From the first row to the last commit.
    pub elapsed_ms: u64,
    /// The tables by name.
    pub tables: Vec<GeneratedTable>,
}

/// One table that was made.
#[derive(Debug, Clone, Serialize)]
pub struct GeneratedTable {
    /// Its name.
    pub name: String,
    /// Its latest version.
    pub version: Version,
    /// Its rows.
    pub rows: u64,
    /// Its files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// The largest scale: a hundred million customers.
const LARGEST_SCALE: f64 = 1000.0;

/// Rows of one batch, about.
const BATCH_ROWS: u64 = 8192;

/// Rows for which one part of a commit is too few.
const PART_ROWS: u64 = 60_000;

/// Makes a lake of twenty Delta tables in the folder at `location`, which is empty or does not exist.
///
/// - **Cancel:** safe to drop; what was committed stays, and the folder is no longer empty
/// # Errors
/// [`SynthError::NotEmpty`] if something is there, [`SynthError::Option`] if the scale means nothing; otherwise what the
/// storage says.
pub async fn generate(
    stores: &Stores,
    location: &Location,
    options: &GenerateOptions,
    clock: Clock,
    progress: &dyn Progress,
) -> Result<Generated> {
    let started = Instant::now();
    if !(options.scale > 0.0 && options.scale <= LARGEST_SCALE) {
        let hint = "give a number above 0 and up to 1000, such as 0.1";
        return Err(SynthError::Option { what: "scale", value: options.scale, hint });
    }
    refuse_what_is_not_empty(stores, location).await?;
    let world = Arc::new(World::new(options.seed, options.scale));
    let schemas = schema::load()?;
    progress.planned(TABLES.iter().map(|table| expected(table, (table.units)(&world))).sum());
    let job =
        Job { stores, location, world, clock, progress, permits: Semaphore::new(options.threads.get()) };
    let mut tables: Vec<GeneratedTable> = futures::stream::iter(&TABLES)
        .map(|table| {
            let schema = schemas.get(table.name).map(Arc::clone);
            let missing = || SynthError::Schema { reason: format!("`{}` is not in it", table.name) };
            let job = &job;
            async move { job.table(table, schema.ok_or_else(missing)?).await }
        })
        // All at once: the permits say how much of it runs.
        .buffer_unordered(TABLES.len())
        .try_collect()
        .await?;
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Generated {
        location: location.to_string(),
        scale: options.scale,
        seed: options.seed,
        rows: tables.iter().map(|table| table.rows).sum(),
        bytes: tables.iter().map(|table| table.bytes).sum(),
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        tables,
    })
}

async fn refuse_what_is_not_empty(stores: &Stores, location: &Location) -> Result<()> {
    let path = location.store_path()?;
    match stores.root(location)?.list_with_delimiter(Some(&path)).await {
        Ok(found) if found.objects.is_empty() && found.common_prefixes.is_empty() => Ok(()),
        Ok(_) => Err(SynthError::NotEmpty { location: location.to_string() }),
        Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(source) => Err(SynthError::List { location: location.to_string(), source: Box::new(source) }),
    }
}

/// About how many rows `units` of a table give.
const fn expected(table: &Table, units: u64) -> u64 {
    units * table.rows_per_thousand / 1000
}

/// `range` in `parts` pieces whose lengths differ by at most one.
fn split(range: &Range<u64>, parts: u64) -> impl Iterator<Item = Range<u64>> + use<> {
    let (start, length) = (range.start, range.end - range.start);
    (0..parts).map(move |part| start + length * part / parts..start + length * (part + 1) / parts)
}

struct Job<'a> {
    stores: &'a Stores,
    location: &'a Location,
    world: Arc<World>,
    clock: Clock,
    progress: &'a dyn Progress,
    permits: Semaphore,
}

impl Job<'_> {
    async fn table(&self, table: &'static Table, schema: Arc<TableSchema>) -> Result<GeneratedTable> {
        let location = self.location.table(&TableName::try_new(table.name)?);
        let actions = create(table.name, &schema.arrow, (self.clock)())?;
        let mut version = commit(self.stores, table.name, &location, Version::FIRST, &actions).await?;
        self.progress.committed(table.name, "CREATE TABLE");
        let mut files = Vec::new();
        let units = (table.units)(&self.world);
        for range in split(&(0..units), table.commits) {
            let parts =
                (expected(table, range.end - range.start) / PART_ROWS).max(u64::from(table.commits > 1) + 1);
            let staged: Vec<Vec<StagedFile>> = futures::stream::iter(split(&range, parts))
                .map(|range| self.part(table, &schema, &location, range))
                .buffered(usize::try_from(parts).unwrap_or(1))
                .try_collect()
                .await?;
            let staged = staged.concat();
            if staged.is_empty() {
                continue;
            }
            let actions = append(Operation::Write, version, &staged, (self.clock)());
            version = commit(self.stores, table.name, &location, version.next(), &actions).await?;
            self.progress.committed(table.name, Operation::Write.name());
            files.extend(staged);
        }
        self.progress.finished(table.name);
        Ok(GeneratedTable {
            name: table.name.to_owned(),
            version,
            rows: files.iter().map(|file| file.rows).sum(),
            bytes: files.iter().map(|file| file.size_bytes).sum(),
            files: files.len(),
        })
    }

    /// Writes some units of a table as files, on a thread of its own as soon as there is one.
    async fn part(
        &self,
        table: &'static Table,
        schema: &Arc<TableSchema>,
        location: &Location,
        units: Range<u64>,
    ) -> Result<Vec<StagedFile>> {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        let per_batch = (BATCH_ROWS * 1000 / table.rows_per_thousand).max(1);
        let batches = (units.end - units.start).div_ceil(per_batch);
        let world = Arc::clone(&self.world);
        let columns = Arc::clone(schema);
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let rows = split(&units, batches).map(move |units| {
            let batch: Result<RecordBatch> = (table.rows)(&world, &columns, units);
            let batch = batch.map_err(|e| DataFusionError::External(Box::new(e)))?;
            // Nobody listens any more once the part has failed.
            let _ = tell.send(batch.num_rows() as u64);
            Ok(batch)
        });
        let stream = RecordBatchStreamAdapter::new(Arc::clone(&schema.arrow), futures::stream::iter(rows));
        let (stores, location) = (self.stores.clone(), location.clone());
        let written =
            SpawnedTask::spawn(async move { stage(&stores, table.name, &location, Box::pin(stream)).await });
        while let Some(rows) = told.recv().await {
            self.progress.written(table.name, rows);
        }
        let ended = |source| SynthError::Write {
            table: table.name.to_owned(),
            location: self.location.to_string(),
            source: Box::new(DataFusionError::ExecutionJoin(Box::new(source))),
        };
        let files = written.join_unwind().await.map_err(ended)??;
        self.progress.stored(table.name, files.iter().map(|file| file.size_bytes).sum());
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_range_without_overlap() {
        for (range, parts) in [(0..10, 3), (5..5, 2), (7..9, 4)] {
            let pieces: Vec<_> = split(&range, parts).collect();
            assert_eq!(pieces.iter().flat_map(Clone::clone).collect::<Vec<_>>(), range.collect::<Vec<_>>());
        }
    }
}
