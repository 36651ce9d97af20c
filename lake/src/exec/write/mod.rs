//! The node that writes files.

mod file;
mod open_file;
mod row_group;
mod stats;
mod upload;
mod wire;

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result as DfResult, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
};
use futures::StreamExt;
use goldsmith_proto::lake::v1::StagedFile;
use prost::Message;
use tokio_util::task::TaskTracker;

use self::file::FileWriter;
use crate::error::{LakeError, Result};
use crate::location::Location;

/// Where and how a [`DeltaWriteExec`] writes.
#[derive(Debug, Clone)]
pub struct WriteTarget {
    /// Folder of the table.
    pub location: Location,
    /// Columns of the files: names and types as the table will have them. The input has the same number of columns.
    pub schema: SchemaRef,
    /// Part of every file's name, by which the files of one attempt are found again.
    pub marker: String,
    /// Size at which a file is closed and the next one begun.
    pub target_file_bytes: u64,
}

/// What the write nodes of a process have under way. Plans find it as an extension of their session's configuration.
///
/// A plan that is dropped ends its tasks at their next await, and files may appear until then: whoever wants to remove
/// them waits here first.
#[derive(Debug, Clone, Default)]
pub struct OpenWriters(TaskTracker);

impl OpenWriters {
    /// Waits until no file is being written or taken back.
    pub async fn wait(&self) {
        self.0.close();
        self.0.wait().await;
        self.0.reopen();
    }
}

/// Writes its input as parquet files into a table's folder; the files belong to no version yet.
///
/// ```text
///   input partition i ──▶ rows ──▶ parquet files ──▶ one row per file: StagedFile
/// ```
///
/// - **Shape:** any input with the columns of the target, in order; out: one `Binary` column of encoded [`StagedFile`],
///   one row per file, as many partitions as the input
/// - **Order:** rows are written in the order in which they come
/// - **Cancel:** dropping the stream takes its files back, which [`OpenWriters::wait`] waits for; what a dead process
///   left is found by [`crate::Stores::remove_marked`]
#[derive(Debug, Clone)]
pub struct DeltaWriteExec {
    input: Arc<dyn ExecutionPlan>,
    target: WriteTarget,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl DeltaWriteExec {
    /// Name of the metric that counts the rows written.
    pub const ROWS_METRIC: &'static str = "rows_staged";

    /// Writes `input` to `target`.
    #[must_use]
    pub fn new(input: Arc<dyn ExecutionPlan>, target: WriteTarget) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(result_schema()),
            input.output_partitioning().clone(),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self { input, target, properties: Arc::new(properties), metrics: ExecutionPlanMetricsSet::new() }
    }

    /// Decodes what the node yields.
    ///
    /// # Errors
    /// [`LakeError::Decode`] if the batches are not from this node.
    pub fn decode(table: &str, batches: &[RecordBatch]) -> Result<Vec<StagedFile>> {
        let decode_error = |source: Box<dyn std::error::Error + Send + Sync>| LakeError::Decode {
            table: table.to_owned(),
            source,
        };
        let mut files = Vec::new();
        for batch in batches {
            let column = batch
                .columns()
                .first()
                .and_then(|c| c.as_any().downcast_ref::<BinaryArray>())
                .ok_or_else(|| decode_error("the result has no binary column".into()))?;
            for bytes in column.iter().flatten() {
                files.push(StagedFile::decode(bytes).map_err(|e| decode_error(Box::new(e)))?);
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}

fn result_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("staged_file", DataType::Binary, false)]))
}

impl DisplayAs for DeltaWriteExec {
    fn fmt_as(&self, _t: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeltaWriteExec: location={}", self.target.location)
    }
}

impl ExecutionPlan for DeltaWriteExec {
    fn name(&self) -> &'static str {
        "DeltaWriteExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        // More partitions would only mean more and smaller files.
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
            return internal_err!("DeltaWriteExec has one child");
        };
        Ok(Arc::new(Self::new(input, self.target.clone())))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let input = self.input.execute(partition, Arc::clone(&context))?;
        let store = context.runtime_env().object_store(self.target.location.object_store_url())?;
        let writers = context.session_config().get_extension::<OpenWriters>().unwrap_or_default();
        let writer =
            FileWriter::try_new(store, &self.target, partition, context.task_id().as_deref(), &writers)?;
        let bytes = MetricBuilder::new(&self.metrics).global_counter("bytes_written");
        // By a name of its own: a cluster adds the numbers of all nodes of a stage up.
        let rows = MetricBuilder::new(&self.metrics).counter(Self::ROWS_METRIC, partition);
        let schema = Arc::clone(&self.target.schema);
        let stream = futures::stream::once(async move {
            let files = write_all(input, writer, schema, &rows).await?;
            for file in &files {
                bytes.add(usize::try_from(file.size_bytes).unwrap_or(usize::MAX));
            }
            encode(&files)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(result_schema(), stream)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

async fn write_all(
    mut input: SendableRecordBatchStream,
    mut writer: FileWriter,
    schema: SchemaRef,
    rows: &datafusion::physical_plan::metrics::Count,
) -> DfResult<Vec<StagedFile>> {
    while let Some(batch) = input.next().await {
        let written = match batch {
            Ok(batch) => {
                rows.add(batch.num_rows());
                write_batch(&mut writer, &batch, &schema).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            writer.abort().await;
            return Err(error);
        }
    }
    writer.finish().await
}

async fn write_batch(writer: &mut FileWriter, batch: &RecordBatch, schema: &SchemaRef) -> DfResult<()> {
    // Only names and nullability may differ: the model's check has compared the types.
    let batch = RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec())?;
    writer.write(&batch).await
}

fn encode(files: &[StagedFile]) -> DfResult<RecordBatch> {
    let encoded: Vec<Vec<u8>> = files.iter().map(Message::encode_to_vec).collect();
    let column: ArrayRef = Arc::new(BinaryArray::from_iter_values(encoded));
    Ok(RecordBatch::try_new(result_schema(), vec![column])?)
}
