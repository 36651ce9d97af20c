//! The small lake, a scheduler and two executors in this process.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::pending;
use goldsmith_executor::cluster::{self, ExecutorOptions};
use goldsmith_executor::{Engine, EngineOptions};
use goldsmith_jobs::Pack;
use goldsmith_jobs::pack::PackSource;
use goldsmith_lake::bronze::BronzeSource;
use goldsmith_lake::{Location, Stores};
use goldsmith_proto::id::RefreshId;
use goldsmith_proto::trust::{Credentials, Role, Token};
use goldsmith_scheduler::cluster::{Cluster, ClusterOptions};
use goldsmith_scheduler::coordinator::{Coordinator, ServeOptions, serve};
use goldsmith_scheduler::plan::PlanOptions;
use goldsmith_scheduler::refresh::{self, RefreshReport, Silent};
use goldsmith_scheduler::{Lakehouse, SchedulerError};
use goldsmith_sql::optimize::RuleSet;
use goldsmith_sql::session::{SqlOptions, session_state};
use goldsmith_testkit::golden::repository;
use goldsmith_testkit::{Fault, FaultStore, Operation};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use tempfile::TempDir;
use tokio::task::AbortHandle;

/// How the parts of a cluster know each other, by default not at all; and what they send each other.
pub(crate) struct Trust {
    /// Folder of certificates.
    pub(crate) folder: Option<PathBuf>,
    /// What clients may show.
    pub(crate) token: Option<Token>,
    /// Largest plan.
    pub(crate) max_plan_bytes: usize,
}

impl Default for Trust {
    fn default() -> Self {
        Self { folder: None, token: None, max_plan_bytes: ClusterOptions::default().max_plan_bytes }
    }
}

impl Trust {
    fn credentials(&self, role: Role) -> Option<Credentials> {
        self.folder.as_ref().map(|folder| Credentials::load(folder, role).unwrap())
    }

    fn scheme(&self) -> &'static str {
        if self.folder.is_some() { "https" } else { "http" }
    }
}

/// The small lake, a scheduler and two executors in this process; the executors reach storage through a script.
pub(crate) struct Lab {
    pub(crate) dir: TempDir,
    pub(crate) cluster: Arc<Cluster>,
    lakehouse: Lakehouse,
    /// Where clients and executors reach the scheduler.
    pub(crate) address: SocketAddr,
    running: Vec<AbortHandle>,
}

/// A free port of this machine.
pub(crate) fn free() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

impl Lab {
    /// The executors' storage fails as `script` says.
    pub(crate) async fn start(
        script: impl Fn(Operation, &Path) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(script, &Trust::default()).await
    }

    /// All of them show what `trust` says, and go by it.
    pub(crate) async fn start_with(
        script: impl Fn(Operation, &Path) -> Option<Fault> + Send + Sync + 'static,
        trust: &Trust,
    ) -> Self {
        let dir = TempDir::new().unwrap();
        let options = ClusterOptions {
            small_job_bytes: 0,
            credentials: trust.credentials(Role::Scheduler),
            max_plan_bytes: trust.max_plan_bytes,
            ..ClusterOptions::default()
        };
        let cluster = Cluster::start(options).await.unwrap();
        let local = || Arc::new(LocalFileSystem::new().with_automatic_cleanup(true));
        let lakehouse = Lakehouse {
            cluster: Some(Arc::clone(&cluster)),
            ..small_lake(&dir, "scheduler", Stores::with_local(local()))
        };
        let coordinator = Coordinator::new(lakehouse.clone(), epoch);
        let (sender, address) = tokio::sync::oneshot::channel();
        let scheduler = tokio::spawn(serve(
            coordinator,
            Arc::clone(&cluster),
            ServeOptions { bind: free(), token: trust.token.clone(), http_bind: free(), page_token: None },
            move |listening| sender.send(listening.address).unwrap(),
            pending(),
        ));
        let address = address.await.unwrap();
        let mut running = vec![scheduler.abort_handle()];
        let stores = Stores::with_local(Arc::new(FaultStore::new(local(), script)));
        for name in ["one", "two"] {
            let engine = small_lake(&dir, name, stores.clone()).engine;
            let sql = SqlOptions {
                as_of: DateTime::UNIX_EPOCH,
                target_partitions: 1,
                batch_size: None,
                distributed: true,
                rules: RuleSet::default(),
            };
            let functions = session_state(sql, Arc::clone(engine.runtime()));
            let options = ExecutorOptions {
                scheduler: format!("{}://{address}", trust.scheme()),
                bind: free(),
                control_bind: free(),
                advertised_host: Ipv4Addr::LOCALHOST.to_string(),
                work_dir: dir.path().join("work"),
                timeout: Duration::from_secs(15),
                credentials: trust.credentials(Role::Executor),
                http_bind: free(),
                page_token: None,
            };
            running.push(tokio::spawn(cluster::run(options, engine, functions, pending())).abort_handle());
        }
        let all = async {
            while cluster.executors().await.len() < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), all).await.unwrap();
        Self { dir, cluster, lakehouse, address, running }
    }

    pub(crate) async fn refresh(&self) -> Result<RefreshReport, SchedulerError> {
        refresh(&self.lakehouse).await
    }

    pub(crate) fn published(&self) -> Vec<String> {
        let gold = std::fs::read_dir(self.dir.path().join("gold")).into_iter().flatten().flatten();
        gold.map(|table| table.file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.running.iter().for_each(AbortHandle::abort);
    }
}

fn epoch() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

pub(crate) fn small_lake(dir: &TempDir, name: &str, stores: Stores) -> Lakehouse {
    let options = EngineOptions::resolve(
        Some(NonZeroUsize::MIN),
        Some(1 << 29),
        Some(dir.path().join("spill").join(name)),
    );
    let bronze = repository().join("testdata/small/bronze");
    let vars = [("deleted_rows".to_owned(), toml::Value::String("reference".to_owned()))];
    let source = PackSource { vars: vars.into_iter().collect(), ..PackSource::default() };
    Lakehouse {
        bronze: Some(BronzeSource::new(Location::parse(bronze.to_str().unwrap()).unwrap())),
        silver: None,
        gold: Some(Location::parse(dir.path().join("gold").to_str().unwrap()).unwrap()),
        pack: Pack::load(&source).unwrap(),
        engine: Engine::try_new(options, stores).unwrap(),
        cluster: None,
    }
}

pub(crate) async fn refresh(lakehouse: &Lakehouse) -> Result<RefreshReport, SchedulerError> {
    let as_of = "2026-01-01T00:00:00Z".parse().unwrap();
    let options = PlanOptions::default();
    refresh::run(lakehouse, RefreshId::generate(), as_of, &options, epoch, &Silent, pending()).await
}
