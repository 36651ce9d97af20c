//! Statements with the answers of Spark 3.5: those of this repository, and those of files that are not part of it.

use std::collections::BTreeSet;
use std::path::Path;

use goldsmith_sql::functions;
use goldsmith_testkit::golden::golden;

use crate::report::Report;
use crate::statement::{Statement, read};

/// Statements of `spark_sql.jsonl` that Spark answers, and those of them that are answered here.
const ANSWERED_BY_SPARK: usize = 597;
const EQUAL: usize = 499;

fn read_file(path: &Path) -> Vec<Statement> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    read(&text)
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_answer_as_spark_does_or_not_at_all() {
    let Some(folder) = golden("Spark's answers to SQL statements") else { return };
    let report = Report::of(read_file(&folder.join("spark_sql.jsonl"))).await;
    report.print();
    report.assert_spark_or_nothing();
    // What is answered today is not refused tomorrow; of other statements than those of today most are answered.
    let least = if report.answered() == ANSWERED_BY_SPARK { EQUAL } else { report.answered() * 83 / 100 };
    assert!(report.equal.len() >= least, "{} of {} are equal", report.equal.len(), report.answered());
}

/// `GOLDSMITH_STATEMENTS` is a file that `tests/spark/make_answers.py` wrote.
#[tokio::test(flavor = "multi_thread")]
async fn further_statements_answer_as_spark_does_or_not_at_all() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the file is for those who work on the front end, and not for CI"
    )]
    let Ok(file) = std::env::var("GOLDSMITH_STATEMENTS") else { return };
    let report = Report::of(read_file(Path::new(&file))).await;
    report.print();
    report.assert_spark_or_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn awkward_arguments_of_every_function_answer_as_spark_does_or_not_at_all() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spark/answers.jsonl");
    let report = Report::of(read_file(&path)).await;
    report.print();
    report.assert_spark_or_nothing();
    let proven: BTreeSet<&str> = report.equal.iter().map(String::as_str).collect();
    let unproven: Vec<&str> = functions::list()
        .iter()
        .flat_map(|function| std::iter::once(function.name).chain(function.aliases.iter().copied()))
        .filter(|name| !proven.contains(name))
        .collect();
    assert!(unproven.is_empty(), "no statement proves {unproven:?}");
}
