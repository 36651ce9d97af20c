//! Applies a plan: stage and audit everything, then commit.
//!
//! ```text
//!   plan ──▶ stage (files that belong to no version) ──▶ audit ──▶ commit, parents first
//!              │ any failure or signal: staged files are removed, gold stays as it is
//! ```

mod audit;
mod commit;
mod lease;
mod meter;
mod preflight;
mod process;
mod report;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::time::Instant;

use goldsmith_lake::LakeError;
use goldsmith_proto::id::{RefreshId, Version};
use tracing::{info, warn};
use uuid::Uuid;

pub(crate) use self::lease::leased;
pub use self::meter::Meter;
pub use self::preflight::preflight;
pub use self::process::ProcessReport;
pub use self::report::{AuditReport, ModelReport, RefreshReport};
use self::stage::Staged;
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
// Warnings, too, have to say of which refresh they are.
#[tracing::instrument(name = "refresh", level = "error", skip_all, fields(refresh_id = %refresh_id))]
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
    info!(%as_of, "refresh begins");
    // Finding out what there is to do counts too.
    let before = ProcessReport::all(lakehouse).await;
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
        match apply(lakehouse, &inventory, &plan, clock, &before, progress, shutdown.as_mut()).await {
            Ok(report) => {
                lease::sweep(lakehouse).await;
                let report = report.with(published, started.elapsed());
                info!(elapsed_ms = report.elapsed_ms, "refresh ended");
                return Ok(report);
            }
            Err(Stopped { error: SchedulerError::Conflict { table, version, .. }, published: now })
                if attempt < RACE_RETRIES =>
            {
                attempt += 1;
                warn!(table, %version, attempt, "lost a commit race, planning again");
                options.published.extend(now.iter().map(ModelReport::key));
                published.extend(now);
            }
            Err(stopped) => {
                lease::sweep(lakehouse).await;
                return Err(stopped.error);
            }
        }
    }
}

/// Applies `plan` over the inventory that it was made from. `before` is what the processes had used before the refresh began.
///
/// # Errors
/// As [`run`]; a lost race is not tried again.
async fn apply(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    clock: Clock,
    before: &[ProcessReport],
    progress: &dyn Progress,
    shutdown: impl Future<Output = ()>,
) -> Result<RefreshReport, Stopped> {
    let started = Instant::now();
    let lost_before = lakehouse.lost_executors();
    // Of this attempt alone: what another one of the same refresh has published must not be taken for what this one left.
    let mut applied = Applied { marker: Uuid::now_v7().to_string(), ..Applied::default() };
    let staging = async {
        preflight(lakehouse, inventory, plan).await?;
        if plan.models.iter().any(|step| step.mode == Mode::Full) {
            let lease = lease::Held::take(lakehouse, plan, &applied.marker, clock()).await?;
            applied.lease = Some(lease);
        }
        stage::all(lakehouse, inventory, plan, clock, progress, shutdown, &mut applied).await
    };
    let outcome = match staging.await {
        Ok(()) => commit_gold(lakehouse, inventory, plan, clock, &mut applied).await,
        Err(error) => Err(error),
    };
    let elapsed = started.elapsed();
    let processes = ProcessReport::all(lakehouse).await;
    let processes = processes.into_iter().map(|process| process.since(before)).collect();
    let report = report::make(plan, inventory, &applied, processes, elapsed);
    // Even of one that ended well: jobs that were run again have left files.
    let may_have_left = lakehouse.cluster.is_some() || outcome.is_err();
    let is_clean = !may_have_left || remove_staged(lakehouse, plan, &applied).await;
    if let Some(lease) = applied.lease.take() {
        // An executor that was cut off may write for a while yet.
        lease.release(is_clean && lakehouse.lost_executors() == lost_before).await;
    }
    match outcome {
        Ok(()) => Ok(report),
        Err(error) => {
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
    /// Part of the name of every file that it stages.
    marker: String,
    /// What is staged, by key.
    staged: BTreeMap<String, Staged>,
    audits: BTreeMap<String, Vec<AuditReport>>,
    /// What is committed, by key.
    versions: BTreeMap<String, Version>,
    /// The table whose commit may or may not have been made: its files have to stay.
    in_doubt: Option<String>,
    /// What tells others to leave the staged files alone.
    lease: Option<lease::Held>,
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
    if let Some(lease) = &applied.lease {
        lease.check().await?;
    }
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
/// run again. Whether none is left.
async fn remove_staged(lakehouse: &Lakehouse, plan: &RefreshPlan, applied: &Applied) -> bool {
    // What was dropped half way may make files until it has ended.
    let mut is_clean = lakehouse.settle().await;
    for step in plan.models.iter().filter(|step| step.mode == Mode::Full) {
        if applied.in_doubt.as_ref() == Some(&step.key) {
            is_clean = false;
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
        let removed =
            lakehouse.engine.stores().remove_marked(&step.name, &location, &applied.marker, &keep).await;
        if let Err(error) = removed {
            warn!(table = step.name, error = crate::error::chain(&error), "staged files are left behind");
            is_clean = false;
        }
    }
    is_clean
}
