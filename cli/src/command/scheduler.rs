//! `goldsmith scheduler`

use std::sync::Arc;
use std::time::Duration;

use goldsmith_scheduler::cluster::{Cluster, ClusterOptions, ShuffleCompression};
use goldsmith_scheduler::coordinator::{Coordinator, serve};

use crate::args::{Common, Compression, SchedulerArgs};
use crate::{clock, output, shutdown};

pub(crate) async fn run(common: &Common, args: &SchedulerArgs) -> anyhow::Result<()> {
    let mut lakehouse = super::lakehouse(common)?;
    let cluster = Cluster::start(ClusterOptions {
        executor_timeout: Duration::from_secs(args.executor_timeout),
        executor_wait: Duration::from_secs(args.executor_wait),
        small_job_bytes: args.small_job.as_u64(),
        shuffle_compression: match args.shuffle_compression {
            Compression::None => ShuffleCompression::None,
            Compression::Lz4 => ShuffleCompression::Lz4,
            Compression::Zstd => ShuffleCompression::Zstd,
        },
    })
    .await?;
    lakehouse.cluster = Some(Arc::clone(&cluster));
    let coordinator = Coordinator::new(lakehouse, clock::now);
    let listening = |address| {
        // Scripts wait for this line; a reader that is gone is no reason to stop.
        let _ = output::print(&format!("scheduler listens on http://{address}\n"));
    };
    serve(coordinator, cluster, args.bind, listening, shutdown::signal()).await?;
    Ok(())
}
