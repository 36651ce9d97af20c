//! What executors ask of the scheduler beside Ballista's own protocol.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use futures::{Stream, StreamExt};
use goldsmith_proto::cluster::v1::membership_server::Membership;
use goldsmith_proto::cluster::v1::{LeaveReply, LeaveRequest, WorkAvailable, WorkRequest};
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use super::Cluster;

/// The service over a cluster.
pub(crate) struct MembershipService(pub(crate) Arc<Cluster>);

#[async_trait]
impl Membership for MembershipService {
    type WorkStream = Pin<Box<dyn Stream<Item = Result<WorkAvailable, Status>> + Send>>;

    async fn work(&self, _request: Request<WorkRequest>) -> Result<Response<Self::WorkStream>, Status> {
        let news = changes(self.0.work.subscribe());
        Ok(Response::new(Box::pin(news.map(|()| Ok(WorkAvailable {})))))
    }

    async fn leave(&self, request: Request<LeaveRequest>) -> Result<Response<LeaveReply>, Status> {
        let executor_id = request.into_inner().executor_id;
        self.0.members.drains(&executor_id);
        let may_go = !self.0.jobs.need(&executor_id).await;
        if may_go {
            let left = self.0.members.leave(&executor_id).await;
            left.map_err(|error| Status::internal(error.to_string()))?;
            tracing::info!(executor_id, "executor left");
        }
        Ok(Response::new(LeaveReply { may_go }))
    }
}

/// One item for every change, or for several of them.
fn changes(receiver: watch::Receiver<u64>) -> impl Stream<Item = ()> + Send {
    futures::stream::unfold(receiver, |mut receiver| async move {
        receiver.changed().await.ok().map(|()| ((), receiver))
    })
}
