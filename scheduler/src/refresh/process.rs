//! What the processes of a refresh use and read.

use goldsmith_executor::resource::peak_memory_bytes;
use goldsmith_lake::store::Traffic;
use serde::{Deserialize, Serialize};

use crate::lakehouse::Lakehouse;

/// One process of a refresh.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProcessReport {
    /// What it is: `embedded`, `scheduler` or `executor`.
    pub role: String,
    /// Where others reach an executor.
    pub address: Option<String>,
    /// Its highest resident set since it started (`VmHWM`); absent where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
    /// What went through its stores during the refresh, files of shuffles not counted; absent if it does not answer.
    #[serde(flatten)]
    pub storage: Option<Traffic>,
}

impl ProcessReport {
    /// All processes that run the plans of `lakehouse`, with what they have read since they started.
    pub(super) async fn all(lakehouse: &Lakehouse) -> Vec<Self> {
        let traffic = lakehouse.engine.stores().traffic();
        let role = if lakehouse.cluster.is_some() { "scheduler" } else { "embedded" };
        let this = Self {
            role: role.to_owned(),
            address: None,
            peak_memory_bytes: peak_memory_bytes(),
            storage: Some(traffic),
        };
        let executors = match &lakehouse.cluster {
            Some(cluster) => cluster.usage().await,
            None => Vec::new(),
        };
        let executors = executors.into_iter().map(|(address, usage)| Self {
            role: "executor".to_owned(),
            address: Some(address),
            peak_memory_bytes: usage.as_ref().map(|usage| usage.peak_memory_bytes).filter(|bytes| *bytes > 0),
            storage: usage.and_then(|usage| usage.storage).map(Traffic::from),
        });
        std::iter::once(this).chain(executors).collect()
    }

    /// Without what was read `before` the refresh began.
    pub(super) fn since(mut self, before: &[Self]) -> Self {
        let earlier = before.iter().find(|other| other.role == self.role && other.address == self.address);
        if let (Some(storage), Some(earlier)) =
            (&mut self.storage, earlier.and_then(|earlier| earlier.storage))
        {
            *storage = storage.since(&earlier);
        }
        self
    }
}
