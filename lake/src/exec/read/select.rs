//! Attaches to each file the rows that its deletion vector leaves.

use std::sync::Arc;

use datafusion::common::Result as DfResult;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::ObjectStore;
use object_store::path::Path;
use parquet::arrow::parquet_to_arrow_schema;
use parquet::errors::ParquetError;

use super::vector::live;
use super::{DeletionVector, ReadRules, VectorError, any_has_id};
use crate::diagnose::{self, footer_at};
use crate::error::{FileFault, LakeError};
use crate::exec::footers::kept_footer;

/// Files that are looked at at the same time.
const CONCURRENT_FILES: usize = 8;

/// `files` in their order; those with a vector in `rules` have a selection of the live ones of all rows of the file, even
/// where they stand for a range of it: the reader cuts both down to the row groups of the range.
pub(super) async fn live_rows(
    rules: &ReadRules,
    store: &Arc<dyn ObjectStore>,
    files: Vec<PartitionedFile>,
) -> DfResult<Vec<PartitionedFile>> {
    let files = files.into_iter().map(|file| async move {
        match rules.vectors.get(&file.object_meta.location) {
            Some(vector) => select(rules, store, file, vector).await,
            None => Ok(file),
        }
    });
    stream::iter(files).buffered(CONCURRENT_FILES).try_collect().await
}

/// Sees that the columns of `files` can be found by their ids.
///
/// The reader asks for the columns of a file only where its schema is not the table's: a file without ids would be read by the
/// names of its columns.
pub(super) async fn require_ids(
    rules: &ReadRules,
    store: &Arc<dyn ObjectStore>,
    context: &TaskContext,
    files: &[PartitionedFile],
) -> DfResult<()> {
    let runtime = context.runtime_env();
    let runtime = &runtime;
    let checked = files.iter().cloned().map(|file| async move {
        // What cannot be read fails where it is scanned, with the error for it.
        let Ok(footer) = kept_footer(store, runtime, &file).await else { return Ok(()) };
        let schema = footer.file_metadata().schema_descr();
        let schema =
            parquet_to_arrow_schema(schema, None).map_err(|e| DataFusionError::ParquetError(Box::new(e)))?;
        if any_has_id(schema.fields()) {
            Ok(())
        } else {
            Err(failed(rules, &file.object_meta.location, FileFault::NoFieldIds))
        }
    });
    stream::iter(checked).buffered(CONCURRENT_FILES).try_collect().await
}

fn failed(rules: &ReadRules, file: &Path, fault: FileFault) -> DataFusionError {
    DataFusionError::External(Box::new(LakeError::DataFile {
        table: rules.table.clone(),
        version: rules.version,
        file: file.to_string(),
        fault,
        source: None,
    }))
}

async fn select(
    rules: &ReadRules,
    store: &Arc<dyn ObjectStore>,
    file: PartitionedFile,
    vector: &DeletionVector,
) -> DfResult<PartitionedFile> {
    let path = &file.object_meta.location;
    let deleted = match vector.read(store).await {
        Ok(deleted) => deleted,
        Err(VectorError::Fault(fault)) => return Err(failed(rules, vector.file().unwrap_or(path), fault)),
        // A task is tried again only for an error of this kind.
        Err(VectorError::Store(error)) => return Err(DataFusionError::IoError(std::io::Error::other(error))),
    };
    let footer =
        footer_at(Arc::clone(store), path, file.object_meta.size).await.map_err(|error| match error {
            ParquetError::External(error) if is_missing(error.as_ref()) => {
                failed(rules, path, FileFault::Missing)
            }
            ParquetError::External(error) => DataFusionError::IoError(std::io::Error::other(error)),
            error => DataFusionError::ParquetError(Box::new(error)),
        })?;
    let selection = live(&deleted, diagnose::rows(&footer)).map_err(|fault| failed(rules, path, fault))?;
    Ok(file.with_extension(ParquetRowSelection::new(selection)))
}

fn is_missing(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(object_store::Error::NotFound { .. }))
}
