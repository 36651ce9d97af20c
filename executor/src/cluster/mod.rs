//! The executor of a cluster: asks the scheduler for tasks, runs them in this process's engine, and serves what they write
//! to each other over Arrow Flight.

mod dial;
mod failure;
mod fetches;
mod life;
mod running;
mod service;
mod task;
mod work_dir;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow_flight::flight_service_server::FlightServiceServer;
use ballista_core::BALLISTA_PROTOCOL_VERSION;
use ballista_core::serde::BallistaPhysicalExtensionCodec;
use ballista_core::serde::protobuf::executor_grpc_server::ExecutorGrpcServer;
use ballista_core::serde::protobuf::executor_resource::Resource;
use ballista_core::serde::protobuf::{
    ExecutorOperatingSystemSpecification, ExecutorRegistration, ExecutorResource, ExecutorSpecification,
};
use ballista_executor::execution_engine::DefaultExecutionEngine;
use ballista_executor::flight_service::BallistaFlightService;
use datafusion::execution::SessionState;
use goldsmith_lake::codec::PlanCodec;
use goldsmith_proto::cluster::v1::tasks_server::TasksServer;
use goldsmith_proto::trust::{Credentials, Guard, Role, Token, may_listen};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::server::{Router, TcpIncoming};
use tonic::transport::{Channel, Endpoint, Server};
use tracing::{info, warn};
use uuid::Uuid;

pub use self::dial::{executor_endpoint, to_executors};
use self::fetches::Fetches;
use self::life::{End, Life, MESSAGE_BYTES};
use self::running::RunningTasks;
use self::service::ExecutorService;
use self::task::TaskRunner;
use self::work_dir::WorkDir;
use crate::engine::Engine;
use crate::monitor::{Monitor, MonitorError, ProcessMetrics, TaskMetrics};

/// How an executor takes part in a cluster.
#[derive(Debug, Clone)]
pub struct ExecutorOptions {
    /// URL of the scheduler.
    pub scheduler: String,
    /// Where other executors reach this one's Flight service.
    pub bind: SocketAddr,
    /// Where the scheduler reaches it; port 0 for a free one.
    pub control_bind: SocketAddr,
    /// Name or address by which others reach it.
    pub advertised_host: String,
    /// Folder below which it keeps shuffle files; it is made if it is missing.
    pub work_dir: PathBuf,
    /// A scheduler that does not answer for so long is not there.
    pub timeout: Duration,
    /// What it shows to the others of the cluster, and goes by when they come; none on loopback alone.
    pub credentials: Option<Credentials>,
    /// Where it tells whether it lives, whether it is ready, and its metrics.
    pub http_bind: SocketAddr,
    /// Has to be shown for the metrics, beyond loopback.
    pub page_token: Option<Token>,
}

