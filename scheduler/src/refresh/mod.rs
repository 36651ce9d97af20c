//! Applies a plan: stage and audit everything, then commit.
//!
//! ```text
//!   plan ──▶ stage (files that belong to no version) ──▶ audit ──▶ commit, parents first
//!              │ any failure or signal: staged files are removed, gold stays as it is
//! ```

mod audit;
mod commit;
mod report;
mod stage;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::time::Instant;

use goldsmith_proto::id::Layer;
use tracing::{info, warn};

pub use self::report::{AuditReport, ModelReport, RefreshReport};
use self::stage::Staged;
use crate::catalog::Catalog;
use crate::error::{Failure, Result, SchedulerError};
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;
use crate::plan::{Mode, PlanOptions, RefreshPlan, Step};
use chrono::{DateTime, Utc};

/// Who is told how far a refresh is.
pub trait Progress: Send + Sync {
    /// The plan is made.
    fn planned(&self, _plan: &RefreshPlan) {}
    /// A model is being built.
    fn staging(&self, _step: &Step) {}
    /// A model's files are there.
    fn staged(&self, _step: &Step, _rows: u64) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}

/// Times that a refresh is planned anew after it lost a race before its first commit.
const RACE_RETRIES: u32 = 2;

/// The clock of the machine, for what the pinned time does not serve: the age of files and commits.
pub type Clock = fn() -> DateTime<Utc>;

/// Plans and applies a refresh. If another writer publishes in between and nothing of this refresh is committed yet, it
/// is planned again, at most twice.
///
/// `shutdown` ends the refresh while it stages; once the first gold commit has begun it is no longer looked at.
///
/// - **Cancel:** do not drop it; let `shutdown` end it, so that staged files are removed
/// # Errors
/// [`SchedulerError`]; nothing of gold is published unless it says so.
pub async fn run(
    lakehouse: &Lakehouse,
    as_of: DateTime<Utc>,
    options: &PlanOptions,
    clock: Clock,
    progress: &dyn Progress,
    shutdown: impl Future<Output = ()>,
) -> Result<RefreshReport> {
    let mut shutdown = pin!(shutdown);
    let mut attempt = 0;
    loop {
        let inventory = Inventory::take(lakehouse).await?;
        let plan = RefreshPlan::make(lakehouse, &inventory, as_of, options)?;
        progress.planned(&plan);
        match apply(lakehouse, &inventory, &plan, clock, progress, shutdown.as_mut()).await {
            Err(SchedulerError::Conflict { table, version, committed })
                if committed.is_empty() && attempt < RACE_RETRIES =>
            {
                attempt += 1;
                warn!(table, %version, attempt, "lost a commit race, planning again");
            }
            other => return other,
        }
    }
}

/// Applies `plan` over the inventory that it was made from.
///
/// # Errors
/// As [`run`].
pub async fn apply(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    clock: Clock,
    progress: &dyn Progress,
    shutdown: impl Future<Output = ()>,
) -> Result<RefreshReport> {
    let started = Instant::now();
    let phase_1 = stage_all(lakehouse, inventory, plan, clock, progress);
    let outcome = tokio::select! {
        staged = phase_1 => staged,
        () = shutdown => Err(SchedulerError::Interrupted),
    };
    let staged = match outcome {
        Ok(staged) => staged,
        Err(error) => {
            remove_staged(lakehouse, plan).await;
            return Err(error);
        }
    };
    match commit::gold(lakehouse, inventory, plan, &staged.tables, clock).await {
        Ok(versions) => Ok(report::make(plan, inventory, &staged, &versions, started.elapsed())),
        Err(error) => {
            if error.failure() == Failure::Race || !matches!(error, SchedulerError::PartlyCommitted { .. }) {
                remove_staged_except(lakehouse, plan, &error).await;
            }
            Err(error)
        }
    }
}

/// What phase 1 leaves behind.
#[derive(Debug, Default)]
struct StagedAll {
    tables: BTreeMap<String, Staged>,
    audits: BTreeMap<String, Vec<AuditReport>>,
    silver_versions: BTreeMap<String, goldsmith_proto::id::Version>,
}

async fn stage_all(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    clock: Clock,
    progress: &dyn Progress,
) -> Result<StagedAll> {
    let mut catalog = Catalog::new(lakehouse, inventory, plan.as_of);
    let mut all = StagedAll::default();
    for step in &plan.models {
        let Some(model) = lakehouse.pack.dag().get(&step.key) else { continue };
        match step.mode {
            Mode::Unchanged => continue,
            Mode::Skipped => {
                stage::as_empty(&mut catalog, model).await?;
                continue;
            }
            Mode::Full => {}
        }
        progress.staging(step);
        info!(model = step.key, reason = step.reason, "building");
        let staged = stage::model(lakehouse, &mut catalog, plan, step, model).await?;
        progress.staged(step, staged.rows());
        let audits = audit::run(lakehouse, &mut catalog, inventory, plan, model).await?;
        all.audits.insert(step.key.clone(), audits);
        if step.layer == Layer::Silver {
            audit::check(&all.audits)?;
            let version = commit::one(lakehouse, inventory, plan, step, &staged, clock).await?;
            all.silver_versions.insert(step.key.clone(), version);
        }
        all.tables.insert(step.key.clone(), staged);
    }
    audit::check(&all.audits)?;
    Ok(all)
}

/// Removes the files of a refresh that published nothing of gold; silver that it committed stays.
async fn remove_staged(lakehouse: &Lakehouse, plan: &RefreshPlan) {
    remove(lakehouse, plan, |step| step.layer == Layer::Gold || step.mode == Mode::Full).await;
}

async fn remove_staged_except(lakehouse: &Lakehouse, plan: &RefreshPlan, error: &SchedulerError) {
    let committed: &[String] = match error {
        SchedulerError::Conflict { committed, .. } => committed,
        _ => &[],
    };
    remove(lakehouse, plan, |step| step.layer == Layer::Gold && !committed.contains(&step.name)).await;
}

async fn remove(lakehouse: &Lakehouse, plan: &RefreshPlan, which: impl Fn(&Step) -> bool + Send) {
    let marker = stage::marker(plan);
    let stores = lakehouse.engine.stores();
    let steps: Vec<&Step> = plan.models.iter().filter(|s| s.mode == Mode::Full && which(s)).collect();
    for step in steps {
        let (Some(model), Ok(root)) = (lakehouse.pack.dag().get(&step.key), lakehouse.layer(step.layer))
        else {
            continue;
        };
        let location = root.table(model.table_name());
        if step.layer == Layer::Silver && is_committed(lakehouse, plan, step, &location).await {
            continue;
        }
        if let Err(error) = stores.remove_marked(&step.name, &location, &marker).await {
            warn!(table = step.name, %error, "staged files are left behind");
        }
    }
}

/// Silver is committed while gold is still built: its files are live then.
async fn is_committed(
    lakehouse: &Lakehouse,
    plan: &RefreshPlan,
    step: &Step,
    location: &goldsmith_lake::Location,
) -> bool {
    use goldsmith_lake::snapshot::{Found, TableSnapshot};

    match TableSnapshot::open(lakehouse.engine.stores(), &step.name, location, None).await {
        Ok(Found::Nothing) => false,
        Ok(Found::Table(snapshot)) => {
            let marker = stage::marker(plan);
            snapshot.files().iter().any(|file| file.log_path.contains(&marker))
        }
        // What cannot be looked at is not removed.
        Err(_) => true,
    }
}
