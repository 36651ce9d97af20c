//! Removes what refreshes that died have left.

use std::collections::BTreeSet;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use goldsmith_lake::commit::entries::paths_added;
use goldsmith_lake::lease::{Lease, Leases};
use goldsmith_proto::id::TableName;
use tracing::{info, warn};
use uuid::Uuid;

use super::{ABANDONED, Record, StagedTable, leases};
use crate::error::Result;
use crate::lakehouse::Lakehouse;

/// How the names of objects end that the time is read by.
const CLOCK: &str = "-clock";

/// Removes the uncommitted files of refreshes that died. What cannot be removed now is tried again by the next refresh; it
/// does not fail this one.
pub(in crate::refresh) async fn sweep(lakehouse: &Lakehouse) {
    if let Err(error) = try_sweep(lakehouse).await {
        warn!(error = crate::error::chain(&error), "files of earlier refreshes may be left behind");
    }
}

async fn try_sweep(lakehouse: &Lakehouse) -> Result<()> {
    let leases = leases(lakehouse)?;
    let mut now = None;
    // Those of this process are among them, and neither silent nor of a process that ended.
    for lease in leases.list().await? {
        let now = match now {
            Some(now) => now,
            None => *now.insert(storage_time(&leases).await?),
        };
        // One that cannot be seen to now does not keep the others from it.
        if let Err(error) = sweep_one(lakehouse, &leases, &lease, silent(&lease, now)).await {
            warn!(lease = lease.name, error = crate::error::chain(&error), "left for the next refresh");
        }
    }
    Ok(())
}

/// Sees to one lease, which was not written for long if it `is_silent`.
async fn sweep_one(lakehouse: &Lakehouse, leases: &Leases, lease: &Lease, is_silent: bool) -> Result<()> {
    if Uuid::parse_str(&lease.name).is_err() {
        // What somebody read the time by, and left.
        return if is_silent && lease.name.ends_with(CLOCK) {
            Ok(leases.remove(&lease.name).await?)
        } else {
            Ok(())
        };
    }
    let Some(text) = leases.read(&lease.name).await? else { return Ok(()) };
    let Ok(record) = serde_json::from_slice::<Record>(&text) else {
        warn!(lease = lease.name, "the mark of a refresh of another version of goldsmith, left as it is");
        return Ok(());
    };
    if !is_silent && !record.owner.has_ended() {
        return Ok(());
    }
    // Should it stand still and not be dead, it sees this before it commits.
    if !record.has_ended {
        let taken = Record { has_ended: true, ..record.clone() };
        leases.write(&lease.name, taken.to_text()).await?;
    }
    let (removed, is_clean) = remove_files(lakehouse, &lease.name, &record).await?;
    if removed > 0 {
        info!(refresh_id = %record.refresh_id, files = removed, "removed what a refresh that died had left");
    }
    // Its executors may still have been at it.
    if is_clean && (is_silent || !record.on_cluster) {
        leases.remove(&lease.name).await?;
    }
    Ok(())
}

fn silent(lease: &Lease, now: DateTime<Utc>) -> bool {
    (now - lease.written_at).to_std().is_ok_and(|silent| silent > ABANDONED)
}

/// The time by the clock that dates leases. Clocks of machines may be wrong by more than a lease is long.
async fn storage_time(leases: &Leases) -> Result<DateTime<Utc>> {
    let probe = format!("{}{CLOCK}", Uuid::now_v7());
    leases.write(&probe, Bytes::new()).await?;
    let written = leases.list().await?.into_iter().find(|lease| lease.name == probe);
    leases.remove(&probe).await?;
    // Without it nobody counts as silent.
    Ok(written.map_or(DateTime::UNIX_EPOCH, |lease| lease.written_at))
}

/// Removes the files with `marker` that no commit has made part of a table; returns how many there were, and whether all
/// tables could be looked at.
async fn remove_files(lakehouse: &Lakehouse, marker: &str, record: &Record) -> Result<(usize, bool)> {
    let (mut removed, mut is_clean) = (0, true);
    for StagedTable { layer, name, version_before } in &record.tables {
        let (Ok(root), Ok(folder)) = (lakehouse.layer(*layer), name.parse::<TableName>()) else {
            is_clean = false;
            continue;
        };
        let location = root.table(&folder);
        let stores = lakehouse.engine.stores();
        let Some(committed) = paths_added(stores, &location, *version_before).await? else {
            warn!(table = name, marker, "its log no longer tells which files it published");
            is_clean = false;
            continue;
        };
        let keep: BTreeSet<&str> = committed.iter().map(String::as_str).collect();
        removed += stores.remove_marked(name, &location, marker, &keep).await?;
    }
    Ok((removed, is_clean))
}
