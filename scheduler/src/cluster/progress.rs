//! How far a job is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use ballista_core::serde::protobuf::task_status::Status;
use ballista_scheduler::state::execution_graph::ExecutionGraph;
use ballista_scheduler::state::execution_stage::ExecutionStage;
use datafusion::physical_plan::metrics::{MetricValue, MetricsSet};
use goldsmith_lake::exec::DeltaWriteExec;

/// Numbers of a job that can be read at any time.
#[derive(Debug, Clone, Default)]
pub struct Counters(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    rows: AtomicU64,
    bytes: AtomicU64,
    tasks_done: AtomicU32,
    tasks: AtomicU32,
    stages_done: AtomicU32,
    stages: AtomicU32,
}

/// The numbers at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Rows that were written.
    pub rows: u64,
    /// Bytes that scans have read.
    pub bytes: u64,
    /// Tasks that ended well.
    pub tasks_done: u32,
    /// Tasks that are known so far.
    pub tasks: u32,
    /// Stages that ended well.
    pub stages_done: u32,
    /// All stages.
    pub stages: u32,
}

impl Counters {
    /// The numbers now.
    #[must_use]
    pub fn get(&self) -> Count {
        let get = |number: &AtomicU32| number.load(Ordering::Relaxed);
        Count {
            rows: self.0.rows.load(Ordering::Relaxed),
            bytes: self.0.bytes.load(Ordering::Relaxed),
            tasks_done: get(&self.0.tasks_done),
            tasks: get(&self.0.tasks),
            stages_done: get(&self.0.stages_done),
            stages: get(&self.0.stages),
        }
    }

    /// Sets all numbers: of a job that runs elsewhere.
    pub fn set(&self, count: Count) {
        self.0.rows.store(count.rows, Ordering::Relaxed);
        self.0.bytes.store(count.bytes, Ordering::Relaxed);
        self.0.tasks_done.store(count.tasks_done, Ordering::Relaxed);
        self.0.tasks.store(count.tasks, Ordering::Relaxed);
        self.0.stages_done.store(count.stages_done, Ordering::Relaxed);
        self.0.stages.store(count.stages, Ordering::Relaxed);
    }

    /// Begins at nothing.
    pub(super) fn restart(&self) {
        self.set(Count::default());
    }

    /// Reads them from the stages of a job.
    pub(super) fn read(&self, graph: &(dyn ExecutionGraph + Send + Sync)) {
        let mut count = Count::default();
        for stage in graph.stages().values() {
            count.stages += 1;
            let tasks = stage.task_infos().unwrap_or_default();
            let done = tasks.iter().filter(|task| matches!(task.task_status, Status::Successful(_))).count();
            count.tasks_done += u32::try_from(done).unwrap_or(u32::MAX);
            let metrics: &[MetricsSet] = match stage {
                ExecutionStage::Successful(stage) => {
                    count.stages_done += 1;
                    count.tasks += u32::try_from(done).unwrap_or(u32::MAX);
                    &stage.stage_metrics
                }
                ExecutionStage::Running(stage) => {
                    count.tasks += u32::try_from(stage.partitions).unwrap_or(u32::MAX);
                    stage.stage_metrics.as_deref().unwrap_or_default()
                }
                _ => &[],
            };
            count.bytes += sum(metrics, "bytes_scanned");
            count.rows += sum(metrics, DeltaWriteExec::ROWS_METRIC);
        }
        self.set(count);
    }
}

fn sum(metrics: &[MetricsSet], counter: &str) -> u64 {
    let values = metrics.iter().flat_map(MetricsSet::iter).filter_map(|metric| match metric.value() {
        MetricValue::Count { name, count } if name == counter => Some(count.value() as u64),
        _ => None,
    });
    values.sum()
}
