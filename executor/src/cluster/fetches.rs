//! What can be fetched over Arrow Flight: whole partitions of shuffles, from this executor's own folder.
//!
//! Ballista makes a path of what a ticket says, and a job id may hold anything there. Tickets that do not name a job as
//! the scheduler does are refused, and so is every other method.

use arrow_flight::flight_service_server::FlightService;
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest,
    HandshakeResponse, PollInfo, PutResult, SchemaResult, Ticket,
};
use async_trait::async_trait;
use ballista_core::serde::decode_protobuf;
use ballista_core::serde::scheduler::Action as BallistaAction;
use ballista_executor::flight_service::BallistaFlightService;
use futures::stream;
use tonic::{Request, Response, Status, Streaming};

use super::work_dir::is_job_id;

/// The one action: a partition as it lies in its file.
const WHOLE_FILE: &str = "IO_BLOCK_TRANSPORT";

/// Ballista's service behind a check of what it is asked for.
pub(super) struct Fetches(pub(super) BallistaFlightService);

type Nothing<T> = stream::Empty<Result<T, Status>>;

fn closed<T>() -> Result<T, Status> {
    Err(Status::unimplemented(
        "not offered here: executors fetch partitions of shuffles from each other, no more",
    ))
}

/// Refuses a ticket that names anything but a whole partition of a job.
fn check(ticket: &[u8]) -> Result<(), Status> {
    match decode_protobuf(ticket) {
        Ok(BallistaAction::FetchPartition { job_id, byte_ranges, .. }) => {
            if is_job_id(job_id.as_str()) && byte_ranges.is_empty() {
                Ok(())
            } else {
                Err(Status::invalid_argument("the ticket names no whole partition of a job"))
            }
        }
        Err(_) => Err(Status::invalid_argument("no ticket of this cluster")),
    }
}

#[async_trait]
impl FlightService for Fetches {
    type HandshakeStream = Nothing<HandshakeResponse>;
    type ListFlightsStream = Nothing<FlightInfo>;
    type DoGetStream = <BallistaFlightService as FlightService>::DoGetStream;
    type DoPutStream = Nothing<PutResult>;
    type DoActionStream = <BallistaFlightService as FlightService>::DoActionStream;
    type ListActionsStream = Nothing<ActionType>;
    type DoExchangeStream = Nothing<FlightData>;

    async fn do_get(&self, request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        check(&request.get_ref().ticket)?;
        self.0.do_get(request).await
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        if request.get_ref().r#type != WHOLE_FILE {
            return closed();
        }
        check(&request.get_ref().body)?;
        self.0.do_action(request).await
    }

    async fn handshake(
        &self,
        _: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        closed()
    }

    async fn list_flights(&self, _: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        closed()
    }

    async fn get_flight_info(&self, _: Request<FlightDescriptor>) -> Result<Response<FlightInfo>, Status> {
        closed()
    }

    async fn poll_flight_info(&self, _: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        closed()
    }

    async fn get_schema(&self, _: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        closed()
    }

    async fn do_put(&self, _: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
        closed()
    }

    async fn list_actions(&self, _: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        closed()
    }

    async fn do_exchange(
        &self,
        _: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        closed()
    }
}

#[cfg(test)]
mod tests {
    use ballista_core::serde::protobuf;
    use ballista_core::serde::protobuf::action::ActionType;
    use prost::Message;

    use super::*;

    fn ticket(job_id: &str) -> Vec<u8> {
        let fetch = protobuf::FetchPartition { job_id: job_id.to_owned(), ..Default::default() };
        protobuf::Action { action_type: Some(ActionType::FetchPartition(fetch)), settings: Vec::new() }
            .encode_to_vec()
    }

    #[tokio::test]
    async fn tickets_that_lead_out_of_the_folder_are_refused() {
        let root = tempfile::tempdir().unwrap();
        // A file as a partition would be called, in the folder above.
        std::fs::create_dir_all(root.path().join("work")).unwrap();
        std::fs::create_dir_all(root.path().join("other/0/0")).unwrap();
        std::fs::write(root.path().join("other/0/0/data.arrow"), "secret").unwrap();
        let service = Fetches(BallistaFlightService::new(root.path().join("work").display().to_string()));
        let outside = root.path().join("other").display().to_string();
        for job_id in ["../other", "..", "", "a/../../other", outside.as_str()] {
            let get = service.do_get(Request::new(Ticket { ticket: ticket(job_id).into() })).await;
            assert_eq!(get.err().unwrap().code(), tonic::Code::InvalidArgument, "{job_id}");
            let action = Action { r#type: WHOLE_FILE.to_owned(), body: ticket(job_id).into() };
            let action = service.do_action(Request::new(action)).await;
            assert_eq!(action.err().unwrap().code(), tonic::Code::InvalidArgument, "{job_id}");
        }
        let garbage = service.do_get(Request::new(Ticket { ticket: vec![7; 40].into() })).await;
        assert_eq!(garbage.err().unwrap().code(), tonic::Code::InvalidArgument);
        let other = Action { r#type: "IO_BLOCK_TRANSFER".to_owned(), body: ticket("job").into() };
        assert_eq!(
            service.do_action(Request::new(other)).await.err().unwrap().code(),
            tonic::Code::Unimplemented
        );
    }
}
