//! Object stores by location: every access to storage goes through here, so that credentials, retries and counting have
//! one place.

mod traffic;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::execution::runtime_env::RuntimeEnv;
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};

pub use self::traffic::Traffic;
use self::traffic::{CountedStore, Counters};
use crate::error::{LakeError, Result};
use crate::location::Location;

/// The stores of one process.
#[derive(Debug, Clone)]
pub struct Stores {
    local: Arc<dyn ObjectStore>,
    counters: Arc<Counters>,
}

impl Default for Stores {
    fn default() -> Self {
        Self::with_local(Arc::new(LocalFileSystem::new()))
    }
}

impl Stores {
    /// Stores that reach the local disk through `local`, whose root is the root of the file system.
    #[must_use]
    pub fn with_local(local: Arc<dyn ObjectStore>) -> Self {
        let counters = Arc::<Counters>::default();
        Self { local: Arc::new(CountedStore::new(local, Arc::clone(&counters))), counters }
    }

    /// What was read through them so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.counters.get()
    }

    /// The store that holds `location`, rooted where its paths begin.
    #[must_use]
    pub fn root(&self, _location: &Location) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.local)
    }

    /// The store whose paths begin at `location`.
    ///
    /// # Errors
    /// [`LakeError::Location`] if the path cannot be a key.
    pub fn prefixed(&self, location: &Location) -> Result<Arc<dyn ObjectStore>> {
        Ok(Arc::new(PrefixStore::new(self.root(location), location.store_path()?)))
    }

    /// The Delta log of the table at `location`.
    ///
    /// # Errors
    /// [`LakeError::Location`] if the path cannot be a key.
    pub(crate) fn log(&self, location: &Location) -> Result<LogStoreRef> {
        Ok(default_logstore(
            self.prefixed(location)?,
            self.root(location),
            location.url(),
            &StorageConfig::default(),
        ))
    }

    /// Makes these stores the ones that plans running in `runtime` read from and write to.
    pub fn register(&self, runtime: &RuntimeEnv) {
        if let Ok(url) = url::Url::parse("file:///") {
            runtime.register_object_store(&url, Arc::clone(&self.local));
        }
    }

    /// Names of the folders directly below `location`, keyed by their lower-case form; none if it does not exist.
    ///
    /// # Errors
    /// [`LakeError::List`] if the storage cannot be reached, [`LakeError::AmbiguousFolder`] for names that differ only in
    /// case.
    pub async fn folders(&self, location: &Location) -> Result<BTreeMap<String, String>> {
        let mut folders = BTreeMap::new();
        for name in self.folder_names(location).await? {
            if let Some(first) = folders.insert(name.to_lowercase(), name.clone()) {
                return Err(LakeError::AmbiguousFolder {
                    location: location.to_string(),
                    first,
                    second: name,
                });
            }
        }
        Ok(folders)
    }

    /// Names of the folders directly below `location` as they are spelt; none if it does not exist.
    ///
    /// # Errors
    /// [`LakeError::List`] if the storage cannot be reached.
    pub async fn folder_names(&self, location: &Location) -> Result<BTreeSet<String>> {
        let path = location.store_path()?;
        let listing = match self.root(location).list_with_delimiter(Some(&path)).await {
            Ok(listing) => listing,
            Err(object_store::Error::NotFound { .. }) => return Ok(BTreeSet::new()),
            Err(source) => {
                return Err(LakeError::List { location: location.to_string(), source: Box::new(source) });
            }
        };
        let names = listing.common_prefixes.iter().filter_map(|prefix| prefix.filename());
        Ok(names.map(str::to_owned).collect())
    }

    /// Folders below `location` that hold a `_delta_log`, each as its names from `location` on.
    ///
    /// # Errors
    /// [`LakeError::List`] if the storage cannot be reached.
    pub async fn log_folders(&self, location: &Location) -> Result<BTreeSet<Vec<String>>> {
        let root = location.store_path()?;
        let logs = self.root(location).list(Some(&root)).map_ok(|meta| {
            let below: Vec<String> = meta
                .location
                .prefix_match(&root)
                .into_iter()
                .flatten()
                .map(|part| part.as_ref().to_owned())
                .collect();
            let log = below.iter().position(|part| part == "_delta_log");
            log.map(|depth| below[..depth].to_vec())
        });
        logs.try_filter_map(|log| std::future::ready(Ok(log)))
            .try_collect()
            .await
            .map_err(|source| LakeError::List { location: location.to_string(), source: Box::new(source) })
    }

    /// The folder `name`, which [`Self::folders`] listed, below `location`.
    #[must_use]
    pub fn folder(&self, location: &Location, name: &str) -> Location {
        location.child(name)
    }

    /// Removes the files of `location` whose names hold `marker` and are not among `keep`, and the folder if it is empty then; returns how many
    /// there were.
    ///
    /// # Errors
    /// [`LakeError::RemoveStaged`] at the first one that cannot be removed; the others are tried all the same.
    pub async fn remove_marked(
        &self,
        table: &str,
        location: &Location,
        marker: &str,
        keep: &BTreeSet<&str>,
    ) -> Result<usize> {
        let failed = |source| LakeError::RemoveStaged {
            table: table.to_owned(),
            location: location.to_string(),
            source: Box::new(source),
        };
        let store = self.root(location);
        let path = location.store_path()?;
        let names: Vec<_> = store
            .list(Some(&path))
            .try_filter(|meta| {
                let name = meta.location.filename();
                std::future::ready(name.is_some_and(|name| name.contains(marker) && !keep.contains(name)))
            })
            .map_ok(|meta| meta.location)
            .try_collect()
            .await
            .map_err(failed)?;
        let mut first_error = None;
        for name in &names {
            if let Err(source) = store.delete(name).await {
                first_error.get_or_insert(source);
            }
        }
        if location.is_local() {
            // Storage accounts have no folders to speak of. A folder that holds anything is not removed.
            let _ = std::fs::remove_dir(location.to_string());
        }
        first_error.map_or(Ok(names.len()), |source| Err(failed(source)))
    }
}
