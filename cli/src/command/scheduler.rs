//! `goldsmith scheduler`

use std::sync::Arc;
use std::time::Duration;

use goldsmith_executor::stall::DEFAULT_STALL_TIMEOUT;
use goldsmith_lake::bronze::BronzeSource;
use goldsmith_proto::id::Layer;
use goldsmith_proto::trust::Role;
use goldsmith_scheduler::cluster::{Cluster, ClusterOptions, ShuffleCompression};
use goldsmith_scheduler::coordinator::{Coordinator, Listening, ServeOptions, serve};

use crate::args::{Common, Compression, SchedulerArgs};
use crate::{clock, output, shutdown};

pub(crate) async fn run(common: &Common, args: &SchedulerArgs) -> anyhow::Result<()> {
    let mut lakehouse = super::lakehouse(common)?;
    // What is missing to open the lake is said now, and not at the first refresh.
    let bronze = lakehouse.bronze.iter().flat_map(BronzeSource::places);
    let others = [Layer::Silver, Layer::Gold].into_iter().filter_map(|layer| lakehouse.layer(layer).ok());
    for location in bronze.chain(others) {
        lakehouse.engine.stores().root(location)?;
    }
    let scheme = if common.tls.is_some() { "https" } else { "http" };
    let cluster = Cluster::start(ClusterOptions {
        executor_timeout: Duration::from_secs(args.executor_timeout),
        executor_wait: Duration::from_secs(args.executor_wait),
        stall_timeout: common.stall_timeout.map_or(DEFAULT_STALL_TIMEOUT, Duration::from_secs),
        small_job_bytes: args.small_job.as_u64(),
        shuffle_compression: match args.shuffle_compression {
            Compression::None => ShuffleCompression::None,
            Compression::Lz4 => ShuffleCompression::Lz4,
            Compression::Zstd => ShuffleCompression::Zstd,
        },
        credentials: super::credentials(common, Role::Scheduler)?,
        ..ClusterOptions::default()
    })
    .await?;
    lakehouse.cluster = Some(Arc::clone(&cluster));
    let coordinator = Coordinator::new(lakehouse, clock::now);
    let listening = |Listening { address, http_address }| {
        // Scripts wait for these lines; a reader that is gone is no reason to stop.
        let _ = output::print(&format!(
            "scheduler listens on {scheme}://{address}\nits page is http://{http_address}\n"
        ));
    };
    let options = ServeOptions {
        bind: args.bind,
        token: super::token(common)?,
        http_bind: args.http.http,
        page_token: super::page_token(&args.http)?,
    };
    serve(coordinator, cluster, options, listening, shutdown::signal()).await?;
    Ok(())
}
