//! A table made of a pinned list of parquet files.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{Result as DfResult, Statistics};
use datafusion::config::TableParquetOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use goldsmith_proto::lake::v1::StagedFile;
use object_store::path::Path;

use crate::error::Result;
use crate::location::Location;
use crate::snapshot::{DataFile, TableSnapshot};

/// Scans parquet files whose list is fixed: a table at a version, or files that are staged and belong to none yet.
///
/// The plan is a plain [`DataSourceExec`], because that is the leaf that a cluster can slice into tasks.
///
/// - **Shape:** the given schema, partition columns last; one partition per file group; unordered
#[derive(Debug)]
pub struct FilesTable {
    schema: SchemaRef,
    table_schema: TableSchema,
    store_url: ObjectStoreUrl,
    files: Vec<PartitionedFile>,
    rows: Option<u64>,
    size_bytes: u64,
    decode: Decode,
}

/// What a planner is told of the rows that pass a filter that few rows pass: one in so many.
const RARE_SHARE: usize = 100;

/// Which rows of a file are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decode {
    /// All of the row groups that are read: the cheapest where most rows pass the filters.
    #[default]
    All,
    /// Those that pass the filters, whose columns are decoded first: for filters that few rows pass.
    Filtered,
}

impl FilesTable {
    /// The files of `snapshot`, read as `types` says: a column whose type there differs from the file's is cast while it
    /// is read.
    #[must_use]
    pub fn of_snapshot(snapshot: &TableSnapshot, types: &Schema) -> Self {
        let partitions = snapshot.partition_columns();
        let mut files = snapshot.files().to_vec();
        for value in files.iter_mut().flat_map(|file| partitions.iter().zip(&mut file.partition_values)) {
            let (column, value) = value;
            // Types only widen, so what the log says always has a form in the wider one.
            if let Some(cast) =
                types.field_with_name(column).ok().and_then(|f| value.cast_to(f.data_type()).ok())
            {
                *value = cast;
            }
        }
        Self::new(snapshot.location(), types, &partitions, &files)
    }

    /// The same table, decoded otherwise.
    #[must_use]
    pub const fn decoding(mut self, decode: Decode) -> Self {
        self.decode = decode;
        self
    }

    /// Files that a refresh staged for the table at `location`.
    ///
    /// # Errors
    /// [`crate::LakeError::Location`] if the location is no key of its store.
    pub fn of_staged(location: &Location, schema: &Schema, files: &[StagedFile]) -> Result<Self> {
        let root = location.store_path()?;
        let files: Vec<DataFile> = files
            .iter()
            .map(|file| DataFile {
                path: root.parts().chain(Path::from(file.path.as_str()).parts()).collect(),
                log_path: file.path.clone(),
                size_bytes: file.size_bytes,
                rows: Some(file.rows),
                partition_values: Vec::new(),
                partition_text: Default::default(),
            })
            .collect();
        Ok(Self::new(location, schema, &[], &files))
    }

    fn new(location: &Location, types: &Schema, partitions: &[String], files: &[DataFile]) -> Self {
        let is_partition = |field: &&Arc<Field>| partitions.contains(field.name());
        let file_schema: SchemaRef = Arc::new(Schema::new(
            types.fields().iter().filter(|f| !is_partition(f)).cloned().collect::<Vec<_>>(),
        ));
        let partition_fields = partitions
            .iter()
            .filter_map(|name| types.field_with_name(name).ok())
            .map(|field| Arc::new(field.clone()))
            .collect::<Vec<_>>();
        let table_schema =
            TableSchema::builder(file_schema).with_table_partition_cols(partition_fields).build();
        Self {
            schema: Arc::clone(table_schema.table_schema()),
            table_schema,
            store_url: location.object_store_url(),
            rows: files.iter().map(|f| f.rows).sum(),
            size_bytes: files.iter().map(|f| f.size_bytes).sum(),
            files: files.iter().map(partitioned_file).collect(),
            decode: Decode::default(),
        }
    }

    fn table_statistics(&self) -> Statistics {
        let mut statistics = Statistics::new_unknown(&self.schema);
        // Who asks for filtered decoding knows that few rows pass.
        let share = if self.decode == Decode::Filtered { RARE_SHARE } else { 1 };
        if let Some(rows) = self.rows.and_then(|rows| usize::try_from(rows).ok()) {
            // Inexact on purpose: a log's count may be trusted to order joins, not to answer `count(*)`.
            statistics.num_rows = Precision::Inexact(rows / share);
        }
        if let Ok(bytes) = usize::try_from(self.size_bytes) {
            statistics.total_byte_size = Precision::Inexact(bytes / share);
        }
        statistics
    }
}

fn partitioned_file(file: &DataFile) -> PartitionedFile {
    let mut partitioned = PartitionedFile::new(String::new(), file.size_bytes);
    partitioned.object_meta.location = file.path.clone();
    partitioned.partition_values.clone_from(&file.partition_values);
    partitioned
}

#[async_trait]
impl TableProvider for FilesTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(self.table_statistics())
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        if self.files.is_empty() {
            // A source without files would have no partitions, which no node above it expects.
            let schema = match projection {
                Some(columns) => Arc::new(self.schema.project(columns)?),
                None => Arc::clone(&self.schema),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let mut options = TableParquetOptions {
            global: state.config_options().execution.parquet.clone(),
            ..TableParquetOptions::default()
        };
        options.global.pushdown_filters |= self.decode == Decode::Filtered;
        let mut source = ParquetSource::new(self.table_schema.clone()).with_table_parquet_options(options);
        if let Some(predicate) = self.predicate(state, filters)? {
            source = source.with_predicate(predicate);
        }
        let partitions = state.config().target_partitions();
        let groups = FileGroup::new(self.files.clone()).split_files(partitions);
        let config = FileScanConfigBuilder::new(self.store_url.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(self.table_statistics())
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

impl FilesTable {
    fn predicate(&self, state: &dyn Session, filters: &[Expr]) -> DfResult<Option<Arc<dyn PhysicalExpr>>> {
        let Some(filter) = datafusion::logical_expr::utils::conjunction(filters.to_vec()) else {
            return Ok(None);
        };
        let schema = datafusion::common::DFSchema::try_from(Arc::clone(&self.schema))?;
        Ok(Some(state.create_physical_expr(filter, &schema)?))
    }
}
