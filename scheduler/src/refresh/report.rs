//! What a refresh did, for people and programs.

use std::time::Duration;

use chrono::{DateTime, Utc};
use goldsmith_jobs::audit::Severity;
use goldsmith_lake::commit::CommitNote;
use goldsmith_proto::id::{Layer, RefreshId, Version};
use serde::{Deserialize, Serialize};

use super::Applied;
use super::process::ProcessReport;
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;
use crate::plan::{Mode, RefreshPlan, Step};

/// What a refresh did (interface, "`refresh --output json`").
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefreshReport {
    /// Version of this document's form.
    pub schema_version: u32,
    /// The refresh.
    pub refresh_id: RefreshId,
    /// Its pinned time.
    pub as_of: DateTime<Utc>,
    /// From the inventory to the last commit.
    pub elapsed_ms: u64,
    /// Highest resident set of the process, on a cluster the highest of all its processes; absent where the system does not
    /// tell.
    pub peak_memory_bytes: Option<u64>,
    /// The same of each process that takes part.
    #[serde(default)]
    pub processes: Vec<ProcessReport>,
    /// One per model that is a table.
    pub models: Vec<ModelReport>,
}

/// What happened to one model. In a full rebuild inserted and deleted rows count whole tables.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelReport {
    /// Name of the model.
    pub name: String,
    /// Its layer.
    pub layer: Layer,
    /// How it was brought up to date.
    pub mode: Mode,
    /// Why so.
    pub reason: String,
    /// The version before; none before the first build.
    pub version_before: Option<Version>,
    /// The version now; none if it was never built.
    pub version_after: Option<Version>,
    /// Rows that the new version adds.
    pub rows_inserted: u64,
    /// Rows that it changes.
    pub rows_updated: u64,
    /// Rows that it removes; none if the writer of the version before did not count them.
    pub rows_deleted: Option<u64>,
    /// Rows that it leaves as they are; none as before.
    pub rows_unchanged: Option<u64>,
    /// Files that it adds.
    pub files_added: usize,
    /// Files that it removes.
    pub files_removed: usize,
    /// Bytes of bronze, silver and staged files that were read.
    pub bytes_read: u64,
    /// Bytes of the files that were added.
    pub bytes_written: u64,
    /// Time that building it took.
    pub elapsed_ms: u64,
    /// Its audits.
    pub audits: Vec<AuditReport>,
}

/// Outcome of one audit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditReport {
    /// Name of the audit.
    pub name: String,
    /// What a breach means.
    pub severity: Severity,
    /// Rows that breach it.
    pub failed_rows: u64,
}

impl RefreshReport {
    /// Adds what earlier attempts of the refresh have published, and the time of all of them.
    pub(super) fn with(mut self, published: Vec<ModelReport>, elapsed: Duration) -> Self {
        for earlier in published {
            if let Some(model) = self.models.iter_mut().find(|model| model.key() == earlier.key())
                && model.mode == Mode::Unchanged
            {
                *model = earlier;
            }
        }
        self.elapsed_ms = millis(elapsed);
        self
    }
}

impl ModelReport {
    /// Key of the model.
    pub(super) fn key(&self) -> String {
        format!("{}.{}", self.layer, self.name.to_lowercase())
    }
}

/// What a process that was killed had published as the refresh `refresh_id`.
pub(super) fn of_earlier_life(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    refresh_id: RefreshId,
) -> Vec<ModelReport> {
    let is_of_it = |note: &CommitNote| note.refresh_id == refresh_id;
    let published = inventory.published.iter().filter(|(_, p)| p.note.as_ref().is_some_and(is_of_it));
    published
        .filter_map(|(key, published)| {
            let model = lakehouse.pack.dag().get(key)?;
            let version = published.snapshot.version();
            Some(ModelReport {
                name: model.name().to_owned(),
                layer: model.layer(),
                mode: Mode::Full,
                reason: "published before the scheduler was lost".to_owned(),
                version_before: version.get().checked_sub(1).map(Version::new),
                version_after: Some(version),
                rows_inserted: published.snapshot.rows().unwrap_or_default(),
                rows_updated: 0,
                rows_deleted: None,
                rows_unchanged: Some(0),
                files_added: published.snapshot.files().len(),
                files_removed: 0,
                bytes_read: 0,
                bytes_written: published.snapshot.size_bytes(),
                elapsed_ms: 0,
                audits: Vec::new(),
            })
        })
        .collect()
}

pub(super) fn make(
    plan: &RefreshPlan,
    inventory: &Inventory,
    applied: &Applied,
    processes: Vec<ProcessReport>,
    elapsed: Duration,
) -> RefreshReport {
    RefreshReport {
        schema_version: 1,
        refresh_id: plan.refresh_id,
        as_of: plan.as_of,
        elapsed_ms: millis(elapsed),
        peak_memory_bytes: processes.iter().filter_map(|process| process.peak_memory_bytes).max(),
        processes,
        models: plan.models.iter().map(|step| model(step, inventory, applied)).collect(),
    }
}

fn model(step: &Step, inventory: &Inventory, applied: &Applied) -> ModelReport {
    let before = inventory.published.get(&step.key).map(|p| p.snapshot.as_ref());
    let rows_before = before.map_or(Some(0), |snapshot| snapshot.rows());
    let files = applied.staged.get(&step.key);
    ModelReport {
        name: step.name.clone(),
        layer: step.layer,
        mode: step.mode,
        reason: step.reason.clone(),
        version_before: step.version_before,
        version_after: applied.versions.get(&step.key).copied().or(step.version_before),
        rows_inserted: files.map_or(0, |s| s.rows()),
        rows_updated: 0,
        rows_deleted: if files.is_some() { rows_before } else { Some(0) },
        rows_unchanged: if files.is_some() { Some(0) } else { rows_before },
        files_added: files.map_or(0, |s| s.files.len()),
        files_removed: if files.is_some() { before.map_or(0, |s| s.files().len()) } else { 0 },
        bytes_read: files.map_or(0, |s| s.bytes_read),
        bytes_written: files.map_or(0, |s| s.size_bytes()),
        elapsed_ms: files.map_or(0, |s| millis(s.elapsed)),
        audits: applied.audits.get(&step.key).cloned().unwrap_or_default(),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_the_first_version_is_read() {
        let report: RefreshReport = goldsmith_testkit::frozen::read("v1/report.json");
        assert_eq!(report.schema_version, 1);
        assert_eq!(report.models.len(), 21);
        assert!(report.models.iter().all(|model| model.version_after == Some(Version::FIRST)));
    }
}
