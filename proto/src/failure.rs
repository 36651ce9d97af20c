//! Why a task failed, carried through text: Ballista hands on what an executor reports as a string, wrapped into others.

use std::fmt;

use prost::Message;

use crate::cluster::v1::{Cause, TaskFailure};

/// What stands before the encoded failure in the text.
const START: &str = "goldsmith-failure<";
/// What stands after it.
const END: char = '>';

/// A failure that happened on an executor, with its causes as far as they are known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFailure {
    cause: Cause,
    message: String,
    source: Option<Box<Self>>,
}

impl RemoteFailure {
    /// A failure of the kind `cause`; `messages` has the outermost one first.
    #[must_use]
    pub fn new(
        cause: Cause,
        messages: impl IntoIterator<Item = String, IntoIter: DoubleEndedIterator>,
    ) -> Self {
        let chain = messages
            .into_iter()
            .rev()
            .fold(None, |source, message| Some(Self { cause, message, source: source.map(Box::new) }));
        chain.unwrap_or_else(|| Self { cause, message: "it does not say why".to_owned(), source: None })
    }

    /// What kind of thing failed.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// The failure as a piece of text that [`Self::find`] finds in any other text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut messages = vec![self.message.clone()];
        let mut source = self.source.as_deref();
        while let Some(failure) = source {
            messages.push(failure.message.clone());
            source = failure.source.as_deref();
        }
        let encoded = TaskFailure { cause: self.cause.into(), messages }.encode_to_vec();
        // Digits, so that no quoting on the way changes it.
        let digits: String = encoded.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{START}{digits}{END}")
    }

    /// The first failure in `text`, if one is there.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(START)?;
        let (digits, _) = rest.split_once(END)?;
        let bytes: Option<Vec<u8>> = (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
            .collect();
        let failure = TaskFailure::decode(bytes?.as_slice()).ok()?;
        Some(Self::new(failure.cause(), failure.messages))
    }
}

impl fmt::Display for RemoteFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RemoteFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn a_failure_survives_any_text_around_it() {
        let failure = RemoteFailure::new(
            Cause::FileGone,
            ["cannot read \"a\"".to_owned(), "nothing > there\n".to_owned()],
        );
        let text = format!("Job failed: {:?} (stage 3)", failure.to_text());
        let found = RemoteFailure::find(&text).unwrap();
        assert_eq!(found, failure);
        assert_eq!(found.source().unwrap().to_string(), "nothing > there\n");
    }

    #[test]
    fn text_without_a_failure_has_none() {
        for text in [
            "",
            "goldsmith-failure<",
            "goldsmith-failure<zz>",
            "goldsmith-failure<0>",
            "goldsmith-failure<ff>",
        ] {
            assert_eq!(RemoteFailure::find(text), None, "{text}");
        }
    }
}
