//! `goldsmith check`

use std::collections::BTreeMap;

use goldsmith_proto::id::Layer;
use goldsmith_scheduler::check::{self, CheckOptions, Severity};

use crate::args::{CheckArgs, Common, Format};
use crate::config::Config;
use crate::exit::{Usage, Violations};
use crate::output;

pub(crate) async fn run(common: &Common, args: &CheckArgs) -> anyhow::Result<()> {
    let (config, path) = Config::load(common)?;
    let elsewhere = args.url.as_ref().map(|url| config.place(url, args.connection.as_deref())).transpose()?;
    let lakehouse = config.lakehouse(&path, common)?;
    let gold = match elsewhere {
        Some(elsewhere) => elsewhere,
        None => lakehouse.layer(Layer::Gold)?.clone(),
    };
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, columns) in &args.key {
        keys.insert(table.clone(), columns.clone());
    }
    let report = check::run(&lakehouse, &gold, &CheckOptions { keys }).await?;
    if let Some((table, _)) =
        args.key.iter().find(|(table, _)| !report.tables.iter().any(|t| t.name == *table))
    {
        return Err(Usage(format!(
            "--key names `{table}`, and there is no such table in {}; hint: write it as its folder is spelt",
            report.url
        ))
        .into());
    }
    match args.output {
        Format::Json => output::json(&report)?,
        Format::Text => output::print(&output::check::text(&report))?,
    }
    match report.count(Severity::Violation) {
        0 => Ok(()),
        count => Err(Violations { count, location: report.url }.into()),
    }
}
