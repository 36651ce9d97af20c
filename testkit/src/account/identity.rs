//! Endpoints that give tokens: Entra's, and the one of a machine.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use std::sync::Mutex;

/// Who may have a token, and what has to be shown for it.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Tenant of the application.
    pub tenant_id: String,
    /// The application.
    pub client_id: String,
    /// Its secret, or the token that the cluster gives it.
    pub secret: String,
}

/// What was issued, and for how long.
#[derive(Debug)]
struct Issued {
    /// Each with how often it was shown.
    tokens: Mutex<HashMap<String, u64>>,
    count: AtomicU64,
    uses: u64,
    said_lifetime: Duration,
    identity: Identity,
}

/// The endpoints, on a port of this machine until they are dropped.
#[derive(Debug, Clone)]
pub struct Identities {
    issued: Arc<Issued>,
    address: SocketAddr,
}

impl Identities {
    /// Endpoints for `identity`, whose tokens are taken back after `uses` and say that they are good for `said_lifetime`.
    pub async fn start(identity: Identity, uses: u64, said_lifetime: Duration) -> Self {
        let issued = Arc::new(Issued {
            tokens: Mutex::default(),
            count: AtomicU64::new(0),
            uses,
            said_lifetime,
            identity,
        });
        let router = Router::new()
            .route("/{tenant}/oauth2/v2.0/token", post(entra))
            .route("/machine/token", get(machine))
            .with_state(Arc::clone(&issued));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issued, address }
    }

    /// What `authority_host` of a connection is set to.
    pub fn authority_host(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a machine finds in `IDENTITY_ENDPOINT`.
    pub fn machine_endpoint(&self) -> String {
        format!("http://{}/machine/token", self.address)
    }

    /// Tokens that were given out so far.
    pub fn count(&self) -> u64 {
        self.issued.count.load(Ordering::SeqCst)
    }

    /// A token that was got another way, such as by the Azure CLI.
    pub fn issue(&self) -> String {
        self.issued.issue()
    }

    /// Whether `token`, which is shown now, is good.
    pub fn accepts(&self, token: &str) -> bool {
        let mut tokens = self.issued.tokens.lock().unwrap();
        let Some(shown) = tokens.get_mut(token) else { return false };
        *shown += 1;
        *shown <= self.issued.uses
    }
}

impl Issued {
    fn issue(&self) -> String {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        // Easily found, wherever it turns up.
        let token = format!("planted-secret-token-{number}");
        self.tokens.lock().unwrap().insert(token.clone(), 0);
        token
    }
}

async fn entra(State(issued): State<Arc<Issued>>, Path(tenant): Path<String>, body: String) -> Response {
    let form: HashMap<String, String> = body
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(k, v)| (k.to_owned(), decoded(v)))
        .collect();
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let identity = &issued.identity;
    let secret =
        if field("client_assertion").is_empty() { field("client_secret") } else { field("client_assertion") };
    let is_it =
        tenant == identity.tenant_id && field("client_id") == identity.client_id && secret == identity.secret;
    let is_for_storage = field("scope") == "https://storage.azure.com/.default";
    if !(is_it && is_for_storage && field("grant_type") == "client_credentials") {
        let error =
            json!({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret"});
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    let expires_in = issued.said_lifetime.as_secs();
    Json(json!({"token_type": "Bearer", "access_token": issued.issue(), "expires_in": expires_in}))
        .into_response()
}

async fn machine(
    State(issued): State<Arc<Issued>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let is_asked_so = headers.get("metadata").is_some_and(|value| value == "true")
        && headers.get("x-identity-header").is_some_and(|value| value == issued.identity.secret.as_str())
        && query.get("resource").is_some_and(|resource| resource == "https://storage.azure.com")
        && query.get("client_id").is_none_or(|id| *id == issued.identity.client_id);
    if !is_asked_so {
        return (StatusCode::BAD_REQUEST, "asked in another way than a machine does").into_response();
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let expires_on = (now + issued.said_lifetime).as_secs().to_string();
    Json(json!({"access_token": issued.issue(), "expires_on": expires_on, "token_type": "Bearer"}))
        .into_response()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}
