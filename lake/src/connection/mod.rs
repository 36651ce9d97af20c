//! Named connections: how a process signs in at storage accounts. Plans, logs and errors carry the name alone.

mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use url::Url;

pub use self::value::{Value, ValueError};

/// Name of a connection: letters, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionName(Arc<str>);

impl ConnectionName {
    /// # Errors
    /// The text, if it is empty or holds another character.
    pub fn try_new(text: &str) -> Result<Self, String> {
        let is_name = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        if is_name { Ok(Self(text.into())) } else { Err(text.to_owned()) }
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a process signs in, and where if not at the usual places.
#[derive(Debug, Clone)]
pub struct Connection {
    /// By what.
    pub auth: Auth,
    /// Blob endpoint of the account, instead of its public one.
    pub endpoint: Option<Url>,
    /// Entra endpoint that gives tokens, instead of the public one.
    pub authority_host: Option<Url>,
}

/// Ways to sign in. What is secret is never a literal, so that it can be printed.
#[derive(Debug, Clone)]
pub enum Auth {
    /// By the key of the account.
    AccountKey {
        /// The key, base64.
        account_key: Value,
    },
    /// By a shared access signature.
    Sas {
        /// The signature's query string.
        sas_token: Value,
    },
    /// As an application, by its secret.
    ClientSecret {
        /// The application.
        client_id: Value,
        /// Its secret.
        client_secret: Value,
        /// Its tenant.
        tenant_id: Value,
    },
    /// As an application, by a token that the cluster which runs the process gives it.
    WorkloadIdentity {
        /// The application.
        client_id: Value,
        /// Its tenant.
        tenant_id: Value,
        /// Path of the file that holds the token, which is replaced from time to time.
        token_file: Value,
    },
    /// As the machine.
    ManagedIdentity {
        /// Which of its identities; without it the one that the system assigned.
        client_id: Option<Value>,
    },
    /// As whoever is signed in at the Azure CLI.
    AzureCli,
    /// At Azurite, by its well-known account and key.
    Emulator,
}

/// The connections of one process.
#[derive(Debug, Clone, Default)]
pub struct Connections(BTreeMap<ConnectionName, Connection>);

impl Connections {
    /// The connection `name`.
    #[must_use]
    pub fn get(&self, name: &ConnectionName) -> Option<&Connection> {
        self.0.get(name)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &ConnectionName> {
        self.0.keys()
    }
}

impl FromIterator<(ConnectionName, Connection)> for Connections {
    fn from_iter<T: IntoIterator<Item = (ConnectionName, Connection)>>(iter: T) -> Self {
        Self(iter.into_iter().collect())
    }
}
