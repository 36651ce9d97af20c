//! Names the data file on which a query failed: the engine's own errors do not always.

use std::sync::Arc;

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use goldsmith_jobs::Model;
use goldsmith_lake::diagnose::{self, Depth};
use goldsmith_lake::exec::read::Misread;
use goldsmith_lake::{LakeError, Stores, TableSnapshot};
use goldsmith_proto::cluster::v1::Cause;

use crate::cluster::JobError;
use crate::error::{RunError, SchedulerError};
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;

/// The first file of `tables` that cannot be read, if `error` may come from one.
pub(crate) async fn broken_file(
    stores: &Stores,
    tables: &[Arc<TableSnapshot>],
    error: &RunError,
) -> Option<LakeError> {
    // Reading every row takes as long as the query did: only where nothing less finds the file.
    for depth in depths(error) {
        for table in tables {
            if let Some(broken) = diagnose::broken_file(stores, table, *depth).await {
                return Some(broken);
            }
        }
    }
    None
}

/// What a refresh says when `model` failed with `error`: the broken file that it reads, or else what `failed` makes of it.
pub(crate) async fn model(
    lakehouse: &Lakehouse,
    inventory: &Inventory,
    model: &Model,
    error: RunError,
    failed: impl FnOnce(RunError) -> SchedulerError,
) -> SchedulerError {
    let below = lakehouse.pack.dag().bronze_below(model);
    let bronze = below.iter().filter_map(|table| inventory.bronze.get(table)).cloned();
    let published = model
        .model_tables()
        .filter_map(|(key, _)| Some(Arc::clone(&inventory.published.get(&key)?.snapshot)));
    let tables: Vec<Arc<TableSnapshot>> = bronze.chain(published).collect();
    match broken_file(lakehouse.engine.stores(), &tables, &error).await {
        Some(source) => SchedulerError::ModelInput {
            model: format!("{}.{}", model.layer(), model.name()),
            file: model.file().to_owned(),
            line: None,
            source: Box::new(source),
        },
        None => failed(error),
    }
}

/// How closely files are worth looking at after `error`; not at all if it cannot come from one.
fn depths(error: &RunError) -> &'static [Depth] {
    let error = match error {
        RunError::Job(JobError::Failed(failure)) => {
            return match failure.cause() {
                Cause::File => &[Depth::Columns, Depth::Rows],
                Cause::FileGone | Cause::Rows | Cause::Storage | Cause::Unspecified => &[Depth::Footers],
                Cause::StorageTransient | Cause::Peer | Cause::Resource | Cause::Configuration => &[],
            };
        }
        // Who waits for ever for a file would wait for it here as well.
        RunError::Job(_) | RunError::Stalled(_) => return &[],
        RunError::Engine(error) => error,
    };
    match error.find_root() {
        DataFusionError::ArrowError(source, _) if matches!(source.as_ref(), ArrowError::ParquetError(..)) => {
            &[Depth::Columns, Depth::Rows]
        }
        DataFusionError::ParquetError(_) => &[Depth::Columns, Depth::Rows],
        DataFusionError::External(source) if source.is::<Misread>() => &[Depth::Columns, Depth::Rows],
        DataFusionError::ArrowError(source, _) if matches!(source.as_ref(), ArrowError::IoError(..)) => &[],
        DataFusionError::ObjectStore(_)
        | DataFusionError::External(_)
        | DataFusionError::Execution(_)
        | DataFusionError::ArrowError(..) => &[Depth::Footers],
        _ => &[],
    }
}
