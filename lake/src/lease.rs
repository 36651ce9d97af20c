//! Leases: small objects in a gold folder that say whose uncommitted files lie in it.
//!
//! A lease is written anew from time to time by the process that holds it. What storage gives as its time of writing is the
//! only clock that all processes share.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::{LakeError, Result};
use crate::location::Location;
use crate::store::Stores;

/// Folder of the leases below the gold folder. It is no table, and empty whenever nothing runs.
pub const FOLDER: &str = "_goldsmith";

/// A lease as it was found.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Its name.
    pub name: String,
    /// When it was last written, by the clock of the storage.
    pub written_at: DateTime<Utc>,
}

/// The leases of one gold folder.
#[derive(Debug, Clone)]
pub struct Leases {
    stores: Stores,
    gold: Location,
}

impl Leases {
    /// Those in the folder `gold`.
    #[must_use]
    pub const fn new(stores: Stores, gold: Location) -> Self {
        Self { stores, gold }
    }

    /// Writes the lease `name`, anew if it is there.
    ///
    /// # Errors
    /// [`LakeError::Lease`]
    pub async fn write(&self, name: &str, text: Bytes) -> Result<()> {
        let path = self.path(name)?;
        self.stores.root(&self.gold)?.put(&path, text.into()).await.map_err(|e| self.failed("write", e))?;
        Ok(())
    }

    /// All leases.
    ///
    /// # Errors
    /// [`LakeError::Lease`]
    pub async fn list(&self) -> Result<Vec<Lease>> {
        let listing = self.stores.root(&self.gold)?.list(Some(&self.folder()?)).try_collect::<Vec<_>>().await;
        let found = match listing {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(self.failed("list", error)),
        };
        let lease = |meta: object_store::ObjectMeta| {
            let name = meta.location.filename()?.strip_suffix(".json")?.to_owned();
            Some(Lease { name, written_at: meta.last_modified })
        };
        Ok(found.into_iter().filter_map(lease).collect())
    }

    /// What the lease `name` says; none if it is gone.
    ///
    /// # Errors
    /// [`LakeError::Lease`]
    pub async fn read(&self, name: &str) -> Result<Option<Bytes>> {
        let path = self.path(name)?;
        let text = match self.stores.root(&self.gold)?.get(&path).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        match text {
            Ok(text) => Ok(Some(text)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    /// Removes the lease `name`; it may be gone already.
    ///
    /// # Errors
    /// [`LakeError::Lease`]
    pub async fn remove(&self, name: &str) -> Result<()> {
        let path = self.path(name)?;
        match self.stores.root(&self.gold)?.delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(self.failed("remove", error)),
        }
        if self.gold.is_local() {
            // A folder that holds another lease is not removed.
            let _ = std::fs::remove_dir(self.local_gold().join(FOLDER));
        }
        Ok(())
    }

    /// Whether the gold folder would be made by writing a lease. Storage accounts have no folders to speak of.
    #[must_use]
    pub fn makes_gold(&self) -> bool {
        self.gold.is_local() && !self.local_gold().exists()
    }

    /// Removes the gold folder if nothing is in it.
    pub fn remove_empty_gold(&self) {
        if self.gold.is_local() {
            let _ = std::fs::remove_dir(self.local_gold());
        }
    }

    fn local_gold(&self) -> std::path::PathBuf {
        self.gold.to_string().into()
    }

    fn folder(&self) -> Result<Path> {
        Ok(self.gold.store_path()?.join(FOLDER))
    }

    fn path(&self, name: &str) -> Result<Path> {
        Ok(self.folder()?.join(format!("{name}.json")))
    }

    fn failed(&self, action: &'static str, source: object_store::Error) -> LakeError {
        LakeError::Lease { action, location: self.gold.to_string(), source: Box::new(source) }
    }
}
