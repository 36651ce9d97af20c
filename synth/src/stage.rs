//! Writes rows as files that belong to no version yet.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::EmptyRecordBatchStream;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::{SessionConfig, SessionContext};
use goldsmith_lake::exec::{DeltaWriteExec, WriteTarget};
use goldsmith_lake::{Location, Stores};
use goldsmith_proto::lake::v1::StagedFile;
use parking_lot::Mutex;

use crate::error::{Result, SynthError};

/// Size at which a file is closed: well below what one commit of a large lake holds.
const TARGET_FILE_BYTES: u64 = 64 << 20;

/// Part of the name of every file of a generated lake.
const MARKER: &str = "synth";

/// Writes `rows` into the folder of `table` and says which files they became.
///
/// # Errors
/// [`SynthError::Write`] if the rows cannot be made or the storage refuses; the files are gone then.
pub(crate) async fn stage(
    stores: &Stores,
    table: &str,
    location: &Location,
    rows: SendableRecordBatchStream,
) -> Result<Vec<StagedFile>> {
    let failed = |source: DataFusionError| SynthError::Write {
        table: table.to_owned(),
        location: location.to_string(),
        source: Box::new(source),
    };
    let schema = rows.schema();
    let once: Arc<dyn PartitionStream> =
        Arc::new(Once { schema: rows.schema(), rows: Mutex::new(Some(rows)) });
    let input = StreamingTableExec::try_new(Arc::clone(&schema), vec![once], None, [], false, None)
        .map_err(failed)?;
    let write = Arc::new(DeltaWriteExec::new(
        Arc::new(input),
        WriteTarget {
            location: location.clone(),
            schema,
            marker: MARKER.to_owned(),
            target_file_bytes: TARGET_FILE_BYTES,
        },
    )) as Arc<dyn ExecutionPlan>;
    let runtime = RuntimeEnvBuilder::new().with_object_store_registry(stores.registry()).build_arc();
    let context = SessionContext::new_with_config_rt(SessionConfig::new(), runtime.map_err(failed)?);
    let batches = collect(write, context.task_ctx()).await.map_err(failed)?;
    Ok(DeltaWriteExec::decode(table, &batches)?)
}

/// A stream as the one partition of a plan; it can be run once.
struct Once {
    schema: SchemaRef,
    rows: Mutex<Option<SendableRecordBatchStream>>,
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once")
    }
}

impl PartitionStream for Once {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.rows.lock().take();
        rows.unwrap_or_else(|| Box::pin(EmptyRecordBatchStream::new(Arc::clone(&self.schema))))
    }
}
