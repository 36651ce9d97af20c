//! Everything that the page shows, in one document.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt};
use goldsmith_lake::TableSnapshot;
use goldsmith_lake::snapshot::Found;
use goldsmith_proto::id::{Layer, RefreshId, Version};
use serde::Serialize;
use tokio::time::Instant;

use super::Coordinator;
use crate::error::{Result, chain};
use crate::history::{ExecutorSummary, HistoryReport, RefreshSummary};
use crate::plan::Mode;
use crate::sources::{self, SourcesReport};

/// Storage is asked no more often than this, however many look.
const FRESH: Duration = Duration::from_secs(15);
/// Tables whose logs are read at the same time.
const CONCURRENT_TABLES: usize = 8;

/// What a scheduler does, did, reads and has published.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// Version of this document's form.
    pub schema_version: u32,
    /// Now, by the scheduler's clock.
    pub now: DateTime<Utc>,
    /// Refreshes that run or wait here.
    pub running: Vec<RunView>,
    /// Refreshes of other processes that write into the same gold folder.
    pub elsewhere: Vec<RefreshSummary>,
    /// Executors that can be given tasks.
    pub executors: Vec<ExecutorSummary>,
    /// Jobs that lost an executor and were run again, since the scheduler started.
    pub resubmitted_jobs: u64,
    /// What storage tells, as it was a moment ago; or why it does not.
    #[serde(flatten)]
    pub lake: Arc<LakeView>,
    /// Refreshes that ended, newest first.
    pub history: HistoryReport,
}

/// A refresh that has not ended.
#[derive(Debug, Clone, Serialize)]
pub struct RunView {
    /// The refresh.
    pub refresh_id: RefreshId,
    /// Its pinned time.
    pub as_of: DateTime<Utc>,
    /// When it was asked for.
    pub started_at: DateTime<Utc>,
    /// `waiting` or `running`.
    pub state: String,
    /// Its models that are built, in the order of the plan; none before it is planned.
    pub models: Vec<ModelView>,
}

/// A model of it.
#[derive(Debug, Clone, Serialize)]
pub struct ModelView {
    /// Name with its layer.
    pub name: String,
    /// How it is brought up to date.
    pub mode: String,
    /// Why so.
    pub reason: String,
    /// `waiting`, `building`, `staged`, or nothing where nothing is to be done.
    pub state: &'static str,
    /// Rows that were written so far.
    pub rows: u64,
    /// Bytes that were written so far.
    pub bytes: u64,
    /// Tasks of its job: done, all that are known.
    pub tasks: (u32, u32),
    /// Stages of its job: done, all.
    pub stages: (u32, u32),
}

/// What storage tells.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LakeView {
    /// Bronze tables.
    pub bronze: Option<SourcesReport>,
    /// Silver and gold tables.
    pub tables: Vec<TableView>,
    /// Refreshes that the logs of the tables tell of.
    #[serde(skip)]
    published: Vec<RefreshSummary>,
    #[serde(skip)]
    leased: Vec<RefreshSummary>,
    /// What could not be read.
    pub errors: Vec<String>,
}

/// A table that models make.
#[derive(Debug, Clone, Serialize)]
pub struct TableView {
    /// Its layer.
    pub layer: Layer,
    /// Its name.
    pub name: String,
    /// Its latest version; none before it is built.
    pub version: Option<Version>,
    /// Its rows.
    pub rows: Option<u64>,
    /// Bytes of its files.
    pub bytes: Option<u64>,
    /// When the version was committed.
    pub committed_at: Option<DateTime<Utc>>,
}

/// What storage told last, and when. Held while storage is asked: others wait for that answer.
#[derive(Debug, Default)]
pub(super) struct LakeCache(tokio::sync::Mutex<Option<(Instant, Arc<LakeView>)>>);

impl Coordinator {
    /// Everything at once.
    pub(crate) async fn overview(&self) -> Overview {
        let lake = self.lake_view().await;
        let (executors, resubmitted_jobs) = self.executors().await;
        let unknown = |others: &[RefreshSummary]| -> Vec<RefreshSummary> {
            others.iter().filter(|other| self.find(other.refresh_id).is_none()).cloned().collect()
        };
        let history = HistoryReport::of(self.ended(), unknown(&lake.published));
        let runs = self.refreshes.lock();
        let running = runs.values().filter(|run| !run.has_ended()).map(|run| run.view()).collect();
        drop(runs);
        Overview {
            schema_version: 1,
            now: (self.clock)(),
            running,
            elsewhere: unknown(&lake.leased),
            executors,
            resubmitted_jobs,
            lake,
            history,
        }
    }

