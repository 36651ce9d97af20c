//! The story of a demo, step by step, within 80 columns.

use std::collections::BTreeMap;
use std::time::Duration;

use bytesize::ByteSize;
use goldsmith_jobs::Model;
use goldsmith_proto::id::Layer;
use goldsmith_scheduler::RefreshReport;
use goldsmith_scheduler::check::{CheckReport, Severity};
use goldsmith_scheduler::plan::Mode;
use goldsmith_scheduler::refresh::ModelReport;
use goldsmith_scheduler::sources::SourcesReport;
use goldsmith_synth::{Generated, Mutated, MutatedTable};
use serde::Serialize;

use super::sample::Sample;
use super::{Shell, counted, grouped, seconds};
use crate::demo::Folder;

/// What `--output json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'a> {
    /// Version of this document's form.
    pub(crate) schema_version: u32,
    pub(crate) dir: String,
    pub(crate) config: String,
    pub(crate) elapsed_ms: u64,
    /// Highest resident set of the process; absent where the system does not tell.
    pub(crate) peak_memory_bytes: Option<u64>,
    /// Absent where an earlier demo was gone on with.
    pub(crate) generated: Option<&'a Generated>,
    pub(crate) changed: &'a Mutated,
    /// Before and after the change.
    pub(crate) refreshed: [&'a RefreshReport; 2],
    pub(crate) checked: &'a CheckReport,
}

pub(crate) fn title(folder: &Folder) -> String {
    let what = if folder.is_new { "is made in" } else { "goes on in" };
    format!("A small lake of Dynamics 365 Commerce {what} {}.\n", folder.shown)
}

pub(crate) fn made(lake: &Generated) -> String {
    let rows = lake.tables.iter().map(|table| (table.name.as_str(), table.rows)).collect();
    let size = format!("{}, made in {}", ByteSize(lake.bytes), seconds(lake.elapsed_ms));
    bronze(&rows, lake.rows, &size)
}

/// The lake of an earlier run.
pub(crate) fn found(report: &SourcesReport) -> String {
    let there = report.tables.iter().filter(|table| table.kind.is_some());
    let rows: BTreeMap<&str, u64> =
        there.map(|table| (table.name.as_str(), table.rows.unwrap_or(0))).collect();
    bronze(&rows, rows.values().sum(), "there from an earlier demo")
}

fn bronze(rows: &BTreeMap<&str, u64>, all: u64, note: &str) -> String {
    let mut out = format!(
        "\n1. Bronze: what Link to Fabric leaves in a lake\n\n   {}, {}, {note}: as wide\n   as the real ones, and as messy: soft \
         deletes, sentinel dates, orphans, twins.\n\n",
        counted(rows.len() as u64, "Delta table"),
        counted(all, "row"),
    );
    let told = ["custtable", "dirpartytable", "salestable", "salesline", "retailloyaltycardrewardpointtrans"];
    for name in told {
        if let Some(rows) = rows.get(name) {
            out.push_str(&format!("   {name:<40} {:>12} rows\n", grouped(*rows)));
        }
    }
    let others = rows.keys().filter(|name| !told.contains(name)).count();
    out.push_str(&format!("   … and {}\n", counted(others as u64, "more table")));
    out
}

pub(crate) fn refreshed(report: &RefreshReport, models: &[Model]) -> String {
    let silver = models.iter().filter(|model| model.layer() == Layer::Silver).count() as u64;
    let mut out = format!(
        "\n2. Refresh: gold from Spark SQL models\n\n   {}, with {} inside, in {}:\n   built, audited, then \
         published in one commit each.\n\n   {:<36} {:>7} {:>9} {:>11} {:>7}\n",
        counted(gold(report).count() as u64, "gold model"),
        counted(silver, "silver model"),
        seconds(report.elapsed_ms),
        "gold table",
        "version",
        "rows",
        "written",
        "time",
    );
    for model in gold(report) {
        out.push_str(&match model.mode {
            Mode::Full => format!(
                "   {:<36} {:>7} {:>9} {:>11} {:>7}\n",
                model.name,
                model.version_after.map_or_else(String::new, |version| version.to_string()),
                grouped(model.rows_inserted),
                ByteSize(model.bytes_written).to_string(),
                seconds(model.elapsed_ms),
            ),
            Mode::Unchanged | Mode::Skipped => standing(model),
        });
    }
    out
}

