//! What a task that failed tells the scheduler: whether running it again may help, and why it failed.

use std::error::Error;

use ballista_core::error::BallistaError;
use ballista_core::serde::protobuf::failed_task::FailedReason;
use ballista_core::serde::protobuf::{ExecutionError, FailedTask, IoError, TaskKilled};
use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use goldsmith_lake::LakeError;
use goldsmith_lake::error::{StoreAnswer, store_answer};
use goldsmith_lake::exec::read::Misread;
use goldsmith_proto::cluster::v1::Cause;
use goldsmith_proto::failure::RemoteFailure;
use parquet::errors::ParquetError;

/// The report of a task that ended with `error`.
///
/// Ballista runs a task again only if it is told that input or output failed, so that is what storage errors that a retry
/// can cure are reported as, whatever they are wrapped into; and nothing else is.
pub(super) fn report(error: BallistaError) -> FailedTask {
    let own = match &error {
        // What Ballista makes of a shuffle file that it cannot fetch, it knows how to handle.
        BallistaError::Cancelled => {
            return FailedTask {
                error: "the task was cancelled".to_owned(),
                retryable: true,
                count_to_failures: false,
                failed_reason: Some(FailedReason::TaskKilled(TaskKilled {})),
            };
        }
        error => RemoteFailure::new(cause(error), messages(error)),
    };
    let text = own.to_text();
    let ballista = FailedTask::from(error);
    if matches!(ballista.failed_reason, Some(FailedReason::FetchPartitionError(_))) {
        return ballista;
    }
    let transient = own.cause() == Cause::StorageTransient;
    FailedTask {
        error: text,
        retryable: transient,
        count_to_failures: transient,
        failed_reason: Some(if transient {
            FailedReason::IoError(IoError {})
        } else {
            FailedReason::ExecutionError(ExecutionError {})
        }),
    }
}

/// What kind of thing failed: the first error of the chain that says so.
fn cause(error: &(dyn Error + 'static)) -> Cause {
    let mut found = Cause::Unspecified;
    visit(error, &mut |error| {
        if found == Cause::Unspecified {
            found = own_cause(error);
        }
    });
    found
}

/// What an error says of itself, without its causes.
fn own_cause(error: &(dyn Error + 'static)) -> Cause {
    if let Some(error) = error.downcast_ref::<object_store::Error>() {
        return of_store(error);
    }
    if let Some(error) = error.downcast_ref::<BallistaError>() {
        return match error {
            BallistaError::GrpcError(_)
            | BallistaError::GrpcConnectionError(_)
            | BallistaError::GrpcActionError(_)
            | BallistaError::TonicError(_)
            | BallistaError::FetchFailed(..) => Cause::Peer,
            BallistaError::IoError(_) => Cause::Resource,
            _ => Cause::Unspecified,
        };
    }
    if error.is::<Misread>() {
        return Cause::File;
    }
    if let Some(LakeError::Connection { .. } | LakeError::NoConnection { .. }) = error.downcast_ref() {
        return Cause::Configuration;
    }
    if error.is::<tonic::Status>() || error.is::<tonic::transport::Error>() {
        return Cause::Peer;
    }
    if let Some(error) = error.downcast_ref::<ParquetError>() {
        return match error {
            // Its own cause tells more.
            ParquetError::External(_) => Cause::Unspecified,
            error => match store_answer(error) {
                Some(StoreAnswer::Failed) => Cause::StorageTransient,
                Some(StoreAnswer::NotThere) => Cause::FileGone,
                Some(StoreAnswer::Refused) => Cause::Storage,
                None => Cause::File,
            },
        };
    }
    if let Some(error) = error.downcast_ref::<ArrowError>() {
        return match error {
            ArrowError::ExternalError(_) | ArrowError::ParquetError(_) => Cause::Unspecified,
            // Spilled data and shuffle files are read and written through it.
            ArrowError::IoError(..) => Cause::Resource,
            // What comes from another executor; its text is all that is left of a connection that was cut half way.
            ArrowError::IpcError(_) => Cause::Peer,
            _ => Cause::Rows,
        };
    }
    if let Some(error) = error.downcast_ref::<DataFusionError>() {
        return match error {
            DataFusionError::ResourcesExhausted(_) => Cause::Resource,
            DataFusionError::Execution(_) => Cause::Rows,
            _ => Cause::Unspecified,
        };
    }
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        // One of our own that wraps another says what it is further down.
        return if error.get_ref().is_some() { Cause::Unspecified } else { of_io(error) };
    }
    Cause::Unspecified
}

fn of_store(error: &object_store::Error) -> Cause {
    use object_store::Error as Store;
    match error {
        Store::NotFound { .. } => Cause::FileGone,
        // What a store gives no other name to has been tried again by the store already, and may go better later.
        Store::Generic { .. } | Store::JoinError { .. } => Cause::StorageTransient,
        _ => Cause::Storage,
    }
}

fn of_io(error: &std::io::Error) -> Cause {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => Cause::FileGone,
        ErrorKind::PermissionDenied => Cause::Storage,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Cause::Resource,
        _ => Cause::StorageTransient,
    }
}

