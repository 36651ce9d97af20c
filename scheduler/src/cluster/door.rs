//! What of Ballista's scheduler can be reached from outside: executors ask for tasks, and nothing else is answered. Work is
//! given to it by the coordinator of this process alone.

use std::sync::Arc;

use async_trait::async_trait;
use ballista_core::serde::protobuf as pb;
use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpc;
use futures::stream::Empty;
use tonic::{Request, Response, Status};

use super::Cluster;

/// The door of a cluster.
pub(super) struct Door(pub(super) Arc<Cluster>);

/// Whether `text` is a name or an address of a machine: it becomes part of the URLs by which the executor is reached.
fn is_host(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c))
}

/// The answer to what executors of goldsmith do not ask.
fn closed<T>() -> Result<T, Status> {
    Err(Status::unimplemented(
        "not offered here; hint: `goldsmith refresh --cluster` and its like give work to a scheduler",
    ))
}

#[async_trait]
impl SchedulerGrpc for Door {
    type ExecuteQueryPushStream = Empty<Result<pb::GetJobStatusResult, Status>>;

    async fn poll_work(
        &self,
        request: Request<pb::PollWorkParams>,
    ) -> Result<Response<pb::PollWorkResult>, Status> {
        let executor = request.get_ref().metadata.as_ref();
        // Ballista takes what is not there for granted, and stops.
        let is_whole = executor.is_some_and(|executor| {
            executor.specification.is_some()
                && executor.os_info.is_some()
                && !executor.id.is_empty()
                && executor.host.as_ref().is_some_and(|host| is_host(host))
        });
        if !is_whole {
            return Err(Status::invalid_argument("the executor does not say who and where it is"));
        }
        if executor.is_some_and(|executor| self.0.members.is_lost(&executor.id)) {
            // Its tasks were given to others: it takes back what it was writing, and comes back under another id.
            return Err(Status::failed_precondition(
                "this executor was silent for so long that it counts as lost",
            ));
        }
        self.0.server.poll_work(request).await
    }

    async fn execute_query_push(
        &self,
        _: Request<pb::ExecuteQueryParams>,
    ) -> Result<Response<Self::ExecuteQueryPushStream>, Status> {
        closed()
    }

    async fn register_executor(
        &self,
        _: Request<pb::RegisterExecutorParams>,
    ) -> Result<Response<pb::RegisterExecutorResult>, Status> {
        closed()
    }

    async fn heart_beat_from_executor(
        &self,
        _: Request<pb::HeartBeatParams>,
    ) -> Result<Response<pb::HeartBeatResult>, Status> {
        closed()
    }

    async fn update_task_status(
        &self,
        _: Request<pb::UpdateTaskStatusParams>,
    ) -> Result<Response<pb::UpdateTaskStatusResult>, Status> {
        closed()
    }

    async fn create_update_session(
        &self,
        _: Request<pb::CreateUpdateSessionParams>,
    ) -> Result<Response<pb::CreateUpdateSessionResult>, Status> {
        closed()
    }

    async fn remove_session(
        &self,
        _: Request<pb::RemoveSessionParams>,
    ) -> Result<Response<pb::RemoveSessionResult>, Status> {
        closed()
    }

    async fn execute_query(
        &self,
        _: Request<pb::ExecuteQueryParams>,
    ) -> Result<Response<pb::ExecuteQueryResult>, Status> {
        closed()
    }

    async fn get_job_status(
        &self,
        _: Request<pb::GetJobStatusParams>,
    ) -> Result<Response<pb::GetJobStatusResult>, Status> {
        closed()
    }

    async fn get_job_metrics(
        &self,
        _: Request<pb::GetJobMetricsParams>,
    ) -> Result<Response<pb::GetJobMetricsResult>, Status> {
        closed()
    }

    async fn executor_stopped(
        &self,
        _: Request<pb::ExecutorStoppedParams>,
    ) -> Result<Response<pb::ExecutorStoppedResult>, Status> {
        closed()
    }

    async fn cancel_job(
        &self,
        _: Request<pb::CancelJobParams>,
    ) -> Result<Response<pb::CancelJobResult>, Status> {
        closed()
    }

    async fn clean_job_data(
        &self,
        _: Request<pb::CleanJobDataParams>,
    ) -> Result<Response<pb::CleanJobDataResult>, Status> {
        closed()
    }
}