pub(crate) fn changed(change: &Mutated) -> String {
    let mut out = format!(
        "\n3. Change: what people do until the next refresh\n\n   {} in {}: appends, merges, updates and \
         deletes.\n\n",
        counted(change.commits.len() as u64, "commit"),
        seconds(change.elapsed_ms),
    );
    let of_kind = |commits: &[MutatedTable]| {
        let mut tables: Vec<&str> = commits.iter().map(|commit| commit.table).collect();
        tables.dedup();
        let named = match tables.as_slice() {
            [one] => (*one).to_owned(),
            [one, other] => format!("{one}, {other}"),
            more => counted(more.len() as u64, "table"),
        };
        let rows = commits.iter().map(|commit| commit.rows).sum();
        format!("   {:<33} {named:<29} {:>6} rows\n", commits[0].change, grouped(rows))
    };
    out.extend(change.commits.chunk_by(|a, b| a.change == b.change).map(of_kind));
    out
}

pub(crate) fn refreshed_again(report: &RefreshReport) -> String {
    let full = gold(report).filter(|model| model.mode == Mode::Full).count();
    let mut out = format!(
        "\n4. Refresh again: gold follows\n\n   {} in {}, each built in full: this version has no incremental\n   \
         refresh yet. A table whose inputs are the same is left alone.\n\n   {:<36} {:>7} {:>9} {:>13}\n",
        counted(full as u64, "gold table"),
        seconds(report.elapsed_ms),
        "gold table",
        "version",
        "rows",
        "rows before",
    );
    for model in gold(report) {
        let version = |version: Option<_>| {
            version.map_or_else(String::new, |v: goldsmith_proto::id::Version| v.to_string())
        };
        out.push_str(&match model.mode {
            Mode::Full => format!(
                "   {:<36} {:>7} {:>9} {:>13}\n",
                model.name,
                format!("{}→{}", version(model.version_before), version(model.version_after)),
                grouped(model.rows_inserted),
                model.rows_deleted.map_or_else(String::new, grouped),
            ),
            Mode::Unchanged | Mode::Skipped => standing(model),
        });
    }
    out
}

/// A model for which nothing was done.
fn standing(model: &ModelReport) -> String {
    let what = if model.mode == Mode::Skipped { &model.reason } else { "unchanged" };
    format!("   {:<36} {what}\n", model.name)
}

/// The gold tables: who and what first, then what happened, then what follows from it.
fn gold(report: &RefreshReport) -> impl Iterator<Item = &ModelReport> {
    let mut models: Vec<&ModelReport> =
        report.models.iter().filter(|model| model.layer == Layer::Gold).collect();
    models.sort_by_key(|model| super::sample::rank(&model.name));
    models.into_iter()
}

pub(crate) fn checked(report: &CheckReport) -> String {
    let (violations, warnings) = (report.count(Severity::Violation), report.count(Severity::Warning));
    let mut out = format!(
        "\n5. Check: can Customer Insights read it?\n\n   {}: {}, {}, {}.\n",
        if violations == 0 { "Yes" } else { "No" },
        counted(report.tables.len() as u64, "table"),
        counted(violations as u64, "violation"),
        counted(warnings as u64, "warning"),
    );
    let mut rules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for table in &report.tables {
        for finding in &table.findings {
            rules.entry(finding.rule.id()).or_default().push(&table.name);
        }
    }
    for (rule, mut tables) in rules {
        tables.dedup();
        let named = if tables.len() > 2 { counted(tables.len() as u64, "table") } else { tables.join(", ") };
        out.push_str(&format!("   {rule}: {named}\n"));
    }
    out
}

pub(crate) fn samples(samples: &[Sample]) -> String {
    // The widest that is still read as a line.
    let width = super::line_width(80);
    let mut out = "\n6. Gold: the first rows of each table\n".to_owned();
    for sample in samples {
        out.push('\n');
        out.push_str(&sample.text(width));
    }
    out
}

pub(crate) fn farewell(folder: &Folder, elapsed: Duration) -> String {
    let program = Shell::program();
    let (config, bronze) = (Shell(folder.config()), Shell(format!("{}/bronze", folder.shown)));
    let sql = "SELECT p.CountryRegionId, count(*) AS lines, sum(o.LineAmount) AS amount
    FROM gold.activities_Orders o
    JOIN gold.profiles_Customer p ON p.CustomerId = o.CustomerId
    GROUP BY p.CountryRegionId ORDER BY lines DESC";
    format!(
        "
That took {:.1} s. Everything is in {}:

  bronze/          Delta tables, in several versions
  gold/            Delta tables as Customer Insights reads them
  goldsmith.toml   the configuration that says where they are

Try next:

  # what is in bronze, and which models read it
  {program} sources -c {config}

  # Spark SQL over bronze, silver and gold
  {program} query -c {config} \\
    \"{sql}\"

  # another change, what a refresh would do about it, and the refresh
  {program} generate {bronze} --mutate --seed 2
  {program} plan -c {config}
  {program} refresh -c {config}

  # what Customer Insights has to say about a folder of gold
  {program} check -c {config}

Models of your own and a lake of your own: README.md.
",
        elapsed.as_secs_f64(),
        folder.shown,
    )
}