/// An executor that could not start.
#[derive(Debug, Error)]
pub enum ExecutorError {
    /// A port cannot be listened on.
    #[error("cannot listen on {address}; hint: name a free port of this machine")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Other machines could reach a port, and nobody would have to say who they are.
    #[error(
        "refuses to listen on {address}, which other machines can reach, without TLS; hint: give --tls DIR with the files of \
         `goldsmith certificates DIR`"
    )]
    Open {
        /// The address.
        address: SocketAddr,
    },
    /// A scheduler that is reached in another way than the executor shows itself.
    #[error("the scheduler at {url} is to be reached {}; hint: {}", scheme_fault(*.has_tls).0, scheme_fault(*.has_tls).1)]
    Scheme {
        /// Its URL.
        url: String,
        /// Whether the executor has certificates.
        has_tls: bool,
    },
    /// The certificates are refused.
    #[error("cannot use the certificates; hint: `goldsmith certificates DIR` makes the files of a cluster")]
    Tls {
        /// Why.
        #[source]
        source: tonic::transport::Error,
    },
    /// It cannot tell of itself.
    #[error(transparent)]
    Monitor(#[from] MonitorError),
    /// The folder for shuffle files cannot be used.
    #[error("cannot keep shuffle files in {path}; hint: name a folder that can be written in --work-dir")]
    WorkDir {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The URL of the scheduler is none.
    #[error("`{url}` is no URL of a scheduler; hint: write it as https://HOST:PORT")]
    SchedulerUrl {
        /// The text.
        url: String,
        /// Why.
        #[source]
        source: tonic::transport::Error,
    },
    /// The threads for tasks cannot be started.
    #[error("cannot start the threads that compute")]
    Threads {
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// What is wrong, and what to do.
const fn scheme_fault(has_tls: bool) -> (&'static str, &'static str) {
    if has_tls {
        ("without TLS, and certificates were given", "write https://, or leave out --tls")
    } else {
        (
            "over TLS, and no certificates were given",
            "give --tls DIR with the files of `goldsmith certificates DIR`",
        )
    }
}

/// Time between two attempts to reach a scheduler that is not there.
const RECONNECT: Duration = Duration::from_millis(200);
/// The same where the scheduler has turned it away again and again.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Largest request: tickets and lists of tasks.
const REQUEST_BYTES: usize = 1 << 20;
/// Requests at the same time over one connection.
const MAX_STREAMS: u32 = 1024;
/// Stack of the threads that compute: plans are decoded by recursion.
const STACK_BYTES: usize = 32 << 20;

/// Runs an executor until `shutdown`, and then until nobody needs it any more. `functions` is a session that has the
/// functions which plans name.
///
/// - **Cancel:** safe to drop; the scheduler then counts the executor as lost
/// # Errors
/// [`ExecutorError`] if it cannot start. Losing the scheduler is no error: it waits for it.
pub async fn run(
    options: ExecutorOptions,
    engine: Engine,
    functions: SessionState,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ExecutorError> {
    let endpoint = Endpoint::from_shared(options.scheduler.clone())
        .map_err(|source| ExecutorError::SchedulerUrl { url: options.scheduler.clone(), source })?
        .connect_timeout(options.timeout)
        .http2_keep_alive_interval(options.timeout / 2)
        .keep_alive_timeout(options.timeout / 2)
        .tcp_nodelay(true);
    let has_tls = options.credentials.is_some();
    if has_tls != (endpoint.uri().scheme_str() == Some("https")) {
        return Err(ExecutorError::Scheme { url: options.scheduler.clone(), has_tls });
    }
    let endpoint = match &options.credentials {
        Some(credentials) => endpoint
            .tls_config(credentials.client_tls(Role::Scheduler))
            .map_err(|source| ExecutorError::Tls { source })?,
        None => endpoint,
    };
    let (draining, drain) = watch::channel(false);
    let serving = serve(&options, &engine, functions, &endpoint, drain);
    tokio::pin!(serving, shutdown);
    tokio::select! {
        ended = &mut serving => return ended,
        () = shutdown => info!("draining: no new tasks, waiting for those that run and for their readers"),
    }
    draining.send_replace(true);
    serving.await
}

async fn serve(
    options: &ExecutorOptions,
    engine: &Engine,
    functions: SessionState,
    endpoint: &Endpoint,
    draining: watch::Receiver<bool>,
) -> Result<(), ExecutorError> {
    let has_tls = options.credentials.is_some();
    let (flight, flight_address) = listen(options.bind, has_tls).await?;
    let (control, control_address) = listen(options.control_bind, has_tls).await?;
    let compute = ComputeThreads::start(engine.options().threads)?;
    let work_dir = work_dir(&options.work_dir)?;
    let running = RunningTasks::default();
    let service = ExecutorService {
        running: running.clone(),
        writers: engine.writers().clone(),
        stores: engine.stores().clone(),
    };
    let folder = work_dir.path().to_string_lossy().into_owned();
    let scheduler = Guard::roles(has_tls, &[Role::Scheduler]);
    let _control = serving(
        server(options)?
            .add_service(InterceptedService::new(
                ExecutorGrpcServer::new(service.clone()).max_decoding_message_size(REQUEST_BYTES),
                scheduler.clone(),
            ))
            .add_service(InterceptedService::new(TasksServer::new(service), scheduler)),
        control,
    );
    let shuffle_files = FlightServiceServer::new(Fetches(BallistaFlightService::new(folder.clone())))
        .max_decoding_message_size(REQUEST_BYTES)
        .max_encoding_message_size(MESSAGE_BYTES);
    let readers = Guard::roles(has_tls, &[Role::Executor, Role::Scheduler]);
    let _flight =
        serving(server(options)?.add_service(InterceptedService::new(shuffle_files, readers)), flight);
    let monitor = Monitor::default();
    let mut tasks = TaskMetrics::default();
    monitor.register(|registry| {
        ProcessMetrics::register(registry, engine.stores().clone());
        tasks = TaskMetrics::register(registry, engine.options().threads.get());
    });
    let (http_address, _http) =
        monitor.serve(options.http_bind, options.page_token.clone(), axum::Router::new()).await?;
    info!(%flight_address, %control_address, %http_address, cores = engine.options().threads, "executor listens");
    let runner = Arc::new(TaskRunner {
        stages: Arc::new(DefaultExecutionEngine::new()),
        codec: Arc::new(PlanCodec::new(Arc::new(BallistaPhysicalExtensionCodec::default()))),
        engine: engine.clone(),
        functions,
        work_dir: folder,
        running: running.clone(),
        to_executors: options.credentials.clone().map(|own| to_executors(Some(own))),
    });
    let cores = u32::try_from(engine.options().threads.get()).unwrap_or(u32::MAX);
    let mut pause = RECONNECT;
    loop {
        let channel = connect(endpoint, &draining).await;
        let Some(channel) = channel else { return Ok(()) };
        let executor_id = Uuid::now_v7().to_string();
        info!(executor_id, scheduler = options.scheduler, "asking for tasks");
        let life = Life {
            registration: registration(
                &executor_id,
                &options.advertised_host,
                flight_address,
                control_address,
                cores,
            ),
            cores,
            channel,
            timeout: options.timeout,
            runner: Arc::clone(&runner),
            running: running.clone(),
            compute: compute.handle(),
            draining: draining.clone(),
            tasks: tasks.clone(),
            monitor: monitor.clone(),
        };
        let end = life.live().await;
        monitor.set_ready(false);
        tasks.set_connected(false);
        end.log(&executor_id);
        if matches!(end, End::Drained) {
            return Ok(());
        }
        // Nobody will take what these tasks make; what they were writing is taken back before anything new begins.
        running.abort(|_| true);
        running.ended(|_| true).await;
        engine.writers().wait().await;
        work_dir.clear();
        // A scheduler that turns it away does so only once it is asked, and would for ever.
        pause = if matches!(end, End::Lost { was_there: true, .. }) {
            RECONNECT
        } else {
            LONGEST_PAUSE.min(pause * 2)
        };
        tokio::time::sleep(pause).await;
    }
}

/// The connection to the scheduler once it is there; none if the executor is drained before that.
async fn connect(endpoint: &Endpoint, draining: &watch::Receiver<bool>) -> Option<Channel> {
    let mut said = false;
    while !*draining.borrow() {
        match endpoint.connect().await {
            Ok(channel) => return Some(channel),
            Err(error) if !said => {
                said = true;
                warn!(scheduler = %endpoint.uri(), error = chain(&error), "waiting for the scheduler");
            }
            Err(_) => {}
        }
        tokio::time::sleep(RECONNECT).await;
    }
    None
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}

/// A server for a port of an executor: whoever comes shows a certificate, if it has one itself.
fn server(options: &ExecutorOptions) -> Result<Server, ExecutorError> {
    let server = Server::builder()
        .http2_keepalive_interval(Some(options.timeout))
        .http2_keepalive_timeout(Some(options.timeout))
        .max_concurrent_streams(MAX_STREAMS);
    match &options.credentials {
        Some(credentials) => {
            server.tls_config(credentials.server_tls(false)).map_err(|source| ExecutorError::Tls { source })
        }
        None => Ok(server),
    }
}

async fn listen(address: SocketAddr, has_tls: bool) -> Result<(TcpListener, SocketAddr), ExecutorError> {
    if !may_listen(address, has_tls) {
        return Err(ExecutorError::Open { address });
    }
    let failed = |source| ExecutorError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

fn work_dir(root: &Path) -> Result<WorkDir, ExecutorError> {
    work_dir::remove_dead(root);
    WorkDir::create(root, &Uuid::now_v7().to_string())
        .map_err(|source| ExecutorError::WorkDir { path: root.to_owned(), source })
}

/// Serves `router` on `listener` until the handle is dropped.
fn serving(router: Router, listener: TcpListener) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        if let Err(error) = router.serve_with_incoming(incoming).await {
            warn!(error = chain(&error), "a port is no longer served");
        }
    }))
}

/// Threads on which tasks compute, apart from those that answer the scheduler and other executors.
struct ComputeThreads(Option<Runtime>);

impl ComputeThreads {
    fn start(threads: NonZeroUsize) -> Result<Self, ExecutorError> {
        tokio::runtime::Builder::new_multi_thread()
            .thread_name("task")
            .worker_threads(threads.get())
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(|source| ExecutorError::Threads { source })
    }

    fn handle(&self) -> Handle {
        // The runtime is taken out only when this is dropped.
        self.0.as_ref().map_or_else(Handle::current, |runtime| runtime.handle().clone())
    }
}

impl Drop for ComputeThreads {
    fn drop(&mut self) {
        // A runtime must not be dropped where others wait.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn registration(
    executor_id: &str,
    host: &str,
    flight: SocketAddr,
    control: SocketAddr,
    cores: u32,
) -> ExecutorRegistration {
    ExecutorRegistration {
        id: executor_id.to_owned(),
        host: Some(host.to_owned()),
        port: flight.port().into(),
        grpc_port: control.port().into(),
        specification: Some(ExecutorSpecification {
            resources: vec![ExecutorResource { resource: Some(Resource::Vcores(cores)) }],
        }),
        // Of no use to anyone, but the scheduler insists.
        os_info: Some(ExecutorOperatingSystemSpecification::default()),
        ballista_protocol_version: BALLISTA_PROTOCOL_VERSION,
    }
}
