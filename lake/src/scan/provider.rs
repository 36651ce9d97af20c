//! A table made of a pinned list of parquet files.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::ConfigOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{DFSchema, Result as DfResult, Statistics, internal_datafusion_err};
use datafusion::config::TableParquetOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, FileSource, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::{ProjectionExpr, ProjectionExprs};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use goldsmith_proto::lake::v1::StagedFile;
use object_store::path::Path;

use crate::error::Result;
use crate::exec::DeltaReadExec;
use crate::exec::footers::with_kept_footers;
use crate::exec::read::{FileColumns, INT96_ZONE, ReadRules, renamed};
use crate::location::Location;
use crate::snapshot::{DataFile, TableSnapshot};

/// Scans parquet files whose list is fixed: a table at a version, or files that are staged and belong to none yet.
///
/// The leaf of the plan is a plain [`DataSourceExec`], because that is what a cluster can slice into tasks. Names that only
/// the files have do not leave it; deleted rows are taken away by a [`DeltaReadExec`] above it.
///
/// - **Shape:** the given schema, partition columns last; one partition per file group; unordered
#[derive(Debug)]
pub struct FilesTable {
    /// As the table names its columns.
    schema: SchemaRef,
    /// The same columns as the files name them.
    table_schema: TableSchema,
    /// How files are read that are not simply read; none where all are.
    rules: Option<Arc<ReadRules>>,
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
        let columns = snapshot.columns();
        let physical = types.fields().iter().map(|wanted| match columns.logical.index_of(wanted.name()) {
            Ok(index) => {
                // Only a type without fields inside is ever read as another.
                let is_same = columns.logical.field(index).data_type() == wanted.data_type();
                let found = columns.physical.field(index);
                let data_type = if is_same { found.data_type() } else { wanted.data_type() };
                Field::new(found.name(), data_type.clone(), wanted.is_nullable())
            }
            Err(_) => wanted.as_ref().clone(),
        });
        let mut table = Self::new(
            snapshot.location(),
            types,
            &Schema::new(physical.collect::<Vec<_>>()),
            &partitions,
            &files,
        );
        let vectors: BTreeMap<_, _> =
            files.into_iter().filter_map(|file| Some((file.path, file.deletion_vector?))).collect();
        if !vectors.is_empty() || columns.by_field_id.is_some() {
            table.rules = Some(Arc::new(ReadRules {
                table: snapshot.name().to_owned(),
                version: snapshot.version(),
                vectors,
                field_ids: columns.by_field_id.clone(),
            }));
        }
        table
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
                deletion_vector: None,
                partition_values: Vec::new(),
                partition_text: Default::default(),
            })
            .collect();
        Ok(Self::new(location, schema, schema, &[], &files))
    }

    /// `logical` and `physical` are the same columns in the same order.
    fn new(
        location: &Location,
        logical: &Schema,
        physical: &Schema,
        partitions: &[String],
        files: &[DataFile],
    ) -> Self {
        let pairs = || logical.fields().iter().zip(physical.fields());
        let in_files = pairs().filter(|(field, _)| !partitions.contains(field.name()));
        let in_log = partitions.iter().filter_map(|name| pairs().find(|(field, _)| field.name() == name));
        let file_columns = in_files.clone().count();
        let (schema, mut fields): (Vec<_>, Vec<_>) = in_files
            .chain(in_log)
            .map(|(logical, physical)| (Arc::clone(logical), Arc::clone(physical)))
            .unzip();
        let partition_fields = fields.split_off(file_columns);
        let table_schema = TableSchema::builder(Arc::new(Schema::new(fields)))
            .with_table_partition_cols(partition_fields)
            .build();
        Self {
            schema: Arc::new(Schema::new(schema)),
            table_schema,
            rules: None,
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
        // What a reader promises to filter it decides by the names of the table; a struct whose fields a file calls otherwise
        // it could then not filter, and would say nothing.
        let is_by_id = self.rules.as_ref().is_some_and(|rules| rules.field_ids.is_some());
        options.global.pushdown_filters |= self.decode == Decode::Filtered && !is_by_id;
        // Other readers of INT96 wrap times outside the years 1677 to 2262; in µs every time that Spark can write has a place.
        options.global.coerce_int96 = Some("us".to_owned());
        options.global.coerce_int96_tz = Some(INT96_ZONE.to_owned());
        let source = ParquetSource::new(self.table_schema.clone()).with_table_parquet_options(options);
        let runtime = state.runtime_env();
        let store = runtime.object_store(&self.store_url)?;
        let mut source = with_kept_footers(source, store, runtime);
        let settings = state.config().options();
        if let Some(predicate) = self.predicate(state, filters)? {
            source = source.with_predicate(predicate);
        }
        let columns = match projection {
            Some(columns) => columns.clone(),
            None => (0..self.schema.fields().len()).collect(),
        };
        let output = columns.into_iter().map(|index| {
            ProjectionExpr::new(self.column(index, settings), self.schema.field(index).name().clone())
        });
        let source = source
            .try_pushdown_projection(&ProjectionExprs::new(output))?
            .ok_or_else(|| internal_datafusion_err!("a parquet source takes any projection"))?;
        let groups = FileGroup::new(self.files.clone()).split_files(state.config().target_partitions());
        // The reader counts deleted rows as well, so a limit has to be met above.
        let limit = limit.filter(|_| self.rules.as_ref().is_none_or(|rules| rules.vectors.is_empty()));
        let config = FileScanConfigBuilder::new(self.store_url.clone(), source)
            .with_file_groups(groups)
            .with_statistics(self.table_statistics())
            .with_limit(limit)
            // Where files are read by the ids of their columns the node above says so.
            .with_expr_adapter(Some(Arc::new(FileColumns { ids: None })))
            .build();
        let scan: Arc<dyn ExecutionPlan> = DataSourceExec::from_data_source(config);
        Ok(match &self.rules {
            None => scan,
            Some(rules) => Arc::new(DeltaReadExec::new(scan, Arc::clone(rules))),
        })
    }
}

impl FilesTable {
    /// The column `index` of the table, of what files and their partition values have.
    fn column(&self, index: usize, settings: &Arc<ConfigOptions>) -> Arc<dyn PhysicalExpr> {
        let (wanted, found) = (self.schema.field(index), self.table_schema.table_schema().field(index));
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(found.name(), index));
        if wanted.data_type() == found.data_type() { column } else { renamed(column, wanted, settings) }
    }

    fn predicate(&self, state: &dyn Session, filters: &[Expr]) -> DfResult<Option<Arc<dyn PhysicalExpr>>> {
        let Some(filter) = datafusion::logical_expr::utils::conjunction(filters.to_vec()) else {
            return Ok(None);
        };
        let schema = DFSchema::try_from(Arc::clone(&self.schema))?;
        let settings = state.config().options();
        let of_files = |expr: Arc<dyn PhysicalExpr>| {
            let index = expr.downcast_ref::<Column>().map(Column::index);
            Ok(index.map_or_else(|| Transformed::no(expr), |i| Transformed::yes(self.column(i, settings))))
        };
        state.create_physical_expr(filter, &schema)?.transform_up(of_files).data().map(Some)
    }
}
