//! The node that reads files as the log says: without deleted rows, and by the ids of their columns.

mod adapt;
mod descriptor;
mod rename;
mod select;
mod vector;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result as DfResult, Statistics, internal_datafusion_err, internal_err};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr_adapter::PhysicalExprAdapterFactory;
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterDescription, FilterPushdownPhase, FilterPushdownPropagation,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, StatisticsArgs,
};
use futures::TryStreamExt;
use goldsmith_proto::id::Version;
use object_store::path::Path;

pub use self::adapt::Misread;
pub(crate) use self::adapt::{FileColumns, INT96_ZONE, any_has_id, misread_rows, misread_types};
pub(crate) use self::rename::renamed;
pub use self::rename::{RENAME_FIELDS, rename_fields};
pub use self::vector::{DeletionVector, VectorPlace};
pub(crate) use self::vector::{VectorError, live};

/// What the log says of how files are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRules {
    /// Name of the table, for messages.
    pub table: String,
    /// Its version, for messages.
    pub version: Version,
    /// Files with deleted rows, by their key in the store.
    pub vectors: BTreeMap<Path, DeletionVector>,
    /// The columns of the files, each field with its parquet field id, if they are found by these.
    pub field_ids: Option<SchemaRef>,
}

/// Reads the files of the scan below it as a table's log says.
///
/// ```text
///   DataSourceExec, partition i ──▶ the same files, each with the rows that are left ──▶ rows
/// ```
///
/// The scan below is a description: it is run by this node, one partition at a time and with what was added to it. So it
/// can be replaced by one with fewer or other files at any time before.
///
/// - **Shape:** as the scan below
/// - **Filters:** go through to the scan; a limit does not, because the scan counts deleted rows as well
/// - **Cancel:** safe to drop
/// - **Source:** Delta protocol, "Deletion Vectors" and "Column Mapping"
#[derive(Debug, Clone)]
pub struct DeltaReadExec {
    input: Arc<dyn ExecutionPlan>,
    rules: Arc<ReadRules>,
}

impl DeltaReadExec {
    /// Reads the files of `input`, a scan of parquet files, by `rules`.
    #[must_use]
    pub fn new(input: Arc<dyn ExecutionPlan>, rules: Arc<ReadRules>) -> Self {
        Self { input, rules }
    }

    fn scan(&self) -> DfResult<&FileScanConfig> {
        let source = self.input.downcast_ref::<DataSourceExec>();
        let scan = source.and_then(|source| source.data_source().downcast_ref::<FileScanConfig>());
        scan.ok_or_else(|| internal_datafusion_err!("DeltaReadExec stands above {}", self.input.name()))
    }

    fn over(&self, input: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        Arc::new(Self::new(input, Arc::clone(&self.rules)))
    }
}

impl DisplayAs for DeltaReadExec {
    fn fmt_as(&self, _t: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rules, .. } = self;
        write!(f, "DeltaReadExec: table={}, deletion_vectors={}", rules.table, rules.vectors.len())?;
        if rules.field_ids.is_some() { f.write_str(", by_field_id") } else { Ok(()) }
    }
}

impl ExecutionPlan for DeltaReadExec {
    fn name(&self) -> &'static str {
        "DeltaReadExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        // A sort would be put between this node and the scan.
        vec![false]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        // Nothing may come between this node and the scan.
        vec![false]
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>,
    ) -> DfResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let Ok([input]) = <[_; 1]>::try_from(children) else {
            return internal_err!("DeltaReadExec has one child");
        };
        Ok(self.over(input))
    }

    fn repartitioned(
        &self,
        target_partitions: usize,
        config: &ConfigOptions,
    ) -> DfResult<Option<Arc<dyn ExecutionPlan>>> {
        let input = self.input.repartitioned(target_partitions, config)?;
        Ok(input.map(|input| self.over(input)))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let scan = self.scan()?;
        if scan.limit.is_some() && !self.rules.vectors.is_empty() {
            return internal_err!("a limit stands below deleted rows of `{}`", self.rules.table);
        }
        let Some(group) = scan.file_groups.get(partition) else {
            return internal_err!("the scan of `{}` has no partition {partition}", self.rules.table);
        };
        let store = context.runtime_env().object_store(&scan.object_store_url)?;
        let (rules, scan, group) = (Arc::clone(&self.rules), scan.clone(), group.clone());
        let rows = async move {
            let files = select::live_rows(&rules, &store, group.into_inner()).await?;
            if rules.field_ids.is_some() {
                select::require_ids(&rules, &store, &context, &files).await?;
            }
            let columns: Arc<dyn PhysicalExprAdapterFactory> =
                Arc::new(FileColumns { ids: rules.field_ids.clone() });
            // Only the files of this partition: partitions of one scan take files from each other when they run dry.
            let scan = FileScanConfigBuilder::from(scan)
                .with_file_groups(vec![FileGroup::new(files)])
                .with_expr_adapter(Some(columns))
                .build();
            DataSourceExec::from_data_source(scan).execute(0, context)
        };
        let stream = futures::stream::once(rows).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream)))
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(
        &self,
        input_stats: &[Arc<Statistics>],
        _args: &StatisticsArgs,
    ) -> DfResult<Arc<Statistics>> {
        match input_stats {
            [input] => Ok(Arc::new(input.as_ref().clone().to_inexact())),
            _ => internal_err!("DeltaReadExec has one child"),
        }
    }

    // Whether a row is deleted does not depend on what is asked of it.
    fn gather_filters_for_pushdown(
        &self,
        _phase: FilterPushdownPhase,
        parent_filters: Vec<Arc<dyn PhysicalExpr>>,
        _config: &ConfigOptions,
    ) -> DfResult<FilterDescription> {
        FilterDescription::from_children(parent_filters, &self.children())
    }

    fn handle_child_pushdown_result(
        &self,
        _phase: FilterPushdownPhase,
        child_pushdown_result: ChildPushdownResult,
        _config: &ConfigOptions,
    ) -> DfResult<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        Ok(FilterPushdownPropagation::if_all(child_pushdown_result))
    }
}
