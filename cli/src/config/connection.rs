//! `[connections]`: each is read into the one way to sign in that its `auth` names, with all that this way needs and
//! nothing else.

use std::collections::BTreeMap;

use goldsmith_lake::connection::{Auth, Connection, ConnectionName, Connections, Value};
use serde::Deserialize;
use url::Url;

/// A section as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ConnectionSection {
    auth: String,
    account_key: Option<String>,
    sas_token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    tenant_id: Option<String>,
    token_file: Option<String>,
    endpoint: Option<Url>,
    authority_host: Option<Url>,
}

/// Ways to sign in, with the keys that each may have.
const KINDS: [(&str, &[&str]); 7] = [
    ("account-key", &["account_key"]),
    ("sas", &["sas_token"]),
    ("client-secret", &["client_id", "client_secret", "tenant_id"]),
    ("workload-identity", &["client_id", "tenant_id", "token_file"]),
    ("managed-identity", &["client_id"]),
    ("azure-cli", &[]),
    ("emulator", &[]),
];
/// Keys whose values are never written into the file.
pub(super) const SECRETS: [&str; 3] = ["account_key", "sas_token", "client_secret"];

/// A key that is wrong, and what is wrong with it.
pub(super) type Fault = (String, String);

/// The connections of a configuration.
///
/// # Errors
/// The first key that cannot be used.
pub(super) fn connections(sections: &BTreeMap<String, ConnectionSection>) -> Result<Connections, Fault> {
    sections
        .iter()
        .map(|(name, section)| {
            let connection =
                section.read().map_err(|(key, message)| (format!("connections.{name}.{key}"), message))?;
            let name = ConnectionName::try_new(name).map_err(|_| {
                (format!("connections.{name}"), "its name has letters, digits, `_` and `-`".to_owned())
            })?;
            Ok((name, connection))
        })
        .collect()
}

impl ConnectionSection {
    fn values(&self) -> [(&'static str, Option<&String>); 6] {
        [
            ("account_key", self.account_key.as_ref()),
            ("sas_token", self.sas_token.as_ref()),
            ("client_id", self.client_id.as_ref()),
            ("client_secret", self.client_secret.as_ref()),
            ("tenant_id", self.tenant_id.as_ref()),
            ("token_file", self.token_file.as_ref()),
        ]
    }

    fn read(&self) -> Result<Connection, Fault> {
        let Some((kind, keys)) = KINDS.into_iter().find(|(kind, _)| *kind == self.auth) else {
            let kinds = KINDS.map(|(kind, _)| kind).join(", ");
            let message = if self.auth.is_empty() {
                format!("it is missing; it is one of {kinds}")
            } else {
                format!("`{}` is none of {kinds}", self.auth)
            };
            return Err(("auth".to_owned(), message));
        };
        for (key, value) in self.values() {
            let Some(value) = value else { continue };
            if !keys.contains(&key) {
                return Err((key.to_owned(), format!("auth = \"{kind}\" has no use for it")));
            }
            if SECRETS.contains(&key) && matches!(Value::parse(value), Value::Literal(_)) {
                let message =
                    "a secret is not written here; write `env:NAME` or `file:PATH`, where it is kept";
                return Err((key.to_owned(), message.to_owned()));
            }
        }
        let is_emulator = kind == "emulator";
        for (key, url) in [("endpoint", &self.endpoint), ("authority_host", &self.authority_host)] {
            let Some(url) = url else { continue };
            let may_be_plain = is_emulator || is_loopback(url);
            if url.scheme() != "https" && !(url.scheme() == "http" && may_be_plain) {
                let message = "it is no https:// URL; plain http is for emulators and this machine alone";
                return Err((key.to_owned(), message.to_owned()));
            }
            if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
                return Err((
                    key.to_owned(),
                    "it holds a user or a query; secrets have keys of their own".to_owned(),
                ));
            }
        }
        Ok(Connection {
            auth: self.auth(kind)?,
            endpoint: self.endpoint.clone(),
            authority_host: self.authority_host.clone().or_else(authority_of_environment),
        })
    }

