//! Exit codes (interface, "Commands").

use std::process::ExitCode;

use goldsmith_executor::cluster::ExecutorError;
use goldsmith_executor::monitor::MonitorError;
use goldsmith_lake::LakeError;
use goldsmith_lake::error::Domain;
use goldsmith_proto::trust::TrustError;
use goldsmith_scheduler::SchedulerError;
use goldsmith_scheduler::coordinator::ServeError;
use goldsmith_scheduler::coordinator::client::ClientError;
use goldsmith_scheduler::error::Failure;
use goldsmith_synth::SynthError;

use crate::config::ConfigError;
use crate::demo::DemoError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Success = 0,
    Other = 1,
    Audit = 2,
    Input = 3,
    Race = 4,
    Violation = 6,
    Usage = 64,
}

impl Exit {
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        if error.downcast_ref::<Usage>().is_some() {
            return Self::Usage;
        }
        if error.downcast_ref::<Violations>().is_some() {
            return Self::Violation;
        }
        if error.downcast_ref::<ConfigError>().is_some() || error.downcast_ref::<UnusableBronze>().is_some() {
            return Self::Input;
        }
        if error.downcast_ref::<TrustError>().is_some() {
            return Self::Input;
        }
        if is_unsafe(error) {
            return Self::Usage;
        }
        if let Some(error) = error.downcast_ref::<DemoError>() {
            return match error {
                DemoError::NotEmpty { .. } | DemoError::HasScale { .. } => Self::Input,
                DemoError::Interrupted | DemoError::Write { .. } | DemoError::Read { .. } => Self::Other,
            };
        }
        if let Some(error) = error.downcast_ref::<SynthError>() {
            return Self::of_synth(error);
        }
        if let Some(error) = error.downcast_ref::<LakeError>() {
            return Self::of_domain(error.domain());
        }
        let failure = match error.downcast_ref::<ClientError>() {
            Some(ClientError::Remote(remote)) => Some(remote.failure()),
            Some(
                ClientError::Url { .. }
                | ClientError::Plain { .. }
                | ClientError::NotTls { .. }
                | ClientError::NoAuthority { .. },
            ) => {
                return Self::Usage;
            }
            Some(_) => Some(Failure::Other),
            None => error.downcast_ref::<SchedulerError>().map(SchedulerError::failure),
        };
        match failure {
            Some(Failure::Audit) => Self::Audit,
            Some(Failure::Input) => Self::Input,
            Some(Failure::Race) => Self::Race,
            Some(Failure::Other) | None => Self::Other,
        }
    }

    fn of_synth(error: &SynthError) -> Self {
        match error {
            SynthError::Option { .. } => Self::Usage,
            SynthError::Conflict { .. } => Self::Race,
            other => Self::of_domain(other.domain()),
        }
    }

    const fn of_domain(domain: Domain) -> Self {
        match domain {
            Domain::User => Self::Input,
            Domain::External | Domain::Internal => Self::Other,
        }
    }
}

/// Whether a port was named that nobody may open, or a scheduler that cannot be talked to so.
fn is_unsafe(error: &anyhow::Error) -> bool {
    let is_open = |error: &MonitorError| matches!(error, MonitorError::Open { .. });
    match (error.downcast_ref::<ServeError>(), error.downcast_ref::<ExecutorError>()) {
        (Some(ServeError::Open { .. }), _)
        | (_, Some(ExecutorError::Open { .. } | ExecutorError::Scheme { .. })) => true,
        (Some(ServeError::Monitor(error)), _) | (_, Some(ExecutorError::Monitor(error))) => is_open(error),
        _ => false,
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Bronze tables that a refresh could not use.
#[derive(Debug, thiserror::Error)]
#[error("a refresh cannot use this bronze\n{}; hint: add what is missing to the link or the shortcuts, or mark it optional in the headers of the models", .0.join("\n"))]
pub(crate) struct UnusableBronze(pub(crate) Vec<String>);

/// A gold folder that breaks rules of Customer Insights.
#[derive(Debug, thiserror::Error)]
#[error(
    "{count} violation(s) of the contract of Customer Insights in {location}; hint: each is listed with what to do about it"
)]
pub(crate) struct Violations {
    pub(crate) count: usize,
    pub(crate) location: String,
}

/// A command line that the parser let pass and that means nothing.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);
