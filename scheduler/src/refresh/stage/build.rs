//! Builds one model: its rows as files that belong to no version yet.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::catalog::view::ViewTable;
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, ident};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::display::DisplayableExecutionPlan;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use goldsmith_jobs::Model;
use goldsmith_lake::exec::{DeltaWriteExec, WriteTarget};
use goldsmith_lake::scan::FilesTable;
use goldsmith_lake::{LakeError, Location};
use goldsmith_proto::lake::v1::StagedFile;
use goldsmith_sql::spelling::{SpelledTable, fold};
use tracing::debug;

use crate::blame;
use crate::catalog::{Built, Catalog};
use crate::cluster::Counters;
use crate::error::{Result, RunError, SchedulerError};
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;
use crate::plan::Step;
use crate::refresh::{Meter, Progress};

/// Size at which a file is closed: well inside the 16 MB to 1 GB that Customer Insights reads best.
const TARGET_FILE_BYTES: u64 = 128 << 20;

/// Compressed bytes of input below which a model is written as one stream on a cluster too.
const SMALL_INPUT_BYTES: u64 = 32 << 20;

/// The files of one model.
#[derive(Debug)]
pub(in crate::refresh) struct Staged {
    pub(in crate::refresh) location: Location,
    pub(in crate::refresh) schema: SchemaRef,
    pub(in crate::refresh) files: Vec<StagedFile>,
    pub(in crate::refresh) bytes_read: u64,
    pub(in crate::refresh) elapsed: Duration,
}

impl Staged {
    pub(in crate::refresh) fn rows(&self) -> u64 {
        self.files.iter().map(|f| f.rows).sum()
    }

    pub(in crate::refresh) fn size_bytes(&self) -> u64 {
        self.files.iter().map(|f| f.size_bytes).sum()
    }
}

/// A model that is ready to be built.
pub(super) struct Building<'a> {
    lakehouse: &'a Lakehouse,
    inventory: &'a Inventory,
    step: &'a Step,
    model: &'a Model,
    state: SessionState,
    write: Arc<dyn ExecutionPlan>,
    location: Location,
    schema: SchemaRef,
    started: Instant,
}

/// Plans `model` down to the files that it is written to, whose names hold `marker`.
pub(super) async fn plan<'a>(
    lakehouse: &'a Lakehouse,
    catalog: &mut Catalog<'a>,
    marker: &str,
    step: &'a Step,
    model: &'a Model,
) -> Result<Building<'a>> {
    let started = Instant::now();
    let built = catalog.model(model).await?;
    let schema = built.schema();
    let location = lakehouse.layer(step.layer)?.table(model.table_name());
    let failed = |source: DataFusionError| failed(step, source.into());
    let sorted = sorted(model, &built).map_err(failed)?;
    let rows = built.physical(&sorted).await?;
    let rows = streams(lakehouse, catalog, model, rows);
    let target = WriteTarget {
        location: location.clone(),
        schema: Arc::clone(&schema),
        marker: marker.to_owned(),
        target_file_bytes: TARGET_FILE_BYTES,
    };
    let write = Arc::new(DeltaWriteExec::new(rows, target));
    let inventory = catalog.inventory();
    let state = built.state;
    Ok(Building { lakehouse, inventory, step, model, state, write, location, schema, started })
}

fn failed(step: &Step, source: RunError) -> SchedulerError {
    SchedulerError::Run {
        what: format!("model `{}.{}`", step.layer, step.name),
        hint: "nothing of this refresh is published; the cause names the file or the limit that it ran into",
        source: Box::new(source),
    }
}

impl Building<'_> {
    /// Writes the files.
    pub(super) async fn run(self, progress: &dyn Progress) -> Result<Staged> {
        let Self { lakehouse, step, write, .. } = &self;
        let counters = Counters::default();
        let meter = match &lakehouse.cluster {
            Some(_) => Meter::Job(counters.clone()),
            None => Meter::Plan(Arc::clone(write)),
        };
        progress.building(step, meter.clone());
        let what = format!("{}.{}", step.layer, step.name);
        let batches = match lakehouse.collect(&what, &self.state, Arc::clone(write), &counters).await {
            Ok(batches) => batches,
            Err(error) => {
                let failed = |source| failed(step, source);
                return Err(blame::model(lakehouse, self.inventory, self.model, error, failed).await);
            }
        };
        debug!(
            model = step.key,
            "\n{}",
            DisplayableExecutionPlan::with_metrics(write.as_ref()).set_show_statistics(true).indent(true)
        );
        let files = DeltaWriteExec::decode(&step.key, &batches)?;
        let Self { location, schema, started, .. } = self;
        Ok(Staged { location, schema, files, bytes_read: meter.count().bytes, elapsed: started.elapsed() })
    }
}

/// The streams in which `rows` are written, each as files of its own.
///
/// One, so that the files are as few as their size allows and hold all rows in order; on a cluster, where one task would
/// write while all others wait, as many as there are partitions, unless the files would be too small to read well.
fn streams(
    lakehouse: &Lakehouse,
    catalog: &Catalog<'_>,
    model: &Model,
    rows: Arc<dyn ExecutionPlan>,
) -> Arc<dyn ExecutionPlan> {
    if lakehouse.cluster.is_some() && catalog.input_bytes(model) > SMALL_INPUT_BYTES {
        // Each partition is sorted already: only their merge is left out.
        return match rows.downcast_ref::<SortPreservingMergeExec>() {
            Some(merge) if merge.fetch().is_none() => Arc::clone(merge.input()),
            _ => rows,
        };
    }
    if rows.output_partitioning().partition_count() > 1 {
        Arc::new(CoalescePartitionsExec::new(rows))
    } else {
        rows
    }
}

fn sorted(model: &Model, built: &Built) -> Result<LogicalPlan, DataFusionError> {
    let by: Vec<_> = model
        .header()
        .sort_by
        .iter()
        .filter_map(|column| built.names.iter().position(|name| fold(name) == fold(column)))
        .map(|index| ident(built.plan.schema().field(index).name()).sort(true, true))
        .collect();
    if by.is_empty() {
        return Ok(built.plan.clone());
    }
    LogicalPlanBuilder::from(built.plan.clone()).sort(by)?.build()
}

/// Staged files under lower-case names.
pub(super) fn staged_view(key: &str, staged: &Staged) -> Result<Arc<dyn TableProvider>> {
    let Staged { location, schema, files, .. } = staged;
    let scan = FilesTable::of_staged(location, schema, files)?;
    let columns: Vec<_> =
        schema.fields().iter().map(|f| ident(f.name()).alias(f.name().to_lowercase())).collect();
    let plan = LogicalPlanBuilder::scan("staged", provider_as_source(Arc::new(scan)), None)
        .and_then(|builder| builder.project(columns))
        .and_then(LogicalPlanBuilder::build)
        .map_err(|source| LakeError::Plan { table: key.to_owned(), source: Arc::new(source) })?;
    let spelling = schema.fields().iter().map(|field| field.name().clone()).collect();
    Ok(SpelledTable::wrap(Arc::new(ViewTable::new(plan, None)), spelling))
}
