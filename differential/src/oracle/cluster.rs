//! A scheduler and two executors in this process; every job is spread, however small.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::DateTime;
use futures::future::pending;
use goldsmith_executor::cluster::{self, ExecutorOptions};
use goldsmith_executor::{Engine, EngineOptions};
use goldsmith_jobs::Pack;
use goldsmith_jobs::pack::PackSource;
use goldsmith_lake::bronze::BronzeSource;
use goldsmith_lake::{Location, Stores};
use goldsmith_scheduler::cluster::{Cluster as Ballista, ClusterOptions};
use goldsmith_scheduler::coordinator::{Coordinator, ServeOptions, serve};
use goldsmith_scheduler::{Lakehouse, query};
use goldsmith_sql::optimize::RuleSet;
use goldsmith_sql::session::{SqlOptions, session_state};
use goldsmith_sql::value;
use serde_json::Value;
use tokio::task::AbortHandle;

use crate::answer::Answer;
use crate::statement::{Dialect, Query, text};

/// A cluster over one lake.
#[derive(Debug)]
pub struct Cluster {
    lakehouse: Lakehouse,
    running: Vec<AbortHandle>,
}

fn free() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn engine(dir: &Path, name: &str) -> Result<Engine> {
    let spill = dir.join("spill").join(name);
    let options = EngineOptions::resolve(Some(NonZeroUsize::MIN), Some(1 << 28), Some(spill));
    Ok(Engine::try_new(options, Stores::default())?)
}

impl Cluster {
    /// Starts it with these rules; `dir` is for what it writes.
    ///
    /// # Errors
    /// If it cannot be started.
    pub async fn start(dir: &Path, rules: RuleSet) -> Result<Self> {
        let options = ClusterOptions { small_job_bytes: 0, rules, ..ClusterOptions::default() };
        let cluster = Ballista::start(options).await?;
        let lakehouse = Lakehouse {
            bronze: None,
            silver: None,
            gold: None,
            pack: Pack::load(&PackSource::default())?,
            engine: engine(dir, "scheduler")?,
            cluster: Some(Arc::clone(&cluster)),
        };
        let coordinator = Coordinator::new(lakehouse.clone(), || DateTime::UNIX_EPOCH);
        let (sender, address) = tokio::sync::oneshot::channel();
        let serving = serve(
            coordinator,
            Arc::clone(&cluster),
            ServeOptions { bind: free(), token: None, http_bind: free(), page_token: None },
            move |listening| {
                let _ = sender.send(listening.address);
            },
            pending(),
        );
        let mut running = vec![tokio::spawn(serving).abort_handle()];
        let address = address.await.context("the scheduler did not start")?;
        for name in ["one", "two"] {
            let engine = engine(dir, name)?;
            let sql = SqlOptions {
                as_of: DateTime::UNIX_EPOCH,
                target_partitions: 1,
                batch_size: None,
                distributed: true,
                rules: RuleSet::default(),
            };
            let functions = session_state(sql, Arc::clone(engine.runtime()));
            let options = ExecutorOptions {
                scheduler: format!("http://{address}"),
                bind: free(),
                control_bind: free(),
                advertised_host: Ipv4Addr::LOCALHOST.to_string(),
                work_dir: dir.join("work"),
                timeout: Duration::from_secs(60),
                credentials: None,
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
        tokio::time::timeout(Duration::from_secs(60), all).await.context("the executors did not start")?;
        Ok(Self { lakehouse, running })
    }

    /// Reads the tables below `lake` from now on.
    ///
    /// # Errors
    /// If that is no location.
    pub fn read(&mut self, lake: &Path) -> Result<()> {
        let location = Location::parse(lake.to_str().context("the folder has no name in UTF-8")?)?;
        self.lakehouse.bronze = Some(BronzeSource::new(location));
        Ok(())
    }

    /// Answers a statement.
    pub async fn answer(&self, query: &Query) -> Answer {
        match self.rows(&text(query, Dialect::Spark)).await {
            Ok(rows) => Answer::of(query, rows),
            Err(failed) => failed,
        }
    }

    /// Rows of a statement.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn rows(&self, sql: &str) -> Result<Vec<Vec<Value>>, Answer> {
        let rows = query::run(&self.lakehouse, sql, &BTreeMap::new(), DateTime::UNIX_EPOCH).await;
        let mut rows = rows.map_err(|error| failed(&error))?;
        let mut values = Vec::new();
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(|error| failed(&error))?;
            values.extend((0..batch.num_rows()).map(|row| {
                batch.columns().iter().map(|column| value::to_json(column, row)).collect::<Vec<_>>()
            }));
        }
        Ok(values)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.running.iter().for_each(AbortHandle::abort);
    }
}

fn failed(error: &dyn std::error::Error) -> Answer {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    Answer::Failed(text)
}
