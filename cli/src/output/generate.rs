//! A generated lake, or a change of it, on one screen.

use bytesize::ByteSize;
use goldsmith_synth::{Generated, Mutated};
use serde::Serialize;

use super::{counted, grouped, seconds};

/// What `--output json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'a, T> {
    /// Version of this document's form.
    schema_version: u32,
    /// Highest resident set of the process; absent where the system does not tell.
    peak_memory_bytes: Option<u64>,
    #[serde(flatten)]
    outcome: &'a T,
}

impl<'a, T> Document<'a, T> {
    pub(crate) const fn new(outcome: &'a T, peak_memory_bytes: Option<u64>) -> Self {
        Self { schema_version: 1, peak_memory_bytes, outcome }
    }
}

pub(crate) fn made(lake: &Generated, peak_memory_bytes: Option<u64>) -> String {
    let mut out = format!(
        "made {}: {}, {}\nscale {}, seed {}, in {}{}\n\n  {:<34} {:>12} {:>6} {:>10} {:>8}\n",
        lake.location,
        counted(lake.rows, "row"),
        ByteSize(lake.bytes),
        lake.scale,
        lake.seed,
        seconds(lake.elapsed_ms),
        peak_memory_bytes.map_or_else(String::new, |bytes| format!(" · peak memory {}", ByteSize(bytes))),
        "table",
        "rows",
        "files",
        "size",
        "version",
    );
    for table in &lake.tables {
        out.push_str(&format!(
            "  {:<34} {:>12} {:>6} {:>10} {:>8}\n",
            table.name,
            grouped(table.rows),
            table.files,
            ByteSize(table.bytes).to_string(),
            table.version,
        ));
    }
    out
}

pub(crate) fn mutated(change: &Mutated) -> String {
    let mut out = format!(
        "changed {}: {} in {}\nfraction {}, seed {}\n\n  {:<36} {:<9} {:>7} {:>9} {:>12}\n",
        change.location,
        counted(change.commits.len() as u64, "commit"),
        seconds(change.elapsed_ms),
        change.fraction,
        change.seed,
        "change",
        "operation",
        "version",
        "rows",
        "files",
    );
    let mut last = "";
    for commit in &change.commits {
        if commit.change != last {
            out.push_str(&format!("  {}\n", commit.change));
        }
        out.push_str(&format!(
            "    {:<34} {:<9} {:>7} {:>9} {:>12}\n",
            commit.table,
            commit.operation,
            commit.version,
            grouped(commit.rows),
            format!("+{} −{}", commit.files_added, commit.files_removed),
        ));
        last = commit.change;
    }
    out
}
