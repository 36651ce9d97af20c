//! The metrics that a scheduler has beside those of every process (`goldsmith_executor::monitor`).

use std::fmt;
use std::sync::Weak;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::cluster::Cluster;
use crate::history::RefreshSummary;

type Labels = Vec<(&'static str, String)>;

/// Seconds that refreshes take: from a change of a few rows to an initial load.
const BUCKETS: [f64; 10] = [1.0, 3.0, 10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0, 10800.0];

/// What refreshes did.
#[derive(Debug, Clone)]
pub(crate) struct RefreshMetrics {
    ended: Family<Labels, Counter>,
    seconds: Histogram,
    last_success: Gauge,
    rows: Family<Labels, Counter>,
    version: Family<Labels, Gauge>,
}

impl Default for RefreshMetrics {
    fn default() -> Self {
        Self {
            ended: Family::default(),
            seconds: Histogram::new(BUCKETS),
            last_success: Gauge::default(),
            rows: Family::default(),
            version: Family::default(),
        }
    }
}

impl RefreshMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("refreshes", "Refreshes that have ended, by state", self.ended.clone());
        let help = "Time from when refreshes were asked for to when they ended well";
        registry.register_with_unit("refresh_duration", help, Unit::Seconds, self.seconds.clone());
        let help = "When the last refresh ended well, since the Unix epoch";
        registry.register_with_unit("last_success_timestamp", help, Unit::Seconds, self.last_success.clone());
        registry.register("rows_published", "Rows that were published, by table", self.rows.clone());
        registry.register("table_version", "Version that was published last, by table", self.version.clone());
    }

    /// Counts a refresh that has ended.
    pub(crate) fn ended(&self, refresh: &RefreshSummary) {
        self.ended.get_or_create(&vec![("state", refresh.state.clone())]).inc();
        let (Some(report), Some(ended_at)) = (&refresh.report, refresh.ended_at) else { return };
        self.seconds.observe((ended_at - refresh.started_at).as_seconds_f64());
        self.last_success.set(ended_at.timestamp());
        for model in &report.models {
            let labels = || vec![("table", format!("{}.{}", model.layer, model.name))];
            self.rows.get_or_create(&labels()).inc_by(model.rows_inserted + model.rows_updated);
            if let Some(version) = model.version_after {
                self.version.get_or_create(&labels()).set(i64::try_from(version.get()).unwrap_or(i64::MAX));
            }
        }
    }
}

/// The executors of a cluster and what became of jobs, read when it is asked for.
pub(crate) struct ClusterMetrics(pub(crate) Weak<Cluster>);

impl fmt::Debug for ClusterMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClusterMetrics")
    }
}

impl Collector for ClusterMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let Some(cluster) = self.0.upgrade() else { return Ok(()) };
        let gauge = ConstGauge::new(i64::try_from(cluster.executor_count()).unwrap_or(i64::MAX));
        let help = "Executors that were heard of lately";
        gauge.encode(encoder.encode_descriptor("executors", help, None, gauge.metric_type())?)?;
        for (name, help, value) in [
            ("executors_lost", "Executors that were silent for too long", cluster.losses() as u64),
            ("jobs_resubmitted", "Jobs that lost an executor and were run again", cluster.resubmissions()),
            ("jobs_stalled", "Jobs that were given up because nothing of them moved", cluster.stalls()),
        ] {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        Ok(())
    }
}
