//! What the entries of a table's log say of the commits that made them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use futures::stream::{self, StreamExt};
use goldsmith_proto::id::Version;
use object_store::ObjectStore;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use serde::Deserialize;
use serde_json::Value;

use super::CommitNote;
use crate::error::{LakeError, Result};
use crate::location::Location;
use crate::store::Stores;

/// Entries that are read at the same time.
const CONCURRENT_ENTRIES: usize = 8;

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
    let numbers = numbers(stores, location).await?;
    let lately = numbers.iter().rev().take(limit).rev().copied();
    let entries = read(stores, location, lately.collect()).await?;
    Ok(entries.into_iter().filter_map(|(number, actions)| made(number, &actions?)).collect())
}

/// Paths of the data files that commits after `version`, or all commits, have added to the table at `location`, as the log has
/// them; whether they were removed again does not matter. None if the log no longer tells.
///
/// # Errors
/// [`LakeError::List`] if the log cannot be read.
pub async fn paths_added(
    stores: &Stores,
    location: &Location,
    version: Option<Version>,
) -> Result<Option<BTreeSet<String>>> {
    let first = version.map_or(0, |version| version.get() + 1);
    let numbers: Vec<u64> = numbers(stores, location).await?.split_off(&first).into_iter().collect();
    if !(first..).zip(&numbers).all(|(expected, found)| expected == *found) {
        return Ok(None);
    }
    let mut paths = BTreeSet::new();
    for (_, actions) in read(stores, location, numbers).await? {
        // Whatever an entry adds that cannot be read may be asked for.
        let Some(actions) = actions else { return Ok(None) };
        paths.extend(actions.into_iter().filter_map(|action| Some(action.add?.path)));
    }
    Ok(Some(paths))
}

/// The parts of a log's action that matter here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    add: Option<Add>,
    commit_info: Option<Value>,
}

#[derive(Deserialize)]
struct Add {
    path: String,
    size: u64,
    stats: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    num_records: u64,
}

fn made(number: u64, actions: &[Action]) -> Option<Made> {
    let info = actions.iter().find_map(|action| action.commit_info.as_ref())?;
    let note = serde_json::from_value(info.get(CommitNote::KEY)?.clone()).ok()?;
    let at = DateTime::from_timestamp_millis(info.get("timestamp")?.as_i64()?)?;
    let added: Vec<&Add> = actions.iter().filter_map(|action| action.add.as_ref()).collect();
    let rows = |add: &&Add| serde_json::from_str::<Stats>(add.stats.as_deref()?).ok().map(|s| s.num_records);
    Some(Made {
        version: Version::new(number),
        at,
        note,
        files: added.len(),
        rows: added.iter().filter_map(rows).sum(),
        bytes: added.iter().map(|add| add.size).sum(),
    })
}

/// Numbers of the commits that are in the log.
async fn numbers(stores: &Stores, location: &Location) -> Result<BTreeSet<u64>> {
    let number = |path: &Path| -> Option<u64> {
        let name = path.filename()?.strip_suffix(".json")?;
        (name.len() == 20).then(|| name.parse().ok())?
    };
    stores
        .prefixed(location)?
        .list(Some(&Path::from(LOG)))
        .try_filter_map(|meta| std::future::ready(Ok(number(&meta.location))))
        .try_collect()
        .await
        .map_err(|source| failed(location, source))
}

/// The actions of commits; none where they cannot be understood.
async fn read(
    stores: &Stores,
    location: &Location,
    numbers: Vec<u64>,
) -> Result<Vec<(u64, Option<Vec<Action>>)>> {
    let store = stores.prefixed(location)?;
    let reading = numbers.into_iter().map(|number| {
        let (store, path) = (&store, Path::from(LOG).join(format!("{number:020}.json")));
        async move {
            let entry = store.get(&path).await.map_err(|source| failed(location, source))?;
            let entry = entry.bytes().await.map_err(|source| failed(location, source))?;
            let actions = serde_json::Deserializer::from_slice(&entry).into_iter();
            Ok((number, actions.collect::<serde_json::Result<Vec<Action>>>().ok()))
        }
    });
    stream::iter(reading).buffered(CONCURRENT_ENTRIES).try_collect().await
}

const LOG: &str = "_delta_log";

fn failed(location: &Location, source: object_store::Error) -> LakeError {
    LakeError::List { location: location.to_string(), source: Box::new(source) }
}
