//! Who is let in where.

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use super::{Role, Token};

/// Stands before a service. What it goes by is the connection's own certificate, which no request can claim.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Roles whose certificates are let in; nobody is asked for one where there is no TLS.
    roles: Option<&'static [Role]>,
    /// Lets in whoever shows it.
    token: Option<Token>,
}

impl Guard {
    /// Lets in `roles` if the port `has_tls`, and everybody if it has not.
    #[must_use]
    pub fn roles(has_tls: bool, roles: &'static [Role]) -> Self {
        Self { roles: has_tls.then_some(roles), token: None }
    }

    /// The same, and whoever shows `token`; without TLS then only those.
    #[must_use]
    pub fn or_token(self, token: Option<Token>) -> Self {
        Self { token, ..self }
    }
}

impl Interceptor for Guard {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        if self.roles.is_none() && self.token.is_none() {
            return Ok(request);
        }
        let certificates = request.peer_certs();
        if let (Some(roles), Some(shown)) = (self.roles, &certificates)
            && roles.iter().any(|role| has_role(shown, *role))
        {
            return Ok(request);
        }
        let authorization = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
        if let (Some(token), Some(authorization)) = (&self.token, authorization) {
            return if token.is_shown_by(authorization) {
                Ok(request)
            } else {
                Err(Status::unauthenticated("the token is another one"))
            };
        }
        Err(match (certificates, &self.token) {
            (Some(_), _) => Status::permission_denied("the certificate that was shown is of another role"),
            (None, Some(_)) => Status::unauthenticated("neither a token nor a certificate was shown"),
            (None, None) => Status::unauthenticated("no certificate was shown"),
        })
    }
}

/// Whether the holder of `chain`, which the handshake has verified, has the role.
pub(super) fn has_role(chain: &[CertificateDer<'_>], role: Role) -> bool {
    let Ok(name) = ServerName::try_from(role.dns_name()) else { return false };
    let certificate = chain.first().and_then(|certificate| ParsedCertificate::try_from(certificate).ok());
    certificate.is_some_and(|certificate| rustls::client::verify_server_name(&certificate, &name).is_ok())
}

/// Shows a token with every request.
#[derive(Debug, Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    /// Shows `token`, or nothing.
    #[must_use]
    pub fn new(token: Option<&Token>) -> Self {
        let value = token.and_then(|token| token.header().parse().ok());
        Self(value.map(|mut value: MetadataValue<Ascii>| {
            // Not written into logs, and not remembered by the compression of headers.
            value.set_sensitive(true);
            value
        }))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}
