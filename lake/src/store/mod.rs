//! Object stores by location: every access to storage goes through here, so that credentials, retries and counting have
//! one place.

mod account;
mod azure;
mod credentials;
mod http;
mod redact;
mod registry;
mod request;
mod traffic;
mod under_way;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use datafusion::execution::object_store::ObjectStoreRegistry;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};

use parking_lot::Mutex;

use self::account::AccountStore;
use self::http::RequestCounters;
pub(crate) use self::redact::redact;
use self::registry::Registry;
pub use self::traffic::Traffic;
use self::traffic::{CountedStore, Counters};
use crate::connection::{Auth, Connections};
use crate::error::{ConnectionFault, LakeError, Result};
use crate::location::{Location, StoreKey};

/// The stores of one process: its local disk, and what its connections open.
#[derive(Debug, Clone)]
pub struct Stores {
    local: Arc<dyn ObjectStore>,
    uncounted_local: Arc<dyn ObjectStore>,
    connections: Arc<Connections>,
    /// Containers that were opened: each keeps its connections and tokens.
    opened: Arc<Mutex<HashMap<StoreKey, Arc<dyn ObjectStore>>>>,
    counters: Arc<Counters>,
    requests: Arc<RequestCounters>,
}

impl Default for Stores {
    fn default() -> Self {
        Self::with_local(Arc::new(LocalFileSystem::new()))
    }
}

impl Stores {
    /// Stores that reach the local disk through `local`, whose root is the root of the file system, and nothing else.
    #[must_use]
    pub fn with_local(local: Arc<dyn ObjectStore>) -> Self {
        let counters = Arc::<Counters>::default();
        Self {
            local: Arc::new(CountedStore::new(Arc::clone(&local), Arc::clone(&counters))),
            uncounted_local: local,
            connections: Arc::default(),
            opened: Arc::default(),
            counters,
            requests: Arc::default(),
        }
    }

    /// The same, and what `connections` open.
    #[must_use]
    pub fn with_connections(self, connections: Connections) -> Self {
        Self { connections: Arc::new(connections), opened: Arc::default(), ..self }
    }

    /// The same places, with counters of their own.
    #[must_use]
    pub fn counted_apart(&self) -> Self {
        let counters = Arc::<Counters>::default();
        Self {
            local: Arc::new(CountedStore::new(Arc::clone(&self.uncounted_local), Arc::clone(&counters))),
            uncounted_local: Arc::clone(&self.uncounted_local),
            connections: Arc::clone(&self.connections),
            opened: Arc::default(),
            counters,
            requests: Arc::default(),
        }
    }

    /// The connections of the process.
    #[must_use]
    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// What was read and written through them so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        Traffic {
            http_requests: self.requests.sent.load(Ordering::Relaxed),
            throttled_requests: self.requests.throttled.load(Ordering::Relaxed),
            ..self.counters.get()
        }
    }

    /// The request for a log that has not moved for longest: a number that stays as long as it does not move, and its path
    /// below its container or disk. None if none is under way.
    #[must_use]
    pub fn waits_for(&self) -> Option<(u64, String)> {
        self.counters.under_way().stalest()
    }

    /// How often it was given up to wait for them.
    #[must_use]
    pub fn stalls(&self) -> u64 {
        self.counters.stalls()
    }

    /// Counts that it was given up to wait.
    pub fn note_stall(&self) {
        self.counters.note_stall();
    }

    /// The store that holds `location`, rooted where its paths begin. Nothing is sent to it yet.
    ///
    /// # Errors
    /// [`LakeError::NoConnection`] and [`LakeError::Connection`] if it is in a storage account that cannot be opened.
    pub fn root(&self, location: &Location) -> Result<Arc<dyn ObjectStore>> {
        match location.store_key()? {
            None => Ok(Arc::clone(&self.local)),
            Some(key) => self.open(&key),
        }
    }

    /// The container of `key`.
    fn open(&self, key: &StoreKey) -> Result<Arc<dyn ObjectStore>> {
        if let Some(store) = self.opened.lock().get(key) {
            return Ok(Arc::clone(store));
        }
        let connection = self.connections.get(&key.connection).ok_or_else(|| LakeError::Connection {
            connection: key.connection.to_string(),
            location: key.container.to_string(),
            fault: ConnectionFault::Unknown,
        })?;
        // An endpoint is that of one account: the container of another would be looked for in the wrong place.
        let is_single = connection.endpoint.is_some() && !matches!(connection.auth, Auth::Emulator);
        let opened = || self.opened.lock().keys().cloned().collect::<Vec<_>>();
        let other = |other: &StoreKey| {
            other.connection == key.connection && other.container.host != key.container.host
        };
        if is_single && opened().iter().any(other) {
            return Err(LakeError::Connection {
                connection: key.connection.to_string(),
                location: key.container.to_string(),
                fault: ConnectionFault::Setting(
                    "it has an `endpoint`, which is that of one account, and is used for two".to_owned(),
                ),
            });
        }
        // Reads files and certificates: nobody waits for the lock meanwhile, and of two that are opened one is used.
        let store = AccountStore::open(key.clone(), connection, Arc::clone(&self.requests))?;
        let store: Arc<dyn ObjectStore> =
            Arc::new(CountedStore::new(Arc::new(store), Arc::clone(&self.counters)));
        Ok(Arc::clone(self.opened.lock().entry(key.clone()).or_insert(store)))
    }

    /// The store whose paths begin at `location`.
    ///
    /// # Errors
    /// [`LakeError::Location`] if the path cannot be a key.
    pub fn prefixed(&self, location: &Location) -> Result<Arc<dyn ObjectStore>> {
        Ok(Arc::new(PrefixStore::new(self.root(location)?, location.store_path()?)))
    }

    /// Where plans find them.
    #[must_use]
    pub fn registry(&self) -> Arc<dyn ObjectStoreRegistry> {
        Arc::new(Registry(self.clone()))
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
        let listing = match self.root(location)?.list_with_delimiter(Some(&path)).await {
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
        let logs = self.root(location)?.list(Some(&root)).map_ok(|meta| {
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
        let store = self.root(location)?;
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
            if let Err(source) = store.delete(name).await
                && !matches!(source, object_store::Error::NotFound { .. })
            {
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
