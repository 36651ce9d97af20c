//! The control API.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use datafusion::arrow::ipc::writer::StreamWriter;
use futures::{Stream, StreamExt};
use goldsmith_proto::control::v1::coordinator_server::Coordinator as CoordinatorApi;
use goldsmith_proto::control::v1::{
    CancelReply, CancelRequest, Document, HistoryRequest, PlanRequest, QueryReply, QueryRequest,
    RefreshEvent, RefreshOptions, RefreshRequest, SourcesRequest, StatusRequest,
};
use goldsmith_proto::id::{RefreshId, Version};
use serde::Serialize;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};

use super::{Coordinator, failure};
use crate::error::SchedulerError;
use crate::inventory::Inventory;
use crate::plan::{PlanOptions, RefreshPlan};
use crate::refresh::preflight;
use crate::{query, sources};

/// The API over a coordinator.
pub(super) struct Service(pub(super) Arc<Coordinator>);

type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[async_trait]
impl CoordinatorApi for Service {
    type RefreshStream = Replies<RefreshEvent>;
    type QueryStream = Replies<QueryReply>;

    async fn refresh(
        &self,
        request: Request<RefreshRequest>,
    ) -> Result<Response<Self::RefreshStream>, Status> {
        let request = request.into_inner();
        let id = refresh_id(&request.refresh_id)?;
        let (options, as_of) = options(request.options)?;
        let run = self.0.refresh(id, as_of, options);
        Ok(Response::new(Box::pin(run.events().map(Ok))))
    }

    async fn cancel(&self, request: Request<CancelRequest>) -> Result<Response<CancelReply>, Status> {
        let run = self.0.find(refresh_id(&request.into_inner().refresh_id)?);
        if let Some(run) = &run {
            run.cancel();
        }
        Ok(Response::new(CancelReply { found: run.is_some() }))
    }

    async fn plan(&self, request: Request<PlanRequest>) -> Result<Response<Document>, Status> {
        let (options, as_of) = options(request.into_inner().options)?;
        let lakehouse = &self.0.lakehouse;
        let planning = async {
            let inventory = Inventory::take(lakehouse, &options.only).await?;
            let plan = RefreshPlan::make(lakehouse, &inventory, RefreshId::generate(), as_of, &options)?;
            preflight(lakehouse, &inventory, &plan).await?;
            Ok::<_, SchedulerError>(plan)
        };
        document(&planning.await.map_err(|error| failure::status(&error))?)
    }

    async fn query(&self, request: Request<QueryRequest>) -> Result<Response<Self::QueryStream>, Status> {
        let request = request.into_inner();
        let as_of = instant(request.as_of_us)?;
        let at = request.at.into_iter().map(|(table, version)| (table, Version::new(version))).collect();
        let lakehouse = self.0.lakehouse.clone();
        let (sender, replies) = mpsc::channel(4);
        // A task of its own, which ends when the client is gone: nobody takes the replies then.
        tokio::spawn(async move {
            let answering = answer(&lakehouse, &request.sql, &at, as_of, &sender);
            let answered = tokio::select! {
                answered = answering => answered,
                () = sender.closed() => return,
            };
            if let Err(status) = answered {
                // The client may have gone meanwhile.
                let _ = sender.send(Err(status)).await;
            }
        });
        let replies = futures::stream::unfold(replies, |mut replies| async move {
            replies.recv().await.map(|reply| (reply, replies))
        });
        Ok(Response::new(Box::pin(replies)))
    }

    async fn sources(&self, _request: Request<SourcesRequest>) -> Result<Response<Document>, Status> {
        let report = sources::run(&self.0.lakehouse).await;
        document(&report.map_err(|error| failure::status(&error))?)
    }

    async fn status(&self, _request: Request<StatusRequest>) -> Result<Response<Document>, Status> {
        let status = self.0.status().await;
        document(&status.map_err(|error| failure::status(&error))?)
    }

    async fn history(&self, _request: Request<HistoryRequest>) -> Result<Response<Document>, Status> {
        let history = self.0.history().await;
        document(&history.map_err(|error| failure::status(&error))?)
    }
}

/// Sends the rows of `sql` as one Arrow IPC stream, in parts.
async fn answer(
    lakehouse: &crate::Lakehouse,
    sql: &str,
    at: &std::collections::BTreeMap<String, Version>,
    as_of: DateTime<chrono::Utc>,
    replies: &mpsc::Sender<Result<QueryReply, Status>>,
) -> Result<(), Status> {
    let internal = |error: datafusion::arrow::error::ArrowError| Status::internal(error.to_string());
    let refused = |error: &SchedulerError| failure::status(error);
    let mut rows = query::run(lakehouse, sql, at, as_of).await.map_err(|error| refused(&error))?;
    let mut writer = StreamWriter::try_new(Vec::new(), &rows.schema).map_err(internal)?;
    loop {
        let batch = rows.next().await.transpose().map_err(|error| refused(&error))?;
        let is_last = batch.is_none();
        match batch {
            // The columns of batches have technical names, and may be declared never null.
            Some(batch) => {
                let columns = batch.columns().to_vec();
                let batch = datafusion::arrow::array::RecordBatch::try_new(Arc::clone(&rows.schema), columns)
                    .map_err(internal)?;
                writer.write(&batch).map_err(internal)?;
            }
            None => writer.finish().map_err(internal)?,
        }
        let ipc = std::mem::take(writer.get_mut());
        if !ipc.is_empty() && replies.send(Ok(QueryReply { ipc })).await.is_err() || is_last {
            return Ok(());
        }
    }
}

fn document(value: &impl Serialize) -> Result<Response<Document>, Status> {
    let json = serde_json::to_string(value).map_err(|error| Status::internal(error.to_string()))?;
    Ok(Response::new(Document { json }))
}

fn refresh_id(text: &str) -> Result<RefreshId, Status> {
    text.parse().map_err(|_| Status::invalid_argument(format!("`{text}` is no id of a refresh")))
}

fn options(options: Option<RefreshOptions>) -> Result<(PlanOptions, DateTime<chrono::Utc>), Status> {
    let options = options.ok_or_else(|| Status::invalid_argument("the request has no options"))?;
    let as_of = instant(options.as_of_us)?;
    Ok((PlanOptions { only: options.only, full: options.full, ..PlanOptions::default() }, as_of))
}

fn instant(micros: i64) -> Result<DateTime<chrono::Utc>, Status> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| Status::invalid_argument("the refresh time is out of range"))
}
