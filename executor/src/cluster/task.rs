//! One task: decoded, run, and reported.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ballista_core::JobId;
use ballista_core::error::BallistaError;
use ballista_core::extension::{EndpointOverrideFn, SessionConfigExt, SessionConfigHelperExt};
use ballista_core::serde::protobuf::{
    OperatorMetricsSet, ShuffleWritePartition, SuccessfulTask, TaskDefinition, TaskStatus, task_status,
};
use ballista_executor::execution_engine::{ExecutionEngine, QueryStageExecutor};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::{SessionState, TaskContext};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::{Count, Metric, MetricValue, MetricsSet};
use datafusion::prelude::SessionConfig;
use datafusion_proto::physical_plan::{AsExecutionPlan, PhysicalExtensionCodec};
use datafusion_proto::protobuf::PhysicalPlanNode;

use goldsmith_lake::exec::{DeltaWriteExec, as_planned};
use tracing::debug;

use super::failure;
use super::running::RunningTasks;
use crate::engine::Engine;

/// What tasks of one executor are run with.
pub(super) struct TaskRunner {
    /// Runs the stages of Ballista: shuffle files are read and written there.
    pub(super) stages: Arc<dyn ExecutionEngine>,
    pub(super) codec: Arc<dyn PhysicalExtensionCodec>,
    pub(super) engine: Engine,
    /// Holds the functions that plans name.
    pub(super) functions: SessionState,
    pub(super) work_dir: String,
    /// Those under way, of which it is asked what they do.
    pub(super) running: RunningTasks,
    /// Makes the connections to executors whose shuffle files are read what they have to be.
    pub(super) to_executors: Option<EndpointOverrideFn>,
}

/// Counters that the reports of refreshes are made of.
const REPORTED: [&str; 2] = ["bytes_scanned", DeltaWriteExec::ROWS_METRIC];

/// What identifies a task on an executor.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct TaskKey {
    pub(super) job_id: String,
    pub(super) stage_id: u32,
    pub(super) task_id: u32,
}

impl TaskKey {
    pub(super) fn of(task: &TaskDefinition) -> Self {
        Self { job_id: task.job_id.clone(), stage_id: task.stage_id, task_id: task.task_id }
    }
}

/// When a task began, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    launched_at: u64,
    started_at: u64,
}

impl Times {
    pub(super) fn start(task: &TaskDefinition) -> Self {
        Self { launched_at: task.launch_time, started_at: now_ms() }
    }
}

impl TaskRunner {
    /// Runs `task` to its end.
    pub(super) async fn run(&self, task: &TaskDefinition) -> Result<Finished, BallistaError> {
        let context = self.context(task);
        let plan = PhysicalPlanNode::try_decode(&task.plan)?;
        let plan = plan.try_into_physical_plan(&context, self.codec.as_ref())?;
        let plan = as_planned(plan, &context.runtime_env())?;
        let key = TaskKey::of(task);
        debug!(
            job_id = key.job_id,
            stage_id = key.stage_id,
            task_id = key.task_id,
            work = work(&plan),
            "task runs"
        );
        let outputs = task.global_output_partition_ids.iter().map(|id| *id as usize).collect();
        let stage = self.stages.create_query_stage_exec(
            JobId::from(task.job_id.clone()),
            task.stage_id as usize,
            task.task_id as usize,
            outputs,
            plan,
            &self.work_dir,
            context.session_config(),
        )?;
        self.running.runs(&key, &stage);
        let partitions = stage.execute_query_stage(task.task_id as usize, context).await?;
        Ok(Finished { partitions, stage })
    }

