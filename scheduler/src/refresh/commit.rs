//! Phase 2: one commit per table, parents first.

use std::collections::BTreeMap;

use goldsmith_lake::LakeError;
use goldsmith_lake::commit::CommitOutcome;
use goldsmith_lake::commit::apply::{checkpoint_if_due, put_if_absent};
use goldsmith_lake::commit::decide::{Action, FullBuild, full_build};
use goldsmith_lake::snapshot::{Found, TableSnapshot};
use goldsmith_proto::id::{Layer, Version};

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

/// Commits all staged gold tables; returns their versions by key.
pub(super) async fn gold(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    staged: &BTreeMap<String, Staged>,
    clock: Clock,
) -> Result<BTreeMap<String, Version>> {
    let mut steps: Vec<(&Step, &Staged)> = plan
        .models
        .iter()
        .filter(|step| step.layer == Layer::Gold)
        .filter_map(|step| Some((step, staged.get(&step.key)?)))
        .collect();
    steps.sort_by_key(|(step, _)| (rank(&step.name), step.name.clone()));
    // What can be found wrong without writing is found before the first table changes.
    for (step, staged) in &steps {
        decide(lakehouse, inventory, plan, step, staged, clock)?;
    }
    let mut versions = BTreeMap::new();
    for (index, (step, staged)) in steps.iter().enumerate() {
        let committed = || steps[..index].iter().map(|(s, _)| s.name.clone()).collect::<Vec<_>>();
        match one(lakehouse, inventory, plan, step, staged, clock).await {
            Ok(version) => {
                versions.insert(step.key.clone(), version);
            }
            Err(SchedulerError::Conflict { table, version, .. }) => {
                return Err(SchedulerError::Conflict { table, version, committed: committed() });
            }
            Err(SchedulerError::Lake(source)) if index > 0 => {
                return Err(SchedulerError::PartlyCommitted {
                    table: step.name.clone(),
                    committed: committed(),
                    missing: steps[index..].iter().map(|(s, _)| s.name.clone()).collect(),
                    source: Box::new(source),
                });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(versions)
}

fn decide(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    plan: &RefreshPlan,
    step: &Step,
    staged: &Staged,
    clock: Clock,
) -> Result<(Version, Vec<Action>), LakeError> {
    let note = plan.note(step);
    let model = lakehouse.pack.dag().get(&step.key);
    full_build(&FullBuild {
        table: &format!("{}.{}", step.layer, step.name),
        current: inventory.published.get(&step.key).map(|p| p.snapshot.as_ref()),
        schema: &staged.schema,
        partition_columns: model.map_or(&[], |m| &m.header().partition_by),
        description: model.and_then(|m| m.header().description.as_deref()),
        files: &staged.files,
        note: &note,
        committed_at: clock(),
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
    let (version, actions) = decide(lakehouse, inventory, plan, step, staged, clock)?;
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
