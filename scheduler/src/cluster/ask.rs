//! What the scheduler asks of all executors.

use std::collections::BTreeSet;
use std::time::Duration;

use ballista_core::JobId;
use ballista_core::serde::scheduler::ExecutorMetadata;
use goldsmith_executor::cluster::executor_endpoint;
use goldsmith_proto::cluster::v1::tasks_client::TasksClient;
use goldsmith_proto::cluster::v1::{SettleRequest, UsageReply, UsageRequest};
use tonic::transport::Channel;
use tonic::{Response, Status};

use super::Cluster;

/// How long an executor may take to settle.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(40);
/// How long it may take to answer what it knows.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

type AskError = Box<dyn std::error::Error + Send + Sync>;

impl Cluster {
    /// Waits until the tasks of jobs that were given up have ended on every executor that can be reached, and have taken
    /// back what they wrote; whether all could be reached. One that cannot be reached ends them itself, later.
    pub(crate) async fn settle(&self) -> bool {
        let job_ids: Vec<String> = self.jobs.take_given_up().into_iter().map(|id| id.to_string()).collect();
        if job_ids.is_empty() {
            return true;
        }
        let settle = |mut tasks: TasksClient<Channel>| {
            let request = SettleRequest { job_ids: job_ids.clone() };
            async move { tasks.settle(request).await }
        };
        let mut settled = true;
        for (_, reply) in self.ask_all(SETTLE_TIMEOUT, settle).await {
            if let Err(error) = reply {
                tracing::warn!(error, "an executor may still be writing files of a job that was given up");
                settled = false;
            }
        }
        settled
    }

    /// What every executor has used and read so far, by its address; none of those that do not tell.
    pub(crate) async fn usage(&self) -> Vec<(String, Option<UsageReply>)> {
        let usage = |mut tasks: TasksClient<Channel>| async move { tasks.usage(UsageRequest {}).await };
        let replies = self.ask_all(ANSWER_TIMEOUT, usage).await.into_iter();
        replies
            .map(|(executor, reply)| (format!("{}:{}", executor.host, executor.port), reply.ok()))
            .collect()
    }

    /// A number that changes with whatever tasks of `job` do on the executors that answer.
    pub(super) async fn progress(&self, job: &JobId) -> u64 {
        let usage = |mut tasks: TasksClient<Channel>| async move { tasks.usage(UsageRequest {}).await };
        let replies = self.ask_all(ANSWER_TIMEOUT, usage).await;
        let of_job = replies.iter().filter_map(|(_, reply)| reply.as_ref().ok()?.progress.get(job.as_str()));
        of_job.fold(0, |sum, progress| sum.wrapping_add(*progress))
    }

    /// Whether every executor on the list that is one of `part` can be reached now; of all if nobody was seen to take part.
    pub(super) async fn all_answer(&self, part: &BTreeSet<String>) -> bool {
        let usage = |mut tasks: TasksClient<Channel>| async move { tasks.usage(UsageRequest {}).await };
        let replies = self.ask_all(ANSWER_TIMEOUT, usage).await;
        let is_meant = |executor: &ExecutorMetadata| part.is_empty() || part.contains(&executor.id);
        replies.iter().filter(|(executor, _)| is_meant(executor)).all(|(_, reply)| reply.is_ok())
    }

    async fn ask_all<T: Send, F: Future<Output = Result<Response<T>, Status>> + Send>(
        &self,
        timeout: Duration,
        ask: impl Fn(TasksClient<Channel>) -> F + Send + Sync,
    ) -> Vec<(ExecutorMetadata, Result<T, AskError>)> {
        let asking = self.members.executors().await.into_iter().map(|executor| {
            let ask = &ask;
            async move {
                let reply = async {
                    let authority = format!("{}:{}", executor.host, executor.grpc_port);
                    let connect = self.options.executor_timeout.min(timeout);
                    let endpoint = executor_endpoint(&authority, self.credentials())?
                        .connect_timeout(connect)
                        .timeout(timeout);
                    // Shaking hands is part of neither of its times.
                    let channel = tokio::time::timeout(connect, endpoint.connect()).await??;
                    Ok(ask(TasksClient::new(channel)).await?.into_inner())
                };
                let reply = reply.await;
                (executor, reply)
            }
        });
        futures::future::join_all(asking).await
    }
}
