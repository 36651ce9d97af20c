//! Writes log entries.

use bytes::Bytes;
use deltalake::kernel::Action;
use goldsmith_proto::id::Version;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use std::sync::Arc;
use tracing::warn;

use super::CommitOutcome;
use crate::error::{LakeError, Result};
use crate::location::Location;
use crate::snapshot::TableSnapshot;
use crate::store::Stores;

/// Number of commits after which a checkpoint is written: four refreshes a day make one every five days.
const CHECKPOINT_INTERVAL: u64 = 20;

/// Writes `actions` as `version` of the table at `location`, if nobody has made that version yet.
///
/// There is no rebase: the plan pinned the version that it read, so whoever lost the race plans again.
///
/// - **Cancel:** not safe to drop once started: the entry may or may not be there
/// # Errors
/// [`LakeError::Commit`] if the storage refuses for another reason than the lost race.
pub async fn put_if_absent(
    stores: &Stores,
    table: &str,
    location: &Location,
    version: Version,
    actions: &[Action],
) -> Result<CommitOutcome> {
    let entry = encode(actions);
    let store = stores.prefixed(location)?;
    let path = Path::from(format!("_delta_log/{:020}.json", version.get()));
    let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
    match store.put_opts(&path, entry.clone().into(), options).await {
        Ok(_) => Ok(CommitOutcome::Committed(version)),
        // Azure answers a lost race with 412, which arrives as `Precondition`.
        Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
            if is_ours(&store, &path, &entry).await {
                return Ok(CommitOutcome::Committed(version));
            }
            Ok(CommitOutcome::Conflicted { version })
        }
        Err(source) => {
            // A request that failed on the way back may have been carried out.
            if is_ours(&store, &path, &entry).await {
                return Ok(CommitOutcome::Committed(version));
            }
            Err(LakeError::Commit { table: table.to_owned(), version, source: Box::new(source) })
        }
    }
}

/// Whether the entry that is there is the one we sent: the refresh id in it makes it unique.
async fn is_ours(store: &Arc<dyn ObjectStore>, path: &Path, entry: &Bytes) -> bool {
    match store.get(path).await {
        Ok(found) => found.bytes().await.is_ok_and(|bytes| bytes == *entry),
        Err(_) => false,
    }
}

fn encode(actions: &[Action]) -> Bytes {
    let mut entry = Vec::new();
    for action in actions {
        // Writing into memory cannot fail, and every action has a JSON form.
        if serde_json::to_writer(&mut entry, action).is_ok() {
            entry.push(b'\n');
        }
    }
    entry.into()
}

/// Writes a checkpoint when one is due. A failure is only logged: the version is complete without it.
pub async fn checkpoint_if_due(snapshot: &TableSnapshot) {
    let version = snapshot.version();
    if version == Version::FIRST || !version.get().is_multiple_of(CHECKPOINT_INTERVAL) {
        return;
    }
    if let Err(error) =
        deltalake::protocol::checkpoints::create_checkpoint(snapshot.delta_table(), None).await
    {
        warn!(table = snapshot.name(), %version, %error, "checkpoint not written");
    }
}
