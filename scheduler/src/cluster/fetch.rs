//! Gathers the result of a job from the executors that hold it.

use ballista_core::client::BallistaClient;
use ballista_core::error::BallistaError;
use ballista_core::serde::protobuf::PartitionLocation as Encoded;
use ballista_core::serde::scheduler::PartitionId;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use futures::TryStreamExt;

/// Largest message from an executor.
const MESSAGE_BYTES: usize = 256 << 20;
/// Attempts to reach an executor, and the pause between them.
const ATTEMPTS: u8 = 3;
const PAUSE_MS: u64 = 100;

/// All rows at `locations`.
pub(super) async fn all(
    schema: &SchemaRef,
    locations: Vec<Encoded>,
) -> Result<Vec<RecordBatch>, DataFusionError> {
    let mut batches = Vec::new();
    for location in locations {
        batches.extend(one(location).await?);
    }
    if batches.iter().any(|batch: &RecordBatch| batch.schema().fields() != schema.fields()) {
        let message = "an executor returned other columns than the plan has".to_owned();
        return Err(DataFusionError::Execution(message));
    }
    Ok(batches)
}

async fn one(location: Encoded) -> Result<Vec<RecordBatch>, DataFusionError> {
    let external = |error: BallistaError| DataFusionError::External(Box::new(error));
    let layout = location.layout();
    let (Some(executor), Some(partition)) = (location.executor_meta, location.partition_id) else {
        return Err(DataFusionError::Execution("a result without a place".to_owned()));
    };
    let port = u16::try_from(executor.port).unwrap_or_default();
    let partition = PartitionId {
        job_id: partition.job_id.into(),
        stage_id: partition.stage_id as usize,
        partition_id: partition.partition_id as usize,
    };
    let client =
        BallistaClient::try_new(&executor.host, port, MESSAGE_BYTES, false, None, ATTEMPTS, PAUSE_MS, 0, 0);
    let mut client = client.await.map_err(external)?;
    let rows = client.fetch_partition(&executor.id, &partition, location.file_id, layout, true);
    rows.await.map_err(external)?.try_collect().await
}
