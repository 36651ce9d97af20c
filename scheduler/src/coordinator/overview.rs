//! Everything that the page shows, in one document.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt};
use goldsmith_lake::TableSnapshot;
use goldsmith_lake::snapshot::Found;
use goldsmith_proto::id::{Layer, RefreshId, Version};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::time::Instant;

use super::Coordinator;
use crate::error::{Result, chain};
use crate::history::{ExecutorSummary, HistoryReport, RefreshSummary};
use crate::lakehouse::Lakehouse;
use crate::plan::Mode;
use crate::sources::{self, SourcesReport};

/// Storage is asked no more often than this, however many look.
const FRESH: Duration = Duration::from_secs(15);
/// How long the first one who looks waits for storage.
const FIRST_LOOK: Duration = Duration::from_secs(3);
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
    /// Whether storage has told anything yet.
    pub is_known: bool,
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

/// What storage told last. Whoever looks is given that, and never waits for storage: it may be what is in trouble.
#[derive(Debug, Default)]
pub(super) struct LakeCache {
    known: Mutex<Known>,
    /// Held by the one task that asks storage.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    view: Arc<LakeView>,
    /// When it was asked for; none if it is no longer so.
    at: Option<Instant>,
}

impl LakeCache {
    /// What storage told is no longer so.
    pub(super) fn forget(&self) {
        self.known.lock().at = None;
    }

    fn view(&self) -> (Arc<LakeView>, bool) {
        let known = self.known.lock();
        (Arc::clone(&known.view), known.at.is_some_and(|at| at.elapsed() < FRESH))
    }
}

impl Coordinator {
    /// Everything at once.
    pub(crate) async fn overview(self: &Arc<Self>) -> Overview {
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

    /// What is known; where that is old, storage is asked for the next one who looks. The first one is given a moment's time.
    async fn lake_view(self: &Arc<Self>) -> Arc<LakeView> {
        let (view, is_fresh) = self.lake.view();
        if is_fresh {
            return view;
        }
        let coordinator = Arc::clone(self);
        let asking = tokio::spawn(async move {
            let Ok(_asking) = coordinator.lake.asking.try_lock() else { return };
            let asked_at = Instant::now();
            let view = Arc::new(coordinator.look_at_lake(&coordinator.lake.view().0).await);
            *coordinator.lake.known.lock() = Known { view, at: Some(asked_at) };
        });
        if view.is_known {
            return view;
        }
        // It goes on without us.
        let _ = tokio::time::timeout(FIRST_LOOK, asking).await;
        self.lake.view().0
    }

    async fn look_at_lake(&self, before: &LakeView) -> LakeView {
        let mut view = LakeView { is_known: true, ..LakeView::default() };
        let mut errors = Vec::new();
        let mut note =
            |what: &str, error: crate::SchedulerError| errors.push(format!("{what}: {}", chain(&error)));
        let lakehouse = &self.watched;
        if lakehouse.bronze.is_some() {
            match sources::run(lakehouse).await {
                Ok(report) => view.bronze = Some(report),
                Err(error) => {
                    view.bronze.clone_from(&before.bronze);
                    note("bronze", error);
                }
            }
        }
        if lakehouse.gold.is_some() {
            match tables(lakehouse).await {
                Ok(tables) => view.tables = tables,
                Err(error) => {
                    view.tables.clone_from(&before.tables);
                    note("tables", error);
                }
            }
            // The logs are read through only where one has grown.
            let versions =
                |view: &LakeView| view.tables.iter().map(|table| table.version).collect::<Vec<_>>();
            if before.is_known && before.errors.is_empty() && versions(before) == versions(&view) {
                view.published.clone_from(&before.published);
            } else {
                match crate::history::published(lakehouse).await {
                    Ok(published) => view.published = published,
                    Err(error) => note("history", error),
                }
            }
            match crate::history::StatusReport::of(lakehouse).await {
                Ok(status) => view.leased = status.refreshes,
                Err(error) => note("leases", error),
            }
        }
        view.errors = errors;
        view
    }
}

async fn tables(lakehouse: &Lakehouse) -> Result<Vec<TableView>> {
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
