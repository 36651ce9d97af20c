//! The secret that clients may show instead of a certificate.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use subtle::ConstantTimeEq;

/// Shortest token: less can be guessed.
const SHORTEST: usize = 16;

/// A bearer token.
#[derive(Clone)]
pub struct Token(Arc<str>);

impl Token {
    /// The token in `text`, without the white space around it.
    ///
    /// # Errors
    /// Why it is none, for people. The text itself is not told.
    pub fn try_new(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.len() < SHORTEST {
            return Err(format!("it has fewer than {SHORTEST} characters"));
        }
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err("it has characters that cannot stand in a header".to_owned());
        }
        Ok(Self(text.into()))
    }

    /// The token in the file `path`.
    ///
    /// # Errors
    /// Why there is none, for people.
    pub fn read(path: &Path) -> Result<Self, String> {
        Self::try_new(&std::fs::read_to_string(path).map_err(|error| error.to_string())?)
    }

    /// The header that shows it.
    #[must_use]
    pub fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// Whether `shown` is the token; the time that it takes tells nothing of where they differ.
    #[must_use]
    pub fn is(&self, shown: &str) -> bool {
        shown.as_bytes().ct_eq(self.0.as_bytes()).into()
    }

    /// Whether the value of an `authorization` header shows the token.
    #[must_use]
    pub fn is_shown_by(&self, authorization: &str) -> bool {
        match authorization.split_once(' ') {
            Some((scheme, shown)) => scheme.eq_ignore_ascii_case("bearer") && self.is(shown.trim()),
            None => false,
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_is_let_in() {
        let token = Token::try_new(" 0123456789abcdef\n").unwrap();
        assert!(token.is_shown_by("Bearer 0123456789abcdef") && token.is_shown_by(&token.header()));
        for shown in
            ["", "Bearer", "Bearer ", "Bearer 0123456789abcde", "Basic 0123456789abcdef", "0123456789abcdef"]
        {
            assert!(!token.is_shown_by(shown), "{shown}");
        }
        assert!(Token::try_new("short").is_err() && Token::try_new("0123456789 abcdef").is_err());
        assert_eq!(format!("{token:?}"), "Token");
    }
}
