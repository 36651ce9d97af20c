//! What a refresh works on: the layers, the pack and the engine.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::execution::session_state::SessionState;
use datafusion::physical_plan::ExecutionPlan;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use goldsmith_executor::Engine;
use goldsmith_executor::stall::watched;
use goldsmith_jobs::Pack;
use goldsmith_jobs::pack::DELETED_ROWS;
use goldsmith_lake::Location;
use goldsmith_lake::bronze::{BronzeSource, DeletedRows};
use goldsmith_proto::id::Layer;
use goldsmith_sql::optimize::RuleSet;

use crate::cluster::{Cluster, Counters};
use crate::error::{Result, RunError, SchedulerError};

/// How long it is waited for what is being taken back: a storage that does not answer must not keep a process from ending.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(40);

/// A lake, the models that run over it, and the engine that runs them.
#[derive(Debug, Clone)]
pub struct Lakehouse {
    /// The bronze tables.
    pub bronze: Option<BronzeSource>,
    /// Folder of the silver tables; without it silver models are inlined.
    pub silver: Option<Location>,
    /// Folder of the gold tables.
    pub gold: Option<Location>,
    /// The models.
    pub pack: Pack,
    /// What runs them, and without a cluster all of it.
    pub engine: Engine,
    /// What runs their plans on other machines.
    pub cluster: Option<Arc<Cluster>>,
}

impl Lakehouse {
    /// Folder of `layer`.
    ///
    /// # Errors
    /// [`SchedulerError::NoLayer`] if the configuration does not say where it is.
    pub fn layer(&self, layer: Layer) -> Result<&Location> {
        match layer {
            Layer::Bronze => self.bronze.as_ref().map(BronzeSource::root),
            Layer::Silver => self.silver.as_ref(),
            Layer::Gold => self.gold.as_ref(),
        }
        .ok_or(SchedulerError::NoLayer { layer })
    }

    /// The bronze tables.
    ///
    /// # Errors
    /// [`SchedulerError::NoLayer`] if the configuration does not say where they are.
    pub fn bronze(&self) -> Result<&BronzeSource> {
        self.bronze.as_ref().ok_or(SchedulerError::NoLayer { layer: Layer::Bronze })
    }

    /// Partitions of a plan that reads `input_bytes` of compressed files, while others beside it read `bytes_beside`.
    pub(crate) async fn partitions(&self, input_bytes: u64, bytes_beside: u64) -> usize {
        match &self.cluster {
            Some(cluster) => cluster.partitions(input_bytes, bytes_beside).await,
            None => self.engine.options().threads.get(),
        }
    }

    /// Which rewrites plans go through.
    pub(crate) fn rules(&self) -> RuleSet {
        self.cluster.as_ref().map(|cluster| cluster.rules().clone()).unwrap_or_default()
    }

    /// Runs `plan` where the plans of this lake run, and gathers its rows; for small results. `what` is its name for
    /// people.
    ///
    /// - **Cancel:** dropped, it ends; [`Self::settle`] waits for what it was writing
    /// # Errors
    /// [`RunError`]
    pub(crate) async fn collect(
        &self,
        what: &str,
        state: &SessionState,
        plan: Arc<dyn ExecutionPlan>,
        counters: &Counters,
    ) -> Result<Vec<RecordBatch>, RunError> {
        match &self.cluster {
            None => Ok(self.engine.collect(state, plan).await?),
            // Boxed: it is large, and most refreshes run without it.
            Some(cluster) => Ok(Box::pin(cluster.run(what, state, plan, counters)).await?),
        }
    }

    /// Runs `plan` where the plans of this lake run, and gives its rows as they come. `what` is its name for people.
    ///
    /// - **Cancel:** as [`Self::collect`]
    /// # Errors
    /// [`RunError`], also from the rows.
    pub(crate) async fn stream(
        &self,
        what: &str,
        state: &SessionState,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Result<BoxStream<'static, Result<RecordBatch, RunError>>, RunError> {
        match &self.cluster {
            None => Ok(self.engine.stream(state, plan)?.map_err(RunError::from).boxed()),
            Some(cluster) => {
                let rows = Box::pin(cluster.stream(what, state, plan)).await?;
                Ok(rows.map_err(RunError::from).boxed())
            }
        }
    }

    /// Waits for what reads logs, as long as storage answers anything within the time that nothing may stand still.
    ///
    /// # Errors
    /// [`SchedulerError::StorageStalled`], or its own.
    pub(crate) async fn reading<T>(&self, logs: impl Future<Output = Result<T>>) -> Result<T> {
        let stores = self.engine.stores();
        let limit = self.engine.options().stall_timeout;
        // Asked at each look: when it is given up, its requests are gone. Where no request is under way something is computed.
        let (mut waits_for, mut computed) = (None, 0);
        let looked = || {
            let (movement, path) = stores.waits_for().unzip();
            waits_for = path;
            movement.unwrap_or_else(|| {
                computed += 1;
                u64::MAX - computed
            })
        };
        let read = watched(limit, looked, logs).await;
        match read {
            Ok(done) => done,
            Err(waited) => {
                stores.note_stall();
                Err(SchedulerError::StorageStalled { waited, path: waits_for })
            }
        }
    }

    /// Waits until nothing that was given up writes any more; whether that is certain of all who can be reached.
    pub(crate) async fn settle(&self) -> bool {
        let ended = tokio::time::timeout(SETTLE_TIMEOUT, self.engine.writers().wait()).await.is_ok();
        match &self.cluster {
            Some(cluster) => cluster.settle().await && ended,
            None => ended,
        }
    }

    /// How many executors were lost so far. Those may still write when they can be reached no longer.
    pub(crate) fn lost_executors(&self) -> usize {
        self.cluster.as_ref().map_or(0, |cluster| cluster.losses())
    }

    /// Refuses layers that lie in one another: their tables would be taken for each other's.
    ///
    /// # Errors
    /// [`SchedulerError::Overlap`]
    pub fn check_layers(&self) -> Result<()> {
        let layers = [Layer::Bronze, Layer::Silver, Layer::Gold];
        let places = |layer| -> Vec<&Location> {
            match (layer, &self.bronze) {
                (Layer::Bronze, Some(bronze)) => bronze.places().collect(),
                _ => self.layer(layer).into_iter().collect(),
            }
        };
        let there: Vec<_> =
            layers.into_iter().flat_map(|l| places(l).into_iter().map(move |p| (l, p))).collect();
        for (index, (first, one)) in there.iter().enumerate() {
            for (second, other) in &there[index + 1..] {
                if first != second && (one.contains(other) || other.contains(one)) {
                    return Err(SchedulerError::Overlap { first: *first, second: *second });
                }
            }
        }
        Ok(())
    }

    /// Whether models of `layer` become tables; otherwise they are parts of the queries that read them.
    #[must_use]
    pub const fn is_materialised(&self, layer: Layer) -> bool {
        !matches!(layer, Layer::Silver) || self.silver.is_some()
    }

    /// How the pack wants deleted records to be read.
    #[must_use]
    pub fn deleted_rows(&self) -> DeletedRows {
        match self.pack.variables().get(DELETED_ROWS) {
            Some("reference") => DeletedRows::Keep,
            _ => DeletedRows::Exclude,
        }
    }
}
