//! The tasks that an executor has under way.

use std::collections::HashMap;
use std::sync::Arc;

use ballista_core::error::BallistaError;
use ballista_executor::execution_engine::QueryStageExecutor;
use futures::FutureExt;
use futures::future::{AbortHandle, Abortable};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::task::{Finished, TaskKey};

/// Tasks by what identifies them, each with the way to end it.
#[derive(Debug, Clone)]
pub(super) struct RunningTasks {
    tasks: Arc<Mutex<HashMap<TaskKey, Task>>>,
    /// Tells whoever waits for tasks to end that one has.
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct Task {
    abort: AbortHandle,
    /// What it runs, once that is known.
    stage: Option<Arc<dyn QueryStageExecutor>>,
}

impl Default for RunningTasks {
    fn default() -> Self {
        Self { tasks: Arc::default(), changed: watch::Sender::new(()) }
    }
}

impl RunningTasks {
    /// Runs `work` as the task `key`, to its end or until it is aborted. A panic becomes an error.
    pub(super) async fn run(
        &self,
        key: TaskKey,
        work: impl Future<Output = Result<Finished, BallistaError>>,
    ) -> Result<Finished, BallistaError> {
        let (abort, registration) = AbortHandle::new_pair();
        let entry = Entry { running: self, key };
        self.tasks.lock().insert(entry.key.clone(), Task { abort, stage: None });
        let work = std::panic::AssertUnwindSafe(Abortable::new(work, registration)).catch_unwind();
        match work.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_aborted)) => Err(BallistaError::Cancelled),
            Err(panic) => Err(BallistaError::Internal(panic_text(panic.as_ref()))),
        }
    }

    /// The task `key` runs `stage` from now on.
    pub(super) fn runs(&self, key: &TaskKey, stage: &Arc<dyn QueryStageExecutor>) {
        if let Some(task) = self.tasks.lock().get_mut(key) {
            task.stage = Some(Arc::clone(stage));
        }
    }

    /// For each job with tasks here, a number that changes with whatever these do.
    pub(super) fn progress(&self) -> HashMap<String, u64> {
        let mut progress: HashMap<String, u64> = HashMap::new();
        for (key, task) in self.tasks.lock().iter() {
            let of_job = progress.entry(key.job_id.clone()).or_default();
            for metrics in task.stage.iter().flat_map(|stage| stage.collect_plan_metrics()) {
                let own = metrics.iter().map(|metric| metric.value().as_usize() as u64);
                *of_job = own.fold(*of_job, u64::wrapping_add);
            }
        }
        progress
    }

    pub(super) fn abort(&self, is_meant: impl Fn(&TaskKey) -> bool) {
        for (key, task) in self.tasks.lock().iter() {
            if is_meant(key) {
                task.abort.abort();
            }
        }
    }

    /// Waits until none of the tasks that are meant runs.
    pub(super) async fn ended(&self, is_meant: impl Fn(&TaskKey) -> bool) {
        let mut changed = self.changed.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        while self.tasks.lock().keys().any(&is_meant) && changed.changed().await.is_ok() {}
    }
}

/// Takes a task off the list when it ends, however it ends.
struct Entry<'a> {
    running: &'a RunningTasks,
    key: TaskKey,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.running.tasks.lock().remove(&self.key);
        self.running.changed.send_replace(());
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("a task panicked: {}", text.as_deref().unwrap_or("without a word"))
}
