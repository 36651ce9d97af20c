//! The tasks that an executor has under way.

use std::collections::HashMap;
use std::sync::Arc;

use ballista_core::error::BallistaError;
use futures::FutureExt;
use futures::future::{AbortHandle, Abortable};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::task::{Finished, TaskKey};

/// Tasks by what identifies them, each with the way to end it.
#[derive(Debug, Clone)]
pub(super) struct RunningTasks {
    tasks: Arc<Mutex<HashMap<TaskKey, AbortHandle>>>,
    /// Tells whoever waits for tasks to end that one has.
    changed: watch::Sender<()>,
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
        self.tasks.lock().insert(entry.key.clone(), abort);
        let work = std::panic::AssertUnwindSafe(Abortable::new(work, registration)).catch_unwind();
        match work.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_aborted)) => Err(BallistaError::Cancelled),
            Err(panic) => Err(BallistaError::Internal(panic_text(panic.as_ref()))),
        }
    }

    pub(super) fn abort(&self, is_meant: impl Fn(&TaskKey) -> bool) {
        for (key, task) in self.tasks.lock().iter() {
            if is_meant(key) {
                task.abort();
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
