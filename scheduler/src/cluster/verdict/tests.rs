//! The fault of Ballista that the verdict is there for, with executors that only say what they did.

use std::sync::Arc;
use std::time::Duration;

use ballista_core::serde::protobuf::executor_resource::Resource;
use ballista_core::serde::protobuf::job_status::Status as Job;
use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpc;
use ballista_core::serde::protobuf::task_status::Status;
use ballista_core::serde::protobuf::{
    ExecutorOperatingSystemSpecification, ExecutorRegistration, ExecutorResource, ExecutorSpecification,
    ExecutorStoppedParams, JobStatus, PollWorkParams, ShuffleWritePartition, SuccessfulTask, TaskDefinition,
    TaskStatus,
};
use ballista_core::{BALLISTA_PROTOCOL_VERSION, JobId};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning};
use datafusion::prelude::SessionContext;
use tokio::sync::mpsc;
use tonic::Request;

use super::{Suspicion, suspicion};
use crate::cluster::{Cluster, ClusterOptions, Counters, JobError};

/// Partitions of both stages of the job.
const PARTITIONS: u32 = 2;

/// Two stages: one that shuffles two partitions, one that reads them.
fn two_stages() -> Arc<dyn ExecutionPlan> {
    let schema = Arc::new(Schema::new(vec![Field::new("k", DataType::Int64, true)]));
    let source = MemorySourceConfig::try_new(&[vec![], vec![]], schema, None).unwrap();
    let scan = DataSourceExec::from_data_source(source);
    let keys = Partitioning::Hash(vec![Arc::new(Column::new("k", 0))], PARTITIONS as usize);
    Arc::new(RepartitionExec::try_new(scan, keys).unwrap())
}

/// An executor that asks for one task at a time and reports whatever it is told to.
struct Pretender<'a> {
    cluster: &'a Cluster,
    id: String,
}

impl<'a> Pretender<'a> {
    fn new(cluster: &'a Cluster, id: &str) -> Self {
        Self { cluster, id: id.to_owned() }
    }

    /// It is gone, and the scheduler knows it.
    async fn lose(&self) {
        let stopped = ExecutorStoppedParams { executor_id: self.id.clone(), reason: "killed".to_owned() };
        self.cluster.server.executor_stopped(Request::new(stopped)).await.unwrap();
        let mut losses = self.cluster.members.losses();
        losses.wait_for(|lost| lost.contains(&self.id)).await.unwrap();
    }

    async fn poll(&self, cores: u32, done: Vec<TaskStatus>) -> Vec<TaskDefinition> {
        let vcores = ExecutorResource { resource: Some(Resource::Vcores(1)) };
        let metadata = ExecutorRegistration {
            id: self.id.clone(),
            host: Some("127.0.0.1".to_owned()),
            port: 1,
            grpc_port: 1,
            specification: Some(ExecutorSpecification { resources: vec![vcores] }),
            os_info: Some(ExecutorOperatingSystemSpecification::default()),
            ballista_protocol_version: BALLISTA_PROTOCOL_VERSION,
        };
        let poll = PollWorkParams { metadata: Some(metadata), num_free_vcores: cores, task_status: done };
        self.cluster.server.poll_work(Request::new(poll)).await.unwrap().into_inner().tasks
    }

