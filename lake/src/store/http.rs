//! What every request to a storage account goes through: it is counted, a server that asks for time is given it, and a request
//! that is turned away is signed anew, once.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::header;
use object_store::azure::{AzureAuthorizer, AzureCredential};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use object_store::{ClientOptions, CredentialProvider};
use url::Url;

use super::credentials::{Credentials, Provider};

/// The longest time that a server may ask for: more is left to the pauses between attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Requests that were sent, attempts that failed included.
#[derive(Debug, Default)]
pub(super) struct RequestCounters {
    pub(super) sent: AtomicU64,
    /// Answered with a status that asks to come again.
    pub(super) throttled: AtomicU64,
}

/// Connects as the library does, with what stands above around it.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) counters: Arc<RequestCounters>,
    /// Signs requests to the account anew; those for its tokens are not.
    pub(super) signer: Option<Signer>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let inner = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(AccountService { inner, connector: self.clone() }))
    }
}

struct AccountService {
    inner: HttpClient,
    connector: Connector,
}

/// Requests carry signatures and tokens: none is ever shown.
impl fmt::Debug for AccountService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountService")
    }
}

#[async_trait]
impl HttpService for AccountService {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let signer = self.connector.signer.as_ref();
        let again = signer.map(|signer| (signer, signer.credentials.current(), request.clone()));
        let response = self.send(request).await?;
        match again {
            Some((signer, used, request)) if is_turned_away(&response) => {
                match signer.sign_anew(request, &used).await {
                    Some(request) => self.send(request).await,
                    None => Ok(response),
                }
            }
            _ => Ok(response),
        }
    }
}

impl AccountService {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let counters = &self.connector.counters;
        counters.sent.fetch_add(1, Ordering::Relaxed);
        let response = self.inner.execute(request).await?;
        if matches!(response.status().as_u16(), 429 | 503) {
            counters.throttled.fetch_add(1, Ordering::Relaxed);
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
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// Whether the account says that it does not know who is asking; a right that is missing is another matter. It says 401 of
/// tokens, and 403 with a code of keys and signatures.
///
/// - **Source:** learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
fn is_turned_away(response: &HttpResponse) -> bool {
    match response.status().as_u16() {
        401 => true,
        403 => response.headers().get("x-ms-error-code").is_some_and(|code| code == "AuthenticationFailed"),
        _ => false,
    }
}

/// Signs requests to one account.
#[derive(Debug, Clone)]
pub(super) struct Signer {
    pub(super) account: String,
    /// For logs.
    pub(super) connection: String,
    pub(super) credentials: Arc<Credentials>,
}

impl Signer {
    /// `request`, which was refused while `used` was current, with another signature; none if none can be had.
    async fn sign_anew(&self, mut request: HttpRequest, used: &Provider) -> Option<HttpRequest> {
        tracing::info!(connection = self.connection, "turned away, signing in anew");
        let old = used.get_credential().await.ok();
        if let Err(error) = self.credentials.renew(used) {
            tracing::warn!(connection = self.connection, %error, "cannot sign in anew");
            return None;
        }
        let credential = self.credentials.get_credential().await.ok()?;
        request.headers_mut().remove(header::AUTHORIZATION);
        if let Some(AzureCredential::SASToken(pairs)) = old.as_deref() {
            let url = without(&Url::parse(&request.uri().to_string()).ok()?, pairs);
            *request.uri_mut() = url.as_str().parse().ok()?;
        }
        AzureAuthorizer::new(&credential, &self.account).authorize(&mut request);
        Some(request)
    }
}

/// `url` without the parts of a signature.
fn without(url: &Url, pairs: &[(String, String)]) -> Url {
    let rest: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !pairs.iter().any(|(signed, _)| signed == name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut bare = url.clone();
    bare.set_query(None);
    if !rest.is_empty() {
        bare.query_pairs_mut().extend_pairs(rest);
    }
    bare
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use bytes::Bytes;
    use object_store::client::HttpRequestBody;

    use super::*;

    /// Answers every request so.
    #[derive(Debug)]
    struct Busy(&'static str);

    #[async_trait]
    impl HttpService for Busy {
        async fn call(&self, _request: HttpRequest) -> Result<HttpResponse, HttpError> {
            let mut response = HttpResponse::new(Bytes::new().into());
            *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static(self.0));
            Ok(response)
        }
    }

    async fn waited(retry_after: &'static str) -> (Duration, u64) {
        let connector = Connector { counters: Arc::default(), signer: None };
        let service =
            AccountService { inner: HttpClient::new(Busy(retry_after)), connector: connector.clone() };
        let asked = Instant::now();
        let response = service.call(HttpRequest::new(HttpRequestBody::empty())).await.unwrap();
        assert_eq!(response.status(), http::StatusCode::SERVICE_UNAVAILABLE);
        (asked.elapsed(), connector.counters.throttled.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_server_that_asks_for_time_is_given_it() {
        let (waited_for, throttled) = waited("1").await;
        assert!(waited_for >= Duration::from_secs(1), "{waited_for:?}");
        assert_eq!(throttled, 1);
        // What is no number of seconds is left to the pauses of the library.
        assert_eq!(waited("soon").await.1, 1);
    }
}
