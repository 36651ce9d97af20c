//! How far a model is while it is built.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricValue;
use goldsmith_lake::exec::DeltaWriteExec;

use crate::cluster::{Count, Counters};

/// What the plan of a model has read and written so far; it can be read at any time.
#[derive(Debug, Clone)]
pub enum Meter {
    /// The plan itself, which runs in this process.
    Plan(Arc<dyn ExecutionPlan>),
    /// Numbers of a job that runs on a cluster.
    Job(Counters),
}

impl Meter {
    /// What was counted so far; tasks and stages only of a job.
    #[must_use]
    pub fn count(&self) -> Count {
        match self {
            Self::Plan(plan) => Count {
                rows: sum(plan, DeltaWriteExec::ROWS_METRIC),
                bytes: sum(plan, "bytes_scanned"),
                ..Count::default()
            },
            Self::Job(counters) => counters.get(),
        }
    }
}

/// The sum of a metric over the nodes of `plan`.
fn sum(plan: &Arc<dyn ExecutionPlan>, metric_name: &str) -> u64 {
    let own: usize = plan
        .metrics()
        .iter()
        .flat_map(|metrics| metrics.iter())
        .filter_map(|metric| match metric.value() {
            MetricValue::Count { name, count } if name == metric_name => Some(count.value()),
            _ => None,
        })
        .sum();
    own as u64 + plan.children().into_iter().map(|child| sum(child, metric_name)).sum::<u64>()
}
