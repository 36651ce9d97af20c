//! Stands between a client and Azurite: checks who asks as Azure does, counts, and fails as a script says.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use object_store::azure::{AzureAccessKey, AzureAuthorizer, AzureCredential};
use object_store::client::{HttpRequest, HttpRequestBody};

use super::{ACCOUNT, Azurite, Identities, KEY};

/// A request as a script sees it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its number, from 0.
    pub number: u64,
    /// Its method.
    pub method: Method,
    /// Path in the account: container and key.
    pub path: String,
    /// Query.
    pub query: String,
    /// Whether it makes an object only if there is none.
    pub creates: bool,
    /// Bytes of the body that it was answered with.
    pub answered: u64,
}

impl Asked {
    /// Whether it writes an entry of a log.
    pub fn commits(&self) -> bool {
        self.method == Method::PUT && self.creates && self.path.contains("/_delta_log/")
    }

    /// Whether it is a listing.
    pub fn lists(&self) -> bool {
        self.query.contains("comp=list") && !self.query.contains("blocklist")
    }
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum HttpFault {
    /// It is answered late.
    Delay(Duration),
    /// The connection breaks before it is carried out.
    Reset,
    /// It is carried out, and the connection breaks before it is answered.
    AnswerLost,
    /// Its answer is cut off half way.
    Cut,
    /// It is not carried out, and answered with a status; and with a wish for time.
    Status(u16, Option<u64>),
    /// It is carried out, and answered with a status all the same.
    DoneButStatus(u16),
}

/// Who is let in.
#[derive(Debug, Clone, Default)]
enum Door {
    /// Whoever has the key of the account.
    #[default]
    Key,
    /// Whoever shows a token that is good.
    Bearer(Identities),
    /// Whoever shows the signature.
    Signature(String),
}

type Script = Arc<dyn Fn(&Asked) -> Option<HttpFault> + Send + Sync>;
type Body = BoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// The proxy, on a port of this machine until it is dropped.
#[derive(Debug, Clone)]
pub struct AccountProxy {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Asked>>>,
    faults: Arc<AtomicU64>,
}

struct Inner {
    target: String,
    door: Door,
    script: Script,
    client: Client<HttpConnector, Body>,
    count: AtomicU64,
    seen: Arc<Mutex<Vec<Asked>>>,
    faults: Arc<AtomicU64>,
}

impl AccountProxy {
    /// Before `azurite`, for whoever has its key; fails as `script` says.
    pub async fn start(
        azurite: &Azurite,
        script: impl Fn(&Asked) -> Option<HttpFault> + Send + Sync + 'static,
    ) -> Self {
        Self::with(azurite, Door::Key, Arc::new(script)).await
    }

    /// Before `azurite`, for tokens of `identities`.
    pub async fn for_tokens(
        azurite: &Azurite,
        identities: &Identities,
        script: impl Fn(&Asked) -> Option<HttpFault> + Send + Sync + 'static,
    ) -> Self {
        Self::with(azurite, Door::Bearer(identities.clone()), Arc::new(script)).await
    }

    /// Before `azurite`, for the signature `signature`.
    pub async fn for_signature(azurite: &Azurite, signature: &str) -> Self {
        Self::with(azurite, Door::Signature(signature.to_owned()), Arc::new(|_| None)).await
    }

    async fn with(azurite: &Azurite, door: Door, script: Script) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<Asked>>>::default();
        let faults = Arc::<AtomicU64>::default();
        let inner = Arc::new(Inner {
            target: azurite.authority(),
            door,
            script,
            client: Client::builder(TokioExecutor::new()).build_http(),
            count: AtomicU64::new(0),
            seen: Arc::clone(&seen),
            faults: Arc::clone(&faults),
        });
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                // A connection that is given up is reset, as one is whose other end has died.
                let _ = stream.set_zero_linger();
                let inner = Arc::clone(&inner);
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        let inner = Arc::clone(&inner);
                        async move { inner.answer(request).await }
                    });
                    // A broken connection is what some tests want.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { address, seen, faults }
    }

    /// What `endpoint` of a connection is set to.
    pub fn endpoint(&self) -> String {
        format!("http://{}/{ACCOUNT}", self.address)
    }

    /// Every request so far, in order.
    pub fn seen(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().clone()
    }

    /// Requests that the script made something of.
    pub fn faults(&self) -> u64 {
        self.faults.load(Ordering::SeqCst)
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.seen.lock().unwrap().clear();
    }
}

/// Ends the connection of a request without an answer.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the test breaks the connection")
    }
}

impl std::error::Error for Broken {}

