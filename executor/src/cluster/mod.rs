//! The executor of a cluster: asks the scheduler for tasks, runs them in this process's engine, and serves what they write
//! to each other over Arrow Flight.

mod failure;
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
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use tonic::transport::server::{Router, TcpIncoming};
use tonic::transport::{Channel, Endpoint, Server};
use tracing::{info, warn};
use uuid::Uuid;

use self::life::{End, Life, MESSAGE_BYTES};
use self::running::RunningTasks;
use self::service::ExecutorService;
use self::task::TaskRunner;
use self::work_dir::WorkDir;
use crate::engine::Engine;

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
    #[error("`{url}` is no URL of a scheduler; hint: write it as http://HOST:PORT")]
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

/// Time between two attempts to reach a scheduler that is not there.
const RECONNECT: Duration = Duration::from_millis(200);
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
    let (flight, flight_address) = listen(options.bind).await?;
    let (control, control_address) = listen(options.control_bind).await?;
    let compute = ComputeThreads::start(engine.options().threads)?;
    let work_dir = work_dir(&options.work_dir)?;
    let running = RunningTasks::default();
    let service = ExecutorService {
        running: running.clone(),
        writers: engine.writers().clone(),
        stores: engine.stores().clone(),
    };
    let folder = work_dir.path().to_string_lossy().into_owned();
    let _control = serving(
        Server::builder()
            .add_service(ExecutorGrpcServer::new(service.clone()))
            .add_service(TasksServer::new(service)),
        control,
    );
    let shuffle_files = FlightServiceServer::new(BallistaFlightService::new(folder.clone()))
        .max_decoding_message_size(MESSAGE_BYTES)
        .max_encoding_message_size(MESSAGE_BYTES);
    let _flight = serving(Server::builder().add_service(shuffle_files), flight);
    info!(%flight_address, %control_address, cores = engine.options().threads, "executor listens");
    let runner = Arc::new(TaskRunner {
        stages: Arc::new(DefaultExecutionEngine::new()),
        codec: Arc::new(PlanCodec::new(Arc::new(BallistaPhysicalExtensionCodec::default()))),
        engine: engine.clone(),
        functions,
        work_dir: folder,
    });
    let cores = u32::try_from(engine.options().threads.get()).unwrap_or(u32::MAX);
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
        };
        let end = life.live().await;
        end.log(&executor_id);
        if matches!(end, End::Drained) {
            return Ok(());
        }
        // Nobody will take what these tasks make; what they were writing is taken back before anything new begins.
        running.abort(|_| true);
        running.ended(|_| true).await;
        engine.writers().wait().await;
        work_dir.clear();
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

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ExecutorError> {
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
