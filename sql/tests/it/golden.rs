//! Statements with the answers of Spark 3.5, from a file that is not part of this repository.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use serde_json::Value;

use crate::common::{Answer, answer, session};

/// A statement and what Spark answered.
struct Statement {
    sql: String,
    expected: Option<Answer>,
}

fn statements() -> Option<Vec<Statement>> {
    #[expect(clippy::disallowed_methods, reason = "the folder is given to this test only")]
    let folder = std::env::var("GOLDSMITH_GOLDEN").ok()?;
    let path = std::path::Path::new(&folder).join("spark_sql.jsonl");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(text.lines().map(|line| statement(&serde_json::from_str(line).unwrap())).collect())
}

fn statement(line: &Value) -> Statement {
    let sql = line["sql"].as_str().unwrap().to_owned();
    let expected = line.get("schema").map(|schema| Answer {
        schema: schema
            .as_array()
            .unwrap()
            .iter()
            .map(|column| (column[0].as_str().unwrap().to_owned(), column[1].as_str().unwrap().to_owned()))
            .collect(),
        rows: line["rows"].as_array().unwrap().clone(),
    });
    Statement { sql, expected }
}

fn same(sql: &str, expected: &Answer, found: &Answer) -> bool {
    let types =
        |answer: &Answer| answer.schema.iter().map(|(_, data_type)| data_type.clone()).collect::<Vec<_>>();
    let rows = |answer: &Answer| {
        let mut rows: Vec<String> = answer.rows.iter().map(ToString::to_string).collect();
        if !sql.to_uppercase().contains("ORDER BY") {
            rows.sort();
        }
        rows
    };
    types(expected) == types(found) && rows(expected) == rows(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_answer_as_spark_does_or_not_at_all() {
    let Some(statements) = statements() else {
        println!("not run: GOLDSMITH_GOLDEN is not set");
        return;
    };
    let (mut equal, mut different, mut errors, mut names, mut too_much) =
        (0, Vec::new(), Vec::new(), 0, Vec::new());
    for statement in &statements {
        let state = session();
        let found = AssertUnwindSafe(answer(&state, &statement.sql)).catch_unwind().await;
        let found = found.unwrap_or_else(|_| Err("PANIC".to_owned()));
        match (&statement.expected, found) {
            (Some(expected), Ok(found)) if same(&statement.sql, expected, &found) => {
                equal += 1;
                names += usize::from(expected.schema == found.schema);
            }
            (Some(expected), Ok(found)) => {
                different.push(format!("{}\n    Spark {expected:?}\n    found {found:?}", statement.sql))
            }
            (Some(_), Err(error)) => {
                errors.push(format!("{}\n    {}", statement.sql, error.lines().next().unwrap_or_default()))
            }
            (None, Ok(found)) => {
                too_much.push(format!("{}\n    Spark fails, found {found:?}", statement.sql))
            }
            (None, Err(_)) => {}
        }
    }
    let answered = equal + different.len() + errors.len();
    println!("{}", errors.join("\n"));
    println!("DIFFERENT\n{}\nTOO MUCH\n{}", different.join("\n"), too_much.join("\n"));
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