impl Inner {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
        let asked = Asked {
            number: self.count.fetch_add(1, Ordering::SeqCst),
            method: request.method().clone(),
            path: request
                .uri()
                .path()
                .trim_start_matches('/')
                .split_once('/')
                .unwrap_or_default()
                .1
                .to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            creates: request.headers().contains_key(header::IF_NONE_MATCH),
            answered: 0,
        };
        let place = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(asked.clone());
            seen.len() - 1
        };
        let fault = (self.script)(&asked);
        self.faults.fetch_add(fault.is_some().into(), Ordering::SeqCst);
        if let Some(refusal) = self.refusal(&request) {
            return Ok(refusal);
        }
        match fault {
            Some(HttpFault::Reset) => return Err(Broken),
            Some(HttpFault::Status(status, retry_after)) => return Ok(failure(status, retry_after)),
            Some(HttpFault::Delay(time)) => tokio::time::sleep(time).await,
            _ => {}
        }
        let response = self.forward(request).await;
        if let Some(asked) = self.seen.lock().unwrap().get_mut(place) {
            asked.answered = response.body().len() as u64;
        }
        match fault {
            Some(HttpFault::AnswerLost) => Err(Broken),
            Some(HttpFault::DoneButStatus(status)) => Ok(failure(status, None)),
            Some(HttpFault::Cut) => Ok(cut(response)),
            _ => {
                Ok(response.map(|bytes| Full::new(bytes).map_err(|never: Infallible| match never {}).boxed()))
            }
        }
    }

    /// The answer to whoever is not let in, with the codes that Azure gives.
    fn refusal(&self, request: &Request<Incoming>) -> Option<Response<Body>> {
        let shown = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match &self.door {
            Door::Key => None,
            Door::Bearer(identities) => {
                let token = shown.and_then(|shown| shown.strip_prefix("Bearer ")).unwrap_or_default();
                (!identities.accepts(token)).then(|| coded(401, "InvalidAuthenticationInfo"))
            }
            Door::Signature(signature) => {
                let query = request.uri().query().unwrap_or_default();
                let is_shown = query.split('&').any(|pair| pair.strip_prefix("sig=") == Some(signature));
                (!is_shown).then(|| coded(403, "AuthenticationFailed"))
            }
        }
    }

    /// What Azurite answers; it knows nothing of identities, so the request is signed by the key.
    async fn forward(&self, request: Request<Incoming>) -> Response<Bytes> {
        let (mut parts, body) = request.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let query: Vec<&str> = parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !matches!(&self.door, Door::Signature(_)) || !is_of_signature(pair))
            .filter(|pair| !pair.is_empty())
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let uri = format!("http://{}{}{mark}{}", self.target, parts.uri.path(), query.join("&"));
        parts.uri = uri.parse().unwrap();
        parts.headers.remove(header::HOST);
        if !matches!(self.door, Door::Key) {
            parts.headers.remove(header::AUTHORIZATION);
            parts.headers.remove(header::DATE);
            parts.headers.remove("x-ms-version");
            let mut signed = HttpRequest::new(HttpRequestBody::empty());
            *signed.method_mut() = parts.method.clone();
            *signed.uri_mut() = parts.uri.clone();
            *signed.headers_mut() = parts.headers.clone();
            let key = AzureCredential::AccessKey(AzureAccessKey::try_new(KEY).unwrap());
            AzureAuthorizer::new(&key, ACCOUNT).authorize(&mut signed);
            parts.headers = signed.headers().clone();
        }
        let body = Full::new(body).map_err(|never: Infallible| match never {}).boxed();
        let response = self.client.request(Request::from_parts(parts, body)).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Response::from_parts(parts, body)
    }
}

/// Whether a part of a query belongs to a shared access signature.
fn is_of_signature(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    ["sv", "ss", "srt", "sp", "se", "st", "spr", "sig", "sr"].contains(&name)
}

fn failure(status: u16, retry_after: Option<u64>) -> Response<Body> {
    let code = match status {
        409 => "BlobAlreadyExists",
        412 => "ConditionNotMet",
        429 => "TooManyRequests",
        503 => "ServerBusy",
        _ => "InternalError",
    };
    let mut response = coded(status, code);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn coded(status: u16, code: &'static str) -> Response<Body> {
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code></Error>");
    let body = Full::new(Bytes::from(text)).map_err(|never: Infallible| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert("x-ms-error-code", HeaderValue::from_static(code));
    response
}

/// Half of the body, and then the connection breaks.
fn cut(response: Response<Bytes>) -> Response<Body> {
    response.map(|bytes| {
        let half = bytes.slice(..bytes.len() / 2);
        let broken: Box<dyn std::error::Error + Send + Sync> = Box::new(Broken);
        BodyExt::boxed(StreamBody::new(stream::iter([Ok(Frame::data(half)), Err(broken)])))
    })
}
