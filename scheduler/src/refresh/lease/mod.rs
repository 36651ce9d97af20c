//! Tells other processes that a refresh runs, so that they leave its uncommitted files alone; and removes those of
//! refreshes that died.
//!
//! ```text
//!   take ──▶ written anew every half minute ──▶ released when its files are committed or removed
//!                  │ silent for 5 min: may no longer commit
//!                  │ silent for 15 min, or its process is seen to have ended: another refresh removes its files
//! ```

mod owner;
mod sweep;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use goldsmith_lake::lease::Leases;
use goldsmith_proto::id::{Layer, RefreshId, Version};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tracing::warn;

use self::owner::Owner;
pub(super) use self::sweep::sweep;
use crate::error::{Result, SchedulerError};
use crate::history::RefreshSummary;
use crate::lakehouse::Lakehouse;
use crate::plan::{Mode, RefreshPlan};

/// How often a lease is written.
const BEAT: Duration = Duration::from_secs(30);
/// A refresh whose lease was not written for so long does not begin a commit.
const VALID: Duration = Duration::from_secs(5 * 60);
/// One that was not written for so long is nobody's. What lies between is for a commit that had begun.
const ABANDONED: Duration = Duration::from_secs(15 * 60);

/// What a lease says. Its name is the marker of the files that it is about.
///
/// Version policy: fields are only added, each with a default; a lease that cannot be read is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    refresh_id: RefreshId,
    owner: Owner,
    as_of: DateTime<Utc>,
    started_at: DateTime<Utc>,
    /// Whether executors write its files: they may do so for a while after it ended.
    on_cluster: bool,
    /// Whether it ended, and may have left something all the same; or another refresh has taken it for abandoned.
    #[serde(default)]
    has_ended: bool,
    /// The tables that it stages.
    tables: Vec<StagedTable>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StagedTable {
    layer: Layer,
    name: String,
    /// What it was planned over.
    version_before: Option<Version>,
}

/// The lease of a refresh that runs in this process. Dropped without being released it stays, and is found abandoned.
#[derive(Debug)]
pub(super) struct Held {
    leases: Leases,
    name: String,
    record: Record,
    /// When it was last written; none once another refresh has taken it.
    written_at: Arc<Mutex<Option<Instant>>>,
    beat: Beat,
    /// Whether there was no gold folder before.
    made_gold: bool,
}

impl Held {
    /// Takes the lease of one attempt to apply `plan`, whose files carry `marker`; `now` is for people.
    ///
    /// # Errors
    /// If it cannot be written: neither could anything else in gold.
    pub(super) async fn take(
        lakehouse: &Lakehouse,
        plan: &RefreshPlan,
        marker: &str,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let leases = leases(lakehouse)?;
        let name = marker.to_owned();
        let record = Record::of(lakehouse, plan, now);
        let made_gold = leases.makes_gold();
        leases.write(&name, record.to_text()).await?;
        let written_at = Arc::new(Mutex::new(Some(Instant::now())));
        let beating = beat(leases.clone(), name.clone(), record.to_text(), Arc::clone(&written_at));
        let beat = Beat { task: Some(tokio::spawn(beating)) };
        Ok(Self { leases, name, record, written_at, beat, made_gold })
    }

    /// Whether the files of the refresh are certain to be there still, so that they may be committed.
    ///
    /// # Errors
    /// [`SchedulerError::LeaseExpired`]; [`SchedulerError::Lake`] if that cannot be read.
    pub(super) async fn check(&self) -> Result<()> {
        let silent = self.written_at.lock().map(|written_at| written_at.elapsed());
        if silent.is_none_or(|silent| silent > VALID) || !is_held(&self.leases, &self.name).await? {
            return Err(SchedulerError::LeaseExpired { valid: VALID, committed: Vec::new() });
        }
        Ok(())
    }

