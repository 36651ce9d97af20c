//! `goldsmith scheduler`

use std::sync::Arc;
use std::time::Duration;

use goldsmith_scheduler::cluster::{Cluster, ClusterOptions};
use goldsmith_scheduler::coordinator::{Coordinator, serve};

use crate::args::{Common, SchedulerArgs};
use crate::{clock, output, shutdown};

pub(crate) async fn run(common: &Common, args: &SchedulerArgs) -> anyhow::Result<()> {
    let mut lakehouse = super::lakehouse(common)?;
    let cluster = Cluster::start(ClusterOptions {
        executor_timeout: Duration::from_secs(args.executor_timeout),
        executor_wait: Duration::from_secs(args.executor_wait),
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
