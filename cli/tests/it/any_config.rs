//! Whatever stands in `goldsmith.toml`, its reader answers with a value or an error: what
//! `fuzz/fuzz_targets/config.rs` looks for, over generated input, in every test run.

use goldsmith_cli::read_config;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What configurations are made of.
const TOKENS: &[&str] = &[
    "[bronze]",
    "[silver]",
    "[gold]",
    "[pack]",
    "[pack.vars]",
    "[connections.gold]",
    "[connections]",
    "[engine]",
    "[schedule]",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "url",
    "connection",
    "kind",
    "shortcuts",
    "path",
    "extends",
    "auth",
    "client_id",
    "client_secret",
    "threads",
    "memory_limit",
    "spill_dir",
    "cron",
    "timezone",
    "deleted_rows",
    "party_type",
    "=",
    ".",
    ",",
    "\"",
    "'",
    "\"\"\"",
    "\n",
    " ",
    "#",
    "0",
    "1",
    "-1",
    "18446744073709551616",
    "1e999",
    "nan",
    "true",
    "2026-01-01T00:00:00Z",
    "\"2GiB\"",
    "\"999999999TiB\"",
    "\"env:X\"",
    "\"file:\"",
    "\"builtin:commerce\"",
    "\\u",
    "\\",
    "\u{0}",
    "é",
    "\r",
];

const WHOLE: &str = r#"
[bronze]
url = "/lake/bronze"
connection = "a"
[gold]
url = "abfss://gold@account.dfs.core.windows.net/ci"
[pack]
path = "builtin:commerce"
[pack.vars]
party_type = { 13271 = "Person", 2077 = "Organization" }
[connections.a]
auth = "client-secret"
client_id = "env:X"
client_secret = "env:X"
tenant_id = "env:X"
[engine]
threads = 2
memory_limit = "2GiB"
[schedule]
cron = "15 0,6,12,18 * * *"
timezone = "Europe/Paris"
"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = read_config(&text);
    }

    #[test]
    fn any_tokens_are_read_or_refused(tokens in proptest::collection::vec(select(TOKENS.to_vec()), 0..60)) {
        let _ = read_config(&tokens.concat());
        let _ = read_config(&tokens.join(" "));
    }

    #[test]
    fn any_change_of_a_configuration_is_read_or_refused(
        changes in proptest::collection::vec((any::<Index>(), 0..20_usize, select(TOKENS.to_vec())), 1..5),
    ) {
        let mut chars: Vec<char> = WHOLE.chars().collect();
        for (at, length, token) in changes {
            let start = at.index(chars.len() + 1);
            let end = (start + length).min(chars.len());
            chars.splice(start..end, token.chars());
        }
        let _ = read_config(&chars.into_iter().collect::<String>());
    }
}

#[test]
fn the_configuration_itself_is_read() {
    assert_eq!(read_config(WHOLE), Ok(()));
}

#[test]
fn depth_is_refused() {
    let many = 100_000;
    for (before, repeated, after) in [
        ("pack.vars.a = ", "[", ""),
        ("pack.vars.a = ", "{a = ", ""),
        ("", "a.", "b = 1"),
        ("[", "a.", "b]"),
        ("[pack.vars.", "a.", "b]"),
    ] {
        let _ = read_config(&format!("{before}{}{after}", repeated.repeat(many)));
    }
}
