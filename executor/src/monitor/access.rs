//! Who may look.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use goldsmith_proto::trust::Token;

/// What has to be shown.
#[derive(Debug, Clone)]
pub(super) enum Access {
    /// Nothing: only this machine can ask. A page of somebody else that a browser of this machine was led to has another
    /// name in its address, and gets nothing.
    Here,
    /// A token, as a bearer or, by a browser, as the password of any user.
    Token(Token),
    /// Nobody is let in.
    Nobody,
}

impl Access {
    pub(super) fn by(token: Option<Token>) -> Self {
        token.map_or(Self::Nobody, Self::Token)
    }

    fn allows(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        match self {
            Self::Here => text(header::HOST).is_some_and(is_this_machine),
            Self::Token(token) => text(header::AUTHORIZATION)
                .is_some_and(|shown| token.is_shown_by(shown) || is_password(token, shown)),
            Self::Nobody => false,
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "[::1]")
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

fn is_password(token: &Token, authorization: &str) -> bool {
    let Some(("Basic" | "basic", encoded)) = authorization.split_once(' ') else { return false };
    let Ok(decoded) = BASE64_STANDARD.decode(encoded.trim()) else { return false };
    let Ok(text) = String::from_utf8(decoded) else { return false };
    text.split_once(':').is_some_and(|(_, password)| token.is(password))
}

pub(super) async fn check(State(access): State<Access>, request: Request, next: Next) -> Response {
    if access.allows(request.headers()) {
        let mut response = next.run(request).await;
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; \
                 frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        return response;
    }
    match access {
        Access::Here => {
            (StatusCode::FORBIDDEN, "this port is for this machine: ask for 127.0.0.1\n").into_response()
        }
        _ => {
            let ask =
                [(header::WWW_AUTHENTICATE, "Basic realm=\"goldsmith: any user, the token as password\"")];
            (StatusCode::UNAUTHORIZED, ask, "show the token\n").into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn on_loopback_only_names_of_this_machine_are_answered() {
        for host in ["127.0.0.1:80", "localhost", "localhost:1234", "[::1]:80", "127.0.0.2"] {
            assert!(Access::Here.allows(&headers(header::HOST, host)), "{host}");
        }
        for host in
            ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil:1"]
        {
            assert!(!Access::Here.allows(&headers(header::HOST, host)), "{host}");
        }
        assert!(!Access::Here.allows(&HeaderMap::new()));
    }

    #[test]
    fn elsewhere_only_the_token_is() {
        let access = Access::by(Some(Token::try_new("0123456789abcdef").unwrap()));
        let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        for shown in
            ["Bearer 0123456789abcdef".to_owned(), basic("me:0123456789abcdef"), basic(":0123456789abcdef")]
        {
            assert!(access.allows(&headers(header::AUTHORIZATION, &shown)), "{shown}");
        }
        for shown in ["Bearer x".to_owned(), basic("0123456789abcdef:"), basic("me:x"), "Basic %".to_owned()]
        {
            assert!(!access.allows(&headers(header::AUTHORIZATION, &shown)), "{shown}");
        }
        assert!(!access.allows(&headers(header::HOST, "localhost")));
        assert!(!Access::by(None).allows(&headers(header::HOST, "localhost")));
    }
}
