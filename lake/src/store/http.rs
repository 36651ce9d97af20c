//! What every request to a storage account goes through: it is counted, and a server that asks for time is given it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};

/// The longest time that a server may ask for: more is left to the pauses between attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Requests that were sent, attempts that failed included.
#[derive(Debug, Default)]
pub(super) struct RequestCounters {
    pub(super) sent: AtomicU64,
    /// Answered with a status that asks to come again.
    pub(super) throttled: AtomicU64,
}

/// Connects as the library does, with counting around it.
#[derive(Clone)]
pub(super) struct Connector {
    counters: Arc<RequestCounters>,
}

impl Connector {
    pub(super) const fn new(counters: Arc<RequestCounters>) -> Self {
        Self { counters }
    }

    pub(super) fn client(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let inner = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(CountedService { inner, counters: Arc::clone(&self.counters) }))
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        self.client(options)
    }
}

struct CountedService {
    inner: HttpClient,
    counters: Arc<RequestCounters>,
}

/// Requests carry signatures and tokens: none is ever shown.
impl fmt::Debug for CountedService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CountedService")
    }
}

#[async_trait]
impl HttpService for CountedService {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.counters.sent.fetch_add(1, Ordering::Relaxed);
        let response = self.inner.execute(request).await?;
        if matches!(response.status().as_u16(), 429 | 503) {
            self.counters.throttled.fetch_add(1, Ordering::Relaxed);
            // The library comes back after a pause of its own, whatever the server asks for.
            if let Some(wait) = retry_after(&response) {
                tracing::debug!(wait_ms = wait.as_millis(), "storage asks for time");
                tokio::time::sleep(wait).await;
            }
        }
        Ok(response)
    }
}

/// How long the server asks to be left alone, if it says so in seconds, as Azure does.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds = response.headers().get(http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}