    fn context(&self, task: &TaskDefinition) -> Arc<TaskContext> {
        let identity = format!(
            "{}/{}.{}/{}.{}",
            task.job_id, task.stage_id, task.stage_attempt_num, task.task_id, task.task_attempt_num
        );
        let config = SessionConfig::new()
            .with_option_extension(ballista_core::config::BallistaConfig::default())
            .update_from_key_value_pair(&task.props);
        let config = match &self.to_executors {
            // TLS of its own would be the system's authorities, read anew for every fetch.
            Some(to_executors) => config
                .with_ballista_use_tls(false)
                .with_ballista_override_create_grpc_client_endpoint(Arc::clone(to_executors)),
            None => config,
        };
        Arc::new(TaskContext::new(
            Some(identity),
            task.session_id.clone(),
            self.engine.configured(config),
            self.functions.scalar_functions().clone(),
            self.functions.higher_order_functions().clone(),
            self.functions.aggregate_functions().clone(),
            self.functions.window_functions().clone(),
            Arc::clone(self.engine.runtime()),
        ))
    }
}

/// What a task does, for its log: it writes files of a table, or reads some, or only files of shuffles.
fn work(plan: &Arc<dyn ExecutionPlan>) -> &'static str {
    fn has(plan: &Arc<dyn ExecutionPlan>, is_meant: &impl Fn(&Arc<dyn ExecutionPlan>) -> bool) -> bool {
        is_meant(plan) || plan.children().into_iter().any(|child| has(child, is_meant))
    }
    if has(plan, &|node| node.is::<DeltaWriteExec>()) {
        "write"
    } else if has(plan, &|node| node.is::<DataSourceExec>()) {
        "scan"
    } else {
        "shuffle"
    }
}

/// A task that ended well.
pub(super) struct Finished {
    partitions: Vec<ShuffleWritePartition>,
    stage: Arc<dyn QueryStageExecutor>,
}

impl Finished {
    /// The counters that reports are made of, each summed over the plan, as one set.
    ///
    /// Ballista wants the same number of sets from all tasks of a stage and stops a job where it gets another; but the plans
    /// of two tasks may differ, a part of a union for example that one of them has nothing to do with.
    fn metrics(&self) -> Vec<OperatorMetricsSet> {
        let nodes = self.stage.collect_plan_metrics();
        let mut sums = MetricsSet::new();
        for name in REPORTED {
            let count = Count::new();
            count.add(nodes.iter().filter_map(|node| node.sum_by_name(name)).map(|sum| sum.as_usize()).sum());
            sums.push(Arc::new(Metric::new(MetricValue::Count { name: name.into(), count }, Some(0))));
        }
        // Metrics that cannot travel are missing in a report, and no reason to lose the work.
        let sums: Result<OperatorMetricsSet, BallistaError> = sums.try_into();
        sums.into_iter().collect()
    }
}

/// What the scheduler is told of a task that has ended.
pub(super) fn status(
    task: &TaskDefinition,
    executor_id: &str,
    times: Times,
    outcome: Result<Finished, BallistaError>,
) -> TaskStatus {
    // State that Ballista's own windows need at the next stage; a task that lost it would give wrong rows.
    let outcome = outcome.and_then(|done| Ok((done.stage.collect_window_state_reports()?, done)));
    let (metrics, status) = match outcome {
        Ok((window_state, done)) => (
            done.metrics(),
            task_status::Status::Successful(SuccessfulTask {
                executor_id: executor_id.to_owned(),
                runtime_stats: done.stage.collect_runtime_stats_reports(),
                task_column_stats: done.stage.collect_column_stats(),
                window_state,
                partitions: done.partitions,
            }),
        ),
        Err(error) => (Vec::new(), task_status::Status::Failed(failure::report(error))),
    };
    TaskStatus {
        task_id: task.task_id,
        job_id: task.job_id.clone(),
        stage_id: task.stage_id,
        stage_attempt_num: task.stage_attempt_num,
        launch_time: times.launched_at,
        start_exec_time: times.started_at,
        end_exec_time: now_ms(),
        metrics,
        status: Some(status),
    }
}

#[expect(clippy::disallowed_methods, reason = "times of tasks are for people, no row depends on them")]
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
