//! What is there now: versions of bronze, versions of what was published and what they were built from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use goldsmith_jobs::Model;
use goldsmith_lake::TableSnapshot;
use goldsmith_lake::commit::CommitNote;
use goldsmith_lake::snapshot::Found;
use goldsmith_proto::id::{Layer, Version};

use crate::error::Result;
use crate::lakehouse::Lakehouse;
use crate::selection;

/// Tables whose logs are read at the same time.
const CONCURRENT_TABLES: usize = 8;

/// Commits that are looked through for our last note: others come from maintenance only.
const NOTE_SEARCH_COMMITS: u64 = 50;

/// A published table.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its latest version.
    pub snapshot: Arc<TableSnapshot>,
    /// What the refresh that made its rows said of itself.
    pub note: Option<CommitNote>,
}

/// The tables of a lake at one moment. Everything after this reads these versions and no others.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Bronze tables that models read, by lower-case name.
    pub bronze: BTreeMap<String, Arc<TableSnapshot>>,
    /// Names of all folders of bronze, in lower case: what a table that is missing may be meant for.
    pub bronze_folders: BTreeSet<String>,
    /// Silver and gold tables, by key (`gold.profiles_customer`).
    pub published: BTreeMap<String, Published>,
}

impl Inventory {
    /// Reads the logs of all tables that the models of `lakehouse` make, and of those that a refresh of the gold models
    /// `only` (all without any) reads.
    ///
    /// # Errors
    /// If a table is there and cannot be read; one that is missing is not an error here.
    pub async fn take(lakehouse: &Lakehouse, only: &[String]) -> Result<Self> {
        // Boxed: it is large.
        lakehouse.reading(Box::pin(Self::found(lakehouse, only))).await
    }

    async fn found(lakehouse: &Lakehouse, only: &[String]) -> Result<Self> {
        let dag = lakehouse.pack.dag();
        let wanted = selection::wanted(dag, only)?;
        let mut names: BTreeSet<String> =
            lakehouse.pack.required_tables().iter().map(|table| (*table).to_owned()).collect();
        for model in dag.models().iter().filter(|model| wanted.contains(&model.key())) {
            names.extend(model.bronze_tables());
            names.extend(model.header().skip_without.iter().map(|table| table.to_lowercase()));
        }
        let (bronze, bronze_folders) = Self::bronze(lakehouse, names, &BTreeMap::new()).await?;
        let mut published = BTreeMap::new();
        for layer in [Layer::Silver, Layer::Gold] {
            if lakehouse.is_materialised(layer) {
                published.extend(Self::published(lakehouse, layer).await?);
            }
        }
        Ok(Self { bronze, bronze_folders, published })
    }

    /// Pins the bronze tables `names`, at the versions of `at` where it names them; and the names of all that are there.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub async fn bronze(
        lakehouse: &Lakehouse,
        names: BTreeSet<String>,
        at: &BTreeMap<String, Version>,
    ) -> Result<(BTreeMap<String, Arc<TableSnapshot>>, BTreeSet<String>)> {
        if names.is_empty() {
            return Ok(Default::default());
        }
        let stores = lakehouse.engine.stores();
        let bronze = lakehouse.bronze()?;
        if let Some((_, error)) = bronze.unusable().find(|(name, _)| names.contains(name)) {
            return Err(error.into());
        }
        let tables = bronze.tables(stores).await?;
        let open = names.into_iter().filter_map(|name| {
            let location = tables.get(&name)?.clone();
            Some(async move {
                let version = at.get(&name).copied();
                let snapshot = TableSnapshot::require(stores, &name, &location, version).await?;
                Ok::<_, crate::SchedulerError>((name, Arc::new(snapshot)))
            })
        });
        let pinned = all(open).await?.into_iter().collect();
        Ok((pinned, tables.into_keys().collect()))
    }

    /// Bytes of all tables that are pinned.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        let published = self.published.values().map(|published| &published.snapshot);
        self.bronze.values().chain(published).map(|snapshot| snapshot.size_bytes()).sum()
    }

    async fn published(lakehouse: &Lakehouse, layer: Layer) -> Result<BTreeMap<String, Published>> {
        let root = lakehouse.layer(layer)?;
        let stores = lakehouse.engine.stores();
        let models = lakehouse.pack.dag().models().iter().filter(|m| m.layer() == layer);
        // Owned, so that the work may move between threads.
        let models: Vec<Model> = models.cloned().collect();
        let open = models.into_iter().map(|model| async move {
            let location = root.table(model.table_name());
            let name = format!("{layer}.{}", model.name());
            match TableSnapshot::open(stores, &name, &location, None).await? {
                Found::Nothing => Ok(None),
                Found::Table(snapshot) => {
                    let note = snapshot.last_note(NOTE_SEARCH_COMMITS).await?;
                    let published = Published { snapshot: Arc::new(*snapshot), note };
                    Ok::<_, crate::SchedulerError>(Some((model.key(), published)))
                }
            }
        });
        Ok(all(open).await?.into_iter().flatten().collect())
    }
}

/// What all of `work` gives, or the first error, in the order of the names whatever comes back first. All of it is
/// awaited: a log that is read half way is not left behind for the end of the process to find.
async fn all<T>(work: impl Iterator<Item = impl Future<Output = Result<T>>>) -> Result<Vec<T>> {
    let done: Vec<Result<T>> = stream::iter(work).buffered(CONCURRENT_TABLES).collect().await;
    done.into_iter().collect()
}
