//! Applies a plan: stage and audit everything, then commit.
//!
//! ```text
//!   plan ──▶ stage (files that belong to no version) ──▶ audit ──▶ commit, parents first
//!              │ any failure or signal: staged files are removed, gold stays as it is
//! ```

mod audit;
mod commit;
mod meter;
mod preflight;
mod report;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Instant;

use goldsmith_jobs::Model;
use goldsmith_lake::LakeError;
use goldsmith_proto::id::{Layer, RefreshId, Version};
use tracing::{info, warn};

pub use self::meter::Meter;
pub use self::preflight::preflight;
pub use self::report::{AuditReport, ModelReport, RefreshReport};
use self::stage::Staged;
use crate::catalog::Catalog;
use crate::error::{Result, SchedulerError};
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;
use crate::plan::{Mode, PlanOptions, RefreshPlan, Step};
use chrono::{DateTime, Utc};

/// Who is told how far a refresh is.
pub trait Progress: Send + Sync {
    /// Another refresh, of this id, has to end first.
    fn waiting(&self, _other: &str) {}
    /// The plan is made.
    fn planned(&self, _plan: &RefreshPlan) {}
    /// A model is being built.
    fn staging(&self, _step: &Step) {}
    /// Its plan runs.
    fn building(&self, _step: &Step, _meter: Meter) {}
    /// A model's files are there.
    fn staged(&self, _step: &Step, _rows: u64, _bytes: u64) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}

/// Times that a refresh is planned anew after it lost a race before its first commit.
const RACE_RETRIES: u32 = 2;

/// The clock of the machine, for what the pinned time does not serve: the age of files and commits.
pub type Clock = fn() -> DateTime<Utc>;

/// A refresh that ended early.
#[derive(Debug)]
pub struct Stopped {
    /// Why.
    pub error: SchedulerError,
    /// What it had published by then.
    pub published: Vec<ModelReport>,
}

/// Plans and applies the refresh `refresh_id`. If another writer publishes in between, it is planned again from what is there then, at
/// most twice.
///
/// What a process that was killed had published under the same id counts as published by this refresh.
///
/// `shutdown` ends the refresh while it stages; once the first gold commit has begun it is no longer looked at.
///
/// - **Cancel:** do not drop it; let `shutdown` end it, so that staged files are removed
/// # Errors
/// [`SchedulerError`]; nothing of gold is published unless it says so.
pub async fn run(
    lakehouse: &Lakehouse,
    refresh_id: RefreshId,
    as_of: DateTime<Utc>,
    options: &PlanOptions,
    clock: Clock,
    progress: &dyn Progress,
    shutdown: impl Future<Output = ()>,
) -> Result<RefreshReport> {
    let started = Instant::now();
    let mut shutdown = pin!(shutdown);
    let mut options = options.clone();
    let mut published: Vec<ModelReport> = Vec::new();
    let mut attempt = 0;
    loop {
        let inventory = Inventory::take(lakehouse, &options.only).await?;
        if attempt == 0 {
            published.extend(report::of_earlier_life(lakehouse, &inventory, refresh_id));
            options.published.extend(published.iter().map(ModelReport::key));
        }
        let plan = RefreshPlan::make(lakehouse, &inventory, refresh_id, as_of, &options)?;
        progress.planned(&plan);
        match apply(lakehouse, &inventory, &plan, clock, progress, shutdown.as_mut()).await {
            Ok(report) => return Ok(report.with(published, started.elapsed())),
            Err(Stopped { error: SchedulerError::Conflict { table, version, .. }, published: now })
                if attempt < RACE_RETRIES =>
            {
                attempt += 1;
                warn!(table, %version, attempt, "lost a commit race, planning again");
                options.published.extend(now.iter().map(ModelReport::key));
                published.extend(now);
            }
            Err(stopped) => return Err(stopped.error),
        }
    }
}

/// Applies `plan` over the inventory that it was made from.
///
/// # Errors
/// As [`run`]; a lost race is not tried again.
pub async fn apply(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    clock: Clock,
    progress: &dyn Progress,
    shutdown: impl Future<Output = ()>,
) -> Result<RefreshReport, Stopped> {
    let started = Instant::now();
    let mut applied = Applied::default();
    let staging = async {
        preflight(lakehouse, inventory, plan).await?;
        stage_all(lakehouse, inventory, plan, clock, progress, shutdown, &mut applied).await
    };
    let outcome = match staging.await {
        Ok(()) => commit_gold(lakehouse, inventory, plan, clock, &mut applied).await,
        Err(error) => Err(error),
    };
    let report = report::make(plan, inventory, &applied, started.elapsed());
    match outcome {
        Ok(()) => {
            // Jobs that were run again have left files, and so has a scheduler that was killed in this refresh.
            if lakehouse.cluster.is_some() {
                remove_staged(lakehouse, plan, &applied).await;
            }
            Ok(report)
        }
        Err(error) => {
            remove_staged(lakehouse, plan, &applied).await;
            let is_published = |model: &&ModelReport| applied.versions.contains_key(&model.key());
            let published = report.models.iter().filter(is_published).cloned().collect();
            let error = match error {
                SchedulerError::Audit { failed, .. } => {
                    SchedulerError::Audit { failed, report: Some(Box::new(report)) }
                }
                other => other,
            };
            Err(Stopped { error, published })
        }
    }
}

