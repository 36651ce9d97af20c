//! Storage that fails under the tasks of executors.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::pending;
use goldsmith_executor::cluster::{self, ExecutorOptions};
use goldsmith_executor::{Engine, EngineOptions};
use goldsmith_jobs::Pack;
use goldsmith_jobs::pack::PackSource;
use goldsmith_lake::{Location, Stores};
use goldsmith_proto::id::RefreshId;
use goldsmith_scheduler::cluster::{Cluster, ClusterOptions};
use goldsmith_scheduler::coordinator::{Coordinator, serve};
use goldsmith_scheduler::error::Failure;
use goldsmith_scheduler::plan::PlanOptions;
use goldsmith_scheduler::refresh::{self, RefreshReport, Silent};
use goldsmith_scheduler::{Lakehouse, SchedulerError};
use goldsmith_sql::session::{SqlOptions, session_state};
use goldsmith_testkit::golden::repository;
use goldsmith_testkit::{Fault, FaultStore, Operation};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::task::AbortHandle;

/// How often a task is run in all.
const ATTEMPTS: u32 = 4;

/// The small lake, a scheduler and two executors in this process; the executors reach storage through a script.
struct Lab {
    dir: TempDir,
    cluster: Arc<Cluster>,
    lakehouse: Lakehouse,
    running: Vec<AbortHandle>,
}

impl Lab {
    async fn start(script: impl Fn(Operation, &Path) -> Option<Fault> + Send + Sync + 'static) -> Self {
        let dir = TempDir::new().unwrap();
        let cluster =
            Cluster::start(ClusterOptions { small_job_bytes: 0, ..ClusterOptions::default() }).await.unwrap();
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
            SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            move |address| sender.send(address).unwrap(),
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
            };
            let functions = session_state(sql, Arc::clone(engine.runtime()));
            let options = ExecutorOptions {
                scheduler: format!("http://{address}"),
                bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                control_bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                advertised_host: Ipv4Addr::LOCALHOST.to_string(),
                work_dir: dir.path().join("work"),
                timeout: Duration::from_secs(15),
            };
            running.push(tokio::spawn(cluster::run(options, engine, functions, pending())).abort_handle());
        }
        let all = async {
            while cluster.executors().await.len() < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), all).await.unwrap();
        Self { dir, cluster, lakehouse, running }
    }

    async fn refresh(&self) -> Result<RefreshReport, SchedulerError> {
        refresh(&self.lakehouse).await
    }

    fn published(&self) -> Vec<String> {
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

fn small_lake(dir: &TempDir, name: &str, stores: Stores) -> Lakehouse {
    let options = EngineOptions::resolve(
        Some(NonZeroUsize::MIN),
        Some(1 << 29),
        Some(dir.path().join("spill").join(name)),
    );
    let bronze = repository().join("testdata/small/bronze");
    let vars = [("deleted_rows".to_owned(), toml::Value::String("reference".to_owned()))];
    let source = PackSource { vars: vars.into_iter().collect(), ..PackSource::default() };
    Lakehouse {
        bronze: Some(Location::parse(bronze.to_str().unwrap()).unwrap()),
        silver: None,
        gold: Some(Location::parse(dir.path().join("gold").to_str().unwrap()).unwrap()),
        pack: Pack::load(&source).unwrap(),
        engine: Engine::try_new(options, stores).unwrap(),
        cluster: None,
    }
}

async fn refresh(lakehouse: &Lakehouse) -> Result<RefreshReport, SchedulerError> {
    let as_of = "2026-01-01T00:00:00Z".parse().unwrap();
    let options = PlanOptions::default();
    refresh::run(lakehouse, RefreshId::generate(), as_of, &options, epoch, &Silent, pending()).await
}

fn rows(report: &RefreshReport) -> BTreeMap<&str, u64> {
    report.models.iter().map(|model| (model.name.as_str(), model.rows_inserted)).collect()
}

/// Counts requests by name.
#[derive(Clone, Default)]
struct Requests(Arc<Mutex<BTreeMap<String, u32>>>);

impl Requests {
    /// How many there were before this one.
    fn count(&self, name: &str) -> u32 {
        let mut all = self.0.lock();
        let count = all.entry(name.to_owned()).or_default();
        *count += 1;
        *count - 1
    }
}

fn is_data(path: &Path, table: &str) -> bool {
    path.as_ref().contains(&format!("/{table}/")) && path.extension() == Some("parquet")
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_a_retry_cures_change_no_row() {
    let (reads, writes) = (Requests::default(), Requests::default());
    let (read, written) = (reads.clone(), writes.clone());
    let lab = Lab::start(move |operation, path| match operation {
        // As many times in all as one task may fail, and the first time that a file of another table is written.
        Operation::Get if is_data(path, "salesline") => {
            (read.count("salesline") + 1 < ATTEMPTS).then_some(Fault::Fails)
        }
        Operation::Put if is_data(path, "profiles_Customer") => {
            (written.count("profiles_Customer") == 0).then_some(Fault::Fails)
        }
        _ => None,
    })
    .await;
    let report = lab.refresh().await.unwrap();
    assert!(reads.0.lock()["salesline"] >= ATTEMPTS, "the faults fired");
    assert!(writes.0.lock()["profiles_Customer"] > 1, "the file was written again");
    assert_eq!(lab.cluster.resubmissions(), 0, "tasks were run again, and no job");
    let embedded = TempDir::new().unwrap();
    let expected = refresh(&small_lake(&embedded, "embedded", Stores::default())).await.unwrap();
    assert_eq!(rows(&report), rows(&expected));
    assert!(
        report.models.iter().flat_map(|model| &model.audits).any(|audit| audit.name.starts_with("unique"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_stays_ends_the_refresh_after_four_attempts_and_names_the_file() {
    let requests = Requests::default();
    let asked = requests.clone();
    let lab = Lab::start(move |operation, path| {
        let hit = operation == Operation::Get && is_data(path, "salesline");
        hit.then(|| {
            asked.count(path.as_ref());
            Fault::Fails
        })
    })
    .await;
    let error = lab.refresh().await.unwrap_err();
    assert_eq!(error.failure(), Failure::Other);
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    assert!(text.contains("a fault of the test at") && text.contains("salesline"), "{text}");
    let most = requests.0.lock().values().copied().max();
    // Models that read the table side by side each have their attempts.
    assert!(most.is_some_and(|most| (ATTEMPTS..=3 * ATTEMPTS).contains(&most)), "{most:?}");
    assert_eq!(lab.published(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_is_not_tried_again() {
    let requests = Requests::default();
    let asked = requests.clone();
    let lab = Lab::start(move |operation, path| {
        let hit = operation == Operation::Get && is_data(path, "custtable");
        hit.then(|| {
            asked.count(path.as_ref());
            Fault::Gone
        })
    })
    .await;
    let error = lab.refresh().await.unwrap_err();
    assert_eq!(error.failure(), Failure::Input, "{error}");
    assert!(requests.0.lock().values().all(|count| *count <= 3), "{:?}", requests.0.lock());
    assert_eq!(lab.published(), Vec::<String>::new());
}
