//! Footers of data files: one request each, once in a process. Several models read the same files, and on a storage account
//! every request costs more than the bytes that it brings.

use std::sync::Arc;

use datafusion::common::Result as DfResult;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{
    CachedParquetFileReaderFactory, ParquetFileReaderFactory,
};
use datafusion::datasource::physical_plan::{
    FileScanConfig, FileScanConfigBuilder, FileSource, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_expr_adapter::PhysicalExprAdapterFactory;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use object_store::ObjectStore;
use parquet::file::metadata::ParquetMetaData;

use super::read::FileColumns;

/// Bytes at the end of a file that are asked for first: a footer of a hundred columns has about 45 KiB.
const FOOTER_BYTES: usize = 64 << 10;

/// `source`, which reads footers from `store` once for all plans of `runtime`.
pub(crate) fn with_kept_footers(
    source: ParquetSource,
    store: Arc<dyn ObjectStore>,
    runtime: &RuntimeEnv,
) -> ParquetSource {
    let kept = runtime.cache_manager.get_file_metadata_cache();
    source
        .with_metadata_size_hint(FOOTER_BYTES)
        .with_parquet_file_reader_factory(Arc::new(CachedParquetFileReaderFactory::new(store, kept)))
}

/// The footer of `file`, which scans of `runtime` find kept afterwards.
///
/// # Errors
/// If it cannot be read.
pub(crate) async fn kept_footer(
    store: &Arc<dyn ObjectStore>,
    runtime: &RuntimeEnv,
    file: &PartitionedFile,
) -> DfResult<Arc<ParquetMetaData>> {
    let kept = runtime.cache_manager.get_file_metadata_cache();
    let factory = CachedParquetFileReaderFactory::new(Arc::clone(store), kept);
    let metrics = ExecutionPlanMetricsSet::new();
    let mut reader = factory.create_reader(0, file.clone(), Some(FOOTER_BYTES), &metrics)?;
    Ok(reader.get_metadata(None).await?)
}

/// `plan` as it came over the wire, which does not carry how files are read, with scans that read footers and columns as
/// [`crate::scan::FilesTable`] plans them.
///
/// # Errors
/// If a scan names a store that this process cannot open.
pub fn as_planned(plan: Arc<dyn ExecutionPlan>, runtime: &RuntimeEnv) -> DfResult<Arc<dyn ExecutionPlan>> {
    let kept = plan.transform_down(|node| {
        let Some(scan) = node
            .downcast_ref::<DataSourceExec>()
            .and_then(|scan| scan.data_source().downcast_ref::<FileScanConfig>())
        else {
            return Ok(Transformed::no(node));
        };
        let Some(source) = scan.file_source().downcast_ref::<ParquetSource>() else {
            return Ok(Transformed::no(node));
        };
        let store = runtime.object_store(&scan.object_store_url)?;
        let source: Arc<dyn FileSource> = Arc::new(with_kept_footers(source.clone(), store, runtime));
        let columns: Arc<dyn PhysicalExprAdapterFactory> = Arc::new(FileColumns { ids: None });
        let scan = FileScanConfigBuilder::from(scan.clone())
            .with_source(source)
            .with_expr_adapter(Some(columns))
            .build();
        let scan: Arc<dyn ExecutionPlan> = DataSourceExec::from_data_source(scan);
        Ok(Transformed::yes(scan))
    })?;
    Ok(kept.data)
}
