//! Opens a container of a storage account or a workspace of OneLake, as its connection says.

use std::sync::Arc;
use std::time::Duration;

use object_store::azure::{AzureConfigKey, MicrosoftAzure, MicrosoftAzureBuilder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::{ClientConfigKey, ClientOptions};
use percent_encoding::percent_decode_str;
use url::Url;

use super::credentials::Credentials;
use super::http::{Connector, RequestCounters, Signer};
use crate::connection::{Auth, Connection, Value, ValueError};
use crate::error::Result as LakeResult;
use crate::error::{ConnectionFault, LakeError};
use crate::location::StoreKey;

/// The account of Azurite and its key, which are no secret.
///
/// - **Source:** learn.microsoft.com/azure/storage/common/storage-connect-azurite ("Well-known storage account and key")
pub(super) const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
/// Where Azurite listens unless it is told otherwise.
const EMULATOR_ENDPOINT: &str = "http://127.0.0.1:10000/devstoreaccount1";
/// One request, its body included: a part of a large file on a slow line.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A container as it was opened.
pub(super) struct Opened {
    pub(super) store: MicrosoftAzure,
    pub(super) account: String,
    /// URL of the container.
    pub(super) url: Url,
    /// For requests that the store does not make.
    pub(super) http: HttpClient,
}

/// Opens the container of `key`. Nothing is sent yet.
///
/// # Errors
/// [`LakeError::Connection`]
pub(super) fn open(
    key: &StoreKey,
    connection: &Connection,
    counters: Arc<RequestCounters>,
) -> LakeResult<Opened> {
    let fault = {
        let (connection, location) = (key.connection.to_string(), key.container.to_string());
        move |fault| LakeError::Connection {
            connection: connection.clone(),
            location: location.clone(),
            fault,
        }
    };
    let is_emulator = matches!(connection.auth, Auth::Emulator);
    let account = if is_emulator { EMULATOR_ACCOUNT } else { key.container.account() };
    let name = percent_decode_str(&key.container.name).decode_utf8_lossy().into_owned();
    let endpoint = endpoint(connection, key);
    let url = container_url(&endpoint, &name).ok_or_else(|| {
        fault(ConnectionFault::Setting(format!("`endpoint` is no URL of a blob endpoint: {endpoint}")))
    })?;
    // What the URL says has to be what is opened: rows must not go to a place of another name.
    let named = key.container.account();
    let in_path = Url::parse(&endpoint)
        .ok()
        .and_then(|url| url.path_segments()?.rfind(|part| !part.is_empty()).map(str::to_owned));
    let is_other =
        in_path.is_some_and(|account| account != named) || is_emulator && named != EMULATOR_ACCOUNT;
    if is_other && !key.container.is_onelake() {
        let what = if is_emulator { "an emulator has" } else { "its `endpoint` is that of" };
        return Err(fault(ConnectionFault::Setting(format!("{what} another account than `{named}`"))));
    }
    let plain = |url: &Url| url.scheme() == "http";
    let options = ClientOptions::new()
        .with_timeout(REQUEST_TIMEOUT)
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_config(ClientConfigKey::UserAgent, concat!("goldsmith/", env!("CARGO_PKG_VERSION")))
        .with_allow_http(plain(&url) || connection.authority_host.as_ref().is_some_and(plain));
    let builder = MicrosoftAzureBuilder::new()
        .with_client_options(options.clone())
        .with_account(account)
        .with_container_name(name)
        .with_endpoint(endpoint);
    let store_fault = |error| ConnectionFault::Store(Box::new(error));
    let credentials = Credentials::new({
        let (builder, connection, fault) = (builder.clone(), connection.clone(), fault.clone());
        let connector = Connector { counters: Arc::clone(&counters), signer: None };
        let authority = authority_host(&connection, key);
        move || {
            let builder =
                builder.clone().with_http_connector(connector.clone()).with_authority_host(&authority);
            let builder = sign_in(builder, &connection.auth).map_err(|e| fault(ConnectionFault::Value(e)))?;
            let store = builder.build().map_err(|error| fault(store_fault(error)))?;
            Ok(Arc::clone(store.credentials()))
        }
    })?;
    let signer = Signer {
        account: account.to_owned(),
        connection: key.connection.to_string(),
        credentials: Arc::clone(&credentials),
    };
    let connector = Connector { counters, signer: Some(signer) };
    let http = connector.connect(&options).map_err(|error| fault(store_fault(error)))?;
    let store = builder.with_http_connector(connector).with_credentials(credentials).build();
    let store = store.map_err(|error| fault(store_fault(error)))?;
    Ok(Opened { store, account: account.to_owned(), url, http })
}

/// The blob endpoint of the account.
fn endpoint(connection: &Connection, key: &StoreKey) -> String {
    let is_emulator = matches!(connection.auth, Auth::Emulator);
    match &connection.endpoint {
        // An emulator has its account in the path.
        Some(endpoint) if is_emulator && endpoint.path().trim_matches('/').is_empty() => {
            format!("{}/{EMULATOR_ACCOUNT}", endpoint.as_str().trim_end_matches('/'))
        }
        Some(endpoint) => endpoint.as_str().trim_end_matches('/').to_owned(),
        None if is_emulator => EMULATOR_ENDPOINT.to_owned(),
        None => key.container.blob_endpoint(),
    }
}

/// Where tokens come from: as the connection says, or that of the cloud which the account is in.
fn authority_host(connection: &Connection, key: &StoreKey) -> String {
    match &connection.authority_host {
        Some(host) => host.as_str().trim_end_matches('/').to_owned(),
        None => key.container.authority_host().to_owned(),
    }
}

fn container_url(endpoint: &str, name: &str) -> Option<Url> {
    let mut url = Url::parse(endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.path_segments_mut().ok()?.pop_if_empty().push(name);
    Some(url)
}

/// `builder` with what `auth` says. Every kind is complete here: what the store would take for itself where something is
/// missing (a managed identity) is never meant.
fn sign_in(builder: MicrosoftAzureBuilder, auth: &Auth) -> Result<MicrosoftAzureBuilder, ValueError> {
    Ok(match auth {
        Auth::AccountKey { account_key } => builder.with_access_key(account_key.resolve()?),
        Auth::Sas { sas_token } => {
            let token = sas_token.resolve()?;
            builder.with_config(AzureConfigKey::SasKey, token.trim_start_matches('?'))
        }
        Auth::ClientSecret { client_id, client_secret, tenant_id } => builder
            .with_client_secret_authorization(
                client_id.resolve()?,
                client_secret.resolve()?,
                tenant_id.resolve()?,
            ),
        Auth::WorkloadIdentity { client_id, tenant_id, token_file } => builder
            .with_client_id(client_id.resolve()?)
            .with_tenant_id(tenant_id.resolve()?)
            .with_federated_token_file(token_file.resolve()?),
        Auth::ManagedIdentity { client_id } => {
            let builder = match client_id {
                Some(client_id) => builder.with_client_id(client_id.resolve()?),
                None => builder,
            };
            // Set where the machine is an App Service or a container app; elsewhere it is asked at its usual address.
            match Value::Env("IDENTITY_ENDPOINT".to_owned()).resolve() {
                Ok(endpoint) => builder.with_msi_endpoint(endpoint),
                Err(_) => builder,
            }
        }
        Auth::AzureCli => builder.with_use_azure_cli(true),
        Auth::Emulator => builder.with_access_key(EMULATOR_KEY),
    })
}
