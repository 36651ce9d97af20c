//! Who is let in where, on a cluster whose parts know each other by certificates.

use arrow_flight::Ticket;
use arrow_flight::flight_service_client::FlightServiceClient;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::serde::protobuf::{ExecuteQueryParams, PollWorkParams};
use chrono::NaiveDate;
use goldsmith_executor::cluster::executor_endpoint;
use goldsmith_proto::cluster::v1::WorkRequest;
use goldsmith_proto::cluster::v1::membership_client::MembershipClient;
use goldsmith_proto::trust::{Credentials, Role, Token, issue};
use goldsmith_scheduler::coordinator::client::{Client, ClientError, ClientOptions};
use std::path::PathBuf;
use tempfile::TempDir;
use tonic::Code;
use tonic::transport::{Channel, Endpoint};

use crate::lab::{Lab, Trust};

const TOKEN: &str = "a-token-of-some-length";

struct Guarded {
    lab: Lab,
    folder: PathBuf,
    _dir: TempDir,
}

fn made(name: &str, dir: &TempDir) -> PathBuf {
    let folder = dir.path().join(name);
    issue(&folder, NaiveDate::from_ymd_opt(2026, 11, 1).unwrap()).unwrap();
    folder
}

impl Guarded {
    async fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let folder = made("tls", &dir);
        let token = Some(Token::try_new(TOKEN).unwrap());
        let trust = Trust { folder: Some(folder.clone()), token, ..Trust::default() };
        Self { lab: Lab::start_with(|_, _| None, &trust).await, folder, _dir: dir }
    }

    fn credentials(&self, role: Role) -> Credentials {
        Credentials::load(&self.folder, role).unwrap()
    }

    /// Without a certificate of its own.
    fn authority_alone(&self) -> Credentials {
        let bare = self.folder.join("bare");
        std::fs::create_dir_all(&bare).unwrap();
        std::fs::copy(self.folder.join("ca.pem"), bare.join("ca.pem")).unwrap();
        Credentials::load(&bare, Role::Client).unwrap()
    }

    fn url(&self) -> String {
        format!("https://{}", self.lab.address)
    }

    async fn channel(&self, credentials: &Credentials) -> Channel {
        let endpoint = Endpoint::from_shared(self.url()).unwrap();
        endpoint.tls_config(credentials.client_tls(Role::Scheduler)).unwrap().connect().await.unwrap()
    }

    async fn status(&self, credentials: Credentials, token: Option<&str>) -> Result<(), ClientError> {
        let token = token.map(|token| Token::try_new(token).unwrap());
        let options = ClientOptions { credentials: Some(credentials), token };
        Client::new(&self.url(), &options)?.status().await.map(drop)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_runs_over_connections_that_are_proven() {
    let guarded = Guarded::start().await;
    guarded.lab.refresh().await.unwrap();
    assert_eq!(guarded.lab.published().len(), 9);
    assert_eq!(guarded.lab.cluster.resubmissions(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_show_a_certificate_or_the_token() {
    let guarded = Guarded::start().await;
    guarded.status(guarded.credentials(Role::Client), None).await.unwrap();
    guarded.status(guarded.authority_alone(), Some(TOKEN)).await.unwrap();
    for (credentials, token, part) in [
        (guarded.authority_alone(), None, "neither a token nor a certificate"),
        (guarded.authority_alone(), Some("another-token-of-some-length"), "the token is another one"),
        (guarded.credentials(Role::Executor), None, "of another role"),
    ] {
        let error = guarded.status(credentials, token).await.unwrap_err();
        assert!(matches!(&error, ClientError::Denied { message, .. } if message.contains(part)), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_plain_connections_reach_nothing() {
    let guarded = Guarded::start().await;
    let dir = TempDir::new().unwrap();
    let stranger = Credentials::load(&made("other", &dir), Role::Client).unwrap();
    let error = guarded.status(stranger, Some(TOKEN)).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    let plain = format!("http://{}", guarded.lab.address);
    let error = Client::new(&plain, &ClientOptions::default()).unwrap().status().await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_executors_are_given_work() {
    let guarded = Guarded::start().await;
    for (credentials, code) in [
        (guarded.credentials(Role::Client), Code::PermissionDenied),
        (guarded.credentials(Role::Scheduler), Code::PermissionDenied),
        (guarded.authority_alone(), Code::Unauthenticated),
    ] {
        let channel = guarded.channel(&credentials).await;
        let poll = SchedulerGrpcClient::new(channel.clone()).poll_work(PollWorkParams::default()).await;
        assert_eq!(poll.unwrap_err().code(), code, "{credentials:?}");
        let work = MembershipClient::new(channel).work(WorkRequest { executor_id: "x".to_owned() }).await;
        assert_eq!(work.unwrap_err().code(), code, "{credentials:?}");
    }
    // Executors ask for work and do not give any.
    let channel = guarded.channel(&guarded.credentials(Role::Executor)).await;
    let query = SchedulerGrpcClient::new(channel.clone()).execute_query(ExecuteQueryParams::default()).await;
    assert_eq!(query.unwrap_err().code(), Code::Unimplemented);
    // What no executor sends is refused, and nothing stops.
    let poll = SchedulerGrpcClient::new(channel).poll_work(PollWorkParams::default()).await;
    assert_eq!(poll.unwrap_err().code(), Code::InvalidArgument);
    guarded.status(guarded.credentials(Role::Client), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn shuffle_files_are_for_executors_and_the_scheduler() {
    let guarded = Guarded::start().await;
    let (_, address, _) = guarded.lab.cluster.executors().await.remove(0);
    let ticket = || Ticket { ticket: b"../../etc".to_vec().into() };
    for (role, code) in [
        (Role::Client, Code::PermissionDenied),
        // Let in, and refused for what they ask.
        (Role::Executor, Code::InvalidArgument),
        (Role::Scheduler, Code::InvalidArgument),
    ] {
        let endpoint = executor_endpoint(&address, Some(&guarded.credentials(role))).unwrap();
        let mut flight = FlightServiceClient::new(endpoint.connect().await.unwrap());
        assert_eq!(flight.do_get(ticket()).await.unwrap_err().code(), code, "{role}");
    }
    // Without a certificate the connection itself is refused, at the latest when something is asked.
    let endpoint = executor_endpoint(&address, Some(&guarded.authority_alone())).unwrap();
    let refused = match endpoint.connect().await {
        Ok(channel) => FlightServiceClient::new(channel).do_get(ticket()).await.is_err(),
        Err(_) => true,
    };
    assert!(refused);
    let plain = executor_endpoint(&address, None).unwrap();
    let refused = match plain.connect().await {
        Ok(channel) => FlightServiceClient::new(channel).do_get(ticket()).await.is_err(),
        Err(_) => true,
    };
    assert!(refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_only_connect_keep_nobody_waiting() {
    let guarded = Guarded::start().await;
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(tokio::net::TcpStream::connect(guarded.lab.address).await.unwrap());
    }
    guarded.status(guarded.credentials(Role::Client), None).await.unwrap();
    guarded.lab.refresh().await.unwrap();
    drop(idle);
}
