//! Phase 1: every model is built and audited; gold belongs to no version yet.

mod build;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::{Pin, pin};

use futures::future::BoxFuture;
use futures::stream::{self, FuturesUnordered, StreamExt, TryStreamExt};
use goldsmith_jobs::Model;
use goldsmith_jobs::audit::Audit;
use goldsmith_jobs::dag::Dag;
use goldsmith_proto::id::Layer;
use tracing::info;

pub(super) use self::build::Staged;
use super::audit::{self, PlannedAudit};
use super::{Applied, AuditReport, Clock, Progress, commit_one};
use crate::catalog::Catalog;
use crate::error::{Result, SchedulerError};
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;
use crate::plan::{Mode, RefreshPlan, Step};

/// Models that a cluster builds at the same time: while the last tasks of one run, those of another take the cores that are
/// free. In one process it is one, because all operators share its memory.
const MODELS_TOGETHER: usize = 3;
/// Audits that a cluster runs at the same time: each is a few small tasks, and much of its time is waiting.
const AUDITS_TOGETHER: usize = 4;

/// Builds and audits all models of `plan`. A silver table is audited and committed as soon as it is built; committing is
/// not interrupted. Foreign keys of gold are audited when all of it is staged, so that they meet the parents of this refresh;
/// what else there is to audit, on a cluster as soon as a table is there.
pub(super) async fn all(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    clock: Clock,
    progress: &dyn Progress,
    shutdown: impl Future<Output = ()>,
    applied: &mut Applied,
) -> Result<()> {
    let mut shutdown = pin!(shutdown);
    let mut staging = Staging::new(lakehouse, inventory, plan, &applied.marker, progress);
    while let Some((step, ended)) = until(shutdown.as_mut(), staging.next()).await? {
        match ended {
            Ended::Built(staged) => {
                let built = async { staging.built(step, &staged).await };
                let built = until(shutdown.as_mut(), built).await;
                applied.staged.insert(step.key.clone(), staged);
                built?;
            }
            Ended::Audited(reports) if step.layer == Layer::Gold => {
                applied.audits.entry(step.key.clone()).or_default().extend(reports);
            }
            Ended::Audited(reports) => {
                applied.audits.insert(step.key.clone(), reports);
                audit::check(plan, &applied.audits)?;
                commit_one(lakehouse, inventory, plan, step, clock, applied).await?;
                staging.unfinished.remove(&step.key);
            }
        }
    }
    let audited = until(shutdown, staging.audit_gold()).await?;
    for (step, report) in audited {
        applied.audits.entry(step.key.clone()).or_default().push(report);
    }
    audit::check(plan, &applied.audits)
}

/// Runs `work` to its end, unless `shutdown` comes first.
async fn until<T>(
    shutdown: Pin<&mut impl Future<Output = ()>>,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    tokio::select! {
        biased;
        () = shutdown => Err(SchedulerError::Interrupted),
        done = work => done,
    }
}

/// What one model has come to.
enum Ended {
    /// Its files are there.
    Built(Staged),
    /// They are audited; those of a gold model but for foreign keys.
    Audited(Vec<AuditReport>),
}

type Running<'a> = FuturesUnordered<BoxFuture<'a, Result<(&'a Step, Ended)>>>;

/// The models of a plan that are not ready yet, and those that are being built.
struct Staging<'a> {
    lakehouse: &'a Lakehouse,
    inventory: &'a Inventory,
    plan: &'a RefreshPlan,
    progress: &'a dyn Progress,
    marker: String,
    catalog: Catalog<'a>,
    /// In the order of the DAG.
    waiting: Vec<(&'a Step, &'a Model)>,
    running: Running<'a>,
    auditing: Running<'a>,
    /// Keys of models that nobody can read yet.
    unfinished: BTreeSet<String>,
}

impl<'a> Staging<'a> {
    fn new(
        lakehouse: &'a Lakehouse,
        inventory: &'a Inventory,
        plan: &'a RefreshPlan,
        marker: &str,
        progress: &'a dyn Progress,
    ) -> Self {
        let mut catalog = Catalog::new(lakehouse, inventory, plan.as_of);
        for step in plan.models.iter().filter(|step| step.mode == Mode::Skipped) {
            catalog.skip(&step.key);
        }
        let waiting: Vec<_> = to_build(lakehouse, plan).collect();
        let unfinished = waiting.iter().map(|(step, _)| step.key.clone()).collect();
        Self {
            lakehouse,
            inventory,
            plan,
            progress,
            marker: marker.to_owned(),
            catalog,
            waiting,
            running: FuturesUnordered::new(),
            auditing: FuturesUnordered::new(),
            unfinished,
        }
    }

    /// Starts what can be built now, and waits until something ends; nothing is left if there is nothing.
    async fn next(&mut self) -> Result<Option<(&'a Step, Ended)>> {
        let (together, beside) = match self.lakehouse.cluster {
            Some(_) => (MODELS_TOGETHER, 0),
            // One thing after the other.
            None => (1, self.auditing.len()),
        };
        while self.running.len() + beside < together {
            let Some((step, model)) = self.take_ready() else { break };
            self.progress.staging(step);
            info!(table = step.key, reason = step.reason, "building");
            self.catalog.set_bytes_beside(self.bytes_beside(model));
            let building = build::plan(self.lakehouse, &mut self.catalog, &self.marker, step, model).await?;
            let progress = self.progress;
            self.running.push(Box::pin(async move {
                let staged = building.run(progress).await?;
                Ok((step, Ended::Built(staged)))
            }));
        }
        tokio::select! {
            Some(ended) = self.running.next() => ended.map(Some),
            Some(ended) = self.auditing.next() => ended.map(Some),
            else => Ok(None),
        }
    }

