//! `goldsmith refresh`

use goldsmith_scheduler::plan::PlanOptions;
use goldsmith_scheduler::{SchedulerError, refresh};

use crate::args::{Common, Format, RefreshArgs};
use crate::output::progress::Bars;
use crate::{clock, output, shutdown};

pub(crate) async fn run(common: &Common, args: &RefreshArgs) -> anyhow::Result<()> {
    let lakehouse = super::lakehouse(common)?;
    let as_of = args.as_of.unwrap_or_else(clock::now);
    let options = PlanOptions { only: args.only.clone(), full: args.full, ..PlanOptions::default() };
    let bar = Bars::new(common.quiet);
    let report = refresh::run(&lakehouse, as_of, &options, clock::now, &bar, shutdown::signal()).await;
    bar.finish();
    if let Err(SchedulerError::Audit { report: Some(report), .. }) = &report
        && args.output == Format::Json
    {
        // Programs read which audits failed where they read everything else.
        output::json(report)?;
    }
    let report = report?;
    match args.output {
        Format::Json => output::json(&report),
        Format::Text if common.quiet => Ok(()),
        Format::Text => output::print(&output::refresh::text(&report, args.all)),
    }
}
