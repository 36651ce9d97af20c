//! What the entries of a table's log say of the commits that made them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use goldsmith_proto::id::Version;
use serde::Deserialize;

use super::CommitNote;
use crate::error::{LakeError, Result};
use crate::location::Location;
use crate::log::{Commit, FileAction, Log};
use crate::store::Stores;

/// One commit of goldsmith.
#[derive(Debug, Clone)]
pub struct Made {
    /// The version that it made.
    pub version: Version,
    /// When, by the clock of the process that made it.
    pub at: DateTime<Utc>,
    /// What it said of itself.
    pub note: CommitNote,
    /// Files that it added.
    pub files: usize,
    /// Their rows.
    pub rows: u64,
    /// Their size.
    pub bytes: u64,
}

/// The last `limit` commits of the table at `location`, oldest first: those that goldsmith made.
///
/// # Errors
/// [`LakeError::List`] if the log cannot be read.
pub async fn made_lately(stores: &Stores, location: &Location, limit: usize) -> Result<Vec<Made>> {
    let failed = |source| failed(location, source);
    let log = Log::of(stores, location)?;
    let listing = log.list(None).await.map_err(failed)?;
    let mut lately: Vec<u64> = listing.entries.keys().rev().take(limit).copied().collect();
    lately.reverse();
    let commits = log.read(lately).await.map_err(failed)?;
    Ok(commits.iter().filter_map(made).collect())
}

/// Paths of the data files and change files that commits after `version`, or all commits, have added to the table at
/// `location`, as the log spells them; whether they were removed again does not matter. None if the log no longer tells.
///
/// # Errors
/// [`LakeError::List`] if the log cannot be read.
pub async fn paths_added(
    stores: &Stores,
    location: &Location,
    version: Option<Version>,
) -> Result<Option<BTreeSet<String>>> {
    let failed = |source| failed(location, source);
    let first = version.map_or(0, |version| version.get() + 1);
    let log = Log::of(stores, location)?;
    let listing = log.list(None).await.map_err(failed)?;
    let numbers: Vec<u64> = listing.entries.range(first..).map(|(number, _)| *number).collect();
    if !(first..).zip(&numbers).all(|(expected, found)| expected == *found) {
        return Ok(None);
    }
    let mut paths = BTreeSet::new();
    for commit in log.read(numbers).await.map_err(failed)? {
        // Whatever an entry adds that cannot be read may be asked for.
        if commit.fault.is_some() {
            return Ok(None);
        }
        let files = commit.actions.into_iter().flat_map(|action| [action.add, action.cdc]);
        paths.extend(files.flatten().map(|file| file.path));
    }
    Ok(Some(paths))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    num_records: u64,
}

fn made(commit: &Commit) -> Option<Made> {
    if commit.fault.is_some() {
        return None;
    }
    let info = commit.actions.iter().find_map(|action| action.commit_info.as_ref())?;
    let note = serde_json::from_value(info.get(CommitNote::KEY)?.clone()).ok()?;
    let at = DateTime::from_timestamp_millis(info.get("timestamp")?.as_i64()?)?;
    let added: Vec<&FileAction> = commit.actions.iter().filter_map(|action| action.add.as_ref()).collect();
    let rows =
        |add: &&FileAction| serde_json::from_str::<Stats>(add.stats.as_deref()?).ok().map(|s| s.num_records);
    let bytes = |add: &&FileAction| add.size.and_then(|size| u64::try_from(size).ok());
    Some(Made {
        version: Version::new(commit.version),
        at,
        note,
        files: added.len(),
        rows: added.iter().filter_map(rows).sum(),
        bytes: added.iter().filter_map(bytes).sum(),
    })
}

fn failed(location: &Location, source: object_store::Error) -> LakeError {
    LakeError::List { location: location.to_string(), source: Box::new(source) }
}
