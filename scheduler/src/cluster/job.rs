//! One statement given to Ballista: submitted, followed, and run again as a whole where its result cannot be trusted.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballista_core::JobId;
use ballista_core::config::BallistaConfig;
use ballista_core::error::BallistaError;
use ballista_core::serde::BallistaPhysicalExtensionCodec;
use ballista_core::serde::protobuf::job_status::Status;
use ballista_core::serde::protobuf::{JobStatus, PartitionLocation};
use ballista_scheduler::state::execution_graph::{ExecutionGraph, ExecutionGraphBox, RunningTaskInfo};
use datafusion::arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionContext;
use datafusion_proto::physical_plan::AsExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use goldsmith_lake::codec::PlanCodec;
use goldsmith_proto::cluster::v1::Cause;
use goldsmith_proto::failure::RemoteFailure;
use prost::Message;
use thiserror::Error;
use tokio::sync::{RwLock, mpsc, watch};
use tokio::time::MissedTickBehavior;
use tracing::{debug, warn};

use super::fetch::Placed;
use super::progress::Counters;
use super::stall::Stall;
use super::tracked::Tracked;
use super::verdict::{Suspicion, executors, suspicion};
use super::{Cluster, MESSAGE_BYTES};

/// Times that a job is run again because its result could not be trusted.
const RESUBMISSIONS: u32 = 3;
/// A job without a task that runs or could run has stopped after so long.
const STALLED: Duration = Duration::from_secs(10);
/// Pause between two looks for the stages of a job that has just ended.
const KEEPING: Duration = Duration::from_millis(1);
/// How often a running job is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A job that gave no result.
#[derive(Debug, Error)]
pub enum JobError {
    /// No attempt gave a result that can be trusted.
    #[error(
        "`{job}` was given up after {attempts} attempts; the last time {last}; hint: look at the logs of the executors, those that are killed for lack of memory need more of it or fewer cores"
    )]
    Lost {
        /// What ran.
        job: String,
        /// How often it was tried.
        attempts: u32,
        /// What was seen the last time.
        last: String,
    },
    /// Nobody is there to run it.
    #[error(
        "no executor is there to run `{job}`, after {waited_seconds} s of waiting; hint: start one with `goldsmith executor --scheduler URL`"
    )]
    NoExecutor {
        /// What was to run.
        job: String,
        /// How long it waited.
        waited_seconds: u64,
    },
    /// Nothing of it moved, twice.
    #[error(
        "no counter of `{job}` moved for {seconds} s, twice: it waits for {waiting}; hint: look at the logs of these executors, run \
         it again, and please report it"
    )]
    Stalled {
        /// What ran.
        job: String,
        /// For how long.
        seconds: u64,
        /// The tasks that had begun and not ended.
        waiting: String,
    },
    /// It failed on an executor, and would again.
    #[error(transparent)]
    Failed(RemoteFailure),
    /// Its rows could not be fetched to the end.
    #[error("rows of `{job}` were lost after the first of them had been passed on; hint: run it again")]
    Fetch {
        /// What ran.
        job: String,
        /// Why.
        #[source]
        source: DataFusionError,
    },
    /// Its plan is too large to be sent.
    #[error(
        "the plan of `{job}` has {bytes} bytes, more than the {limit} that may be sent to an executor; hint: it lists every file \
         that is read: compact the tables that it reads"
    )]
    TooLarge {
        /// What was to run.
        job: String,
        /// Its size.
        bytes: usize,
        /// Most that is allowed.
        limit: usize,
    },
    /// The scheduler refused it.
    #[error("`{job}` cannot be distributed; hint: this is a fault of goldsmith, please report it")]
    Submit {
        /// What was to run.
        job: String,
        /// Why.
        #[source]
        source: BallistaError,
    },
}

/// How one attempt ended.
enum Attempt {
    Done(Placed),
    /// It has to be run again, and what was seen.
    Again(String),
    /// Nothing of it moves, and what it waits for.
    Stalled(String),
}

/// The stages of a job.
pub(super) type Graph = Arc<RwLock<ExecutionGraphBox>>;

