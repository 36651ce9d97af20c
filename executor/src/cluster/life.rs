//! One life of an executor: from the first poll under an id to its drain, or to the first poll that fails.
//!
//! ```text
//!   ┌────────── poll: what ended, free cores ─────────┐
//!   │                                                 ▼
//!  wait ◀── tasks started ◀── tasks, jobs to clean ◀─ scheduler
//!   │  a task ended · there is work · the interval is over
//!   │
//!   ├─▶ drained: nothing runs, and nobody needs what it holds ──▶ ends
//!   └─▶ a poll failed ──▶ ends; whatever it ran is worth nothing
//! ```
//!
//! A poll that fails may have reached the scheduler or not: tasks may have been handed out that never arrived, results may
//! be thought delivered that were not. Ballista has no message to find out. So the executor ends such a life and begins
//! another under a new id; the scheduler counts the old one as lost, and the jobs that it took part in are run again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::serde::protobuf::{ExecutorRegistration, PollWorkParams, TaskDefinition, TaskStatus};
use futures::StreamExt;
use goldsmith_proto::cluster::v1::membership_client::MembershipClient;
use goldsmith_proto::cluster::v1::{LeaveRequest, WorkRequest};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tonic::transport::Channel;
use tracing::{debug, info, warn};

use crate::monitor::{Monitor, TaskMetrics};

use super::running::RunningTasks;
use super::task::{self, TaskKey, TaskRunner, Times};
use super::work_dir;

/// Polls while nothing happens: often enough to be known to be alive, and to learn of work if the message of it was lost.
const IDLE_POLL: Duration = Duration::from_secs(1);
/// How often an executor that is drained asks whether it may go.
const LEAVE_POLL: Duration = Duration::from_millis(200);
/// Largest message to and from the scheduler: a task's plan lists the files that it reads.
pub(super) const MESSAGE_BYTES: usize = 256 << 20;

/// Why a life ended.
#[derive(Debug)]
pub(super) enum End {
    /// It was asked to go, and nobody needs it any more.
    Drained,
    /// The scheduler could not be reached, or has forgotten it.
    Lost {
        /// What it or the connection says.
        status: tonic::Status,
        /// Whether it had answered before.
        was_there: bool,
    },
}

/// What one life needs.
pub(super) struct Life {
    pub(super) registration: ExecutorRegistration,
    pub(super) cores: u32,
    pub(super) channel: Channel,
    /// A poll that takes longer has failed.
    pub(super) timeout: Duration,
    pub(super) runner: Arc<TaskRunner>,
    pub(super) running: RunningTasks,
    /// Where tasks compute.
    pub(super) compute: Handle,
    /// True once the executor shall go.
    pub(super) draining: watch::Receiver<bool>,
    pub(super) tasks: TaskMetrics,
    pub(super) monitor: Monitor,
}

impl Life {
    pub(super) async fn live(mut self) -> End {
        let mut scheduler = SchedulerGrpcClient::new(self.channel.clone())
            .max_decoding_message_size(MESSAGE_BYTES)
            .max_encoding_message_size(MESSAGE_BYTES);
        let (ended_sender, mut ended) = mpsc::unbounded_channel();
        let mut work = self.work();
        let mut free = self.cores;
        let mut statuses: Vec<TaskStatus> = Vec::new();
        let mut was_there = false;
        loop {
            let draining = *self.draining.borrow();
            let poll = PollWorkParams {
                metadata: Some(self.registration.clone()),
                num_free_vcores: if draining { 0 } else { free },
                task_status: std::mem::take(&mut statuses),
            };
            let reply = match tokio::time::timeout(self.timeout, scheduler.poll_work(poll)).await {
                Ok(Ok(reply)) => {
                    self.monitor.set_ready(!draining);
                    self.tasks.set_connected(true);
                    was_there = true;
                    reply.into_inner()
                }
                Ok(Err(status)) => return End::Lost { status, was_there },
                Err(_) => {
                    let status = tonic::Status::deadline_exceeded("no answer to a poll");
                    return End::Lost { status, was_there };
                }
            };
            for job in reply.jobs_to_clean {
                let root = Path::new(&self.runner.work_dir);
                if let Err(error) = work_dir::remove_job(root, &job.job_id, &job.remove_stage_ids).await {
                    warn!(job_id = job.job_id, %error, "shuffle files are left behind");
                }
            }
            let got_work = !reply.tasks.is_empty();
            for task in reply.tasks {
                free = free.saturating_sub(task.vcores_consumed);
                self.start(task, ended_sender.clone());
            }
            if draining && free == self.cores && ended.is_empty() && self.may_go().await {
                return End::Drained;
            }
            if !got_work || free == 0 {
                let idle = if draining && free == self.cores { LEAVE_POLL } else { IDLE_POLL };
                tokio::select! {
                    Some((status, cores)) = ended.recv() => {
                        free += cores;
                        statuses.push(status);
                    }
                    () = work.available(), if free > 0 && !draining => {}
                    _ = self.draining.changed(), if !draining => {}
                    () = tokio::time::sleep(idle) => {}
                }
            }
            while let Ok((status, cores)) = ended.try_recv() {
                free += cores;
                statuses.push(status);
            }
        }
    }

