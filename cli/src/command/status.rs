//! `goldsmith status` and `goldsmith history`

use goldsmith_scheduler::coordinator::client::Client;

use crate::args::{Common, Format, StatusArgs};
use crate::exit::Usage;
use crate::output;

pub(crate) async fn status(common: &Common, args: &StatusArgs) -> anyhow::Result<()> {
    let status = client(common, "status")?.status().await?;
    match args.output {
        Format::Json => output::json(&status),
        Format::Text => output::print(&output::status::status(&status)),
    }
}

pub(crate) async fn history(common: &Common, args: &StatusArgs) -> anyhow::Result<()> {
    let history = client(common, "history")?.history().await?;
    match args.output {
        Format::Json => output::json(&history),
        Format::Text => output::print(&output::status::history(&history)),
    }
}

fn client(common: &Common, command: &str) -> anyhow::Result<Client> {
    let url = common.cluster.as_ref().ok_or_else(|| {
        Usage(format!(
            "`{command}` asks a scheduler and needs its URL; hint: goldsmith {command} --cluster http://HOST:PORT"
        ))
    })?;
    Ok(Client::new(url)?)
}
