//! One port for clients and executors.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use goldsmith_proto::control::v1::coordinator_server::CoordinatorServer;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tracing::info;

use super::Coordinator;
use super::service::Service;
use crate::cluster::Cluster;

/// How long a scheduler that ends goes on to answer.
const FAREWELL: Duration = Duration::from_secs(1);

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
    /// The port is no longer served.
    #[error("the port of the scheduler is no longer served")]
    Serve {
        /// Why.
        #[source]
        source: tonic::transport::Error,
    },
}

/// Serves `coordinator` and the executors of `cluster` on `bind` until `shutdown`; then ends what runs, without leaving
/// anything half-published. `listening` is told the address once it can be reached.
///
/// # Errors
/// [`ServeError`]
pub async fn serve(
    coordinator: Arc<Coordinator>,
    cluster: Arc<Cluster>,
    bind: SocketAddr,
    listening: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let listen_error = |source| ServeError::Listen { address: bind, source };
    let listener = TcpListener::bind(bind).await.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    listening(address);
    info!(%address, "scheduler listens");
    let (scheduler, membership) = cluster.services();
    let stop = CancellationToken::new();
    let serving = Server::builder()
        .add_service(CoordinatorServer::new(Service(Arc::clone(&coordinator))))
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
            // Executors are served until nothing runs any more.
            coordinator.shut_down().await;
        } => {}
    }
    // Clients hear how their refreshes ended; the streams of idle executors have no end to wait for.
    stop.cancel();
    let _ = tokio::time::timeout(FAREWELL, serving).await;
    Ok(())
}
