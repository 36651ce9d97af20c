//! Which data file of a table cannot be read.
//!
//! The engine's readers do not always name the file that they failed on, and plans travel to other processes without what
//! could be added to a reader here. So the files are looked at after a query has failed, when time no longer matters.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream;
use futures::{FutureExt, StreamExt, TryFutureExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ParquetRecordBatchStreamBuilder;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::basic::Type as PhysicalType;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader};

use crate::error::{FileFault, LakeError};
use crate::exec::read::{VectorError, any_has_id, live, misread_rows, misread_types};
use crate::snapshot::{DataFile, TableSnapshot};
use crate::store::Stores;

/// Files that are looked at at the same time.
pub(crate) const CONCURRENT_FILES: usize = 8;

/// How closely files are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Whether they are there, whole and end in a footer.
    Footers,
    /// Whether the types of their columns can be read as those of the table as well.
    Columns,
    /// Whether every row can be decoded as well.
    Rows,
}

/// The first file of `snapshot`, in the order of its log, that cannot be read; none if all can, as far as was looked.
///
/// A file that the storage will not show for another reason than that it is missing is passed over: that is no fault of
/// the file.
pub async fn broken_file(stores: &Stores, snapshot: &TableSnapshot, depth: Depth) -> Option<LakeError> {
    let store = stores.root(snapshot.location()).ok()?;
    let look = snapshot.files().iter().map(|file| {
        let store = Arc::clone(&store);
        async move {
            match fault(Arc::clone(&store), snapshot, file, depth).await {
                Some((fault, source)) => Some(file_error(snapshot, file, fault, source)),
                None => vector_error(&store, snapshot, file).await,
            }
        }
    });
    let mut found = stream::iter(look).buffered(CONCURRENT_FILES).filter_map(std::future::ready).boxed();
    found.next().await
}

/// The error that the deletion vector of `file` cannot be read, if it cannot.
async fn vector_error(
    store: &Arc<dyn ObjectStore>,
    snapshot: &TableSnapshot,
    file: &DataFile,
) -> Option<LakeError> {
    let vector = file.deletion_vector.as_ref()?;
    let fault = match vector.read(store).await {
        Ok(deleted) => {
            // That it can be read is known: `fault` found nothing.
            let footer = footer(Arc::clone(store), file).await.ok()?;
            return live(&deleted, rows(&footer)).err().map(|fault| file_error(snapshot, file, fault, None));
        }
        Err(VectorError::Fault(fault)) => fault,
        Err(VectorError::Store(_)) => return None,
    };
    let mut error = file_error(snapshot, file, fault, None);
    if let (LakeError::DataFile { file, .. }, Some(path)) = (&mut error, vector.file()) {
        *file = path.to_string();
    }
    Some(error)
}

/// The error that `file` cannot be read.
pub(crate) fn file_error(
    snapshot: &TableSnapshot,
    file: &DataFile,
    fault: FileFault,
    source: Option<ParquetError>,
) -> LakeError {
    LakeError::DataFile {
        table: snapshot.name().to_owned(),
        version: snapshot.version(),
        file: file.log_path.clone(),
        fault,
        source: source.map(Box::new),
    }
}

/// Rows of a file, deleted ones included. A log need not have their number, and a wrong one would be taken for it.
pub(crate) fn rows(footer: &ParquetMetaData) -> u64 {
    footer.row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).sum()
}

/// The footer of `file`.
pub(crate) async fn footer(
    store: Arc<dyn ObjectStore>,
    file: &DataFile,
) -> Result<Arc<ParquetMetaData>, ParquetError> {
    footer_at(store, &file.path, file.size_bytes).await
}

/// The footer of the file with the key `path`.
pub(crate) async fn footer_at(
    store: Arc<dyn ObjectStore>,
    path: &Path,
    size_bytes: u64,
) -> Result<Arc<ParquetMetaData>, ParquetError> {
    FileReader { store, path: path.clone(), size_bytes }.get_metadata(None).await
}

fn reader(store: Arc<dyn ObjectStore>, file: &DataFile) -> FileReader {
    FileReader { store, path: file.path.clone(), size_bytes: file.size_bytes }
}

/// Reads one file, and keeps the errors of the store apart from those of the format.
struct FileReader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size_bytes: u64,
}

impl AsyncFileReader for FileReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        self.store.get_range(&self.path, range).map_err(|e| ParquetError::External(Box::new(e))).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, ParquetError>> {
        let size_bytes = self.size_bytes;
        // The kinds of pages are asked for by `check`.
        let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        ParquetMetaDataReader::new()
            .with_metadata_options(Some(options))
            .load_and_finish(self, size_bytes)
            .map_ok(Arc::new)
            .boxed()
    }
}

async fn fault(
    store: Arc<dyn ObjectStore>,
    snapshot: &TableSnapshot,
    file: &DataFile,
    depth: Depth,
) -> Option<(FileFault, Option<ParquetError>)> {
    match store.head(&file.path).await {
        Err(object_store::Error::NotFound { .. }) => return Some((FileFault::Missing, None)),
        Err(_) => return None,
        Ok(meta) if meta.size != file.size_bytes => {
            return Some((FileFault::Size { found: meta.size, expected: file.size_bytes }, None));
        }
        Ok(_) => {}
    }
    let builder = match ParquetRecordBatchStreamBuilder::new(reader(Arc::clone(&store), file)).await {
        Ok(builder) => builder,
        Err(error) => return is_about_content(&error).then_some((FileFault::Footer, Some(error))),
    };
    if depth == Depth::Footers {
        return None;
    }
    let columns = snapshot.columns();
    let (table, ids) = (&columns.physical, columns.by_field_id.as_deref());
    if ids.is_some() && !any_has_id(builder.schema().fields()) {
        return Some((FileFault::NoFieldIds, None));
    }
    if let Some(misread) = misread_types(builder.schema(), table, ids) {
        return Some((FileFault::Misread(misread), None));
    }
    if depth == Depth::Columns {
        return None;
    }
    let schema = Arc::clone(builder.schema());
    let columns = builder.parquet_schema().columns().iter();
    let int96 = columns.filter(|column| column.physical_type() == PhysicalType::INT96);
    let int96: BTreeSet<String> = int96.map(|column| column.path().parts()[0].clone()).collect();
    let mut rows = match builder.build() {
        Ok(rows) => rows,
        Err(error) => return Some((FileFault::Rows, Some(error))),
    };
    while let Some(batch) = rows.next().await {
        match batch {
            Err(error) => return is_about_content(&error).then_some((FileFault::Rows, Some(error))),
            Ok(rows) => {
                if let Some(misread) = misread_rows(&rows, &schema, table, ids, &int96) {
                    return Some((FileFault::Misread(misread), None));
                }
            }
        }
    }
    None
}

/// Whether a reader did not understand a file, rather than not get it.
fn is_about_content(error: &ParquetError) -> bool {
    match error {
        ParquetError::External(source) => {
            !source.is::<object_store::Error>() && !source.is::<std::io::Error>()
        }
        _ => true,
    }
}
