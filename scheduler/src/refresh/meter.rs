//! How far a model is while it is built.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricValue;

/// What the plan of a model has read and written so far; it can be read at any time.
#[derive(Debug, Clone)]
pub struct Meter(Arc<dyn ExecutionPlan>);

impl Meter {
    pub(super) const fn new(plan: Arc<dyn ExecutionPlan>) -> Self {
        Self(plan)
    }

    /// Rows that were written.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.metrics().and_then(|metrics| metrics.output_rows()).unwrap_or(0) as u64
    }

    /// Bytes that the scans have read.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        bytes_scanned(&self.0)
    }
}

fn bytes_scanned(plan: &Arc<dyn ExecutionPlan>) -> u64 {
    let own: usize = plan
        .metrics()
        .iter()
        .flat_map(|metrics| metrics.iter())
        .filter_map(|metric| match metric.value() {
            MetricValue::Count { name, count } if name == "bytes_scanned" => Some(count.value()),
            _ => None,
        })
        .sum();
    own as u64 + plan.children().into_iter().map(bytes_scanned).sum::<u64>()
}
