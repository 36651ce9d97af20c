//! One file per command: parse, call, print.

pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod executor;
pub(crate) mod generate;
pub(crate) mod plan;
pub(crate) mod query;
pub(crate) mod refresh;
pub(crate) mod scheduler;
pub(crate) mod sources;
pub(crate) mod status;

use goldsmith_scheduler::Lakehouse;

use crate::args::Common;
use crate::config::Config;

/// Opens the lake that the configuration names.
pub(crate) fn lakehouse(common: &Common) -> anyhow::Result<Lakehouse> {
    let (config, path) = Config::load(common)?;
    config.lakehouse(&path, common)
}
