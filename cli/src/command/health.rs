//! `goldsmith health`: whether a process is ready, for the health checks of containers, which have no other client.

use std::time::Duration;

use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use thiserror::Error;

use crate::args::HealthArgs;

/// How long the process may take to answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A process that is not ready.
#[derive(Debug, Error)]
pub(crate) enum NotReady {
    #[error("{url} does not answer; hint: check that the process runs and what it was given as --http")]
    Silent {
        url: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("{url} answers with {status}; hint: its log tells what it waits for")]
    Status { url: String, status: http::StatusCode },
}

pub(crate) async fn run(args: &HealthArgs) -> Result<(), NotReady> {
    let url = format!("http://{}/readyz", args.address);
    let silent = |source| NotReady::Silent { url: url.clone(), source };
    let uri: http::Uri = url.parse().map_err(|error| silent(Box::<http::uri::InvalidUri>::new(error)))?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<bytes::Bytes>>();
    let answer =
        tokio::time::timeout(TIMEOUT, client.get(uri)).await.map_err(|error| silent(error.into()))?;
    match answer.map_err(|error| silent(error.into()))?.status() {
        status if status.is_success() => Ok(()),
        status => Err(NotReady::Status { url, status }),
    }
}
