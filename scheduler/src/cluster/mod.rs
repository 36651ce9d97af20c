//! The Ballista scheduler inside goldsmith: plans become jobs, executors run them, and only what is proved whole counts.
//!
//! ```text
//!   plan ──▶ job ──▶ stages ──▶ tasks ──▶ executors
//!             │                              │ lost, or a stage begun again
//!             │◀──────── discarded ◀─────────┘ (at most three times)
//!             ▼
//!           rows
//! ```

mod ask;
mod door;
mod fetch;
mod job;
mod members;
mod membership;
mod progress;
mod stall;
mod tracked;
mod verdict;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::BallistaError;
use ballista_core::serde::protobuf::scheduler_grpc_server::{SchedulerGrpc, SchedulerGrpcServer};
use ballista_core::serde::{BallistaCodec, BallistaLogicalExtensionCodec, BallistaPhysicalExtensionCodec};
use ballista_core::utils::{default_config_producer, default_session_builder};
use ballista_scheduler::cluster::memory::InMemoryJobState;
use ballista_scheduler::cluster::{BallistaCluster, JobState};
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::metrics::default_metrics_collector;
use ballista_scheduler::scheduler_server::SchedulerServer;
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use goldsmith_executor::cluster::to_executors;
use goldsmith_executor::stall::DEFAULT_STALL_TIMEOUT;
use goldsmith_lake::codec::PlanCodec;
use goldsmith_proto::cluster::v1::membership_server::{Membership, MembershipServer};
use goldsmith_proto::trust::{Credentials, Guard, Role};
use goldsmith_sql::optimize::RuleSet;
use tokio::sync::watch;
use tonic::service::interceptor::InterceptedService;

use self::door::Door;
pub use self::job::JobError;
use self::members::Members;
use self::membership::MembershipService;
pub use self::progress::{Count, Counters};
use self::tracked::Jobs;

/// Largest message: the plan of a task lists the files that it reads.
const MESSAGE_BYTES: u32 = 256 << 20;
/// Compressed bytes of input that one partition of a job should have, so that what its task keeps fits into the memory of a
/// core.
const PARTITION_BYTES: u64 = 160 << 20;
/// Most partitions of a job.
const MAX_PARTITIONS: usize = 512;
/// Limits of a cluster.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// An executor that is silent for so long is lost.
    pub executor_timeout: Duration,
    /// How long a job waits for an executor while there is none.
    pub executor_wait: Duration,
    /// How long no counter of a job may stand still.
    pub stall_timeout: Duration,
    /// Compressed bytes of input up to which a job is one task whatever runs beside it; with 0 every job is spread over all
    /// cores.
    pub small_job_bytes: u64,
    /// How the files that executors fetch from each other are compressed.
    pub shuffle_compression: ShuffleCompression,
    /// Largest plan of a job; less where executors have so many cores that a plan for each would not be one message.
    pub max_plan_bytes: usize,
    /// What the scheduler shows to the others of the cluster, and goes by when they come; none on loopback alone.
    pub credentials: Option<Credentials>,
    /// Which rewrites plans go through before they are cut into stages; tests compare some with others.
    pub rules: RuleSet,
}

/// Ways to compress the files of shuffles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShuffleCompression {
    /// None: the least work.
    #[default]
    None,
    /// LZ4: a third of the bytes for a tenth of the time, for slow networks.
    Lz4,
    /// Zstandard: fewer bytes still.
    Zstd,
}

impl ShuffleCompression {
    const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            executor_timeout: Duration::from_secs(15),
            executor_wait: Duration::from_secs(60),
            stall_timeout: DEFAULT_STALL_TIMEOUT,
            small_job_bytes: 8 << 20,
            shuffle_compression: ShuffleCompression::default(),
            max_plan_bytes: 64 << 20,
            credentials: None,
            rules: RuleSet::default(),
        }
    }
}

/// The scheduler and its executors.
pub struct Cluster {
    server: SchedulerServer<LogicalPlanNode, PhysicalPlanNode>,
    members: Arc<Members>,
    jobs: Jobs,
    /// Jobs that have ended, with their stages.
    history: Arc<dyn JobState>,
    options: ClusterOptions,
    /// Changes whenever there may be tasks to poll for. Each executor's stream of messages holds a receiver.
    work: watch::Sender<u64>,
    resubmissions: AtomicU64,
    stalls: AtomicU64,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Starts the scheduler; executors reach it through [`Self::services`].
    ///
    /// # Errors
    /// If Ballista refuses its configuration.
    pub async fn start(options: ClusterOptions) -> Result<Arc<Self>, BallistaError> {
        let members = Arc::new(Members::default());
        let work = watch::Sender::new(0_u64);
        let announce = work.clone();
        let timeout_seconds = options.executor_timeout.as_secs().max(1);
        let config = SchedulerConfig {
            scheduling_policy: TaskSchedulingPolicy::PullStaged,
            executor_timeout_seconds: timeout_seconds,
            expire_dead_executor_interval_seconds: 1,
            // Jobs are resubmitted here, and end here where nobody is left.
            no_executors_grace_period_seconds: 3600,
            // What a failed task leaves is removed when the rows of a job are fetched.
            finished_job_data_clean_up_interval_seconds: 600,
            finished_job_state_clean_up_interval_seconds: 600,
            grpc_server_max_decoding_message_size: MESSAGE_BYTES,
            grpc_server_max_encoding_message_size: MESSAGE_BYTES,
            override_create_grpc_client_endpoint: Some(to_executors(options.credentials.clone())),
            on_work_available: Some(Arc::new(move |_| announce.send_modify(|count| *count += 1))),
            ..SchedulerConfig::default()
        };
        let config = Arc::new(config);
        let history: Arc<dyn JobState> = Arc::new(InMemoryJobState::new(
            config.scheduler_id.clone(),
            Arc::new(default_session_builder),
            Arc::new(default_config_producer),
        ));
        let cluster = BallistaCluster::new(Arc::clone(&members) as _, Arc::clone(&history));
        let codec = BallistaCodec::new(
            Arc::new(BallistaLogicalExtensionCodec::default()),
            Arc::new(PlanCodec::new(Arc::new(BallistaPhysicalExtensionCodec::default()))),
        );
        let metrics = default_metrics_collector()?;
        let mut server =
            SchedulerServer::new(config.scheduler_endpoint(), cluster, codec, Arc::clone(&config), metrics);
        server.init().await?;
        Ok(Arc::new(Self {
            server,
            members,
            jobs: Jobs::default(),
            history,
            options,
            work,
            resubmissions: AtomicU64::new(0),
            stalls: AtomicU64::new(0),
        }))
    }

