//! `goldsmith sources`

use goldsmith_scheduler::sources;

use crate::args::{Common, Format, SourcesArgs};
use crate::exit::UnusableBronze;
use crate::{clock, output};

pub(crate) async fn run(common: &Common, args: &SourcesArgs) -> anyhow::Result<()> {
    let report = match &common.cluster {
        Some(url) => super::client(common, url)?.sources().await?,
        None => sources::run(&super::lakehouse(common)?).await?,
    };
    match args.output {
        Format::Json => output::json(&report)?,
        Format::Text => output::print(&output::sources::text(&report, clock::now()))?,
    }
    let faults = report.faults();
    if faults.is_empty() { Ok(()) } else { Err(UnusableBronze(faults).into()) }
}