/// How far a refresh is.
#[derive(Debug, Default)]
struct Applied {
    /// What is staged, by key.
    staged: BTreeMap<String, Staged>,
    audits: BTreeMap<String, Vec<AuditReport>>,
    /// What is committed, by key.
    versions: BTreeMap<String, Version>,
    /// The table whose commit may or may not have been made: its files have to stay.
    in_doubt: Option<String>,
}

/// Phase 1. A silver table is audited and committed as soon as it is built; committing is not interrupted. Gold is
/// audited when all of it is staged, so that a foreign key meets the parents of this refresh.
async fn stage_all(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    clock: Clock,
    progress: &dyn Progress,
    shutdown: impl Future<Output = ()>,
    applied: &mut Applied,
) -> Result<()> {
    let mut shutdown = pin!(shutdown);
    let mut catalog = Catalog::new(lakehouse, inventory, plan.as_of);
    for step in &plan.models {
        let Some(model) = lakehouse.pack.dag().get(&step.key) else { continue };
        match step.mode {
            Mode::Unchanged => continue,
            Mode::Skipped => {
                catalog.skip(&step.key);
                continue;
            }
            Mode::Full => {}
        }
        progress.staging(step);
        info!(model = step.key, reason = step.reason, "building");
        let is_silver = step.layer == Layer::Silver;
        let building = async {
            let staged = stage::model(lakehouse, &mut catalog, plan, step, model, progress).await?;
            progress.staged(step, staged.rows(), staged.size_bytes());
            applied.staged.insert(step.key.clone(), staged);
            if is_silver {
                audit_one(lakehouse, &mut catalog, inventory, plan, model, applied).await?;
            }
            Ok(())
        };
        until(shutdown.as_mut(), building).await?;
        if is_silver {
            audit::check(plan, &applied.audits)?;
            commit_one(lakehouse, inventory, plan, step, clock, applied).await?;
        }
    }
    for step in plan.models.iter().filter(|step| step.layer == Layer::Gold && step.mode == Mode::Full) {
        let Some(model) = lakehouse.pack.dag().get(&step.key) else { continue };
        let auditing = audit_one(lakehouse, &mut catalog, inventory, plan, model, applied);
        until(shutdown.as_mut(), auditing).await?;
    }
    audit::check(plan, &applied.audits)
}

async fn audit_one(
    lakehouse: &Lakehouse,
    catalog: &mut Catalog<'_>,
    inventory: &Inventory,
    plan: &RefreshPlan,
    model: &Model,
    applied: &mut Applied,
) -> Result<()> {
    let audits = audit::run(lakehouse, catalog, inventory, plan, model).await?;
    applied.audits.insert(model.key(), audits);
    Ok(())
}

/// Runs `work` to its end, unless `shutdown` comes first.
async fn until(
    shutdown: Pin<&mut impl Future<Output = ()>>,
    work: impl Future<Output = Result<()>>,
) -> Result<()> {
    tokio::select! {
        biased;
        () = shutdown => Err(SchedulerError::Interrupted),
        done = work => done,
    }
}

/// Phase 2. It is not interrupted, and ends at the first commit that fails.
async fn commit_gold(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    clock: Clock,
    applied: &mut Applied,
) -> Result<()> {
    let steps = commit::order(plan, |key| applied.staged.contains_key(key));
    for (index, step) in steps.iter().enumerate() {
        if let Err(error) = commit_one(lakehouse, inventory, plan, step, clock, applied).await {
            let names = |steps: &[&Step]| steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
            return Err(commit::name_what_stands(error, names(&steps[..index]), names(&steps[index..])));
        }
    }
    Ok(())
}

/// Commits one staged table and keeps account of it.
async fn commit_one(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    step: &Step,
    clock: Clock,
    applied: &mut Applied,
) -> Result<()> {
    let Some(staged) = applied.staged.get(&step.key) else { return Ok(()) };
    match commit::one(lakehouse, inventory, plan, step, staged, clock).await {
        Ok(version) => {
            info!(table = step.key, %version, "committed");
            applied.versions.insert(step.key.clone(), version);
            Ok(())
        }
        Err(error) => {
            if matches!(error, SchedulerError::Lake(LakeError::CommitUnknown { .. })) {
                applied.in_doubt = Some(step.key.clone());
            }
            Err(error)
        }
    }
}

/// Removes the files that a refresh staged and did not commit: all of them if it ended early, and those of jobs that were
/// run again.
async fn remove_staged(lakehouse: &Lakehouse, plan: &RefreshPlan, applied: &Applied) {
    // What was dropped half way may make files until it has ended.
    lakehouse.settle().await;
    let marker = stage::marker(plan);
    for step in plan.models.iter().filter(|step| step.mode == Mode::Full) {
        if applied.in_doubt.as_ref() == Some(&step.key) {
            continue;
        }
        let committed = applied.staged.get(&step.key).filter(|_| applied.versions.contains_key(&step.key));
        let keep: BTreeSet<&str> =
            committed.iter().flat_map(|staged| &staged.files).map(|file| file.path.as_str()).collect();
        let (Some(model), Ok(root)) = (lakehouse.pack.dag().get(&step.key), lakehouse.layer(step.layer))
        else {
            continue;
        };
        let location = root.table(model.table_name());
        if let Err(error) =
            lakehouse.engine.stores().remove_marked(&step.name, &location, &marker, &keep).await
        {
            warn!(table = step.name, %error, "staged files are left behind");
        }
    }
}
