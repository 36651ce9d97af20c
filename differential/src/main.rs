//! Runs ranges of seeds, as many as one has time for, and keeps the sums in a file.

use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use goldsmith_differential::run::{Against, STATEMENTS_OF_A_LAKE, run};
use goldsmith_differential::statement::generate::GENERATOR;
use goldsmith_differential::sums::Sums;
use goldsmith_sql::optimize::{RuleSet, list};

/// Answers random statements in two ways and tells where they differ.
#[derive(Debug, Parser)]
struct Args {
    /// What the answers are compared with: `needed` (the same plan with every optional rule off), `cluster`, `duckdb`.
    #[arg(long, default_value = "needed")]
    against: String,
    /// The first seed; by default the one behind those that the file of sums counts.
    #[arg(long)]
    from: Option<u64>,
    /// How many seeds.
    #[arg(long, default_value_t = 1000)]
    count: u64,
    /// Switches rules of this name on.
    #[arg(long)]
    on: Vec<String>,
    /// Switches rules of this name off.
    #[arg(long)]
    off: Vec<String>,
    /// Ends at the first fault.
    #[arg(long)]
    stop: bool,
    /// Adds the counts to those of this file.
    #[arg(long)]
    sums: Option<PathBuf>,
    /// A Python that has the package `duckdb`.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Prints the statements of the seeds and answers nothing.
    #[arg(long)]
    print: bool,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "it is what this program is for")]
async fn main() -> Result<()> {
    let args = Args::parse();
    let mut all = match &args.sums {
        Some(file) if file.exists() => serde_json::from_slice(&std::fs::read(file)?)?,
        _ => Sums { generator: GENERATOR, ..Sums::default() },
    };
    ensure!(
        all.generator == GENERATOR,
        "the file of sums counts statements of generator {}, and this is {GENERATOR}; remove it",
        all.generator
    );
    let first = args.from.unwrap_or_else(|| all.statements());
    let seeds: Range<u64> = first..first + args.count;
    if args.print {
        use goldsmith_differential::statement::{Dialect, generate, text};
        use goldsmith_differential::table::tables;
        for seed in seeds {
            let columns: Vec<_> =
                tables(seed / STATEMENTS_OF_A_LAKE).iter().map(|table| table.columns.clone()).collect();
            println!("{}", text(&generate::statement(seed, &columns), Dialect::Spark));
        }
        return Ok(());
    }
    let against = match args.against.as_str() {
        "needed" => Against::Rules(RuleSet::needed()),
        "cluster" => Against::Cluster,
        "duckdb" => Against::DuckDb(args.python),
        other => bail!("there is no `{other}` to compare with: needed, cluster, duckdb"),
    };
    let mut rules = RuleSet::default();
    for (names, runs) in [(&args.on, true), (&args.off, false)] {
        for name in names {
            ensure!(list().iter().any(|rule| rule.name == name), "there is no rule `{name}`");
            rules = rules.with(name, runs);
        }
    }
    let sums = run(seeds, &rules, &against, args.stop).await?;
    print!("{}", sums.text());
    let faults = sums.different + sums.failed;
    all.add(sums);
    if let Some(file) = &args.sums {
        let text = serde_json::to_string_pretty(&all)?;
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
        println!("all runs: {}", all.text().lines().next().unwrap_or_default());
    }
    if faults > 0 {
        bail!("{faults} statements differ or fail");
    }
    Ok(())
}
