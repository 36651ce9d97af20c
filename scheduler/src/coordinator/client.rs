//! What `goldsmith --cluster` asks of a scheduler.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::StreamDecoder;
use goldsmith_proto::control::v1::coordinator_client::CoordinatorClient;
use goldsmith_proto::control::v1::refresh_event::Event;
use goldsmith_proto::control::v1::{
    CancelRequest, Document, HistoryRequest, PlanRequest, QueryReply, QueryRequest, RefreshOptions,
    RefreshRequest, SourcesRequest, StatusRequest,
};
use goldsmith_proto::id::{RefreshId, Version};
use goldsmith_proto::trust::{Bearer, Credentials, Role, Token};
use serde::de::DeserializeOwned;
use thiserror::Error;
use tokio::time::Instant;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

use super::RemoteError;
use crate::cluster::{Count, Counters};
use crate::history::{HistoryReport, StatusReport};
use crate::plan::{PlanOptions, RefreshPlan};
use crate::refresh::{Meter, Progress, RefreshReport};

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(250);
/// Largest message.
const MESSAGE_BYTES: usize = 256 << 20;

/// A request that was not answered.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The URL is none.
    #[error(
        "`{url}` is no URL of a scheduler; hint: write it as https://HOST:PORT, or http://HOST:PORT on this machine"
    )]
    Url {
        /// The text.
        url: String,
        /// Why.
        #[source]
        source: tonic::transport::Error,
    },
    /// The scheduler cannot be reached.
    #[error("cannot reach the scheduler at {url}{}; hint: {}", after(*.waited_seconds), unreachable_hint(&.source.to_string()))]
    Unreachable {
        /// Its URL.
        url: String,
        /// How long it was tried for.
        waited_seconds: u64,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The refresh was given up while the scheduler was away.
    #[error(
        "interrupted while the scheduler at {url} could not be reached; hint: `goldsmith history --cluster {url}` tells how the refresh ended"
    )]
    Interrupted {
        /// Its URL.
        url: String,
    },
    /// A secret would be sent for everybody to read.
    #[error(
        "refuses to send a token to {url}, which is not encrypted; hint: write https://, or leave the token out; plain http \
         with a token is for this machine alone"
    )]
    Plain {
        /// Its URL.
        url: String,
    },
    /// Certificates, and a URL that has no use for them.
    #[error("{url} is not encrypted, and certificates were given; hint: write https://, or leave out --tls")]
    NotTls {
        /// Its URL.
        url: String,
    },
    /// https without certificates.
    #[error(
        "{url} needs the authority of the cluster's certificates; hint: give --tls DIR, which holds ca.pem"
    )]
    NoAuthority {
        /// Its URL.
        url: String,
    },
    /// The scheduler does not let the client in.
    #[error(
        "the scheduler at {url} does not let us in: {message}; hint: show its token by --token-file or GOLDSMITH_TOKEN, or a \
         client certificate by --tls"
    )]
    Denied {
        /// Its URL.
        url: String,
        /// What it says.
        message: String,
    },
    /// The scheduler says what is wrong.
    #[error(transparent)]
    Remote(RemoteError),
    /// The scheduler refuses the request.
    #[error(
        "the scheduler at {url} refuses the request: {message}; hint: client and scheduler have to be of one version"
    )]
    Refused {
        /// Its URL.
        url: String,
        /// What it says.
        message: String,
    },
    /// What it answered cannot be read.
    #[error(
        "the answer of the scheduler at {url} cannot be read; hint: client and scheduler have to be of one version"
    )]
    Answer {
        /// Its URL.
        url: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What to do about a connection that fails so.
fn unreachable_hint(cause: &str) -> &'static str {
    let says = |parts: &[&str]| parts.iter().any(|part| cause.contains(part));
    if says(&["BadSignature", "UnknownIssuer", "DecryptError", "UnknownCA", "NotValidForName", "certificate"])
    {
        "the certificates are of another authority: give --tls the ca.pem of this scheduler, and a client.pem by it"
    } else if says(&["InvalidContentType", "corrupt message"]) {
        "what listens there has no TLS: write http:// if it is the scheduler, or check the port"
    } else if says(&["frame with invalid size", "http2 error", "h2 protocol error"]) {
        "what listens there is no scheduler without TLS: write https:// and give --tls, or check the port"
    } else {
        "check the address and that `goldsmith scheduler` runs there"
    }
}

