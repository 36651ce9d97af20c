//! Errors of a store without what is secret in them: of signatures and tokens, whoever reads an error learns nothing.

use std::sync::LazyLock;

use object_store::Error;
use regex::Regex;

/// Signatures in URLs and tokens in headers.
#[expect(clippy::unwrap_used, reason = "the expression is a constant, which the tests compile")]
static SECRETS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)(\bsig=|\bbearer\s+|\bsharedkey\s+\w+:|"access_token"\s*:\s*"|client_secret=|client_assertion=)[^\s&"'<>,;]+"#)
        .unwrap()
});

/// `text` with the secrets in it taken out.
pub(crate) fn redact(text: &str) -> std::borrow::Cow<'_, str> {
    SECRETS.replace_all(text, "${1}REDACTED")
}

/// `error` as it is if it shows nothing, otherwise one of the same kind that says the same without the secret.
pub(super) fn redacted(error: Error) -> Error {
    let shown = crate::error::chain(&error);
    let clean = redact(&shown);
    if clean == shown {
        return error;
    }
    let source: Box<dyn std::error::Error + Send + Sync> = clean.into_owned().into();
    match error {
        Error::NotFound { path, .. } => Error::NotFound { path, source },
        Error::AlreadyExists { path, .. } => Error::AlreadyExists { path, source },
        Error::Precondition { path, .. } => Error::Precondition { path, source },
        Error::PermissionDenied { path, .. } => Error::PermissionDenied { path, source },
        Error::Unauthenticated { path, .. } => Error::Unauthenticated { path, source },
        _ => Error::Generic { store: "azure", source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_signature_or_token_is_left() {
        for text in [
            "POST https://a.blob.core.windows.net/c?comp=list&sig=s3cret%3D&se=2026 failed",
            "authorization: Bearer s3cret.s3cret",
            "SharedKey account:s3cret=",
            r#"{"access_token": "s3cret", "expires_in": 1}"#,
            "client_id=a&client_secret=s3cret&scope=b",
        ] {
            let clean = redact(text);
            assert!(!clean.contains("s3cret") && clean.contains("REDACTED"), "{clean}");
        }
        assert_eq!(redact("the design=good of a bearer"), "the design=good of a bearer");
        let error = Error::NotFound { path: "a".to_owned(), source: "GET x?sig=s3cret".into() };
        let clean = redacted(error);
        assert!(matches!(clean, Error::NotFound { .. }) && !format!("{clean:?}").contains("s3cret"));
    }
}
