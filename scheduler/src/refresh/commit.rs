//! Phase 2: one commit per table, parents first.

use chrono::{DateTime, Utc};
use datafusion::arrow::datatypes::Schema;
use goldsmith_lake::LakeError;
use goldsmith_lake::commit::CommitOutcome;
use goldsmith_lake::commit::apply::{checkpoint_if_due, put_if_absent};
use goldsmith_lake::commit::decide::{Action, FullBuild, full_build};
use goldsmith_lake::snapshot::{Found, TableSnapshot};
use goldsmith_proto::id::{Layer, Version};
use goldsmith_proto::lake::v1::StagedFile;

use super::Clock;
use super::stage::Staged;
use crate::error::{Result, SchedulerError};
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;
use crate::plan::{RefreshPlan, Step};

/// A consumer may read between two commits: it then finds rows whose parents are there already.
fn rank(name: &str) -> usize {
    ["profiles_", "supporting_", "activities_", "analytics_"]
        .iter()
        .position(|prefix| name.starts_with(prefix))
        .unwrap_or(usize::MAX)
}

/// The gold tables that are staged, in the order in which they are committed.
pub(super) fn order(plan: &RefreshPlan, is_staged: impl Fn(&str) -> bool) -> Vec<&Step> {
    let mut steps: Vec<&Step> =
        plan.models.iter().filter(|step| step.layer == Layer::Gold && is_staged(&step.key)).collect();
    // Stable: within a rank the plan's order stands, each table after those that it reads.
    steps.sort_by_key(|step| rank(&step.name));
    steps
}

/// Adds to the error of a commit which tables stand at their new version and which at their old one.
pub(super) fn name_what_stands(
    error: SchedulerError,
    committed: Vec<String>,
    missing: Vec<String>,
) -> SchedulerError {
    match error {
        SchedulerError::Conflict { table, version, .. } => {
            SchedulerError::Conflict { table, version, committed }
        }
        SchedulerError::LeaseExpired { valid, .. } => SchedulerError::LeaseExpired { valid, committed },
        SchedulerError::Lake(source) if !committed.is_empty() => SchedulerError::PartlyCommitted {
            table: missing.first().cloned().unwrap_or_default(),
            committed,
            missing,
            source: Box::new(source),
        },
        other => other,
    }
}

/// What the commit of `step` holds, or why it would be refused.
pub(super) fn decide(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    step: &Step,
    schema: &Schema,
    files: &[StagedFile],
    committed_at: DateTime<Utc>,
) -> Result<(Version, Vec<Action>), LakeError> {
    let note = plan.note(step);
    let model = lakehouse.pack.dag().get(&step.key);
    full_build(&FullBuild {
        table: &format!("{}.{}", step.layer, step.name),
        current: inventory.published.get(&step.key).map(|p| p.snapshot.as_ref()),
        schema,
        partition_columns: model.map_or(&[], |m| &m.header().partition_by),
        description: model.and_then(|m| m.header().description.as_deref()),
        files,
        // Silver has no consumer but its own models.
        may_change_schema: step.layer == Layer::Silver,
        note: &note,
        committed_at,
    })
}

/// Commits one table.
pub(super) async fn one(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    step: &Step,
    staged: &Staged,
    clock: Clock,
) -> Result<Version> {
    let stores = lakehouse.engine.stores();
    let table = format!("{}.{}", step.layer, step.name);
    let (version, actions) =
        decide(lakehouse, inventory, plan, step, &staged.schema, &staged.files, clock())?;
    match put_if_absent(stores, &table, &staged.location, version, &actions).await? {
        CommitOutcome::Conflicted { version } => {
            Err(SchedulerError::Conflict { table, version, committed: Vec::new() })
        }
        CommitOutcome::Committed(version) => {
            if let Ok(Found::Table(snapshot)) =
                TableSnapshot::open(stores, &table, &staged.location, Some(version)).await
            {
                checkpoint_if_due(&snapshot).await;
            }
            Ok(version)
        }
    }
}
