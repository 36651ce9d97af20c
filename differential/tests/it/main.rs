//! Statements made at random are answered alike in several ways. `.ci/long sql` runs many more of them.

#[cfg(test)]
mod canary;
#[cfg(test)]
mod spread;

use std::path::{Path, PathBuf};
use std::process::Command;

use goldsmith_differential::run::{Against, run};
use goldsmith_differential::statement::generate::{GENERATOR, statement};
use goldsmith_differential::statement::{Dialect, text};
use goldsmith_differential::sums::Sums;
use goldsmith_differential::table::tables;
use goldsmith_sql::optimize::RuleSet;

/// How many of 1,000 statements a construct is in at least.
const LEAST: [(&str, u64); 44] = [
    ("AND", 400),
    ("CASE", 250),
    ("CROSS", 50),
    ("DISTINCT", 150),
    ("EXCEPT", 10),
    ("EXCEPT ALL", 5),
    ("EXISTS", 120),
    ("FULL", 80),
    ("GROUP BY", 180),
    ("HAVING", 70),
    ("IN list", 250),
    ("IN query", 120),
    ("INNER", 180),
    ("INTERSECT", 15),
    ("INTERSECT ALL", 15),
    ("IS NULL", 300),
    ("LEFT", 170),
    ("LEFT ANTI", 60),
    ("LEFT SEMI", 70),
    ("LIMIT", 100),
    ("NOT", 200),
    ("NOT EXISTS", 100),
    ("NOT IN list", 200),
    ("NOT IN query", 120),
    ("OR", 280),
    ("ORDER BY", 170),
    ("RIGHT", 100),
    ("UNION", 30),
    ("UNION ALL", 45),
    ("VALUES", 170),
    ("WITH, used twice", 50),
    ("aggregate", 400),
    ("aggregate of distinct values", 10),
    ("aggregate with FILTER", 50),
    ("correlated subquery", 240),
    ("explode", 50),
    ("field of a struct", 290),
    ("first row of each key", 100),
    ("lambda", 150),
    ("scalar subquery", 190),
    ("subquery in FROM", 300),
    ("three joins in a row", 50),
    ("window", 120),
    ("window that ignores nulls", 15),
];

fn assert_agree(sums: &Sums) {
    assert!(sums.different == 0 && sums.failed == 0, "{}", sums.text());
}

/// FNV-1a, which is the same everywhere.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn a_generator_that_makes_other_statements_has_another_number() {
    let columns: Vec<_> = tables(0).iter().map(|table| table.columns.clone()).collect();
    let texts: Vec<String> = (0..50).map(|seed| text(&statement(seed, &columns), Dialect::Spark)).collect();
    let found = (GENERATOR, hash(&texts.join("\n")));
    assert_eq!(found, (2, 0xcb2a_fd83_a337_3085), "raise GENERATOR, and begin the sums anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_do_not_depend_on_rules_that_save_work() {
    let sums = run(0..1_000, &RuleSet::default(), &Against::Rules(RuleSet::needed()), false).await.unwrap();
    assert_agree(&sums);
    assert!(sums.refused <= 50, "{}", sums.text());
    for (construct, least) in LEAST {
        let found = sums.constructs.get(construct).copied().unwrap_or_default();
        assert!(found >= least, "{found} of {least} statements with {construct}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_answers_as_one_process_does() {
    // In 911 a window ignores nulls, which is lost where plans travel as the engine writes them.
    for (seeds, least) in [(0..100, 90), (911..912, 1)] {
        let sums = run(seeds, &RuleSet::default(), &Against::Cluster, false).await.unwrap();
        assert_agree(&sums);
        assert!(sums.equal >= least, "{}", sums.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_engine_answers_alike() {
    let against = Against::DuckDb(python());
    let sums = run(0..100, &RuleSet::default(), &against, false).await.unwrap();
    assert_agree(&sums);
    assert!(sums.equal >= 90, "{}", sums.text());
}

/// A rule that gives wrong rows is found; were it not, the statements would be too tame.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_with_a_fault_is_found() {
    let engine = [
        ("decorrelate_subqueries", false),
        ("decorrelate_predicate_subquery", true),
        ("scalar_subquery_to_join", true),
    ];
    for (switched, seeds) in [
        (&engine[..], 0..200),
        (&[("HideEquivalences", false)], 1_160..1_180),
        (&[("KeepLambdas", false)], 240..260),
    ] {
        let rules = switched.iter().fold(RuleSet::default(), |rules, (name, runs)| rules.with(name, *runs));
        let sums = run(seeds, &rules, &Against::Rules(RuleSet::needed()), true).await.unwrap();
        assert_eq!(sums.different + sums.failed, 1, "{switched:?}: {}", sums.text());
    }
}

/// A Python with DuckDB, made once.
#[expect(clippy::unwrap_used, reason = "what fails here fails the test")]
fn python() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("duckdb-venv");
    let python = home.join("bin/python");
    let done = home.join("complete");
    if !done.exists() {
        succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
        let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("requirements.txt");
        succeed(Command::new(&python).args(["-m", "pip", "install", "-q", "-r"]).arg(requirements));
        std::fs::write(done, "").unwrap();
    }
    python
}

#[expect(clippy::panic, reason = "what fails here fails the test")]
fn succeed(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
