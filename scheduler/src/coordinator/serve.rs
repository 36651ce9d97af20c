//! One port for clients and executors.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use goldsmith_executor::monitor::{Monitor, MonitorError, ProcessMetrics};
use goldsmith_proto::control::v1::coordinator_server::CoordinatorServer;
use goldsmith_proto::trust::{Guard, Role, Token, may_listen};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tracing::info;

use super::Coordinator;
use super::service::Service;
use crate::cluster::Cluster;
use crate::web::{self, ClusterMetrics};

/// How long a scheduler that ends goes on to answer.
const FAREWELL: Duration = Duration::from_secs(1);

/// Largest request of a client: statements are text.
const REQUEST_BYTES: usize = 1 << 20;
/// Requests at the same time over one connection.
const MAX_STREAMS: u32 = 1024;
/// A connection over which nothing comes is asked this often whether anybody is there.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// A scheduler that could not start, or stopped.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The port cannot be listened on.
    #[error("cannot listen on {address}; hint: name a free port of this machine in --bind")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Other machines could reach the port, and nobody would have to say who they are.
    #[error(
        "refuses to listen on {address}, which other machines can reach, without TLS; hint: give --tls DIR with the files of \
         `goldsmith certificates DIR`"
    )]
    Open {
        /// The address.
        address: SocketAddr,
    },
    /// Its page cannot be served.
    #[error(transparent)]
    Monitor(#[from] MonitorError),
    /// The certificates are refused.
    #[error("cannot use the certificates; hint: `goldsmith certificates DIR` makes the files of a cluster")]
    Tls {
        /// Why.
        #[source]
        source: tonic::transport::Error,
    },
    /// The port is no longer served.
    #[error("the port of the scheduler is no longer served")]
    Serve {
        /// Why.
        #[source]
        source: tonic::transport::Error,
    },
}

/// Where a scheduler listens.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// For clients and executors.
    pub bind: SocketAddr,
    /// Clients that have no certificate show it.
    pub token: Option<Token>,
    /// For its page, its health and its metrics.
    pub http_bind: SocketAddr,
    /// Beyond loopback whoever looks at the page shows it.
    pub page_token: Option<Token>,
}

/// Where it is reached.
#[derive(Debug, Clone, Copy)]
pub struct Listening {
    /// By clients and executors.
    pub address: SocketAddr,
    /// By browsers.
    pub http_address: SocketAddr,
}

/// Serves `coordinator` and the executors of `cluster` until `shutdown`; then ends what runs, without leaving anything
/// half-published. `listening` is told the addresses once they can be reached.
///
/// # Errors
/// [`ServeError`]
pub async fn serve(
    coordinator: Arc<Coordinator>,
    cluster: Arc<Cluster>,
    options: ServeOptions,
    listening: impl FnOnce(Listening),
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let ServeOptions { bind, token, http_bind, page_token } = options;
    let credentials = cluster.credentials();
    if !may_listen(bind, credentials.is_some()) {
        return Err(ServeError::Open { address: bind });
    }
    let listen_error = |source| ServeError::Listen { address: bind, source };
    let listener = TcpListener::bind(bind).await.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let monitor = Monitor::default();
    monitor.register(|registry| {
        ProcessMetrics::register(registry, coordinator.lakehouse.engine.stores().clone());
        coordinator.metrics.register(registry);
        registry.register_collector(Box::new(ClusterMetrics(Arc::downgrade(&cluster))));
    });
    let pages = web::router(Arc::clone(&coordinator));
    let (http_address, _pages) = monitor.serve(http_bind, page_token, pages).await?;
    listening(Listening { address, http_address });
    monitor.set_ready(true);
    info!(%address, %http_address, "scheduler listens");
    let (scheduler, membership) = cluster.services();
    let stop = CancellationToken::new();
    let mut server = Server::builder()
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .http2_keepalive_timeout(Some(KEEP_ALIVE))
        .max_concurrent_streams(MAX_STREAMS);
    if let Some(credentials) = credentials {
        // Executors have to show a certificate, clients may show a token instead.
        let config = credentials.server_tls(true);
        server = server.tls_config(config).map_err(|source| ServeError::Tls { source })?;
    }
    let clients = Guard::roles(credentials.is_some(), &[Role::Client]).or_token(token);
    let control =
        CoordinatorServer::new(Service(Arc::clone(&coordinator))).max_decoding_message_size(REQUEST_BYTES);
    let serving = server
        .add_service(InterceptedService::new(control, clients))
        .add_service(scheduler)
        .add_service(membership)
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            stop.clone().cancelled_owned(),
        );
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => return served.map_err(|source| ServeError::Serve { source }),
        () = async {
            shutdown.await;
            monitor.set_ready(false);
            // Executors are served until nothing runs any more.
            coordinator.shut_down().await;
        } => {}
    }
    // Clients hear how their refreshes ended; the streams of idle executors have no end to wait for.
    stop.cancel();
    let _ = tokio::time::timeout(FAREWELL, serving).await;
    Ok(())
}
