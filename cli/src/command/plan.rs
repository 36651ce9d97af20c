//! `goldsmith plan`

use goldsmith_proto::id::RefreshId;
use goldsmith_scheduler::plan::PlanOptions;
use goldsmith_scheduler::refresh::preflight;
use goldsmith_scheduler::{Inventory, RefreshPlan};

use crate::args::{Common, Format, RefreshArgs};
use crate::output::Shell;
use crate::{clock, output};

pub(crate) async fn run(common: &Common, args: &RefreshArgs) -> anyhow::Result<()> {
    let as_of = args.as_of.unwrap_or_else(clock::now);
    let options = PlanOptions { only: args.only.clone(), full: args.full, ..PlanOptions::default() };
    let plan = match &common.cluster {
        Some(url) => super::client(common, url)?.plan(as_of, &options).await?,
        None => {
            let lakehouse = super::lakehouse(common)?;
            let inventory = Inventory::take(&lakehouse, &args.only).await?;
            let plan = RefreshPlan::make(&lakehouse, &inventory, RefreshId::generate(), as_of, &options)?;
            preflight(&lakehouse, &inventory, &plan).await?;
            plan
        }
    };
    match args.output {
        Format::Json => output::json(&plan),
        Format::Text => output::print(&output::plan::text(&plan, args.all, &refresh_command(common, args))),
    }
}

/// The command that applies what was planned.
fn refresh_command(common: &Common, args: &RefreshArgs) -> String {
    let mut command = format!("{} refresh", Shell::program());
    if let Some(config) = &common.config {
        command.push_str(&format!(" -c {}", Shell(config.to_string_lossy())));
    }
    if let Some(url) = &common.cluster {
        command.push_str(&format!(" --cluster {}", Shell(url)));
    }
    if !args.only.is_empty() {
        command.push_str(&format!(" --only {}", Shell(args.only.join(","))));
    }
    if args.full {
        command.push_str(" --full");
    }
    if let Some(as_of) = args.as_of {
        command.push_str(&format!(" --as-of {}", as_of.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)));
    }
    command
}
