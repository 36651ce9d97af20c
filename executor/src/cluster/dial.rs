//! Connections to executors: those that Ballista makes are made here too.

use std::sync::Arc;
use std::time::Duration;

use ballista_core::extension::EndpointOverrideFn;
use goldsmith_proto::trust::{Credentials, Role};
use tonic::codegen::http::Uri;
use tonic::transport::Endpoint;

/// How long an executor may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// A connection over which nothing comes is asked this often whether anybody is there, who has to answer in time.
const PING: Duration = Duration::from_secs(5);
const PONG: Duration = Duration::from_secs(10);
/// Bytes that may be under way on a connection and on each of its streams: what Ballista itself sets.
const CONNECTION_WINDOW: u32 = 64 << 20;
const STREAM_WINDOW: u32 = 16 << 20;

/// The endpoint at `authority` (`HOST:PORT`) of an executor.
///
/// # Errors
/// If it is no authority, or the certificates are refused.
pub fn executor_endpoint(
    authority: &str,
    credentials: Option<&Credentials>,
) -> Result<Endpoint, Box<dyn std::error::Error + Send + Sync>> {
    let scheme = if credentials.is_some() { "https" } else { "http" };
    let uri = Uri::builder().scheme(scheme).authority(authority).path_and_query("/").build()?;
    let endpoint = Endpoint::from(uri)
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(PING)
        .keep_alive_timeout(PONG)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .initial_stream_window_size(STREAM_WINDOW);
    Ok(match credentials {
        Some(credentials) => endpoint.tls_config(credentials.client_tls(Role::Executor))?,
        None => endpoint,
    })
}

/// Makes Ballista's own connections to executors what [`executor_endpoint`] makes. Ballista gives the endpoint as plain
/// HTTP whatever its settings say; only the address of it is kept.
#[must_use]
pub fn to_executors(credentials: Option<Credentials>) -> EndpointOverrideFn {
    Arc::new(move |given: Endpoint| {
        let authority = given.uri().authority().ok_or("an executor without an address")?;
        executor_endpoint(authority.as_str(), credentials.as_ref())
    })
}