fn after(waited_seconds: u64) -> String {
    if waited_seconds == 0 { String::new() } else { format!(" for {waited_seconds} s") }
}

/// A scheduler.
#[derive(Debug, Clone)]
pub struct Client {
    url: String,
    api: CoordinatorClient<InterceptedService<Channel, Bearer>>,
}

/// How a client shows who it is.
#[derive(Debug, Clone, Default)]
pub struct ClientOptions {
    /// Authority that the scheduler is known by, and a certificate if there is one.
    pub credentials: Option<Credentials>,
    /// Token that is shown.
    pub token: Option<Token>,
}

impl Client {
    /// The scheduler at `url`; it is reached when it is first asked.
    ///
    /// # Errors
    /// [`ClientError::Url`], and where the options do not fit the URL.
    pub fn new(url: &str, options: &ClientOptions) -> Result<Self, ClientError> {
        let url_error = |source| ClientError::Url { url: url.to_owned(), source };
        let endpoint = Endpoint::from_shared(url.to_owned()).map_err(url_error)?;
        let is_plain = endpoint.uri().scheme_str() != Some("https");
        if is_plain && options.token.is_some() && !is_loopback(endpoint.uri().host().unwrap_or_default()) {
            return Err(ClientError::Plain { url: url.to_owned() });
        }
        let endpoint = match &options.credentials {
            Some(_) if is_plain => return Err(ClientError::NotTls { url: url.to_owned() }),
            None if is_plain => endpoint,
            Some(own) => endpoint.tls_config(own.client_tls(Role::Scheduler)).map_err(url_error)?,
            None => return Err(ClientError::NoAuthority { url: url.to_owned() }),
        };
        let endpoint = endpoint
            .connect_timeout(Duration::from_secs(5))
            .http2_keep_alive_interval(Duration::from_secs(5))
            .keep_alive_timeout(Duration::from_secs(10))
            .tcp_nodelay(true);
        let shows = Bearer::new(options.token.as_ref());
        let api = CoordinatorClient::with_interceptor(endpoint.connect_lazy(), shows)
            .max_decoding_message_size(MESSAGE_BYTES);
        Ok(Self { url: url.to_owned(), api })
    }