    /// Storage is asked again after a while, and after every refresh.
    async fn lake_view(&self) -> Arc<LakeView> {
        let mut known = self.lake.0.lock().await;
        if let Some((at, view)) = known.as_ref()
            && at.elapsed() < FRESH
        {
            return Arc::clone(view);
        }
        let view = Arc::new(self.look_at_lake().await);
        *known = Some((Instant::now(), Arc::clone(&view)));
        view
    }

    /// What storage told is no longer so.
    pub(super) async fn forget_lake(&self) {
        *self.lake.0.lock().await = None;
    }

    async fn look_at_lake(&self) -> LakeView {
        let mut view = LakeView::default();
        let mut errors = Vec::new();
        let mut note =
            |what: &str, error: crate::SchedulerError| errors.push(format!("{what}: {}", chain(&error)));
        if self.lakehouse.bronze.is_some() {
            match sources::run(&self.lakehouse).await {
                Ok(report) => view.bronze = Some(report),
                Err(error) => note("bronze", error),
            }
        }
        if self.lakehouse.gold.is_some() {
            match self.tables().await {
                Ok(tables) => view.tables = tables,
                Err(error) => note("tables", error),
            }
            match crate::history::published(&self.lakehouse).await {
                Ok(published) => view.published = published,
                Err(error) => note("history", error),
            }
            match crate::history::StatusReport::of(&self.lakehouse).await {
                Ok(status) => view.leased = status.refreshes,
                Err(error) => note("leases", error),
            }
        }
        view.errors = errors;
        view
    }

    async fn tables(&self) -> Result<Vec<TableView>> {
        let lakehouse = &self.lakehouse;
        let models =
            lakehouse.pack.dag().models().iter().filter(|model| lakehouse.is_materialised(model.layer()));
        let models: Vec<_> = models.cloned().collect();
        let look = models.into_iter().map(|model| async move {
            let location = lakehouse.layer(model.layer())?.table(model.table_name());
            let name = format!("{}.{}", model.layer(), model.name());
            let mut view = TableView {
                layer: model.layer(),
                name: model.name().to_owned(),
                version: None,
                rows: None,
                bytes: None,
                committed_at: None,
            };
            if let Found::Table(table) =
                TableSnapshot::open(lakehouse.engine.stores(), &name, &location, None).await?
            {
                view.version = Some(table.version());
                view.rows = table.rows();
                view.bytes = Some(table.size_bytes());
                view.committed_at = table.committed_at();
            }
            Ok::<_, crate::SchedulerError>(view)
        });
        let views: Vec<Result<TableView>> = stream::iter(look).buffered(CONCURRENT_TABLES).collect().await;
        let views: Result<Vec<TableView>> = views.into_iter().collect();
        let mut views = views?;
        // What Customer Insights reads comes first.
        views.sort_by_key(|view| (view.layer != Layer::Gold, view.name.to_lowercase()));
        Ok(views)
    }
}

/// How far the models of a plan are, from what was told of them.
pub(super) fn model_views(
    plan: &crate::plan::RefreshPlan,
    told: &BTreeMap<u32, goldsmith_proto::control::v1::ModelProgress>,
) -> Vec<ModelView> {
    (0..)
        .zip(&plan.models)
        .map(|(place, step)| {
            let progress = told.get(&place).copied().unwrap_or_default();
            let state = match told.get(&place) {
                Some(progress) if progress.staged => "staged",
                Some(_) => "building",
                None if step.mode == Mode::Full => "waiting",
                None => "",
            };
            ModelView {
                name: format!("{}.{}", step.layer, step.name),
                mode: step.mode.as_str().to_owned(),
                reason: step.reason.clone(),
                state,
                rows: progress.rows,
                bytes: progress.bytes,
                tasks: (progress.tasks_done, progress.tasks),
                stages: (progress.stages_done, progress.stages),
            }
        })
        .collect()
}
