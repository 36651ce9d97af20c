//! Runs physical plans in this process.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::common::config::ConfigNonZeroUsize;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::TaskContext;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::TrackConsumersPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionState;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, collect, execute_stream};
use datafusion::prelude::SessionConfig;
use futures::StreamExt;
use goldsmith_lake::Stores;
use goldsmith_lake::exec::OpenWriters;
use thiserror::Error;

use crate::pool::SpillFirstPool;
use crate::resource::EngineOptions;
use crate::stall::watched_plan;

/// An engine that could not be started.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The folder for what spills cannot be used.
    #[error(
        "cannot use {path} for spilled data; hint: name a folder that can be written in [engine] spill_dir"
    )]
    SpillDir {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The runtime refused its options.
    #[error("cannot start the engine")]
    Runtime {
        /// Why.
        #[source]
        source: Box<DataFusionError>,
    },
}

/// Consumers that an out-of-memory error names.
const NAMED_CONSUMERS: std::num::NonZeroUsize = std::num::NonZeroUsize::new(5).unwrap();

/// What every sort sets aside to merge what it spilled: the library's 10 MB would be all of a small limit.
fn merge_bytes(memory_limit_bytes: usize) -> usize {
    (memory_limit_bytes / 64).clamp(512 << 10, 10 << 20)
}

/// The engine of one process.
#[derive(Debug, Clone)]
pub struct Engine {
    options: EngineOptions,
    stores: Stores,
    runtime: Arc<RuntimeEnv>,
    writers: OpenWriters,
}

impl Engine {
    /// Starts an engine: nothing runs yet, but the folder for spilled data is there.
    ///
    /// # Errors
    /// [`EngineError`] if the folder cannot be made or the options are refused.
    pub fn try_new(options: EngineOptions, stores: Stores) -> Result<Self, EngineError> {
        std::fs::create_dir_all(&options.spill_dir)
            .map_err(|source| EngineError::SpillDir { path: options.spill_dir.clone(), source })?;
        let pool = TrackConsumersPool::new(SpillFirstPool::new(options.memory_limit_bytes), NAMED_CONSUMERS);
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![options.spill_dir.clone()]));
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .with_disk_manager_builder(disk)
            .with_object_store_registry(stores.registry())
            .build_arc()
            .map_err(|source| EngineError::Runtime { source: Box::new(source) })?;
        Ok(Self { options, stores, runtime, writers: OpenWriters::default() })
    }

    /// The same engine; what is read through its stores, not by its plans, is counted apart.
    #[must_use]
    pub fn counted_apart(&self) -> Self {
        Self { stores: self.stores.counted_apart(), ..self.clone() }
    }

    /// Its limits.
    #[must_use]
    pub const fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Its stores.
    #[must_use]
    pub const fn stores(&self) -> &Stores {
        &self.stores
    }

    /// What plans run in.
    #[must_use]
    pub const fn runtime(&self) -> &Arc<RuntimeEnv> {
        &self.runtime
    }

    /// Runs `plan` and gathers its rows; for small results.
    ///
    /// # Errors
    /// The first error of the plan, or a [`Stalled`](crate::stall::Stalled) where nothing moves.
    pub async fn collect(
        &self,
        state: &SessionState,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Result<Vec<RecordBatch>, DataFusionError> {
        let work = collect(Arc::clone(&plan), self.context(state));
        match watched_plan(self.options.stall_timeout, &plan, work).await {
            Ok(done) => done,
            Err(stalled) => Err(DataFusionError::External(Box::new(stalled))),
        }
    }

    /// Runs `plan` and gives its rows as they come.
    ///
    /// # Errors
    /// If the plan cannot be started.
    pub fn stream(
        &self,
        state: &SessionState,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Result<SendableRecordBatchStream, DataFusionError> {
        let rows = execute_stream(Arc::clone(&plan), self.context(state))?;
        let (schema, limit) = (rows.schema(), self.options.stall_timeout);
        // Only while somebody waits for the next rows: whoever reads them slowly is no fault of the plan.
        let watched = futures::stream::try_unfold(rows, move |mut rows| {
            let plan = Arc::clone(&plan);
            async move {
                match watched_plan(limit, &plan, rows.next()).await {
                    Ok(next) => Ok(next.transpose()?.map(|batch| (batch, rows))),
                    Err(stalled) => Err(DataFusionError::External(Box::new(stalled))),
                }
            }
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, watched)))
    }

    /// What its plans are writing.
    #[must_use]
    pub const fn writers(&self) -> &OpenWriters {
        &self.writers
    }

    fn context(&self, state: &SessionState) -> Arc<TaskContext> {
        let context = TaskContext::from(state);
        let config = self.configured(context.session_config().clone());
        Arc::new(context.with_session_config(config))
    }

    /// `config` with what this process adds: its limits, and where its writers are accounted for.
    pub(crate) fn configured(&self, mut config: SessionConfig) -> SessionConfig {
        // A shuffle that spills keeps one file open for the tasks that write to it. Two that write at the same time make two, and
        // its reader waits at the first for what is in the second: all of them park for ever (apache/datafusion#24883, mended
        // by #24891 after 55.2). A file of its own for each batch is finished before anybody is told of it.
        match ConfigNonZeroUsize::try_new(1) {
            Ok(one) => config.options_mut().execution.max_spill_file_size_bytes = one,
            Err(error) => debug_assert!(false, "1 is not 0: {error}"),
        }
        config
            .with_extension(Arc::new(self.writers.clone()))
            .with_sort_spill_reservation_bytes(merge_bytes(self.options.memory_limit_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_batch_that_a_shuffle_spills_has_a_file_of_its_own() {
        let spill_dir = tempfile::tempdir().unwrap();
        let options = EngineOptions::resolve(None, None, Some(spill_dir.path().to_owned()));
        let engine = Engine::try_new(options, Stores::default()).unwrap();
        let config = engine.configured(SessionConfig::new());
        assert_eq!(usize::from(config.options().execution.max_spill_file_size_bytes), 1);
    }
}
