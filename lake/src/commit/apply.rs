//! Writes log entries.

use bytes::Bytes;
use deltalake::DeltaTable;
use deltalake::kernel::Action;
use goldsmith_proto::id::Version;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use std::sync::Arc;
use std::time::Duration;
use tracing::warn;

use super::CommitOutcome;
use crate::error::{LakeError, Result};
use crate::location::Location;
use crate::log::entry_path;
use crate::snapshot::TableSnapshot;
use crate::store::Stores;

/// Number of commits after which a checkpoint is written: four refreshes a day make one every five days.
const CHECKPOINT_INTERVAL: u64 = 20;

/// Times that an entry is sent while nobody says what became of it. The store sends each several times itself where it is sure
/// that nothing arrived.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Writes `actions` as `version` of the table at `location`, if nobody has made that version yet.
///
/// There is no rebase: the plan pinned the version that it read, so whoever lost the race plans again.
///
/// - **Cancel:** not safe to drop once started: the entry may or may not be there
/// # Errors
/// [`LakeError::Commit`] if the storage refuses for another reason than the lost race, [`LakeError::CommitUnknown`] if
/// it does not say: the files of the version have to stay then.
pub async fn put_if_absent(
    stores: &Stores,
    table: &str,
    location: &Location,
    version: Version,
    actions: &[Action],
) -> Result<CommitOutcome> {
    let entry = encode(actions).map_err(|source| LakeError::EncodeCommit {
        table: table.to_owned(),
        version,
        source,
    })?;
    let store = stores.prefixed(location)?;
    let path = entry_path(version.get());
    let mut attempt = 1;
    loop {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let Err(source) = store.put_opts(&path, entry.clone().into(), options).await else {
            return Ok(CommitOutcome::Committed(version));
        };
        // Azure answers a lost race with 412, which arrives as `Precondition`.
        let taken = matches!(
            source,
            object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }
        );
        // A request that failed on the way back may have been carried out.
        match find(&store, &path, &entry).await {
            Entry::Ours => return Ok(CommitOutcome::Committed(version)),
            Entry::Theirs => return Ok(CommitOutcome::Conflicted { version }),
            // A local disk has said all that it will say.
            Entry::Absent if !taken && location.is_local() => {
                return Err(LakeError::Commit { table: table.to_owned(), version, source: Box::new(source) });
            }
            // One that is lost on a network may still arrive. It does no harm to send it again: whichever comes first makes
            // the version, the other finds it made, and both are ours.
            Entry::Absent | Entry::Unknown if attempt < ATTEMPTS && !is_refused(&source) => {
                warn!(table, %version, attempt, error = crate::error::chain(&source), "commit not answered, sending it again");
            }
            Entry::Absent | Entry::Unknown => {
                let source = Box::new(source);
                return Err(LakeError::CommitUnknown { table: table.to_owned(), version, source });
            }
        }
        tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(attempt)).await;
        attempt += 1;
    }
}

/// Whether the storage has said no, and would again.
const fn is_refused(error: &object_store::Error) -> bool {
    matches!(
        error,
        object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. }
            | object_store::Error::NotFound { .. }
    )
}

/// What stands where an entry should.
enum Entry {
    Ours,
    Theirs,
    Absent,
    Unknown,
}

/// The refresh id in an entry makes it unique.
async fn find(store: &Arc<dyn ObjectStore>, path: &Path, entry: &Bytes) -> Entry {
    let found = match store.get(path).await {
        Ok(found) => found.bytes().await,
        Err(error) => Err(error),
    };
    match found {
        Ok(bytes) if bytes == *entry => Entry::Ours,
        Ok(_) => Entry::Theirs,
        Err(object_store::Error::NotFound { .. }) => Entry::Absent,
        Err(_) => Entry::Unknown,
    }
}

fn encode(actions: &[Action]) -> serde_json::Result<Bytes> {
    let mut entry = Vec::new();
    for action in actions {
        match action {
            // The library escapes paths its own way. A removal has to spell its file as the addition does, or it meets none.
            Action::Remove(remove) => {
                let mut action = serde_json::to_value(action)?;
                action["remove"]["path"] = remove.path.as_str().into();
                serde_json::to_writer(&mut entry, &action)?;
            }
            action => serde_json::to_writer(&mut entry, action)?,
        }
        entry.push(b'\n');
    }
    Ok(entry.into())
}

/// Writes a checkpoint when one is due. A failure is only logged: the version is complete without it.
pub async fn checkpoint_if_due(snapshot: &TableSnapshot) {
    let version = snapshot.version();
    if version == Version::FIRST || !version.get().is_multiple_of(CHECKPOINT_INTERVAL) {
        return;
    }
    if !snapshot.ghosts().is_empty() {
        // The library would write them into it as live.
        warn!(table = snapshot.name(), %version, "no checkpoint: the log spells files in several ways");
        return;
    }
    let written = async {
        let mut table = DeltaTable::new(Arc::clone(snapshot.log_store()));
        table.load_version(version.get()).await?;
        deltalake::protocol::checkpoints::create_checkpoint(&table, None).await
    };
    if let Err(error) = written.await {
        warn!(table = snapshot.name(), %version, %error, "checkpoint not written");
    }
}