    /// The next task, once there is one.
    async fn task(&self) -> TaskDefinition {
        loop {
            if let Some(task) = self.poll(1, Vec::new()).await.pop() {
                return task;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn finish(&self, task: &TaskDefinition) {
        let outputs = if task.stage_id == 1 { 0..PARTITIONS } else { 0..1 };
        let partitions = outputs.map(|partition| ShuffleWritePartition {
            partition_id: u64::from(if task.stage_id == 1 {
                partition
            } else {
                task.global_output_partition_ids[0]
            }),
            num_batches: 1,
            num_rows: 1,
            num_bytes: 1,
            file_id: Some(u64::from(task.task_id)),
            is_sort_shuffle: task.stage_id == 1,
        });
        let done = SuccessfulTask {
            executor_id: self.id.clone(),
            partitions: partitions.collect(),
            ..SuccessfulTask::default()
        };
        let status = TaskStatus {
            task_id: task.task_id,
            job_id: task.job_id.clone(),
            stage_id: task.stage_id,
            stage_attempt_num: task.stage_attempt_num,
            status: Some(Status::Successful(done)),
            ..TaskStatus::default()
        };
        self.poll(0, vec![status]).await;
    }
}

async fn submitted(cluster: &Cluster) -> (JobId, mpsc::Receiver<JobStatus>) {
    let (sender, statuses) = mpsc::channel(64);
    let context = SessionContext::new_with_state(cluster.distributed(&SessionContext::new().state()));
    let server = &cluster.server;
    let job = server.submit_physical_plan("job", Arc::new(context), two_stages(), Some(sender)).await;
    (job.unwrap(), statuses)
}

/// How many places the result of the job has once it has ended well.
async fn places(mut statuses: mpsc::Receiver<JobStatus>) -> usize {
    loop {
        match statuses.recv().await.unwrap().status {
            Some(Job::Successful(job)) => return job.partition_location.len(),
            Some(Job::Failed(job)) => panic!("{}", job.error),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_job_without_a_loss_is_trusted() {
    let cluster = Cluster::start(ClusterOptions::default()).await.unwrap();
    let (job, statuses) = submitted(&cluster).await;
    let a = Pretender::new(&cluster, "a");
    for _ in 0..2 * PARTITIONS {
        let task = a.task().await;
        a.finish(&task).await;
    }
    assert_eq!(places(statuses).await, PARTITIONS as usize);
    let stages = cluster.history.get_execution_graph(&job).await.unwrap().unwrap();
    assert_eq!(suspicion(stages.as_ref()), None);
}

/// If this fails because the result has two places, Ballista was mended: look at ADR 0007 again.
#[tokio::test]
async fn ballista_gives_rows_twice_after_a_loss_and_the_job_is_not_trusted() {
    let cluster = Cluster::start(ClusterOptions::default()).await.unwrap();
    let (job, statuses) = submitted(&cluster).await;
    let (a, b) = (Pretender::new(&cluster, "a"), Pretender::new(&cluster, "b"));
    // Both shuffle one partition; the second stage can begin, and `a` ends one of its tasks.
    for executor in [&a, &b] {
        let task = executor.task().await;
        assert_eq!(task.stage_id, 1);
        executor.finish(&task).await;
    }
    let first = a.task().await;
    assert_eq!((first.stage_id, first.stage_attempt_num), (2, 0));
    a.finish(&first).await;
    // `b` is lost, and its half of the shuffle with it.
    b.lose().await;
    // `a` does what is left: the lost half, and both tasks of the second stage, of which it had done one already.
    for stage in [1, 2, 2] {
        let task = a.task().await;
        assert_eq!(task.stage_id, stage);
        a.finish(&task).await;
    }
    assert_eq!(places(statuses).await, PARTITIONS as usize + 1, "one of the two partitions comes twice");
    let stages = cluster.history.get_execution_graph(&job).await.unwrap().unwrap();
    assert!(
        matches!(
            suspicion(stages.as_ref()),
            Some(Suspicion::StageRepeated { .. } | Suspicion::ResultLost { .. })
        ),
        "{:?}",
        suspicion(stages.as_ref())
    );
}

#[tokio::test]
async fn a_job_that_loses_an_executor_every_time_ends_with_an_error() {
    let cluster = Cluster::start(ClusterOptions::default()).await.unwrap();
    let (state, counters) = (SessionContext::new().state(), Counters::default());
    let losing = async {
        for number in 0_u32.. {
            let executor = Pretender::new(&cluster, &number.to_string());
            executor.task().await;
            executor.lose().await;
        }
    };
    let outcome = tokio::select! {
        outcome = cluster.run("gold.model", &state, two_stages(), &counters) => outcome,
        () = losing => panic!("there are always more"),
    };
    let error = outcome.unwrap_err();
    assert!(matches!(error, JobError::Lost { attempts: 4, .. }), "{error:?}");
    assert!(error.to_string().contains("`gold.model`") && error.to_string().contains("hint: "), "{error}");
    assert_eq!(cluster.resubmissions(), 4);
}

#[tokio::test]
async fn every_setting_is_one_that_ballista_has() {
    let cluster = Cluster::start(ClusterOptions::default()).await.unwrap();
    let state = cluster.distributed(&SessionContext::new().state());
    let entries = state.config_options().entries();
    for (key, value) in cluster.settings() {
        assert!(entries.iter().any(|e| e.key == key && e.value.as_ref() == Some(&value)), "{key}");
    }
}
