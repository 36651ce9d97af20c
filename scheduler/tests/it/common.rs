//! A lake of three small models over a store that a test controls.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use goldsmith_executor::{Engine, EngineOptions};
use goldsmith_jobs::Pack;
use goldsmith_jobs::pack::PackSource;
use goldsmith_lake::{Location, Stores};
use goldsmith_proto::id::RefreshId;
use goldsmith_scheduler::plan::PlanOptions;
use goldsmith_scheduler::refresh::{self, RefreshReport, Silent};
use goldsmith_scheduler::{Lakehouse, Result};
use goldsmith_testkit::{Fault, FaultStore, Operation};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use tempfile::TempDir;

/// In the order in which they are committed.
pub(crate) const TABLES: [&str; 3] = ["profiles_A", "supporting_B", "activities_C"];

pub(crate) struct Sandbox {
    pub(crate) dir: TempDir,
    pub(crate) lakehouse: Lakehouse,
}

impl Sandbox {
    pub(crate) fn new(script: impl Fn(Operation, &Path) -> Option<Fault> + Send + Sync + 'static) -> Self {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("pack")).unwrap();
        for table in TABLES {
            let sql = "-- grain = [\"Id\"]\nSELECT 'x' AS Id, current_timestamp() AS At";
            fs::write(dir.path().join(format!("pack/{table}.sql")), sql).unwrap();
        }
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let local = Arc::new(LocalFileSystem::new().with_automatic_cleanup(true));
        let options =
            EngineOptions::resolve(Some(NonZeroUsize::MIN), Some(1 << 28), Some(dir.path().join("spill")));
        let stores = Stores::with_local(Arc::new(FaultStore::new(local, script)));
        let lakehouse = Lakehouse {
            bronze: None,
            silver: None,
            gold: Some(Location::parse(&path("gold")).unwrap()),
            pack: Pack::load(&PackSource { path: Some(path("pack")), ..PackSource::default() }).unwrap(),
            engine: Engine::try_new(options, stores).unwrap(),
            cluster: None,
        };
        Self { dir, lakehouse }
    }

    /// The same, which waits for `limit` where nothing moves.
    /// How often it was given up to wait for a log.
    pub(crate) fn stalls(&self) -> u64 {
        self.lakehouse.engine.stores().stalls()
    }

    pub(crate) fn giving_up_after(mut self, limit: Duration) -> Self {
        let engine = &self.lakehouse.engine;
        let options = EngineOptions { stall_timeout: limit, ..engine.options().clone() };
        self.lakehouse.engine = Engine::try_new(options, engine.stores().clone()).unwrap();
        self
    }

    pub(crate) async fn refresh(
        &self,
        as_of: DateTime<Utc>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<RefreshReport> {
        self.refresh_as(RefreshId::generate(), as_of, shutdown).await
    }

    pub(crate) async fn refresh_as(
        &self,
        id: RefreshId,
        as_of: DateTime<Utc>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<RefreshReport> {
        let clock = || DateTime::UNIX_EPOCH;
        refresh::run(&self.lakehouse, id, as_of, &PlanOptions::default(), clock, &Silent, shutdown).await
    }

    /// Number of log entries and of data files by table; a table without a folder is left out.
    pub(crate) fn gold(&self) -> BTreeMap<String, (usize, usize)> {
        let count = |path: std::path::PathBuf, end: &str| {
            let entries = fs::read_dir(path).into_iter().flatten();
            entries.filter(|e| e.as_ref().unwrap().file_name().to_str().unwrap().ends_with(end)).count()
        };
        TABLES
            .into_iter()
            .map(|table| (table, self.dir.path().join("gold").join(table)))
            .filter(|(_, folder)| folder.exists())
            .map(|(table, folder)| {
                (table.to_owned(), (count(folder.join("_delta_log"), ".json"), count(folder, ".parquet")))
            })
            .collect()
    }
}

/// Whether `path` is the log entry of `version` of `table`.
pub(crate) fn is_entry(path: &Path, table: &str, version: u64) -> bool {
    path.as_ref().ends_with(&format!("{table}/_delta_log/{version:020}.json"))
}

pub(crate) fn is_data(path: &Path, table: &str) -> bool {
    path.as_ref().contains(&format!("{table}/part-"))
}
