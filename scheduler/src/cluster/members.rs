//! The executors of the cluster, and those that were lost.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use ballista_core::JobId;
use ballista_core::error::Result;
use ballista_core::serde::protobuf::ExecutorHeartbeat;
use ballista_core::serde::scheduler::{ExecutorData, ExecutorMetadata};
use ballista_scheduler::cluster::memory::InMemoryClusterState;
use ballista_scheduler::cluster::{BoundTask, ClusterState, ClusterStateEventStream, ExecutorSlot};
use ballista_scheduler::config::TaskDistributionPolicy;
use ballista_scheduler::state::task_manager::JobInfoCache;
use parking_lot::Mutex;
use tokio::sync::watch;

/// Ballista's own list of executors, which also remembers losses.
///
/// Ballista takes an executor off the list before it changes anything in the jobs that it took part in, and it does so
/// through this type: when a job ends, whoever was lost while it ran is known.
pub(crate) struct Members {
    list: InMemoryClusterState,
    /// Executors that said good-bye: that they are gone is no loss.
    leaving: Mutex<HashSet<String>>,
    /// Executors that take no more tasks, and are there only for what they hold.
    draining: Mutex<HashSet<String>>,
    /// Those that were lost, in order.
    lost: watch::Sender<Vec<String>>,
}

impl Default for Members {
    fn default() -> Self {
        Self {
            list: InMemoryClusterState::default(),
            leaving: Mutex::default(),
            draining: Mutex::default(),
            lost: watch::Sender::new(Vec::new()),
        }
    }
}

impl Members {
    /// The executors that were lost since the scheduler started; changes as soon as another is.
    pub(crate) fn losses(&self) -> watch::Receiver<Vec<String>> {
        self.lost.subscribe()
    }

    /// Whether the executor was lost. What is heard of it afterwards is of a past that others have done anew.
    pub(crate) fn is_lost(&self, executor_id: &str) -> bool {
        self.lost.borrow().iter().any(|lost| lost == executor_id)
    }

    /// From now on the executor takes no more tasks.
    pub(crate) fn drains(&self, executor_id: &str) {
        self.draining.lock().insert(executor_id.to_owned());
    }

    /// Takes an executor off the list that goes of its own will.
    pub(crate) async fn leave(&self, executor_id: &str) -> Result<()> {
        self.leaving.lock().insert(executor_id.to_owned());
        self.remove_executor(executor_id).await
    }

    /// Executors that were heard of and were not given up.
    pub(crate) async fn executors(&self) -> Vec<ExecutorMetadata> {
        let listed = self.list.executor_heartbeats();
        let mut all = self.list.registered_executor_metadata().await;
        all.retain(|executor| listed.contains_key(&executor.id));
        all
    }

    /// How many executors were heard of and were not given up.
    pub(crate) fn count(&self) -> usize {
        self.list.executor_heartbeats().len()
    }

    /// Cores of all executors together that take tasks.
    pub(crate) async fn cores(&self) -> usize {
        let mut executors = self.executors().await;
        let draining = self.draining.lock();
        executors.retain(|executor| !draining.contains(&executor.id));
        executors.iter().map(|executor| executor.specification.vcores as usize).sum()
    }
}

#[async_trait]
impl ClusterState for Members {
    async fn init(&self) -> Result<()> {
        self.list.init().await
    }

    async fn bind_schedulable_tasks(
        &self,
        distribution: TaskDistributionPolicy,
        active_jobs: Arc<HashMap<JobId, JobInfoCache>>,
        executors: Option<HashSet<String>>,
    ) -> Result<Vec<BoundTask>> {
        self.list.bind_schedulable_tasks(distribution, active_jobs, executors).await
    }

    async fn unbind_tasks(&self, executor_slots: Vec<ExecutorSlot>) -> Result<()> {
        self.list.unbind_tasks(executor_slots).await
    }

    async fn register_executor(&self, metadata: ExecutorMetadata, spec: ExecutorData) -> Result<()> {
        self.list.register_executor(metadata, spec).await
    }

    async fn save_executor_metadata(&self, metadata: ExecutorMetadata) -> Result<()> {
        self.list.save_executor_metadata(metadata).await
    }

    async fn get_executor_metadata(&self, executor_id: &str) -> Result<ExecutorMetadata> {
        self.list.get_executor_metadata(executor_id).await
    }

    async fn registered_executor_metadata(&self) -> Vec<ExecutorMetadata> {
        self.list.registered_executor_metadata().await
    }

    async fn save_executor_heartbeat(&self, heartbeat: ExecutorHeartbeat) -> Result<()> {
        self.list.save_executor_heartbeat(heartbeat).await
    }

    async fn remove_executor(&self, executor_id: &str) -> Result<()> {
        self.draining.lock().remove(executor_id);
        if !self.leaving.lock().remove(executor_id) {
            tracing::warn!(executor_id, "executor lost");
            self.lost.send_modify(|lost| lost.push(executor_id.to_owned()));
        }
        self.list.remove_executor(executor_id).await
    }

    fn executor_heartbeats(&self) -> HashMap<String, ExecutorHeartbeat> {
        self.list.executor_heartbeats()
    }

    fn get_executor_heartbeat(&self, executor_id: &str) -> Option<ExecutorHeartbeat> {
        self.list.get_executor_heartbeat(executor_id)
    }

    async fn cluster_state_events(&self) -> Result<ClusterStateEventStream> {
        self.list.cluster_state_events().await
    }
}
