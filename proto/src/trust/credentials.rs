//! Certificates of a process, and the TLS that they make.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

use super::Role;
use super::guard::has_role;

/// A handshake that takes longer is given up: a peer that stands still must not hold a connection for ever.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// Certificates that cannot be used.
#[derive(Debug, Error)]
pub enum TrustError {
    /// A file cannot be read.
    #[error("cannot read {path}; hint: `goldsmith certificates DIR` makes the files of a cluster", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file that does not hold what its name says.
    #[error("{path} holds no {what} as PEM; hint: `goldsmith certificates DIR` makes the files of a cluster", path = .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// A key of another certificate.
    #[error("{path} is not the key of the certificate beside it; hint: keep the files of one `goldsmith certificates DIR` together", path = .path.display())]
    Key {
        /// The key's file.
        path: PathBuf,
    },
    /// A certificate of somebody else.
    #[error(
        "the certificate {path} is none of a {role}: it does not hold the name {}; hint: issue one with that name as a \
         subject alternative name", .role.dns_name(), path = .path.display()
    )]
    Role {
        /// The file.
        path: PathBuf,
        /// The role that it is used in.
        role: Role,
    },
}

/// A certificate, its key, and the authority whose certificates are believed.
#[derive(Clone)]
pub struct Credentials {
    role: Role,
    authority: Certificate,
    /// A client may have a token instead.
    identity: Option<Identity>,
}

impl Credentials {
    /// Reads `ca.pem`, `ROLE.pem` and `ROLE.key` in `folder`; a client may be without the last two.
    ///
    /// # Errors
    /// [`TrustError`]
    pub fn load(folder: &Path, role: Role) -> Result<Self, TrustError> {
        // Several libraries bring a provider each, and then none is the one to take.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let read = |name: String| {
            let path = folder.join(name);
            match std::fs::read(&path) {
                Ok(pem) => Ok((path, pem)),
                Err(source) => Err(TrustError::Read { path, source }),
            }
        };
        let (path, authority) = read("ca.pem".to_owned())?;
        certificates(&path, &authority)?;
        let (cert_name, key_name) = (format!("{role}.pem"), format!("{role}.key"));
        let identity = if role == Role::Client && !folder.join(&cert_name).exists() {
            None
        } else {
            let (path, chain) = read(cert_name)?;
            if !has_role(&certificates(&path, &chain)?, role) {
                return Err(TrustError::Role { path, role });
            }
            let (path, key) = read(key_name)?;
            let parsed = PrivateKeyDer::from_pem_slice(&key)
                .map_err(|_| TrustError::Content { path: path.clone(), what: "private key" })?;
            let provider = rustls::crypto::aws_lc_rs::default_provider();
            let certificates = certificates(&path, &chain)?;
            if rustls::sign::CertifiedKey::from_der(certificates, parsed, &provider).is_err() {
                return Err(TrustError::Key { path });
            }
            Some(Identity::from_pem(chain, key))
        };
        Ok(Self { role, authority: Certificate::from_pem(authority), identity })
    }

    /// Whether it has a certificate to show.
    #[must_use]
    pub const fn has_identity(&self) -> bool {
        self.identity.is_some()
    }

    /// For connections to a `server`, of which nothing but the role counts.
    #[must_use]
    pub fn client_tls(&self, server: Role) -> ClientTlsConfig {
        let config = ClientTlsConfig::new()
            .ca_certificate(self.authority.clone())
            .domain_name(server.dns_name())
            .timeout(HANDSHAKE);
        match &self.identity {
            Some(identity) => config.identity(identity.clone()),
            None => config,
        }
    }

    /// For a port of this process. Whoever shows a certificate of another authority is turned away; whoever shows none is
    /// too, unless they `may_have_none` and are asked for something else.
    #[must_use]
    pub fn server_tls(&self, may_have_none: bool) -> ServerTlsConfig {
        let config = ServerTlsConfig::new()
            .client_ca_root(self.authority.clone())
            .client_auth_optional(may_have_none)
            .timeout(HANDSHAKE);
        match &self.identity {
            Some(identity) => config.identity(identity.clone()),
            None => config,
        }
    }
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(TrustError::Content { path: path.to_owned(), what: "certificate" }),
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.role)
    }
}