    /// Bytes that other models of its layer read while `model` is built. One that reads what others of the layer have staged
    /// comes last, and alone.
    fn bytes_beside(&self, model: &Model) -> u64 {
        let reads_its_layer = |model: &Model| {
            let built = self.plan.models.iter().filter(|step| step.mode == Mode::Full);
            let mut of_layer = built.filter(|step| step.layer == model.layer());
            of_layer.any(|step| model.model_tables().any(|(key, _)| key == step.key))
        };
        if reads_its_layer(model) {
            return 0;
        }
        let others = to_build(self.lakehouse, self.plan).map(|(_, other)| other);
        let others = others.filter(|other| other.layer() == model.layer() && other.key() != model.key());
        others.filter(|other| !reads_its_layer(other)).map(|other| self.catalog.input_bytes(other)).sum()
    }

    /// Takes a model that reads nothing that is not there yet off the list. In one process the first; on a cluster one that
    /// others wait for, and of those the one that reads most: what comes last should be small, and have others beside it.
    fn take_ready(&mut self) -> Option<(&'a Step, &'a Model)> {
        let dag = self.lakehouse.pack.dag();
        let ready = (0..self.waiting.len()).filter(|at| !self.waits_for_another(dag, self.waiting[*at].1));
        let is_waited_for = |step: &Step| {
            self.waiting.iter().any(|(_, other)| other.model_tables().any(|(key, _)| key == step.key))
        };
        let next = match self.lakehouse.cluster {
            Some(_) => ready.max_by_key(|at| {
                let (step, model) = self.waiting[*at];
                // Of equals the first: the greatest is the last of equals.
                (is_waited_for(step), self.catalog.input_bytes(model), Reverse(*at))
            }),
            None => ready.min(),
        };
        Some(self.waiting.remove(next?))
    }

    /// Whether `model` reads one that nobody can read yet, itself or through models that are parts of queries.
    fn waits_for_another(&self, dag: &Dag, model: &Model) -> bool {
        model.model_tables().any(|(key, _)| {
            let inlined = || dag.get(&key).filter(|below| !self.lakehouse.is_materialised(below.layer()));
            self.unfinished.contains(&key)
                || inlined().is_some_and(|below| self.waits_for_another(dag, below))
        })
    }

    /// Lets others read what is staged; a silver model is audited before.
    async fn built(&mut self, step: &'a Step, staged: &Staged) -> Result<()> {
        self.progress.staged(step, staged.rows(), staged.size_bytes());
        self.catalog.set_model(&step.key, build::staged_view(&step.key, staged)?, staged.size_bytes());
        let lakehouse = self.lakehouse;
        let Some(model) = lakehouse.pack.dag().get(&step.key) else { return Ok(()) };
        let audits = match step.layer {
            Layer::Gold => {
                self.unfinished.remove(&step.key);
                self.audits(model, |audit| at_once(lakehouse, audit)).await?
            }
            Layer::Bronze | Layer::Silver => self.audits(model, |_| true).await?,
        };
        self.auditing.push(Box::pin(async move {
            let together = stream::iter(audits.into_iter().map(|audit| audit.run(lakehouse)));
            let reports = together.buffered(audits_together(lakehouse)).try_collect().await?;
            Ok((step, Ended::Audited(reports)))
        }));
        Ok(())
    }

    /// Audits what is left to audit of the gold models that were built.
    async fn audit_gold(&mut self) -> Result<Vec<(&'a Step, AuditReport)>> {
        let lakehouse = self.lakehouse;
        let mut running: Vec<BoxFuture<'a, Result<_>>> = Vec::new();
        for (step, model) in to_build(lakehouse, self.plan).filter(|(step, _)| step.layer == Layer::Gold) {
            for audit in self.audits(model, |audit| !at_once(lakehouse, audit)).await? {
                running.push(Box::pin(async move { Ok((step, audit.run(lakehouse).await?)) }));
            }
        }
        stream::iter(running).buffered(audits_together(lakehouse)).try_collect().await
    }

    async fn audits(
        &mut self,
        model: &Model,
        wanted: impl Fn(&Audit) -> bool + Send,
    ) -> Result<Vec<PlannedAudit>> {
        audit::plan(self.lakehouse, &mut self.catalog, self.inventory, self.plan, model, wanted).await
    }
}

/// Whether the audit of a gold model is run as soon as its table is there. Not in one process, where the models after it need
/// all there is.
const fn at_once(lakehouse: &Lakehouse, audit: &Audit) -> bool {
    lakehouse.cluster.is_some() && audit.reads.is_none()
}

/// The models of `plan` that are built, in the order of the DAG.
fn to_build<'a>(
    lakehouse: &'a Lakehouse,
    plan: &'a RefreshPlan,
) -> impl Iterator<Item = (&'a Step, &'a Model)> {
    let full = plan.models.iter().filter(|step| step.mode == Mode::Full);
    full.filter_map(|step| Some((step, lakehouse.pack.dag().get(&step.key)?)))
}

fn audits_together(lakehouse: &Lakehouse) -> usize {
    if lakehouse.cluster.is_some() { AUDITS_TOGETHER } else { 1 }
}
