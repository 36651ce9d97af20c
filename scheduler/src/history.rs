//! Refreshes that run and that ended.
//!
//! No store of its own: a refresh that runs is known by its lease, one that published by the logs of the tables that it
//! made. What only the scheduler saw, such as refreshes that failed, it knows until it ends.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use goldsmith_lake::commit::entries::{Made, made_lately};
use goldsmith_proto::id::{Layer, RefreshId, Version};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::lakehouse::Lakehouse;
use crate::plan::Mode;
use crate::refresh::{ModelReport, RefreshReport, leased};

/// Commits of each table that are looked at.
const COMMITS: usize = 50;

/// A refresh as `status` and `history` show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefreshSummary {
    /// The refresh.
    pub refresh_id: RefreshId,
    /// Its pinned time.
    pub as_of: DateTime<Utc>,
    /// When it was asked for.
    pub started_at: DateTime<Utc>,
    /// When it ended; none while it runs.
    pub ended_at: Option<DateTime<Utc>>,
    /// `waiting`, `running`, `abandoned` (its process died), `done`, `failed`; `published` where only the logs of tables tell of
    /// it, which do not say whether that was all.
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
    /// The process that runs it, if it is not the one that tells of it.
    #[serde(default)]
    pub process: Option<String>,
    /// What it did, if it ended well. Of one that is known by the logs of tables alone: what those say.
    pub report: Option<RefreshReport>,
}

/// What is going on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StatusReport {
    /// Version of this document's form.
    pub schema_version: u32,
    /// Executors that can be given tasks.
    pub executors: Vec<ExecutorSummary>,
    /// Refreshes that run or wait, oldest first.
    pub refreshes: Vec<RefreshSummary>,
    /// Jobs that lost an executor and were run again, since the scheduler started.
    pub resubmitted_jobs: u64,
}

/// One executor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExecutorSummary {
    /// Its id, which changes whenever it loses the scheduler.
    pub executor_id: String,
    /// Where others reach it.
    pub address: String,
    /// Its cores.
    pub cores: u32,
}

/// Refreshes that ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HistoryReport {
    /// Version of this document's form.
    pub schema_version: u32,
    /// Newest first.
    pub refreshes: Vec<RefreshSummary>,
}

impl HistoryReport {
    /// `known`, and what the logs of the tables say of others.
    #[must_use]
    pub fn of(known: Vec<RefreshSummary>, published: Vec<RefreshSummary>) -> Self {
        let mut refreshes: BTreeMap<RefreshId, RefreshSummary> =
            published.into_iter().map(|refresh| (refresh.refresh_id, refresh)).collect();
        refreshes.extend(known.into_iter().map(|refresh| (refresh.refresh_id, refresh)));
        // Ids sort by the time at which they were made.
        Self { schema_version: 1, refreshes: refreshes.into_values().rev().collect() }
    }
}

impl StatusReport {
    /// The refreshes that write into the gold folder of `lakehouse` now.
    ///
    /// # Errors
    /// If the gold folder cannot be read.
    pub async fn of(lakehouse: &Lakehouse) -> Result<Self> {
        let refreshes = leased(lakehouse).await?;
        Ok(Self { schema_version: 1, executors: Vec::new(), refreshes, resubmitted_jobs: 0 })
    }
}

/// Refreshes that published something lately, oldest first, as the logs of the tables of `lakehouse` tell.
///
/// # Errors
/// If a log cannot be read.
pub async fn published(lakehouse: &Lakehouse) -> Result<Vec<RefreshSummary>> {
    let models =
        lakehouse.pack.dag().models().iter().filter(|model| lakehouse.is_materialised(model.layer()));
    let reading = models.map(|model| async move {
        let location = lakehouse.layer(model.layer())?.table(model.table_name());
        let commits = made_lately(lakehouse.engine.stores(), &location, COMMITS).await?;
        Ok::<_, crate::SchedulerError>((model.layer(), model.name().to_owned(), commits))
    });
    let mut refreshes: BTreeMap<RefreshId, RefreshSummary> = BTreeMap::new();
    for (layer, name, commits) in try_join_all(reading).await? {
        for made in commits {
            let refresh = refreshes.entry(made.note.refresh_id).or_insert_with(|| summary(&made));
            refresh.ended_at = refresh.ended_at.max(Some(made.at));
            if let Some(report) = &mut refresh.report {
                report.models.push(model(layer, &name, &made));
            }
        }
    }
    // One that holds a lease has not ended, unless its process has.
    let leased = leased(lakehouse).await?.into_iter().filter(|refresh| refresh.state == "running");
    let running: BTreeSet<RefreshId> = leased.map(|refresh| refresh.refresh_id).collect();
    Ok(refreshes.into_values().filter(|refresh| !running.contains(&refresh.refresh_id)).collect())
}

fn summary(made: &Made) -> RefreshSummary {
    let (refresh_id, as_of) = (made.note.refresh_id, made.note.as_of);
    RefreshSummary {
        refresh_id,
        as_of,
        started_at: refresh_id.made_at().unwrap_or(made.at),
        ended_at: None,
        state: "published".to_owned(),
        error: None,
        process: None,
        report: Some(RefreshReport {
            schema_version: 1,
            refresh_id,
            as_of,
            elapsed_ms: 0,
            peak_memory_bytes: None,
            processes: Vec::new(),
            models: Vec::new(),
        }),
    }
}

fn model(layer: Layer, name: &str, made: &Made) -> ModelReport {
    ModelReport {
        name: name.to_owned(),
        layer,
        mode: Mode::Full,
        reason: "as the log of the table tells".to_owned(),
        version_before: made.version.get().checked_sub(1).map(Version::new),
        version_after: Some(made.version),
        rows_inserted: made.rows,
        rows_updated: 0,
        rows_deleted: None,
        rows_unchanged: None,
        files_added: made.files,
        files_removed: 0,
        bytes_read: 0,
        bytes_written: made.bytes,
        elapsed_ms: 0,
        audits: Vec::new(),
    }
}
