//! Statements with the answers of Spark, and how ours compare.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use serde_json::Value;

use crate::common::{Answer, answer, session};

/// A statement and what Spark answered: `None` where Spark refuses it.
pub(crate) struct Statement {
    /// The function or operator that it is about.
    pub(crate) function: String,
    pub(crate) sql: String,
    pub(crate) expected: Option<Answer>,
}

/// What became of a statement.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Spark's answer; with its names of columns, too.
    Equal { names: bool },
    /// Another answer than Spark's, and how it differs.
    Different(String),
    /// Spark answers, we do not.
    Error(String),
    /// We answer, Spark does not.
    TooMuch(String),
    /// Neither answers.
    Refused,
}

/// Statements, one JSON object a line: `sql`, and `schema` and `rows` or `error`.
pub(crate) fn read(text: &str) -> Vec<Statement> {
    text.lines().map(|line| statement(&serde_json::from_str(line).unwrap())).collect()
}

fn statement(line: &Value) -> Statement {
    let text = |key: &str| line[key].as_str().unwrap().to_owned();
    let (function, sql) = (text("function"), text("sql"));
    let expected = line.get("schema").map(|schema| {
        let schema: Vec<(String, String)> = serde_json::from_value(schema.clone()).unwrap();
        let mut rows = line["rows"].as_array().unwrap().clone();
        for row in &mut rows {
            for ((_, data_type), value) in schema.iter().zip(row.as_array_mut().unwrap()) {
                trim_decimal(data_type, value);
            }
        }
        Answer { schema, rows }
    });
    Statement { function, sql, expected }
}

/// Python is given decimals below one millionth in engineering form, and prints up to two zeros more than the type has.
fn trim_decimal(data_type: &str, value: &mut Value) {
    let scale = data_type.strip_prefix("decimal(").and_then(|rest| rest.strip_suffix(')'));
    let scale = scale.and_then(|rest| rest.split_once(',')).map(|(_, scale)| scale.parse::<usize>().unwrap());
    if let (Some(scale), Some(text)) = (scale, value.as_str())
        && let Some(point) = text.find('.')
    {
        let end = text.len().min(point + 1 + scale);
        assert!(text[end..].bytes().all(|digit| digit == b'0'), "{text} is no {data_type}");
        *value = Value::from(&text[..end]);
    }
}

/// Runs a statement in a session of its own.
pub(crate) async fn outcome(statement: &Statement) -> Outcome {
    let state = session();
    let found = AssertUnwindSafe(answer(&state, &statement.sql)).catch_unwind().await;
    match (&statement.expected, found.unwrap_or_else(|_| Err("PANIC".to_owned()))) {
        (Some(expected), Ok(found)) => match difference(&statement.sql, expected, &found) {
            None => Outcome::Equal { names: expected.schema == found.schema },
            Some(difference) => Outcome::Different(difference),
        },
        (Some(_), Err(error)) => Outcome::Error(error.lines().next().unwrap_or_default().to_owned()),
        (None, Ok(found)) => Outcome::TooMuch(format!("{found:?}")),
        (None, Err(error)) if error == "PANIC" => Outcome::Error(error),
        (None, Err(_)) => Outcome::Refused,
    }
}

/// Tells whether the statement orders its rows: by `ORDER BY` outside of any parentheses.
fn is_ordered(sql: &str) -> bool {
    let mut depth = 0_usize;
    let outside = sql.chars().filter(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    });
    outside.collect::<String>().to_uppercase().contains("ORDER BY")
}

/// How two answers differ; the order of rows counts where the statement orders them.
fn difference(sql: &str, expected: &Answer, found: &Answer) -> Option<String> {
    let types = |answer: &Answer| {
        answer.schema.iter().map(|(_, data_type)| data_type.as_str()).collect::<Vec<_>>().join(", ")
    };
    let rows = |answer: &Answer| {
        let mut rows: Vec<String> = answer.rows.iter().map(ToString::to_string).collect();
        if !is_ordered(sql) {
            rows.sort();
        }
        rows
    };
    if types(expected) != types(found) {
        return Some(format!("    Spark {}\n    found {}", types(expected), types(found)));
    }
    let (expected, found) = (rows(expected), rows(found));
    if expected.len() != found.len() {
        return Some(format!("    Spark {}\n    found {}", expected.join(" "), found.join(" ")));
    }
    let pairs = expected.iter().zip(&found).filter(|(expected, found)| expected != found);
    let lines: Vec<String> =
        pairs.map(|(expected, found)| format!("    Spark {expected}\n    found {found}")).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
