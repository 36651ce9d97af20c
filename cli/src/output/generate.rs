//! A generated lake, or a change of it, on one screen.

use std::time::Duration;

use bytesize::ByteSize;
use goldsmith_synth::{Generated, Mutated};
use serde::Serialize;

use super::grouped;

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
        "made {} (scale {}, seed {}) in {}{}: {} rows, {}\n\n  {:<34} {:>12} {:>6} {:>10} {:>8}\n",
        lake.location,
        lake.scale,
        lake.seed,
        seconds(lake.elapsed_ms),
        peak_memory_bytes.map_or_else(String::new, |bytes| format!(" · peak memory {}", ByteSize(bytes))),
        grouped(lake.rows),
        ByteSize(lake.bytes),
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
    out.push_str(&format!("\nChange it with: goldsmith generate {} --mutate\n", lake.location));
    out
}

pub(crate) fn mutated(change: &Mutated) -> String {
    let mut out = format!(
        "changed {} (fraction {}, seed {}, step {}) in {}\n\n  {:<34} {:<34} {:<9} {:>8} {:>10} {:>9}\n",
        change.location,
        change.fraction,
        change.seed,
        change.step,
        seconds(change.elapsed_ms),
        "change",
        "table",
        "operation",
        "version",
        "rows",
        "files",
    );
    let mut last = "";
    for commit in &change.commits {
        out.push_str(&format!(
            "  {:<34} {:<34} {:<9} {:>8} {:>10} {:>9}\n",
            if commit.change == last { "" } else { commit.change },
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

fn seconds(elapsed_ms: u64) -> String {
    format!("{:.1} s", Duration::from_millis(elapsed_ms).as_secs_f64())
}