    /// What executors talk to.
    #[must_use]
    pub fn services(
        self: &Arc<Self>,
    ) -> (
        InterceptedService<SchedulerGrpcServer<impl SchedulerGrpc>, Guard>,
        InterceptedService<MembershipServer<impl Membership>, Guard>,
    ) {
        let executors = Guard::roles(self.options.credentials.is_some(), &[Role::Executor]);
        let scheduler = SchedulerGrpcServer::new(Door(Arc::clone(self)))
            .max_decoding_message_size(MESSAGE_BYTES as usize)
            .max_encoding_message_size(MESSAGE_BYTES as usize);
        let membership = MembershipServer::new(MembershipService(Arc::clone(self)));
        (
            InterceptedService::new(scheduler, executors.clone()),
            InterceptedService::new(membership, executors),
        )
    }

    /// What it shows to executors.
    pub(crate) const fn credentials(&self) -> Option<&Credentials> {
        self.options.credentials.as_ref()
    }

    /// Partitions for a job that reads `input_bytes` while jobs beside it read `bytes_beside`: one for every core, more where a
    /// partition would be large, and one alone where the job is small, or no more than the share of a core in all that is to
    /// be done: then no row of it is moved between tasks, and the other cores have enough to do.
    pub(crate) async fn partitions(&self, input_bytes: u64, bytes_beside: u64) -> usize {
        let cores = self.members.cores().await.max(1);
        // A quarter more than its share: what is spared in moving rows makes up for the wait.
        let share = (input_bytes + bytes_beside) / cores as u64 / 4 * 5;
        let small = self.options.small_job_bytes;
        if small > 0 && input_bytes <= share.max(small).min(PARTITION_BYTES) {
            return 1;
        }
        let for_memory = usize::try_from(input_bytes.div_ceil(PARTITION_BYTES)).unwrap_or(MAX_PARTITIONS);
        // A last round that leaves cores without a task is time lost.
        for_memory.max(1).next_multiple_of(cores).min(MAX_PARTITIONS.max(cores))
    }

    /// Which rewrites plans go through.
    pub(crate) const fn rules(&self) -> &RuleSet {
        &self.options.rules
    }

    /// How many executors were lost so far.
    pub(crate) fn losses(&self) -> usize {
        self.members.losses().borrow().len()
    }

    /// How many executors were heard of lately.
    pub(crate) fn executor_count(&self) -> usize {
        self.members.count()
    }

    /// How many jobs were discarded and run again so far.
    #[must_use]
    pub fn resubmissions(&self) -> u64 {
        self.resubmissions.load(Ordering::Relaxed)
    }

    /// How often a job was given up because nothing of it moved.
    #[must_use]
    pub fn stalls(&self) -> u64 {
        self.stalls.load(Ordering::Relaxed)
    }

    /// Executors: id, host, cores.
    pub async fn executors(&self) -> Vec<(String, String, u32)> {
        let all = self.members.executors().await;
        all.into_iter().map(|e| (e.id, format!("{}:{}", e.host, e.port), e.specification.vcores)).collect()
    }

    fn note_stall(&self) {
        self.stalls.fetch_add(1, Ordering::Relaxed);
    }

    fn note_resubmission(&self) {
        self.resubmissions.fetch_add(1, Ordering::Relaxed);
    }

    /// Settings of Ballista that differ from its own defaults.
    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            // How joins are done is decided when they are planned (`goldsmith_sql::exec::CollectJoinExec`).
            ("ballista.optimizer.broadcast_join_threshold_bytes", "0".to_owned()),
            ("ballista.client.grpc_max_message_size", MESSAGE_BYTES.to_string()),
            ("ballista.shuffle.compression.codec", self.options.shuffle_compression.as_str().to_owned()),
            ("ballista.client.io_retries_times", "3".to_owned()),
            ("ballista.client.io_retry_wait_time_ms", "200".to_owned()),
        ]
    }
}