impl Cluster {
    /// Runs `plan` as the job `name` and gathers its rows.
    ///
    /// - **Cancel:** when it is dropped the job is cancelled; [`Cluster::settle`] waits for its tasks to end
    /// # Errors
    /// [`JobError`]
    pub(crate) async fn run(
        self: &Arc<Self>,
        name: &str,
        state: &SessionState,
        plan: Arc<dyn ExecutionPlan>,
        counters: &Counters,
    ) -> Result<Vec<RecordBatch>, JobError> {
        self.run_and(name, state, plan, counters, Placed::all).await
    }

    /// Runs `plan` as the job `name` and gives its rows as they are fetched.
    ///
    /// - **Cancel:** as [`Self::run`]
    /// # Errors
    /// [`JobError`], also from the rows.
    pub(crate) async fn stream(
        self: &Arc<Self>,
        name: &str,
        state: &SessionState,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Result<BoxStream<'static, Result<RecordBatch, JobError>>, JobError> {
        self.run_and(name, state, plan, &Counters::default(), Placed::begun).await
    }

    /// Runs `plan` until its result can be trusted and `fetch` has it.
    async fn run_and<T>(
        self: &Arc<Self>,
        name: &str,
        state: &SessionState,
        plan: Arc<dyn ExecutionPlan>,
        counters: &Counters,
        fetch: fn(Placed) -> BoxFuture<'static, Result<T, DataFusionError>>,
    ) -> Result<T, JobError> {
        self.check_size(name, &plan).await?;
        let context = Arc::new(SessionContext::new_with_state(self.distributed(state)));
        let mut last = String::new();
        let mut has_stalled = false;
        for attempt in 0..=RESUBMISSIONS {
            self.wait_for_executor(name).await?;
            counters.restart();
            let seen = match self.attempt(name, Arc::clone(&context), Arc::clone(&plan), counters).await? {
                Attempt::Done(placed) => match fetch(placed).await {
                    Ok(fetched) => return Ok(fetched),
                    Err(error) => format!("its result could not be fetched ({error})"),
                },
                Attempt::Again(seen) => seen,
                Attempt::Stalled(waiting) => {
                    self.note_stall();
                    let seconds = self.options.stall_timeout.as_secs();
                    if has_stalled {
                        return Err(JobError::Stalled { job: name.to_owned(), seconds, waiting });
                    }
                    has_stalled = true;
                    format!("nothing of it moved for {seconds} s, it waits for {waiting}")
                }
            };
            warn!(job = name, attempt, seen, "discarded, running it again as a whole");
            self.note_resubmission();
            last = seen;
        }
        Err(JobError::Lost { job: name.to_owned(), attempts: RESUBMISSIONS + 1, last })
    }

    /// Refuses a plan that could not be sent. No executor would ever take it, and each would count as lost for it.
    async fn check_size(&self, name: &str, plan: &Arc<dyn ExecutionPlan>) -> Result<(), JobError> {
        let codec = PlanCodec::new(Arc::new(BallistaPhysicalExtensionCodec::default()));
        let encoded = PhysicalPlanNode::try_from_physical_plan(Arc::clone(plan), &codec)
            .map_err(|source| JobError::Submit { job: name.to_owned(), source: source.into() })?;
        // An executor may be given a task for each of its cores by one message.
        let executors = self.members.executors().await;
        let cores = executors.iter().map(|executor| executor.specification.vcores as usize).max();
        let limit = self.options.max_plan_bytes.min(MESSAGE_BYTES as usize / cores.unwrap_or(1).max(1));
        let bytes = encoded.encoded_len();
        if bytes > limit { Err(JobError::TooLarge { job: name.to_owned(), bytes, limit }) } else { Ok(()) }
    }

