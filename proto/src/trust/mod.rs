//! How the parts of a cluster know each other. Every connection between scheduler and executors is TLS in which both sides
//! show a certificate of one authority, and each side insists on the role in the other's certificate: a client that the
//! authority knows may not pass for an executor. Clients show a certificate too, or a token.
//!
//! On loopback all of it may be left out; beyond it nothing is served without ([`may_listen`]).

mod credentials;
mod guard;
mod issue;
mod token;

use std::fmt;
use std::net::SocketAddr;

pub use self::credentials::{Credentials, TrustError};
pub use self::guard::{Bearer, Guard};
pub use self::issue::{IssueError, issue};
pub use self::token::Token;

/// What the holder of a certificate may do. It stands in the certificate as a DNS name, which is what both sides check: hosts
/// and ports of executors change, roles do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Plans refreshes and hands out tasks.
    Scheduler,
    /// Runs tasks and holds shuffle files.
    Executor,
    /// Asks for refreshes and statements.
    Client,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Scheduler, Self::Executor, Self::Client];

    /// As it stands in a certificate.
    #[must_use]
    pub const fn dns_name(self) -> &'static str {
        match self {
            Self::Scheduler => "scheduler.goldsmith.internal",
            Self::Executor => "executor.goldsmith.internal",
            Self::Client => "client.goldsmith.internal",
        }
    }

    /// As files and messages call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduler => "scheduler",
            Self::Executor => "executor",
            Self::Client => "client",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a port may be opened on `address`: on loopback always, elsewhere only if whoever comes has to prove who they are.
#[must_use]
pub const fn may_listen(address: SocketAddr, is_guarded: bool) -> bool {
    address.ip().is_loopback() || is_guarded
}
