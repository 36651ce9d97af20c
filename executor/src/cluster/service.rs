//! What the scheduler may ask of an executor.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use ballista_core::serde::protobuf::executor_grpc_server::ExecutorGrpc;
use ballista_core::serde::protobuf::{
    CancelTasksParams, CancelTasksResult, LaunchMultiTaskParams, LaunchMultiTaskResult, LaunchTaskParams,
    LaunchTaskResult, RemoveJobDataParams, RemoveJobDataResult, StopExecutorParams, StopExecutorResult,
};
use goldsmith_lake::Stores;
use goldsmith_lake::exec::OpenWriters;
use goldsmith_proto::cluster::v1::tasks_server::Tasks;
use goldsmith_proto::cluster::v1::{SettleReply, SettleRequest, UsageReply, UsageRequest};
use tonic::{Request, Response, Status};

use super::running::RunningTasks;
use crate::resource::peak_memory_bytes;

/// How long tasks that were ended may take to take back what they wrote.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Ends tasks on request, and tells what was used. Tasks are never pushed here: an executor asks for them.
#[derive(Debug, Clone)]
pub(super) struct ExecutorService {
    pub(super) running: RunningTasks,
    pub(super) writers: OpenWriters,
    pub(super) stores: Stores,
}

#[async_trait]
impl ExecutorGrpc for ExecutorService {
    async fn cancel_tasks(
        &self,
        request: Request<CancelTasksParams>,
    ) -> Result<Response<CancelTasksResult>, Status> {
        let meant: HashSet<_> = request
            .into_inner()
            .task_infos
            .into_iter()
            .map(|task| (task.job_id, task.stage_id, task.task_id))
            .collect();
        self.running.abort(|task| meant.contains(&(task.job_id.clone(), task.stage_id, task.task_id)));
        Ok(Response::new(CancelTasksResult { cancelled: true }))
    }

    async fn stop_executor(
        &self,
        _request: Request<StopExecutorParams>,
    ) -> Result<Response<StopExecutorResult>, Status> {
        // Sent to an executor that was silent for too long. It notices by itself that it was forgotten.
        Ok(Response::new(StopExecutorResult {}))
    }

    async fn launch_task(
        &self,
        _request: Request<LaunchTaskParams>,
    ) -> Result<Response<LaunchTaskResult>, Status> {
        Err(Status::unimplemented("this executor asks for its tasks"))
    }

    async fn launch_multi_task(
        &self,
        _request: Request<LaunchMultiTaskParams>,
    ) -> Result<Response<LaunchMultiTaskResult>, Status> {
        Err(Status::unimplemented("this executor asks for its tasks"))
    }

    async fn remove_job_data(
        &self,
        _request: Request<RemoveJobDataParams>,
    ) -> Result<Response<RemoveJobDataResult>, Status> {
        Err(Status::unimplemented("this executor hears of it when it asks for tasks"))
    }
}

#[async_trait]
impl Tasks for ExecutorService {
    async fn settle(&self, request: Request<SettleRequest>) -> Result<Response<SettleReply>, Status> {
        let jobs: HashSet<String> = request.into_inner().job_ids.into_iter().collect();
        let settled = async {
            self.running.abort(|task| jobs.contains(&task.job_id));
            self.running.ended(|task| jobs.contains(&task.job_id)).await;
            self.writers.wait().await;
        };
        match tokio::time::timeout(SETTLE_TIMEOUT, settled).await {
            Ok(()) => Ok(Response::new(SettleReply {})),
            Err(_) => {
                Err(Status::deadline_exceeded("tasks that were ended are still taking back what they wrote"))
            }
        }
    }

    async fn usage(&self, _request: Request<UsageRequest>) -> Result<Response<UsageReply>, Status> {
        let peak_memory_bytes = peak_memory_bytes().unwrap_or_default();
        Ok(Response::new(UsageReply {
            peak_memory_bytes,
            storage: Some(self.stores.traffic().into()),
            progress: self.running.progress(),
        }))
    }
}