    async fn attempt(
        self: &Arc<Self>,
        name: &str,
        context: Arc<SessionContext>,
        plan: Arc<dyn ExecutionPlan>,
        counters: &Counters,
    ) -> Result<Attempt, JobError> {
        let schema = plan.schema();
        let mut losses = self.members.losses();
        let lost_before = losses.borrow_and_update().len();
        let (sender, mut statuses) = mpsc::channel(64);
        let submitted = self.server.submit_physical_plan(name, context, plan, Some(sender)).await;
        let job_id = submitted.map_err(|source| JobError::Submit { job: name.to_owned(), source })?;
        debug!(job = name, %job_id, "submitted");
        let job = Tracked::new(self, name, &job_id);
        let mut graph: Option<Graph> = None;
        // Everyone who was seen to take part. Tasks whose executor was lost no longer tell whose they were.
        let mut part: BTreeSet<String> = BTreeSet::new();
        let lost_part = |losses: &watch::Receiver<Vec<String>>, part: &BTreeSet<String>| {
            losses.borrow().iter().skip(lost_before).any(|lost| part.contains(lost))
        };
        let (mut alive_at, mut looked_at) = (Instant::now(), Instant::now());
        let mut alone_since: Option<Instant> = None;
        let mut stall = Stall::new(self.options.stall_timeout);
        // Not a pause of each round: rounds that something else ends would put every look off.
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // A job that has ended is not looked at any more.
                biased;
                status = statuses.recv() => match ended(status.as_ref()) {
                    Some(Ok(locations)) => {
                        let Some(stages) = self.stages_of_ended(&job_id).await else {
                            return Ok(Attempt::Again("nothing is known of how it ended".to_owned()));
                        };
                        counters.read(stages.as_ref());
                        part.extend(executors(stages.as_ref()));
                        if lost_part(&losses, &part) {
                            return Ok(Attempt::Again(Suspicion::ExecutorLost.to_string()));
                        }
                        if let Some(suspicion) = suspicion(stages.as_ref()) {
                            return Ok(Attempt::Again(suspicion.to_string()));
                        }
                        return Ok(Attempt::Done(Placed { job, schema, locations, credentials: self.options.credentials.clone() }));
                    }
                    Some(Err(message)) => {
                        // One that was killed a moment ago is still on the list.
                        let lost = losses.borrow().len() > lost_before || !self.all_answer(&part).await;
                        return failed(&message, lost);
                    }
                    None if status.is_none() => {
                        return Ok(Attempt::Again("the scheduler had no more to say of it".to_owned()));
                    }
                    None => {}
                },
                changed = losses.changed() => {
                    // The sender lives as long as the cluster does.
                    if changed.is_ok() && lost_part(&losses, &part) {
                        return Ok(Attempt::Again(Suspicion::ExecutorLost.to_string()));
                    }
                }
                _ = looks.tick() => {
                    if looked_at.elapsed() > STALLED / 2 {
                        // Nobody looked, which says nothing of the job.
                        alive_at = Instant::now();
                        stall.moved();
                    }
                    looked_at = Instant::now();
                    if self.members.cores().await > 0 {
                        alone_since = None;
                    } else if alone_since.get_or_insert(looked_at).elapsed() > self.options.executor_wait {
                        return Err(self.no_executor(name));
                    }
                    self.look(&job_id, &mut graph, counters).await;
                    let Some(stages) = &graph else { continue };
                    let graph = stages.read().await;
                    part.extend(executors(graph.as_ref()));
                    if let Some(suspicion) = suspicion(graph.as_ref()) {
                        return Ok(Attempt::Again(suspicion.to_string()));
                    }
                    if graph.available_tasks() > 0 || !graph.running_tasks().is_empty() {
                        alive_at = Instant::now();
                    }
                    if alive_at.elapsed() > STALLED {
                        // A fault inside Ballista ends no job; it only stops it.
                        return Ok(Attempt::Again("none of its tasks runs any more".to_owned()));
                    }
                    let waiting = self.running_tasks(graph.as_ref()).await;
                    drop(graph);
                    // What waits for cores is not stuck.
                    if waiting.is_empty() || stall.has_moved(counters.get()) {
                        stall.moved();
                    } else if stall.is_to_ask() {
                        stall.told(self.progress(&job_id).await);
                    }
                    if stall.is_over() {
                        return Ok(Attempt::Stalled(waiting.join(", ")));
                    }
                }
            }
        }
    }

    /// The tasks of a job that are under way, and where.
    async fn running_tasks(&self, graph: &(dyn ExecutionGraph + Send + Sync)) -> Vec<String> {
        let executors = self.members.executors().await;
        let place = |id: &str| {
            let executor = executors.iter().find(|executor| executor.id == id);
            executor.map_or_else(|| id.to_owned(), |executor| format!("{}:{}", executor.host, executor.port))
        };
        let running = graph.running_tasks();
        let name = |task: &RunningTaskInfo| {
            format!("task {} of stage {} on {}", task.task_id, task.stage_id, place(&task.executor_id))
        };
        running.iter().map(name).collect()
    }

    /// The stages of a job as they were when it ended. Ballista keeps them for a while, and tells that it ended just before it
    /// does.
    async fn stages_of_ended(&self, job_id: &JobId) -> Option<ExecutionGraphBox> {
        let kept = async {
            loop {
                match self.history.get_execution_graph(job_id).await {
                    Ok(None) => tokio::time::sleep(KEEPING).await,
                    Ok(Some(stages)) => return Some(stages),
                    Err(_) => return None,
                }
            }
        };
        tokio::time::timeout(STALLED, kept).await.ok().flatten()
    }

    /// Takes a look at the stages of the job: the graph is kept, because Ballista drops it as soon as the job has ended.
    async fn look(&self, job_id: &JobId, graph: &mut Option<Graph>, counters: &Counters) {
        if graph.is_none() {
            let running = self.server.state.task_manager.get_running_job_cache();
            *graph = running.get(job_id).map(|job| Arc::clone(&job.execution_graph));
            if let Some(graph) = graph {
                self.jobs.seen(job_id, graph);
            }
        }
        if let Some(graph) = graph {
            counters.read(graph.read().await.as_ref());
        }
    }

    async fn wait_for_executor(&self, name: &str) -> Result<(), JobError> {
        let waiting = async {
            while self.members.cores().await == 0 {
                tokio::time::sleep(LOOK).await;
            }
        };
        let wait = self.options.executor_wait;
        tokio::time::timeout(wait, waiting).await.map_err(|_| self.no_executor(name))
    }

    fn no_executor(&self, name: &str) -> JobError {
        let waited_seconds = self.options.executor_wait.as_secs();
        JobError::NoExecutor { job: name.to_owned(), waited_seconds }
    }

    /// The session as Ballista wants it: its own settings beside the engine's.
    pub(super) fn distributed(&self, state: &SessionState) -> SessionState {
        let mut config = state.config().clone().with_option_extension(BallistaConfig::default());
        for (key, value) in self.settings() {
            // Keys and values are constants of ours: `verdict/tests.rs` sees that they are taken.
            if let Err(error) = config.options_mut().set(key, &value) {
                warn!(key, %error, "a setting was refused");
            }
        }
        datafusion::execution::SessionStateBuilder::new_from_existing(state.clone())
            .with_config(config)
            .build()
    }
}

/// What to do about a job that Ballista gave up.
fn failed(message: &str, lost_executor: bool) -> Result<Attempt, JobError> {
    match RemoteFailure::find(message) {
        Some(failure) if failure.cause() == Cause::Peer => {
            Ok(Attempt::Again(format!("an executor did not answer another ({failure})")))
        }
        // What was read from an executor that died half way may look like anything.
        Some(failure) if lost_executor => Ok(Attempt::Again(format!("an executor was lost ({failure})"))),
        Some(failure) => Err(JobError::Failed(failure)),
        // No task says what it was: shuffle files that could not be fetched too often, or the scheduler itself.
        None => Ok(Attempt::Again(message.trim().to_owned())),
    }
}

fn ended(status: Option<&JobStatus>) -> Option<Result<Vec<PartitionLocation>, String>> {
    match status?.status.as_ref() {
        Some(Status::Successful(job)) => Some(Ok(job.partition_location.clone())),
        Some(Status::Failed(job)) => Some(Err(job.error.clone())),
        Some(Status::Queued(_) | Status::Running(_)) | None => None,
    }
}
