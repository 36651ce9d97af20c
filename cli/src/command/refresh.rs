//! `goldsmith refresh`

use goldsmith_proto::id::RefreshId;
use goldsmith_scheduler::coordinator::client::ClientError;
use goldsmith_scheduler::plan::PlanOptions;
use goldsmith_scheduler::{RefreshReport, SchedulerError, refresh};

use crate::args::{Common, Format, RefreshArgs};
use crate::output::progress::Bars;
use crate::{clock, output, shutdown};

pub(crate) async fn run(common: &Common, args: &RefreshArgs) -> anyhow::Result<()> {
    let bar = Bars::new(common.quiet);
    let report = applied(common, args, &bar).await;
    bar.finish();
    if args.output == Format::Json
        && let Err(error) = &report
    {
        // Programs read which audits failed where they read everything else.
        if let Some(SchedulerError::Audit { report: Some(report), .. }) = error.downcast_ref() {
            output::json(report)?;
        }
        if let Some(ClientError::Remote(remote)) = error.downcast_ref()
            && let Some(report) = remote.report_json()
        {
            output::json(&serde_json::from_str::<RefreshReport>(report)?)?;
        }
    }
    let report = report?;
    match args.output {
        Format::Json => output::json(&report),
        Format::Text if common.quiet => Ok(()),
        Format::Text => output::print(&output::refresh::text(&report, args.all)),
    }
}

async fn applied(common: &Common, args: &RefreshArgs, bar: &Bars) -> anyhow::Result<RefreshReport> {
    let id = RefreshId::generate();
    let as_of = args.as_of.unwrap_or_else(clock::now);
    let options = PlanOptions { only: args.only.clone(), full: args.full, ..PlanOptions::default() };
    let signal = shutdown::signal();
    Ok(match &common.cluster {
        Some(url) => {
            let wait = std::time::Duration::from_secs(args.scheduler_wait);
            super::client(common, url)?.refresh(id, as_of, &options, wait, bar, signal).await?
        }
        None => {
            let lakehouse = super::lakehouse(common)?;
            refresh::run(&lakehouse, id, as_of, &options, clock::now, bar, signal).await?
        }
    })
}
