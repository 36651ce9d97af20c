//! `docs/spark-sql.md` says what is supported; its lists are made from the code.
//!
//! `GOLDSMITH_APPROVE=1 cargo test --workspace -p goldsmith-sql` writes them anew; the diff is then to be read.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use goldsmith_sql::functions;
use goldsmith_sql::optimize::{self, Stage, Standing};
use goldsmith_testkit::golden::repository;

fn function_lists() -> String {
    let mut families: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for function in functions::list() {
        let names = std::iter::once(&function.name).chain(function.aliases);
        let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        let line = format!("| {} | {} |", names.join(", "), function.doc.replace('|', "\\|"));
        families.entry(format!("{:?}", function.family)).or_default().push(line);
    }
    let mut text = String::new();
    for (family, lines) in families {
        write!(text, "\n### {family}\n\n| function | gives |\n| --- | --- |\n{}\n", lines.join("\n"))
            .unwrap();
    }
    text
}

fn rule_lists() -> String {
    let mut text = "\n| rule | | runs | why |\n| --- | --- | --- | --- |\n".to_owned();
    for rule in optimize::list() {
        let stage = if rule.stage == Stage::Logical { "logical" } else { "physical" };
        let runs = match rule.standing {
            Standing::Needed => "needed",
            Standing::Useful => "yes",
            Standing::Off => "no",
        };
        let own = if rule.own { " (ours)" } else { "" };
        writeln!(text, "| `{}`{own} | {stage} | {runs} | {} |", rule.name, rule.why).unwrap();
    }
    text
}

/// `page` with `text` between the marks of `name`.
fn filled(page: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- {name}: generated -->\n"), format!("<!-- {name}: end -->"));
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end}"));
    format!("{before}{begin}{text}\n{end}{after}")
}

#[test]
fn the_page_lists_what_there_is() {
    let path = repository().join("docs/spark-sql.md");
    let page = fs::read_to_string(&path).unwrap();
    let now = filled(&filled(&page, "functions", &function_lists()), "rules", &rule_lists());
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever changes the lists")]
    if std::env::var("GOLDSMITH_APPROVE").is_ok() {
        fs::write(&path, &now).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    let differs = written.lines().zip(now.lines()).find(|(old, new)| old != new);
    assert!(written == now, "docs/spark-sql.md is not up to date: {differs:?}");
}