    /// Runs the refresh `id` to its end. If the scheduler is lost meanwhile it is tried for `wait`, and asked again under the
    /// same id once it is back; `shutdown` ends the refresh, which is waited for.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn refresh(
        &self,
        id: RefreshId,
        as_of: DateTime<Utc>,
        options: &PlanOptions,
        wait: Duration,
        progress: &dyn Progress,
        shutdown: impl Future<Output = ()>,
    ) -> Result<RefreshReport, ClientError> {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut interrupted = false;
        let mut lost_at: Option<Instant> = None;
        let mut reached = false;
        let request =
            RefreshRequest { refresh_id: id.to_string(), options: Some(wire_options(as_of, options)) };
        loop {
            let mut api = self.api.clone();
            let following = async {
                let events = api.refresh(request.clone()).await?.into_inner();
                (lost_at, reached) = (None, true);
                self.follow(events, progress).await
            };
            let outcome = tokio::select! {
                outcome = following => outcome,
                () = &mut shutdown, if !interrupted => {
                    interrupted = true;
                    let cancel = CancelRequest { refresh_id: id.to_string() };
                    match self.api.clone().cancel(cancel).await {
                        Ok(reply) if reply.get_ref().found => continue,
                        // A scheduler that knows nothing of it would begin it if it were asked again.
                        _ => return Err(ClientError::Interrupted { url: self.url.clone() }),
                    }
                }
            };
            let status = match outcome {
                Ok(ended) => return ended,
                Err(status) => status,
            };
            // One that was never there is none that was lost.
            if !is_lost(&status) || !reached {
                return Err(self.error(status));
            }
            let since = *lost_at.get_or_insert_with(Instant::now);
            if interrupted {
                return Err(ClientError::Interrupted { url: self.url.clone() });
            }
            if since.elapsed() > wait {
                return Err(ClientError::Unreachable {
                    url: self.url.clone(),
                    waited_seconds: wait.as_secs(),
                    source: root(&status).into(),
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Tells `progress` of the events, up to the end. The outer error is one of the connection.
    async fn follow(
        &self,
        mut events: Streaming<goldsmith_proto::control::v1::RefreshEvent>,
        progress: &dyn Progress,
    ) -> Result<Result<RefreshReport, ClientError>, Status> {
        let mut plan: Option<RefreshPlan> = None;
        let mut models: BTreeMap<u32, Counters> = BTreeMap::new();
        while let Some(event) = events.message().await? {
            match event.event {
                Some(Event::WaitingFor(other)) => progress.waiting(&other),
                Some(Event::PlanJson(json)) => match self.read::<RefreshPlan>(&json) {
                    Ok(new) => {
                        progress.planned(&new);
                        models.clear();
                        plan = Some(new);
                    }
                    Err(error) => return Ok(Err(error)),
                },
                Some(Event::Progress(model)) => {
                    let step = plan.as_ref().and_then(|plan| plan.models.get(model.model as usize));
                    let Some(step) = step else { continue };
                    let counters = models.entry(model.model).or_insert_with(|| {
                        let counters = Counters::default();
                        progress.staging(step);
                        progress.building(step, Meter::Job(counters.clone()));
                        counters
                    });
                    counters.set(Count {
                        rows: model.rows,
                        bytes: model.bytes,
                        tasks_done: model.tasks_done,
                        tasks: model.tasks,
                        stages_done: model.stages_done,
                        stages: model.stages,
                    });
                    if model.staged {
                        progress.staged(step, model.rows, model.bytes);
                    }
                }
                Some(Event::ReportJson(json)) => return Ok(self.read(&json)),
                Some(Event::Failure(failure)) => {
                    return Ok(Err(ClientError::Remote(RemoteError::of_message(failure))));
                }
                None => {}
            }
        }
        Err(Status::unavailable("the scheduler ended the stream before the refresh ended"))
    }

    /// What a refresh would do now.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn plan(
        &self,
        as_of: DateTime<Utc>,
        options: &PlanOptions,
    ) -> Result<RefreshPlan, ClientError> {
        let request = PlanRequest { options: Some(wire_options(as_of, options)) };
        self.document(self.api.clone().plan(request).await)
    }

    /// What bronze holds, as the JSON that the command prints.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn sources<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        self.document(self.api.clone().sources(SourcesRequest {}).await)
    }

    /// What the scheduler is doing.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn status(&self) -> Result<StatusReport, ClientError> {
        self.document(self.api.clone().status(StatusRequest {}).await)
    }

    /// Refreshes that ended.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn history(&self) -> Result<HistoryReport, ClientError> {
        self.document(self.api.clone().history(HistoryRequest {}).await)
    }

    /// Runs one statement.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn query(
        &self,
        sql: &str,
        at: &BTreeMap<String, Version>,
        as_of: DateTime<Utc>,
    ) -> Result<RemoteRows, ClientError> {
        let request = QueryRequest {
            sql: sql.to_owned(),
            at: at.iter().map(|(table, version)| (table.clone(), version.get())).collect(),
            as_of_us: as_of.timestamp_micros(),
        };
        let replies = self.api.clone().query(request).await.map_err(|status| self.error(status))?;
        let mut rows = RemoteRows {
            client: self.clone(),
            replies: replies.into_inner(),
            decoder: StreamDecoder::new(),
            rest: Buffer::from(Vec::<u8>::new()),
            first: None,
        };
        // The columns come before the first rows; a statement that fails gives its error here.
        rows.first = rows.batch().await?;
        Ok(rows)
    }

    fn document<T: DeserializeOwned>(
        &self,
        reply: Result<tonic::Response<Document>, Status>,
    ) -> Result<T, ClientError> {
        self.read(&reply.map_err(|status| self.error(status))?.into_inner().json)
    }

    fn read<T: DeserializeOwned>(&self, json: &str) -> Result<T, ClientError> {
        serde_json::from_str(json).map_err(|error| self.answer(error))
    }

    fn answer(&self, source: impl std::error::Error + Send + Sync + 'static) -> ClientError {
        ClientError::Answer { url: self.url.clone(), source: Box::new(source) }
    }

    fn error(&self, status: Status) -> ClientError {
        if let Some(error) = RemoteError::of_status(&status) {
            return ClientError::Remote(error);
        }
        if is_lost(&status) {
            return ClientError::Unreachable {
                url: self.url.clone(),
                waited_seconds: 0,
                source: root(&status).into(),
            };
        }
        let (url, message) = (self.url.clone(), status.message().to_owned());
        match status.code() {
            Code::Unauthenticated | Code::PermissionDenied => ClientError::Denied { url, message },
            _ => ClientError::Refused { url, message },
        }
    }
}

