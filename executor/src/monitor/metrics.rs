//! The metrics that every process has, and those of executors. A scheduler has more (`goldsmith_scheduler::web`).

use std::fmt;
use std::sync::Arc;

use goldsmith_lake::Stores;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Registry, Unit};

use crate::resource::peak_memory_bytes;

/// Name, help, unit, and a number for each kind.
type Kinds<'a> = (&'a str, &'a str, Option<Unit>, &'a [(&'a str, u64)]);

/// What a process has used so far, read when it is asked for.
#[derive(Clone)]
pub struct ProcessMetrics {
    stores: Stores,
}

impl ProcessMetrics {
    /// Registers the metrics of a process that reaches storage through `stores`.
    pub fn register(registry: &mut Registry, stores: Stores) {
        registry.register_collector(Box::new(Self { stores }));
    }
}

impl fmt::Debug for ProcessMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProcessMetrics")
    }
}

impl Collector for ProcessMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let traffic = self.stores.traffic();
        let families: [Kinds<'_>; 3] = [
            (
                "storage_read",
                "Read from storage, by what was read: logs of tables, or data files",
                Some(Unit::Bytes),
                &[("log", traffic.log_bytes_read), ("data", traffic.data_bytes_read)],
            ),
            ("storage_written", "Written to storage", Some(Unit::Bytes), &[("all", traffic.bytes_written)]),
            (
                "storage_operations",
                "Operations on storage, by kind",
                None,
                &[
                    ("list", traffic.lists),
                    ("read_log", traffic.log_reads),
                    ("read_data", traffic.data_reads),
                    ("write", traffic.writes),
                    ("delete", traffic.deletes),
                ],
            ),
        ];
        for (name, help, unit, values) in families {
            let counter = ConstCounter::new(0_u64);
            let mut family = encoder.encode_descriptor(name, help, unit.as_ref(), counter.metric_type())?;
            for (kind, value) in values {
                ConstCounter::new(*value).encode(family.encode_family(&[("kind", *kind)])?)?;
            }
        }
        for (name, help, value) in [
            (
                "storage_http_requests",
                "HTTP requests to storage accounts and for tokens, repeated ones included",
                traffic.http_requests,
            ),
            (
                "storage_http_throttled",
                "HTTP requests that were answered with 429 or 503",
                traffic.throttled_requests,
            ),
            (
                "storage_stalled",
                "Reads of logs that were given up because storage answered nothing",
                self.stores.stalls(),
            ),
        ] {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        let peak = ConstGauge::new(
            peak_memory_bytes().and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or_default(),
        );
        let help = "Highest resident set of the process";
        peak.encode(encoder.encode_descriptor("peak_memory", help, Some(&Unit::Bytes), peak.metric_type())?)
    }
}

/// The tasks of an executor.
#[derive(Debug, Clone, Default)]
pub struct TaskMetrics {
    running: Gauge,
    ended: Family<Vec<(&'static str, &'static str)>, Counter>,
    connected: Gauge,
}

impl TaskMetrics {
    /// Registers the metrics of an executor that may run `cores` tasks at a time.
    #[must_use]
    pub fn register(registry: &mut Registry, cores: usize) -> Self {
        let metrics = Self::default();
        registry.register("tasks_running", "Tasks that run now", metrics.running.clone());
        registry.register("tasks", "Tasks that have ended, by outcome", metrics.ended.clone());
        registry.register(
            "scheduler_connected",
            "Whether a scheduler gives it work",
            metrics.connected.clone(),
        );
        let all = Gauge::<i64>::default();
        all.set(i64::try_from(cores).unwrap_or(i64::MAX));
        registry.register("cores", "Tasks that may run at the same time", all);
        metrics
    }

    /// A task runs until what this gives is told its outcome.
    #[must_use]
    pub fn begin(&self) -> RunningTask {
        self.running.inc();
        RunningTask { metrics: Arc::new(self.clone()) }
    }

    /// Whether a scheduler gives it work.
    pub fn set_connected(&self, connected: bool) {
        self.connected.set(connected.into());
    }
}

/// A task that is counted as running until it is dropped.
#[derive(Debug)]
pub struct RunningTask {
    metrics: Arc<TaskMetrics>,
}

impl RunningTask {
    /// Counts how it ended.
    pub fn end(self, outcome: &'static str) {
        self.metrics.ended.get_or_create(&vec![("outcome", outcome)]).inc();
    }
}

impl Drop for RunningTask {
    fn drop(&mut self) {
        self.metrics.running.dec();
    }
}
