//! What a process tells of itself over HTTP: whether it lives (`/livez`), whether work can be given to it (`/readyz`), and
//! its metrics (`/metrics`).

mod access;
mod metrics;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use goldsmith_proto::trust::{Token, may_listen};
use parking_lot::Mutex;
use prometheus_client::registry::Registry;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use self::access::Access;
pub use self::metrics::{ProcessMetrics, TaskMetrics};

/// A page that could not be opened.
#[derive(Debug, Error)]
pub enum MonitorError {
    /// The port cannot be listened on.
    #[error("cannot listen on {address}; hint: name a free port of this machine in --http")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Other machines could reach the port, and nobody would have to say who they are.
    #[error(
        "refuses to serve HTTP on {address}, which other machines can reach, without a token; hint: give \
         --page-token-file or GOLDSMITH_PAGE_TOKEN"
    )]
    Open {
        /// The address.
        address: SocketAddr,
    },
}

/// What a process tells of itself.
#[derive(Debug, Clone)]
pub struct Monitor {
    ready: Arc<AtomicBool>,
    registry: Arc<Mutex<Registry>>,
}

impl Default for Monitor {
    fn default() -> Self {
        let registry = Registry::with_prefix("goldsmith");
        Self { ready: Arc::default(), registry: Arc::new(Mutex::new(registry)) }
    }
}

impl Monitor {
    /// Lets `register` add metrics.
    pub fn register(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut self.registry.lock());
    }

    /// Says whether work can be given to the process from now on.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// Serves what every process tells, and `pages`, on `bind` until the handle is dropped; gives the address. Beyond loopback
    /// `token` has to be shown for all but whether it lives and is ready.
    ///
    /// # Errors
    /// [`MonitorError`]
    pub async fn serve(
        &self,
        bind: SocketAddr,
        token: Option<Token>,
        pages: Router,
    ) -> Result<(SocketAddr, AbortOnDropHandle<()>), MonitorError> {
        if !may_listen(bind, token.is_some()) {
            return Err(MonitorError::Open { address: bind });
        }
        let failed = |source| MonitorError::Listen { address: bind, source };
        let listener = TcpListener::bind(bind).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let access = if address.ip().is_loopback() { Access::Here } else { Access::by(token) };
        let metrics = Router::new().route("/metrics", get(metrics_text)).with_state(self.clone());
        let router = pages
            .merge(metrics)
            .layer(axum::middleware::from_fn_with_state(access, access::check))
            .merge(Router::new().route("/livez", get(|| async { "alive\n" })))
            .merge(Router::new().route("/readyz", get(readiness)).with_state(self.clone()));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                warn!(%error, "the page is no longer served");
            }
        });
        Ok((address, AbortOnDropHandle::new(serving)))
    }
}

async fn readiness(State(monitor): State<Monitor>) -> (StatusCode, &'static str) {
    if monitor.ready.load(Ordering::Relaxed) {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

async fn metrics_text(State(monitor): State<Monitor>) -> impl IntoResponse {
    let mut text = String::new();
    // Writing into a string cannot fail, so neither can this.
    let _ = prometheus_client::encoding::text::encode(&mut text, &monitor.registry.lock());
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
}
