//! Statements with the answers of Spark 3.5, from a file that is not part of this repository.

use crate::statement::{Outcome, outcome, read};

#[tokio::test(flavor = "multi_thread")]
async fn statements_answer_as_spark_does_or_not_at_all() {
    let Some(folder) = goldsmith_testkit::golden::golden("Spark's answers to SQL statements") else { return };
    let path = folder.join("spark_sql.jsonl");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut equal, mut names, mut different, mut errors, mut too_much) =
        (0, 0, Vec::new(), Vec::new(), Vec::new());
    for statement in &read(&text) {
        let sql = &statement.sql;
        match outcome(statement).await {
            Outcome::Equal { names: same } => {
                equal += 1;
                names += usize::from(same);
            }
            Outcome::Different(difference) => different.push(format!("{sql}\n{difference}")),
            Outcome::Error(error) => errors.push(format!("{sql}\n    {error}")),
            Outcome::TooMuch(found) => too_much.push(format!("{sql}\n    Spark fails, found {found}")),
            Outcome::Refused => {}
        }
    }
    println!("{}\nDIFFERENT\n{}\nTOO MUCH\n{}", errors.join("\n"), different.join("\n"), too_much.join("\n"));
    let answered = equal + different.len() + errors.len();
    println!(
        "of {answered} statements that Spark answers: {equal} equal ({names} with equal names), {} different, {} error; {} answered that Spark refuses",
        different.len(),
        errors.len(),
        too_much.len()
    );
    assert!(different.is_empty());
    assert!(too_much.is_empty());
    assert!(equal * 5 >= answered * 2, "fewer than 40 % are equal");
}