/// Rows of a statement that runs in the scheduler.
pub struct RemoteRows {
    client: Client,
    replies: Streaming<QueryReply>,
    decoder: StreamDecoder,
    /// Bytes that are not decoded yet.
    rest: Buffer,
    first: Option<RecordBatch>,
}

impl RemoteRows {
    /// Columns as Spark names them.
    ///
    /// # Errors
    /// [`ClientError::Answer`] if the scheduler sent none.
    pub fn schema(&self) -> Result<SchemaRef, ClientError> {
        let missing = || ArrowError::IpcError("there are no columns".to_owned());
        self.decoder.schema().ok_or_else(|| self.client.answer(missing()))
    }

    /// The next rows.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, ClientError> {
        match self.first.take() {
            Some(batch) => Ok(Some(batch)),
            None => self.batch().await,
        }
    }

    async fn batch(&mut self) -> Result<Option<RecordBatch>, ClientError> {
        loop {
            let decoded = self.decoder.decode(&mut self.rest);
            if let Some(batch) = decoded.map_err(|error| self.client.answer(error))? {
                return Ok(Some(batch));
            }
            match self.replies.message().await.map_err(|status| self.client.error(status))? {
                Some(reply) => self.rest = Buffer::from(reply.ipc),
                None => {
                    self.decoder.finish().map_err(|error| self.client.answer(error))?;
                    return Ok(None);
                }
            }
        }
    }
}

impl std::fmt::Debug for RemoteRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteRows").field("client", &self.client).finish_non_exhaustive()
    }
}

fn wire_options(as_of: DateTime<Utc>, options: &PlanOptions) -> RefreshOptions {
    RefreshOptions { only: options.only.clone(), full: options.full, as_of_us: as_of.timestamp_micros() }
}

/// What is at the bottom of an error of the transport; the texts above it only tell through which libraries it came.
fn root(status: &Status) -> String {
    let mut cause: &dyn std::error::Error = status;
    while let Some(below) = cause.source() {
        cause = below;
    }
    match cause.downcast_ref::<Status>() {
        Some(status) => status.message().to_owned(),
        None => cause.to_string(),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Whether the scheduler may answer the next time.
fn is_lost(status: &Status) -> bool {
    use std::error::Error;
    let transport = status.source().is_some();
    status.details().is_empty()
        && (matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded)
            || transport && matches!(status.code(), Code::Unknown | Code::Internal | Code::Cancelled))
}
