//! Errors across the control API: what the command prints and how it ends is the same on both sides.

use std::error::Error;
use std::fmt;

use goldsmith_proto::control::v1::{Failure as Message, Kind};
use prost::Message as _;
use tonic::{Code, Status};

use crate::error::{Failure, SchedulerError};

/// An error that happened in the scheduler.
#[derive(Debug, Clone)]
pub struct RemoteError {
    failure: Failure,
    message: String,
    source: Option<Box<Self>>,
    report_json: Option<String>,
}

impl RemoteError {
    /// What the caller does about it.
    #[must_use]
    pub const fn failure(&self) -> Failure {
        self.failure
    }

    /// The report of a refresh whose audits failed.
    #[must_use]
    pub fn report_json(&self) -> Option<&str> {
        self.report_json.as_deref()
    }

    pub(super) fn of_message(message: Message) -> Self {
        let failure = match message.kind() {
            Kind::Audit => Failure::Audit,
            Kind::Input => Failure::Input,
            Kind::Race => Failure::Race,
            Kind::Other | Kind::Interrupted | Kind::Unspecified => Failure::Other,
        };
        let chain = message.messages.into_iter().rev().fold(None, |source, message| {
            Some(Self { failure, message, source: source.map(Box::new), report_json: None })
        });
        let mut error = chain.unwrap_or_else(|| Self {
            failure,
            message: "the scheduler does not say why".to_owned(),
            source: None,
            report_json: None,
        });
        error.report_json = message.report_json;
        error
    }

    /// The error that a call of the API ended with, if the scheduler itself says what it was.
    pub(super) fn of_status(status: &Status) -> Option<Self> {
        if status.details().is_empty() {
            return None;
        }
        Message::decode(status.details()).ok().map(Self::of_message)
    }
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for RemoteError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// `error` as it travels.
pub(super) fn message(error: &SchedulerError) -> Message {
    let kind = match error {
        SchedulerError::Interrupted => Kind::Interrupted,
        error => match error.failure() {
            Failure::Audit => Kind::Audit,
            Failure::Input => Kind::Input,
            Failure::Race => Kind::Race,
            Failure::Other => Kind::Other,
        },
    };
    let mut messages = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        messages.push(error.to_string());
        cause = error.source();
    }
    let report_json = match error {
        SchedulerError::Audit { report: Some(report), .. } => serde_json::to_string(report).ok(),
        _ => None,
    };
    Message { kind: kind.into(), messages, report_json }
}

/// `error` as the end of a call.
pub(super) fn status(error: &SchedulerError) -> Status {
    let message = message(error);
    let code = match message.kind() {
        Kind::Input => Code::InvalidArgument,
        Kind::Race => Code::Aborted,
        Kind::Audit => Code::FailedPrecondition,
        Kind::Interrupted => Code::Cancelled,
        Kind::Other | Kind::Unspecified => Code::Internal,
    };
    Status::with_details(code, error.to_string(), message.encode_to_vec().into())
}
