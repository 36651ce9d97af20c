//! The result of a job, which executors hold until it is fetched.

use std::sync::Arc;

use ballista_core::client::BallistaClient;
use ballista_core::error::BallistaError;
use ballista_core::extension::BallistaConfigGrpcEndpoint;
use ballista_core::serde::protobuf::PartitionLocation as Encoded;
use ballista_core::serde::scheduler::PartitionId;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};

use goldsmith_executor::cluster::to_executors;
use goldsmith_proto::trust::Credentials;

use super::JobError;
use super::tracked::Tracked;

/// Largest message from an executor.
const MESSAGE_BYTES: usize = 256 << 20;
/// Attempts to reach an executor, and the pause between them.
const ATTEMPTS: u8 = 3;
const PAUSE_MS: u64 = 100;

/// Rows of a job as they come.
pub(super) type Rows = BoxStream<'static, Result<RecordBatch, JobError>>;

/// The whole result of a job that can be trusted. Executors keep it until it is fetched or dropped.
pub(super) struct Placed {
    pub(super) job: Tracked,
    pub(super) schema: SchemaRef,
    pub(super) locations: Vec<Encoded>,
    /// What the scheduler shows to executors.
    pub(super) credentials: Option<Credentials>,
}

impl Placed {
    /// All rows.
    ///
    /// - **Cancel:** safe to drop
    pub(super) fn all(self) -> BoxFuture<'static, Result<Vec<RecordBatch>, DataFusionError>> {
        Box::pin(self.fetched().try_collect())
    }

    /// The rows as they come, of which the first are here. An error after them cannot be cured by running the job again,
    /// because they may have been passed on.
    ///
    /// - **Cancel:** safe to drop
    pub(super) fn begun(self) -> BoxFuture<'static, Result<Rows, DataFusionError>> {
        Box::pin(async move {
            let job = self.job.name.clone();
            let mut rows = self.fetched();
            let first = rows.try_next().await?;
            let rest = rows.map_err(move |source| JobError::Fetch { job: job.clone(), source });
            Ok(stream::iter(first.map(Ok)).chain(rest).boxed())
        })
    }

    /// The rows, and an error instead of an endless wait where an executor that holds some is lost.
    fn fetched(self) -> BoxStream<'static, Result<RecordBatch, DataFusionError>> {
        let Self { job, schema, locations, credentials } = self;
        let dial = Arc::new(BallistaConfigGrpcEndpoint::new(to_executors(credentials)));
        let executors =
            locations.iter().filter_map(|location| Some(location.executor_meta.as_ref()?.id.clone()));
        let lost = job.lost_one_of(executors.collect());
        let rows = stream::iter(locations)
            .then(move |location| one(location, Arc::clone(&dial)))
            .try_flatten()
            .and_then(move |batch| {
                let is_right = batch.schema().fields() == schema.fields();
                std::future::ready(if is_right { Ok(batch) } else { Err(other_columns()) })
            });
        let end = stream::once(async move { job.done() }).filter_map(|()| std::future::ready(None));
        let state = (rows.chain(end).boxed(), lost.boxed());
        let watched = stream::unfold(state, |(mut rows, mut lost)| async move {
            tokio::select! {
                biased;
                batch = rows.next() => batch.map(|batch| (batch, (rows, lost))),
                () = &mut lost => {
                    let message = "an executor that held rows of the result was lost".to_owned();
                    let error = Err(DataFusionError::Execution(message));
                    Some((error, (stream::empty().boxed(), std::future::pending().boxed())))
                }
            }
        });
        watched.fuse().boxed()
    }
}

fn other_columns() -> DataFusionError {
    DataFusionError::Execution("an executor returned other columns than the plan has".to_owned())
}

async fn one(
    location: Encoded,
    dial: Arc<BallistaConfigGrpcEndpoint>,
) -> Result<SendableRecordBatchStream, DataFusionError> {
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
    let client = BallistaClient::try_new(
        &executor.host,
        port,
        MESSAGE_BYTES,
        false,
        Some(dial),
        ATTEMPTS,
        PAUSE_MS,
        0,
        0,
    );
    let mut client = client.await.map_err(external)?;
    client.fetch_partition(&executor.id, &partition, location.file_id, layout, true).await.map_err(external)
}
