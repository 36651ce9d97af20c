//! The one reader of Delta logs: snapshots, history, sweeping and diagnosis read them through it.
//!
//! ```text
//!   hint, listing ──▶ Listing ──segment──▶ Segment ──▶ what the library is shown
//!                        (pure)               └──────▶ entries ──▶ Commit
//! ```
//!
//! The listing decides what there is; the hint at the last checkpoint only spares a part of it. What does not tell of every
//! version back to the first one, or to a checkpoint, is no log: it would read as other rows.

mod commit;
mod name;
mod path;
mod replay;
mod segment;
mod store;

use std::sync::Arc;

use bytes::Bytes;
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use futures::TryStreamExt;
use futures::stream::{self, StreamExt};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use serde_json::Value;

pub(crate) use self::commit::{Commit, FileAction, Vector};
pub(crate) use self::name::entry_path;
pub(crate) use self::path::FilePath;
pub(crate) use self::replay::{Ambiguous, Live, reconcile};
pub(crate) use self::segment::{Listing, LogFault, Segment};
use self::store::{SegmentStore, folder_of};
use crate::error::{LakeError, Result};
use crate::location::Location;
use crate::store::Stores;

/// Entries that are read at the same time.
const CONCURRENT_ENTRIES: usize = 8;

type StoreResult<T> = std::result::Result<T, object_store::Error>;

/// The log of one table.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    store: Arc<SegmentStore>,
    /// Its folder in the store.
    folder: Path,
    library: LogStoreRef,
}

impl Log {
    /// That of the table at `location`, which may have none.
    ///
    /// # Errors
    /// [`LakeError::Location`] if the path cannot be a key.
    pub(crate) fn of(stores: &Stores, location: &Location) -> Result<Self> {
        let table = location.store_path()?;
        if has_escape(table.as_ref()) {
            // The library undoes escapes twice: it would read the folder that has the other name.
            return Err(LakeError::Location {
                text: location.to_string(),
                reason:
                    "a name with `%` and two digits is taken for another one; give the folder a name without"
                        .to_owned(),
            });
        }
        let folder = folder_of(&table);
        let store = Arc::new(SegmentStore::new(stores.root(location)?, folder.clone()));
        let root: Arc<dyn ObjectStore> = Arc::<SegmentStore>::clone(&store);
        let prefixed = Arc::new(PrefixStore::new(Arc::clone(&root), table));
        let library = default_logstore(prefixed, root, location.url(), &StorageConfig::default());
        Ok(Self { store, folder, library })
    }

    /// As the library sees it.
    pub(crate) const fn library(&self) -> &LogStoreRef {
        &self.library
    }

    /// The files that tell of the version `asked`, or of the last one, which the library is shown from now on; none if there
    /// is no log, a fault if it does not tell of it.
    ///
    /// # Errors
    /// What the storage says.
    pub(crate) async fn segment(
        &self,
        asked: Option<u64>,
    ) -> StoreResult<std::result::Result<Option<Segment>, LogFault>> {
        let hint = self.hint().await?;
        let from = hint.as_ref().map(|(version, ..)| *version);
        let from = from.filter(|version| asked.is_none_or(|asked| *version <= asked));
        let mut listing = self.list(from).await?;
        if from.is_some() && !listing.has_checkpoint() {
            // The hint was wrong. That is no fault of the log.
            listing = self.list(None).await?;
        }
        let segment = match listing.segment(asked) {
            // A listing from the hint on does not show whether there is more.
            Err(_) if from.is_some() => self.list(None).await?.segment(asked),
            judged => judged,
        };
        if let Ok(Some(segment)) = &segment {
            let checkpoint = segment.checkpoint.as_ref().map(|(version, _)| *version);
            let hint = hint.filter(|(version, ..)| checkpoint == Some(*version));
            self.store.serve(segment, hint.map(|(_, meta, bytes)| (meta, bytes)));
        }
        Ok(segment)
    }

    /// The version that the hint names, and the hint; none if there is none or it makes no sense.
    async fn hint(&self) -> StoreResult<Option<(u64, ObjectMeta, Bytes)>> {
        let path = self.folder.clone().join(name::HINT);
        let found = match self.store.get(&path).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let meta = found.meta.clone();
        let bytes = found.bytes().await?;
        let hint: Option<Value> = serde_json::from_slice(&bytes).ok();
        Ok(hint.and_then(|hint| Some((hint.get("version")?.as_u64()?, meta, bytes))))
    }

    /// What stands directly in the log's folder, or of it what comes after the files of versions before `from`.
    ///
    /// # Errors
    /// What the storage says.
    pub(crate) async fn list(&self, from: Option<u64>) -> StoreResult<Listing> {
        let mut listing = Listing::default();
        if let Some(from) = from {
            let offset = self.folder.clone().join(format!("{from:020}"));
            let found = self.store.list_with_offset(Some(&self.folder), &offset);
            let folder = self.folder.clone();
            let mut found = Box::pin(found);
            while let Some(meta) = found.try_next().await? {
                let inside: Vec<String> = match meta.location.prefix_match(&folder) {
                    Some(rest) => rest.take(2).map(|part| part.as_ref().to_owned()).collect(),
                    None => continue,
                };
                match inside.as_slice() {
                    [_] => listing.add(meta),
                    [name, ..] => listing.add_folder(name),
                    [] => {}
                }
            }
            return Ok(listing);
        }
        let found = match self.store.list_with_delimiter(Some(&self.folder)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(listing),
            Err(error) => return Err(error),
        };
        found.objects.into_iter().for_each(|meta| listing.add(meta));
        let folders = found.common_prefixes.iter().filter_map(Path::filename);
        folders.for_each(|name| listing.add_folder(name));
        Ok(listing)
    }

    /// The entries of `versions`, in their order. One that is not there has a fault.
    ///
    /// # Errors
    /// What the storage says.
    pub(crate) async fn read(&self, versions: Vec<u64>) -> StoreResult<Vec<Commit>> {
        let reading = versions.into_iter().map(|version| async move {
            let path: Path = self.folder.parts().chain(name::entry_path(version).parts().skip(1)).collect();
            let entry = match self.store.get(&path).await {
                Ok(found) => found.bytes().await?,
                Err(object_store::Error::NotFound { .. }) => return Ok(Commit::missing(version)),
                Err(error) => return Err(error),
            };
            Ok(Commit::parse(version, &entry))
        });
        stream::iter(reading).buffered(CONCURRENT_ENTRIES).try_collect().await
    }
}

/// Whether `%20` or the like stands in a path whose escapes are undone.
fn has_escape(path: &str) -> bool {
    path.as_bytes().windows(3).any(|part| part[0] == b'%' && part[1..].iter().all(u8::is_ascii_hexdigit))
}
