//! The coordinator: plans and applies refreshes for whoever asks over the control API, one at a time.

pub mod client;
mod failure;
mod overview;
mod run;
mod serve;
mod service;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use goldsmith_proto::id::RefreshId;
use parking_lot::Mutex;
use tokio_util::task::TaskTracker;

pub use self::failure::RemoteError;
use self::overview::LakeCache;
pub use self::overview::{LakeView, ModelView, Overview, RunView, TableView};
use self::run::Run;
pub use self::serve::{Listening, ServeError, ServeOptions, serve};
use crate::error::Result;
use crate::history::{self, ExecutorSummary, HistoryReport, RefreshSummary, StatusReport};
use crate::lakehouse::Lakehouse;
use crate::plan::PlanOptions;
use crate::refresh::Clock;
use crate::web::RefreshMetrics;

/// Refreshes that are remembered after their end.
const REMEMBERED: usize = 200;

/// Plans and applies refreshes over one lakehouse.
#[derive(Debug)]
pub struct Coordinator {
    lakehouse: Lakehouse,
    /// The same for those who only look: what they read is not counted as a refresh's.
    watched: Lakehouse,
    clock: Clock,
    /// Refreshes that run, wait, or ended lately.
    refreshes: Mutex<BTreeMap<RefreshId, Arc<Run>>>,
    /// Held by the refresh that runs: they write into one gold folder.
    turn: tokio::sync::Mutex<()>,
    tasks: TaskTracker,
    lake: LakeCache,
    metrics: RefreshMetrics,
}

impl Coordinator {
    /// A coordinator over `lakehouse`.
    #[must_use]
    pub fn new(lakehouse: Lakehouse, clock: Clock) -> Arc<Self> {
        let watched = Lakehouse { engine: lakehouse.engine.counted_apart(), ..lakehouse.clone() };
        Arc::new(Self {
            lakehouse,
            watched,
            clock,
            refreshes: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            tasks: TaskTracker::new(),
            lake: LakeCache::default(),
            metrics: RefreshMetrics::default(),
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
        if self.tasks.is_closed() {
            // The scheduler is about to end.
            run.cancel();
        }
        // A task of its own: the client may go away.
        self.tasks.spawn(Arc::clone(&run).execute(Arc::clone(self), options));
        run
    }

    fn find(&self, id: RefreshId) -> Option<Arc<Run>> {
        self.refreshes.lock().get(&id).cloned()
    }

    async fn status(&self) -> Result<StatusReport> {
        let (executors, resubmitted_jobs) = self.executors().await;
        let mut refreshes = self.summaries(|run| !run.has_ended());
        if self.lakehouse.gold.is_some() {
            // Of other processes too, which write into the same folder.
            let leased = StatusReport::of(&self.lakehouse).await?.refreshes;
            refreshes.extend(leased.into_iter().filter(|other| self.find(other.refresh_id).is_none()));
        }
        Ok(StatusReport { schema_version: 1, executors, refreshes, resubmitted_jobs })
    }

    /// Executors that can be given tasks, and how many jobs lost one.
    async fn executors(&self) -> (Vec<ExecutorSummary>, u64) {
        let Some(cluster) = &self.lakehouse.cluster else { return (Vec::new(), 0) };
        let executors = cluster.executors().await.into_iter();
        let summary = |(executor_id, address, cores)| ExecutorSummary { executor_id, address, cores };
        (executors.map(summary).collect(), cluster.resubmissions())
    }

    /// Refreshes that ended here.
    fn ended(&self) -> Vec<RefreshSummary> {
        self.summaries(Run::has_ended)
    }

    async fn history(&self) -> Result<HistoryReport> {
        let published = match &self.lakehouse.gold {
            Some(_) => history::published(&self.lakehouse).await?,
            None => Vec::new(),
        };
        let ended = published.into_iter().filter(|other| self.find(other.refresh_id).is_none());
        Ok(HistoryReport::of(self.ended(), ended.collect()))
    }

    fn summaries(&self, is_meant: impl Fn(&Run) -> bool) -> Vec<RefreshSummary> {
        let refreshes = self.refreshes.lock();
        refreshes.values().filter(|run| is_meant(run)).map(|run| run.summary()).collect()
    }

    /// Ends what runs, and waits for it: gold is left at a version that is complete.
    async fn shut_down(&self) {
        self.tasks.close();
        for run in self.refreshes.lock().values() {
            run.cancel();
        }
        self.tasks.wait().await;
    }
}
