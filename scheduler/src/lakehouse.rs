//! What a refresh works on: the layers, the pack and the engine.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use goldsmith_executor::Engine;
use goldsmith_jobs::Pack;
use goldsmith_jobs::pack::DELETED_ROWS;
use goldsmith_lake::Location;
use goldsmith_lake::bronze::DeletedRows;
use goldsmith_proto::id::Layer;

use crate::cluster::{Cluster, Counters, JobError};
use crate::error::{Result, SchedulerError};

/// A lake, the models that run over it, and the engine that runs them.
#[derive(Debug, Clone)]
pub struct Lakehouse {
    /// Folder of the bronze tables.
    pub bronze: Option<Location>,
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
            Layer::Bronze => self.bronze.as_ref(),
            Layer::Silver => self.silver.as_ref(),
            Layer::Gold => self.gold.as_ref(),
        }
        .ok_or(SchedulerError::NoLayer { layer })
    }

    /// Partitions of a plan that reads `input_bytes` of compressed files.
    pub(crate) async fn partitions(&self, input_bytes: u64) -> usize {
        match &self.cluster {
            Some(cluster) => cluster.partitions(input_bytes).await,
            None => self.engine.options().threads.get(),
        }
    }

    /// The physical plan of `plan`, and the session that it runs in.
    ///
    /// # Errors
    /// If the engine cannot plan it.
    pub(crate) async fn physical_plan(
        &self,
        state: &SessionState,
        plan: &LogicalPlan,
    ) -> Result<(SessionState, Arc<dyn ExecutionPlan>), DataFusionError> {
        let physical = state.create_physical_plan(plan).await?;
        if self.cluster.is_none() || !collects_build_side(&physical) {
            return Ok((state.clone(), physical));
        }
        // Joins that only one task may do (`NOT IN`): with one partition throughout nothing above them can be misled.
        let config = state.config().clone().with_target_partitions(1);
        let single = SessionStateBuilder::new_from_existing(state.clone()).with_config(config).build();
        let physical = single.create_physical_plan(plan).await?;
        Ok((single, physical))
    }

    /// Runs `plan` where the plans of this lake run, and gathers its rows; for small results. `what` is its name for
    /// people.
    ///
    /// - **Cancel:** dropped, it ends; [`Self::settle`] waits for what it was writing
    /// # Errors
    /// The first error of the plan; of a cluster a [`JobError`], or the failure of the task, as an external error.
    pub(crate) async fn collect(
        &self,
        what: &str,
        state: &SessionState,
        plan: Arc<dyn ExecutionPlan>,
        counters: &Counters,
    ) -> Result<Vec<RecordBatch>, DataFusionError> {
        match &self.cluster {
            None => self.engine.collect(state, plan).await,
            // Boxed: it is large, and most refreshes run without it.
            Some(cluster) => match Box::pin(cluster.run(what, state, plan, counters)).await {
                Ok(batches) => Ok(batches),
                Err(JobError::Failed(failure)) => Err(DataFusionError::External(Box::new(failure))),
                Err(error) => Err(DataFusionError::External(Box::new(error))),
            },
        }
    }

    /// Waits until nothing that was given up writes any more.
    pub(crate) async fn settle(&self) {
        self.engine.writers().wait().await;
        if let Some(cluster) = &self.cluster {
            cluster.settle().await;
        }
    }

    /// Refuses layers that lie in one another: their tables would be taken for each other's.
    ///
    /// # Errors
    /// [`SchedulerError::Overlap`]
    pub fn check_layers(&self) -> Result<()> {
        let layers = [Layer::Bronze, Layer::Silver, Layer::Gold];
        let there: Vec<_> = layers.into_iter().filter_map(|l| Some((l, self.layer(l).ok()?))).collect();
        for (index, (first, one)) in there.iter().enumerate() {
            for (second, other) in &there[index + 1..] {
                if one.contains(other) || other.contains(one) {
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

/// Whether a join of `plan` gathers its build side in one partition.
fn collects_build_side(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.downcast_ref::<HashJoinExec>()
        .is_some_and(|join| *join.partition_mode() == PartitionMode::CollectLeft)
        || plan.children().into_iter().any(collects_build_side)
}