    fn auth(&self, kind: &str) -> Result<Auth, Fault> {
        let needed = |key: &str| {
            let found = self.values().into_iter().find(|(name, _)| *name == key).and_then(|(_, value)| value);
            found.map(|text| Value::parse(text)).ok_or_else(|| {
                let message = format!("it is missing; auth = \"{kind}\" needs it");
                (key.to_owned(), message)
            })
        };
        // Where the variables of a pod give it.
        let or_env = |key: &str, name: &str| needed(key).unwrap_or_else(|_| Value::Env(name.to_owned()));
        Ok(match kind {
            "account-key" => Auth::AccountKey { account_key: needed("account_key")? },
            "sas" => Auth::Sas { sas_token: needed("sas_token")? },
            "client-secret" => Auth::ClientSecret {
                client_id: needed("client_id")?,
                client_secret: needed("client_secret")?,
                tenant_id: needed("tenant_id")?,
            },
            "workload-identity" => Auth::WorkloadIdentity {
                client_id: or_env("client_id", "AZURE_CLIENT_ID"),
                tenant_id: or_env("tenant_id", "AZURE_TENANT_ID"),
                token_file: self.token_file.as_ref().map_or_else(
                    || Value::Env("AZURE_FEDERATED_TOKEN_FILE".to_owned()),
                    // The path is wanted here, and never what is in the file.
                    |path| match Value::parse(path) {
                        Value::File(path) => Value::Literal(path.to_string_lossy().into_owned()),
                        value => value,
                    },
                ),
            },
            "managed-identity" => {
                Auth::ManagedIdentity { client_id: self.client_id.as_deref().map(Value::parse) }
            }
            "azure-cli" => Auth::AzureCli,
            _ => Auth::Emulator,
        })
    }
}

/// The Entra endpoint of the cloud that a pod runs in.
#[expect(clippy::disallowed_methods, reason = "a variable of Azure's, read where configuration is read")]
fn authority_of_environment() -> Option<Url> {
    let url: Url = std::env::var("AZURE_AUTHORITY_HOST").ok()?.parse().ok()?;
    // It is sent secrets.
    (url.scheme() == "https" || is_loopback(&url)).then_some(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Connections, Fault> {
        connections(&toml::from_str(text).unwrap())
    }

    fn message(text: &str) -> String {
        let (key, message) = read(text).unwrap_err();
        format!("{key}: {message}")
    }

    #[test]
    fn every_kind_is_read_with_what_it_needs() {
        let text = r#"
            [a]
            auth = "account-key"
            account_key = "env:KEY"
            endpoint = "https://private.example.org"
            [b]
            auth = "sas"
            sas_token = "file:/run/secrets/sas"
            [c]
            auth = "client-secret"
            client_id = "id"
            client_secret = "env:SECRET"
            tenant_id = "tenant"
            authority_host = "https://login.microsoftonline.us"
            [d]
            auth = "workload-identity"
            [e]
            auth = "managed-identity"
            client_id = "id"
            [f]
            auth = "azure-cli"
            [g]
            auth = "emulator"
            endpoint = "http://azurite:10000/devstoreaccount1"
        "#;
        let read = read(text).unwrap();
        assert_eq!(read.names().count(), 7);
        let connection = read.get(&ConnectionName::try_new("d").unwrap()).unwrap();
        let Auth::WorkloadIdentity { token_file, .. } = &connection.auth else { panic!("{connection:?}") };
        assert_eq!(*token_file, Value::Env("AZURE_FEDERATED_TOKEN_FILE".to_owned()));
    }

    #[test]
    fn what_is_missing_too_much_or_secret_is_named() {
        for (text, expected) in [
            ("[a]\nauth = 'passwort'", "connections.a.auth: `passwort` is none of account-key"),
            ("[a]\n", "connections.a.auth: it is missing"),
            ("[a]\nauth = 'sas'", "connections.a.sas_token: it is missing; auth = \"sas\" needs it"),
            (
                "[a]\nauth = 'sas'\nsas_token = 'sv=2&sig=x'",
                "connections.a.sas_token: a secret is not written here",
            ),
            (
                "[a]\nauth = 'azure-cli'\nclient_id = 'x'",
                "connections.a.client_id: auth = \"azure-cli\" has no use",
            ),
            (
                "[a]\nauth = 'azure-cli'\nendpoint = 'http://example.org'",
                "connections.a.endpoint: it is no https://",
            ),
            (
                "[a]\nauth = 'azure-cli'\nauthority_host = 'http://x.org'",
                "connections.a.authority_host: it is no",
            ),
            ("['a b']\nauth = 'azure-cli'", "connections.a b: its name has letters"),
        ] {
            let message = message(text);
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
