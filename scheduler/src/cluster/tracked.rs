//! The jobs that somebody waits for.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use ballista_core::JobId;
use parking_lot::Mutex;

use super::Cluster;
use super::job::Graph;
use super::verdict::executors;

/// Jobs from their submission until their rows are fetched, and those that were given up since they were last settled.
#[derive(Default)]
pub(super) struct Jobs {
    /// Stages as soon as they are known.
    awaited: Mutex<HashMap<JobId, Option<Graph>>>,
    given_up: Mutex<Vec<JobId>>,
}

impl Jobs {
    /// Remembers the stages of a job.
    pub(super) fn seen(&self, job_id: &JobId, graph: &Graph) {
        if let Some(known) = self.awaited.lock().get_mut(job_id) {
            *known = Some(Graph::clone(graph));
        }
    }

    /// Whether an awaited job has, or may have, anything on the executor.
    pub(super) async fn need(&self, executor_id: &str) -> bool {
        let awaited: Vec<Option<Graph>> = self.awaited.lock().values().cloned().collect();
        for graph in awaited {
            let Some(graph) = graph else { return true };
            if executors(graph.read().await.as_ref()).contains(executor_id) {
                return true;
            }
        }
        false
    }

    /// Jobs that were given up and whose tasks may still run.
    pub(super) fn take_given_up(&self) -> Vec<JobId> {
        std::mem::take(&mut *self.given_up.lock())
    }
}

/// A job while somebody waits for it. Dropped before it is done, it is cancelled.
pub(super) struct Tracked {
    cluster: Arc<Cluster>,
    /// Its name for people.
    pub(super) name: String,
    job_id: JobId,
    done: bool,
}

impl Tracked {
    pub(super) fn new(cluster: &Arc<Cluster>, name: &str, job_id: &JobId) -> Self {
        cluster.jobs.awaited.lock().insert(job_id.clone(), None);
        Self { cluster: Arc::clone(cluster), name: name.to_owned(), job_id: job_id.clone(), done: false }
    }

    /// Ends when one of `executors` is lost.
    pub(super) fn lost_one_of(&self, executors: BTreeSet<String>) -> impl Future<Output = ()> + Send + use<> {
        let mut losses = self.cluster.members.losses();
        async move {
            let lost = losses.wait_for(|lost| lost.iter().any(|lost| executors.contains(lost))).await.is_ok();
            if !lost {
                // The cluster is gone, and with it whoever waits.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Its rows are here: what executors hold of it can go.
    pub(super) fn done(mut self) {
        self.done = true;
        self.cluster.server.state.executor_manager.clean_up_job_data(self.job_id.clone());
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.cluster.jobs.awaited.lock().remove(&self.job_id);
        if self.done {
            return;
        }
        self.cluster.jobs.given_up.lock().push(self.job_id.clone());
        let (server, job_id) = (self.cluster.server.clone(), self.job_id.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = server.cancel_job(job_id.clone()).await {
                    tracing::warn!(%job_id, %error, "the job goes on though nobody waits for it");
                }
            });
        }
    }
}
