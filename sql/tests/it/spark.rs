//! Spark 3.5's answers: a statement gives the same or an error, never another value.

use std::fs;
use std::panic::catch_unwind;
use std::path::PathBuf;

use serde_json::Value;

use crate::statement::{run, sorted};

#[test]
fn the_dialect_is_sparks() {
    for (sql, types, rows) in [
        ("SELECT 5 / 2 AS a, 1 / 0 AS b", r#"["double","double"]"#, r#"[["2.5",null]]"#),
        (
            "SELECT \"text\" AS a, 'it''s' AS b, `x` AS c FROM (SELECT 1 AS x)",
            r#"["string","string","int"]"#,
            r#"[["text","its",1]]"#,
        ),
        (
            "SELECT CAST('1.9' AS INT), CAST(' 12 ' AS INT), CAST('x' AS INT)",
            r#"["int","int","int"]"#,
            "[[1,12,null]]",
        ),
        (
            "SELECT CAST(0.00005 AS DECIMAL(18,4)), CAST(123456789012345678 AS DECIMAL(18,4))",
            r#"["decimal(18,4)","decimal(18,4)"]"#,
            r#"[["0.0001",null]]"#,
        ),
        ("SELECT element_at(map(1, 'a', 2, 'b'), CAST(2 AS BIGINT))", r#"["string"]"#, r#"[["b"]]"#),
        (
            "SELECT current_timestamp() AS t, current_date() AS d",
            r#"["timestamp","date"]"#,
            r#"[["2026-01-01T00:00:00","2026-01-01"]]"#,
        ),
        (
            "SELECT explode(sequence(DATE'2024-02-28', DATE'2024-03-01')) AS d",
            r#"["date"]"#,
            r#"[["2024-02-28"],["2024-02-29"],["2024-03-01"]]"#,
        ),
        ("SELECT x FROM VALUES (2), (NULL), (1) AS t(x) ORDER BY x DESC", r#"["int"]"#, "[[2],[1],[null]]"),
    ] {
        let (found_types, found_rows) = run(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
        assert_eq!(serde_json::to_string(&found_types).unwrap(), types, "{sql}");
        assert_eq!(serde_json::to_string(&found_rows).unwrap(), rows, "{sql}");
    }
}

#[test]
fn a_function_that_is_not_on_the_list_is_named() {
    // Functions of the engine that Spark does not have, or means something else by.
    for name in ["date_bin", "arrow_cast", "to_char", "array_agg_distinct", "generate_series"] {
        let error = run(&format!("SELECT {name}(1)")).unwrap_err();
        assert!(error.contains(&format!("`{name}`")), "{error}");
    }
}

/// The statements of the golden folder, about 600. Prints how many are equal, different and refused.
#[test]
fn no_statement_gets_another_answer_than_sparks() {
    #[expect(clippy::disallowed_methods, reason = "the tests' own switch, documented in the README")]
    let Some(golden) = std::env::var("GOLDSMITH_GOLDEN").ok().map(PathBuf::from) else {
        println!("not run: Spark's answers to 600 statements (set GOLDSMITH_GOLDEN to their folder)");
        return;
    };
    let path = golden.join("spark_sql.jsonl");
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("GOLDSMITH_GOLDEN is not usable: {}: {e}", path.display()));
    let (mut equal, mut answered) = (0, 0);
    let mut different = Vec::new();
    let mut refused = Vec::new();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let sql = case["sql"].as_str().unwrap().to_owned();
        let statement = sql.clone();
        let found = catch_unwind(move || run(&statement)).unwrap_or_else(|_| Err("it panicked".to_owned()));
        let Some(schema) = case["schema"].as_array() else {
            if found.is_ok() {
                println!("answered where Spark gives an error: {sql}");
            }
            continue;
        };
        answered += 1;
        match found {
            Err(error) => refused.push((sql, error)),
            Ok((types, rows)) => {
                let expected_types: Vec<&str> =
                    schema.iter().map(|column| column[1].as_str().unwrap()).collect();
                let expected: Vec<Vec<Value>> = serde_json::from_value(case["rows"].clone()).unwrap();
                let ordered = sql.to_uppercase().contains("ORDER BY");
                let same_rows =
                    if ordered { rows == expected } else { sorted(rows.clone()) == sorted(expected.clone()) };
                if types == expected_types && same_rows {
                    equal += 1;
                } else {
                    different.push(format!(
                        "{sql}\n  expected {expected_types:?} {expected:?}\n  found    {types:?} {rows:?}"
                    ));
                }
            }
        }
    }
    for (sql, error) in &refused {
        println!("error: {sql}: {}", error.lines().next().unwrap_or_default());
    }
    println!(
        "{equal} equal, {} different, {} error, of {answered} that Spark answers",
        different.len(),
        refused.len()
    );
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(equal * 100 >= answered * 40, "only {equal} of {answered} are equal");
}