    fn start(&self, task: TaskDefinition, ended: mpsc::UnboundedSender<(TaskStatus, u32)>) {
        let (runner, running) = (Arc::clone(&self.runner), self.running.clone());
        let executor_id = self.registration.id.clone();
        let counted = self.tasks.begin();
        self.compute.spawn(async move {
            let times = Times::start(&task);
            let key = TaskKey::of(&task);
            let attempt = task.task_attempt_num;
            debug!(
                job_id = key.job_id,
                stage_id = key.stage_id,
                task_id = key.task_id,
                attempt,
                "task begins"
            );
            let outcome = running.run(key.clone(), runner.run(&task)).await;
            debug!(
                job_id = key.job_id,
                stage_id = key.stage_id,
                task_id = key.task_id,
                attempt,
                ok = outcome.is_ok(),
                "task ended"
            );
            counted.end(if outcome.is_ok() { "done" } else { "failed" });
            let status = task::status(&task, &executor_id, times, outcome);
            // Nobody listens any more once the life has ended.
            let _ = ended.send((status, task.vcores_consumed));
        });
    }

    /// Whether the scheduler lets the executor go. If it cannot be asked, the next poll will tell.
    async fn may_go(&self) -> bool {
        let request = LeaveRequest { executor_id: self.registration.id.clone() };
        let mut membership = MembershipClient::new(self.channel.clone());
        match tokio::time::timeout(self.timeout, membership.leave(request)).await {
            Ok(Ok(reply)) => reply.into_inner().may_go,
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Messages of work, as long as the life lasts.
    fn work(&self) -> Work {
        let (sender, receiver) = watch::channel(());
        let (channel, executor_id) = (self.channel.clone(), self.registration.id.clone());
        let listening = tokio::spawn(async move {
            // Without the messages work is found by polling, later; a scheduler that is gone is noticed there too.
            while !sender.is_closed() {
                let request = WorkRequest { executor_id: executor_id.clone() };
                if let Ok(messages) = MembershipClient::new(channel.clone()).work(request).await {
                    let mut messages = messages.into_inner();
                    while let Some(Ok(_)) = messages.next().await {
                        sender.send_replace(());
                    }
                }
                tokio::time::sleep(IDLE_POLL).await;
            }
        });
        Work { receiver, listening }
    }
}

/// Wakes an idle executor.
struct Work {
    receiver: watch::Receiver<()>,
    listening: tokio::task::JoinHandle<()>,
}

impl Work {
    async fn available(&mut self) {
        if self.receiver.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl End {
    pub(super) fn log(&self, executor_id: &str) {
        match self {
            Self::Drained => info!(executor_id, "drained"),
            Self::Lost { status, was_there: true } => {
                warn!(
                    executor_id,
                    error = status.message(),
                    "the scheduler cannot be reached, starting anew"
                );
            }
            Self::Lost { status, was_there: false } => {
                warn!(
                    executor_id,
                    error = status.message(),
                    "the scheduler gives no work; check that both were given certificates (--tls) of one authority, or neither"
                );
            }
        }
    }
}
