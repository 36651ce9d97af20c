//! Whatever stands in a file of a pack, its reader answers with a value or an error: what `fuzz/fuzz_targets/model.rs`
//! looks for, over generated input, in every test run.

use std::fs;
use std::path::Path;

use goldsmith_jobs::pack::read_bytes;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What models are made of.
const TOKENS: &[&str] = &[
    "-- ",
    "--",
    "\n",
    " ",
    "\t",
    "grain = [",
    "]",
    "[[audits]]",
    "[columns]",
    "not_null",
    "=",
    "\"a\"",
    "'",
    "\"",
    "`",
    "\\",
    "${",
    "}",
    "${party_type}",
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "OVER (",
    "PARTITION BY",
    "ROWS BETWEEN",
    "UNBOUNDED PRECEDING",
    "AND",
    "OR",
    "NOT",
    "IN (",
    "EXISTS (",
    "BETWEEN",
    "LIKE",
    "IS NULL",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST(",
    "AS",
    "DECIMAL(",
    "STRUCT<",
    "ARRAY<",
    "MAP<",
    ">",
    "<",
    ">>",
    "<=>",
    "(",
    ")",
    "[",
    "{",
    ",",
    ".",
    ";",
    "*",
    "+",
    "-",
    "/",
    "%",
    "||",
    "->",
    "::",
    "JOIN",
    "LEFT ANTI JOIN",
    "LATERAL VIEW explode(",
    "ON",
    "USING (",
    "WITH",
    "UNION ALL",
    "VALUES",
    "INTERVAL",
    "DATE'",
    "1",
    "1e",
    "0x",
    "1.5BD",
    "/*",
    "*/",
];

fn models() -> Vec<String> {
    ["silver", "gold"]
        .iter()
        .flat_map(|layer| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("commerce").join(layer);
            fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        })
        .collect()
}

/// One change of a text, at a place between two characters.
#[derive(Debug, Clone)]
enum Change {
    Cut(Index, usize),
    Repeat(Index, usize),
    Insert(Index, String),
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for change in changes {
        let range = |at: &Index, length: usize| {
            let start = at.index(chars.len() + 1);
            start..(start + length).min(chars.len())
        };
        match change {
            Change::Cut(at, length) => drop(chars.drain(range(at, *length))),
            Change::Repeat(at, length) => {
                let range = range(at, *length);
                let again = chars[range.clone()].to_vec();
                chars.splice(range.start..range.start, again);
            }
            Change::Insert(at, text) => {
                let start = range(at, 0).start;
                chars.splice(start..start, text.chars());
            }
        }
    }
    chars.into_iter().collect()
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Change::Cut(at, length)),
        (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        (any::<Index>(), select(TOKENS.to_vec()))
            .prop_map(|(at, token)| Change::Insert(at, token.to_owned())),
        (any::<Index>(), any::<String>()).prop_map(|(at, text)| Change::Insert(at, text)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_bytes(&bytes);
    }

    #[test]
    fn any_tokens_are_read_or_refused(tokens in proptest::collection::vec(select(TOKENS.to_vec()), 0..80)) {
        read_bytes(tokens.concat().as_bytes());
        read_bytes(tokens.join(" ").as_bytes());
    }

    #[test]
    fn any_change_of_a_model_is_read_or_refused(
        model in select(models()),
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        read_bytes(changed(&model, &changes).as_bytes());
    }
}

#[test]
fn the_models_themselves_are_read() {
    for model in models() {
        let errors: Vec<String> = read_bytes(model.as_bytes()).iter().map(ToString::to_string).collect();
        // One file is no pack: the models that it reads are not there, and it is no contract either.
        assert!(
            errors.iter().all(|e| e.contains("which no model makes") || e.contains("contract")),
            "{errors:?}"
        );
    }
}

/// What is nested, or chained, without end is refused before the stack ends.
#[test]
fn depth_is_refused() {
    let many = 200_000;
    for (before, repeated, after) in [
        ("SELECT ", "(", "1"),
        ("SELECT ", "NOT ", "true"),
        ("SELECT ", "- ", "1"),
        ("SELECT ", "1 + ", "1"),
        ("SELECT ", "a AND ", "b"),
        ("SELECT ", "'a' || ", "'b'"),
        ("SELECT ", "CASE WHEN ", "1"),
        ("SELECT a", ".b", ""),
        ("SELECT a", "[1]", ""),
        ("SELECT a", "::INT", ""),
        ("SELECT CAST(1 AS ", "ARRAY<", "INT"),
        ("SELECT f", "(f", ""),
        ("SELECT x -> ", "x -> ", "1"),
        ("SELECT * FROM ", "(SELECT * FROM ", "t"),
        ("SELECT * FROM t", " JOIN t", ""),
        ("SELECT 1", " UNION ALL SELECT 1", ""),
        ("", "/*", ""),
        ("", "-- a = [", ""),
        ("-- a = ", "[", ""),
        ("-- a = ", "{a = ", ""),
        ("-- ", "a.", "b = 1"),
        ("-- [", "a.", "b]"),
    ] {
        let text = format!("{before}{}{after}", repeated.repeat(many));
        read_bytes(text.as_bytes());
    }
}
