//! `goldsmith status` and `goldsmith history`

use goldsmith_scheduler::history::{self, HistoryReport, StatusReport};

use super::lakehouse;
use crate::args::{Common, Format, StatusArgs};
use crate::output;

pub(crate) async fn status(common: &Common, args: &StatusArgs) -> anyhow::Result<()> {
    let status = match &common.cluster {
        Some(url) => super::client(common, url)?.status().await?,
        None => StatusReport::of(&lakehouse(common)?).await?,
    };
    match args.output {
        Format::Json => output::json(&status),
        Format::Text => output::print(&output::status::status(&status, common.cluster.is_some())),
    }
}

pub(crate) async fn history(common: &Common, args: &StatusArgs) -> anyhow::Result<()> {
    let history = match &common.cluster {
        Some(url) => super::client(common, url)?.history().await?,
        None => HistoryReport::of(Vec::new(), history::published(&lakehouse(common)?).await?),
    };
    match args.output {
        Format::Json => output::json(&history),
        Format::Text => output::print(&output::status::history(&history)),
    }
}