/// Calls `visit` with the error and its causes. Some wrappers of the engine do not give what they wrap as their source.
fn visit(error: &(dyn Error + 'static), visitor: &mut dyn FnMut(&(dyn Error + 'static))) {
    visitor(error);
    if let Some(BallistaError::DataFusionError(inner)) = error.downcast_ref() {
        visit(inner.as_ref(), visitor);
    } else if let Some(BallistaError::ArrowError(inner)) = error.downcast_ref() {
        visit(inner.as_ref(), visitor);
    } else if let Some(BallistaError::IoError(inner)) = error.downcast_ref() {
        visit(inner, visitor);
    } else if let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        visit(inner, visitor);
    } else if let Some(inner) = error.source() {
        visit(inner, visitor);
    }
}

/// The error and its causes, outermost first; what an outer one repeats is left out.
fn messages(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    visit(error, &mut |error| {
        if only_wraps(error) {
            return;
        }
        let message = error.to_string();
        if !messages.iter().any(|earlier| earlier.contains(&message)) {
            messages.push(message);
        }
    });
    messages
}

/// Whether the text of an error is that of its cause with the kind of the wrapper before it.
fn only_wraps(error: &(dyn Error + 'static)) -> bool {
    let ballista = error.downcast_ref::<BallistaError>().is_some_and(|error| {
        matches!(
            error,
            BallistaError::DataFusionError(_) | BallistaError::ArrowError(_) | BallistaError::IoError(_)
        )
    });
    ballista
        || matches!(error.downcast_ref(), Some(DataFusionError::External(_)))
        || matches!(error.downcast_ref(), Some(ArrowError::ExternalError(_)))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use goldsmith_lake::LakeError;

    use super::*;

    fn busy() -> object_store::Error {
        object_store::Error::Generic { store: "azure", source: "503 Server Busy".into() }
    }

    fn gone() -> object_store::Error {
        object_store::Error::NotFound { path: "a.parquet".to_owned(), source: "404".into() }
    }

    /// Every shape in which an error of a store was seen to leave a task.
    fn shapes(store: fn() -> object_store::Error) -> Vec<(&'static str, BallistaError)> {
        let parquet = || ParquetError::External(Box::new(store()));
        let ours =
            || LakeError::WriteFile { file: "a".to_owned(), location: "b".to_owned(), source: parquet() };
        let datafusion: Vec<(&str, DataFusionError)> = vec![
            ("store", DataFusionError::ObjectStore(Box::new(store()))),
            ("parquet", DataFusionError::ParquetError(Box::new(parquet()))),
            (
                "arrow of parquet",
                DataFusionError::ArrowError(Box::new(ArrowError::ExternalError(Box::new(parquet()))), None),
            ),
            ("shared", DataFusionError::Shared(Arc::new(DataFusionError::ObjectStore(Box::new(store()))))),
            (
                "context of shared",
                DataFusionError::Shared(Arc::new(DataFusionError::ParquetError(Box::new(parquet()))))
                    .context("reading the build side"),
            ),
            ("external", DataFusionError::External(Box::new(store()))),
            ("io of ours", DataFusionError::IoError(io::Error::other(Box::new(ours())))),
            ("external of ours", DataFusionError::External(Box::new(ours()))),
        ];
        datafusion
            .into_iter()
            .map(|(shape, error)| (shape, BallistaError::DataFusionError(Box::new(error))))
            .chain([(
                "arrow",
                BallistaError::ArrowError(Box::new(ArrowError::ExternalError(Box::new(
                    DataFusionError::ObjectStore(Box::new(store())),
                )))),
            )])
            .collect()
    }

    #[test]
    fn what_a_retry_can_cure_is_tried_again_in_every_wrapper() {
        for (shape, error) in shapes(busy) {
            let task = report(error);
            assert!(task.retryable && task.count_to_failures, "{shape}");
            assert!(matches!(task.failed_reason, Some(FailedReason::IoError(_))), "{shape}");
            let failure = RemoteFailure::find(&task.error).unwrap();
            assert_eq!(failure.cause(), Cause::StorageTransient, "{shape}");
        }
    }

    #[test]
    fn what_no_retry_cures_is_not_tried_again() {
        for (shape, error) in shapes(gone) {
            let task = report(error);
            assert!(!task.retryable, "{shape}");
            assert_eq!(RemoteFailure::find(&task.error).unwrap().cause(), Cause::FileGone, "{shape}");
        }
        let full = DataFusionError::IoError(io::Error::from(io::ErrorKind::StorageFull));
        let broken = DataFusionError::ParquetError(Box::new(ParquetError::General("bad page".to_owned())));
        let memory = DataFusionError::ResourcesExhausted("no memory".to_owned());
        for (error, expected) in [(full, Cause::Resource), (broken, Cause::File), (memory, Cause::Resource)] {
            let task = report(BallistaError::DataFusionError(Box::new(error)));
            assert!(!task.retryable, "{expected:?}");
            assert_eq!(RemoteFailure::find(&task.error).unwrap().cause(), expected);
        }
    }

    #[test]
    fn a_connection_that_an_executor_does_not_have_is_no_fault_of_storage() {
        let unknown =
            LakeError::NoConnection { location: "abfss://gold@acc.dfs.core.windows.net".to_owned() };
        let task =
            report(BallistaError::DataFusionError(Box::new(DataFusionError::External(Box::new(unknown)))));
        assert!(!task.retryable);
        assert_eq!(RemoteFailure::find(&task.error).unwrap().cause(), Cause::Configuration);
    }

    #[test]
    fn a_peer_that_does_not_answer_is_named_as_such() {
        let cut = DataFusionError::External(Box::new(tonic::Status::unavailable("connection reset")));
        let task = report(BallistaError::DataFusionError(Box::new(cut)));
        assert_eq!(RemoteFailure::find(&task.error).unwrap().cause(), Cause::Peer);
        // As it was seen when an executor was killed while another read from it.
        let half = ArrowError::IpcError("h2 protocol error: error reading a body from connection".to_owned());
        let half = DataFusionError::External(Box::new(BallistaError::ArrowError(Box::new(half))));
        let half = ArrowError::ExternalError(Box::new(BallistaError::DataFusionError(Box::new(half))));
        let task = report(BallistaError::ArrowError(Box::new(half)));
        let failure = RemoteFailure::find(&task.error).unwrap();
        assert_eq!(failure.cause(), Cause::Peer);
        assert_eq!(failure.to_string(), "Ipc error: h2 protocol error: error reading a body from connection");
        let fetch = report(BallistaError::FetchFailed("executor".to_owned(), 1, 2, "gone".to_owned()));
        assert!(matches!(fetch.failed_reason, Some(FailedReason::FetchPartitionError(_))));
    }

    #[test]
    fn the_messages_of_the_chain_arrive_once_each() {
        let error = shapes(busy).remove(4).1;
        let failure = RemoteFailure::find(&report(error).error).unwrap();
        assert!(failure.to_string().contains("reading the build side"), "{failure}");
        assert!(!failure.to_string().starts_with("DataFusion error"), "{failure}");
    }
}
