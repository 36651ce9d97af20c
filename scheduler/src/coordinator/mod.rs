//! The coordinator: plans and applies refreshes for whoever asks over the control API, one at a time.

pub mod client;
mod failure;
mod run;
mod serve;
mod service;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use goldsmith_proto::id::RefreshId;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio_util::task::TaskTracker;

pub use self::failure::RemoteError;
use self::run::Run;
pub use self::serve::{ServeError, serve};
use crate::lakehouse::Lakehouse;
use crate::plan::PlanOptions;
use crate::refresh::{Clock, RefreshReport};

/// Refreshes that are remembered after their end.
const REMEMBERED: usize = 200;

/// Plans and applies refreshes over one lakehouse.
#[derive(Debug)]
pub struct Coordinator {
    lakehouse: Lakehouse,
    clock: Clock,
    /// Refreshes that run, wait, or ended lately.
    refreshes: Mutex<BTreeMap<RefreshId, Arc<Run>>>,
    /// Held by the refresh that runs: they write into one gold folder.
    turn: tokio::sync::Mutex<()>,
    tasks: TaskTracker,
}

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
    /// `waiting`, `running`, `done` or `failed`.
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
    /// What it did, if it ended well.
    pub report: Option<RefreshReport>,
}

/// What a scheduler is doing.
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

impl Coordinator {
    /// A coordinator over `lakehouse`.
    #[must_use]
    pub fn new(lakehouse: Lakehouse, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            lakehouse,
            clock,
            refreshes: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            tasks: TaskTracker::new(),
        })
    }

    /// The refresh `id`, which is begun if it is not known.
    fn refresh(self: &Arc<Self>, id: RefreshId, as_of: DateTime<Utc>, options: PlanOptions) -> Arc<Run> {
        let mut refreshes = self.refreshes.lock();
        if let Some(run) = refreshes.get(&id) {
            return Arc::clone(run);
        }
        let run = Arc::new(Run::new(id, as_of, (self.clock)()));
        refreshes.insert(id, Arc::clone(&run));
        let ended: Vec<RefreshId> =
            refreshes.iter().filter(|(_, run)| run.has_ended()).map(|(id, _)| *id).collect();
        for old in ended.iter().take(ended.len().saturating_sub(REMEMBERED)) {
            refreshes.remove(old);
        }
        drop(refreshes);
        // A task of its own: the client may go away.
        self.tasks.spawn(Arc::clone(&run).execute(Arc::clone(self), options));
        run
    }

    fn find(&self, id: RefreshId) -> Option<Arc<Run>> {
        self.refreshes.lock().get(&id).cloned()
    }

    async fn status(&self) -> StatusReport {
        let (executors, resubmitted_jobs) = match &self.lakehouse.cluster {
            Some(cluster) => (cluster.executors().await, cluster.resubmissions()),
            None => (Vec::new(), 0),
        };
        let executors = executors.into_iter().map(|(executor_id, address, cores)| ExecutorSummary {
            executor_id,
            address,
            cores,
        });
        StatusReport {
            schema_version: 1,
            executors: executors.collect(),
            refreshes: self.summaries(|run| !run.has_ended()),
            resubmitted_jobs,
        }
    }

    fn history(&self) -> HistoryReport {
        let mut refreshes = self.summaries(Run::has_ended);
        refreshes.reverse();
        HistoryReport { schema_version: 1, refreshes }
    }

    fn summaries(&self, is_meant: impl Fn(&Run) -> bool) -> Vec<RefreshSummary> {
        let refreshes = self.refreshes.lock();
        refreshes.values().filter(|run| is_meant(run)).map(|run| run.summary()).collect()
    }

    /// Ends what runs, and waits for it: gold is left at a version that is complete.
    async fn shut_down(&self) {
        for run in self.refreshes.lock().values() {
            run.cancel();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}