    /// The refresh has ended. If nothing is left uncommitted, and nothing can come, the lease goes as well; otherwise it stays
    /// until it counts as abandoned, so that what is left then is removed.
    pub(super) async fn release(mut self, is_clean: bool) {
        self.beat.stop().await;
        let released = if is_clean {
            self.leases.remove(&self.name).await
        } else {
            let ended = Record { has_ended: true, ..self.record.clone() };
            self.leases.write(&self.name, ended.to_text()).await
        };
        if let Err(error) = released {
            // The next refresh finds it.
            warn!(error = crate::error::chain(&error), "the mark of this refresh is left behind");
        }
        if self.made_gold {
            self.leases.remove_empty_gold();
        }
    }
}

/// What writes a lease anew; it ends when this is dropped.
#[derive(Debug)]
struct Beat {
    task: Option<JoinHandle<()>>,
}

impl Beat {
    /// Ends it, and waits until it writes no more.
    async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn beat(leases: Leases, name: String, text: Bytes, written_at: Arc<Mutex<Option<Instant>>>) {
    loop {
        tokio::time::sleep(BEAT).await;
        // From before it is written: that is when the storage may take it to be written.
        let now = Instant::now();
        // One that stood still for so long may be taken at any moment: it is not brought back.
        if written_at.lock().is_none_or(|written_at| now - written_at > 2 * VALID) {
            *written_at.lock() = None;
            return;
        }
        let beaten = async {
            // One that stood still for long must not take back what others have taken.
            if !is_held(&leases, &name).await? {
                return Ok(false);
            }
            leases.write(&name, text.clone()).await?;
            Ok::<_, SchedulerError>(true)
        };
        match beaten.await {
            Ok(true) => *written_at.lock() = Some(now),
            Ok(false) => {
                *written_at.lock() = None;
                return;
            }
            Err(error) => warn!(error = crate::error::chain(&error), "trying again in {} s", BEAT.as_secs()),
        }
    }
}

/// Whether the lease is there and nobody has taken it for abandoned.
async fn is_held(leases: &Leases, name: &str) -> Result<bool> {
    let Some(text) = leases.read(name).await? else { return Ok(false) };
    Ok(serde_json::from_slice::<Record>(&text).is_ok_and(|record| !record.has_ended))
}

/// Refreshes that hold a lease in the gold folder of `lakehouse`, oldest first.
pub(crate) async fn leased(lakehouse: &Lakehouse) -> Result<Vec<RefreshSummary>> {
    let leases = leases(lakehouse)?;
    let mut refreshes = Vec::new();
    for lease in leases.list().await? {
        let Some(text) = leases.read(&lease.name).await? else { continue };
        let Ok(record) = serde_json::from_slice::<Record>(&text) else { continue };
        if record.has_ended {
            continue;
        }
        refreshes.push(RefreshSummary {
            refresh_id: record.refresh_id,
            as_of: record.as_of,
            started_at: record.started_at,
            ended_at: None,
            state: if record.owner.has_ended() { "abandoned" } else { "running" }.to_owned(),
            error: None,
            process: Some(record.owner.to_string()),
            report: None,
        });
    }
    refreshes.sort_by_key(|refresh| refresh.refresh_id);
    Ok(refreshes)
}

fn leases(lakehouse: &Lakehouse) -> Result<Leases> {
    Ok(Leases::new(lakehouse.engine.stores().clone(), lakehouse.layer(Layer::Gold)?.clone()))
}

impl Record {
    fn of(lakehouse: &Lakehouse, plan: &RefreshPlan, now: DateTime<Utc>) -> Self {
        let built = plan.models.iter().filter(|step| step.mode == Mode::Full);
        let tables = built.map(|step| StagedTable {
            layer: step.layer,
            name: step.name.clone(),
            version_before: step.version_before,
        });
        Self {
            refresh_id: plan.refresh_id,
            owner: Owner::this(),
            as_of: plan.as_of,
            started_at: now,
            on_cluster: lakehouse.cluster.is_some(),
            has_ended: false,
            tables: tables.collect(),
        }
    }

    fn to_text(&self) -> Bytes {
        serde_json::to_vec_pretty(self).unwrap_or_default().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lease_of_the_first_version_is_read() {
        let record: Record = goldsmith_testkit::frozen::read("v1/lease.json");
        assert_eq!(record.tables.len(), 9);
        assert!(!record.has_ended && !record.on_cluster);
    }
}
