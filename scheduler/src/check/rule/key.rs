//! The key: one column, of a type that can be one, never null, never twice.

use super::{Finding, KeyFacts, Rule};

pub(super) fn check(key: &KeyFacts) -> Vec<Finding> {
    match key {
        KeyFacts::NotLookedAt => Vec::new(),
        KeyFacts::Missing { column } => vec![Finding::violation(
            Rule::KeyPresent,
            format!("the table has no column `{column}`"),
            "publish the key under its name; a renamed column stops the refresh of Customer Insights",
        )],
        KeyFacts::Composite { columns } => vec![Finding::violation(
            Rule::KeySingle,
            format!("the key has {} columns: {}", columns.len(), columns.join(", ")),
            "concatenate them to one column: Customer Insights takes a single one",
        )],
        KeyFacts::WrongType { column, data_type } => vec![Finding::violation(
            Rule::KeyType,
            format!("the key `{column}` is {data_type}"),
            "cast it to string or to an integer",
        )],
        KeyFacts::Candidates { columns } if columns.is_empty() => vec![Finding::violation(
            Rule::KeyPresent,
            "no string or integer column is unique and never null".to_owned(),
            "add one, such as a concatenation of what tells the rows apart",
        )],
        KeyFacts::Candidates { .. } => Vec::new(),
        KeyFacts::Counted { column, null_rows, repeated, examples } => {
            let mut findings = Vec::new();
            if *null_rows > 0 {
                findings.push(Finding::violation(
                    Rule::KeyNotNull,
                    format!("the key `{column}` is null in {null_rows} row(s)"),
                    "filter these rows out, or give them a key",
                ));
            }
            if *repeated > 0 {
                let examples: Vec<String> = examples.iter().map(|e| format!("`{e}`")).collect();
                findings.push(Finding::violation(
                    Rule::KeyUnique,
                    format!(
                        "{repeated} value(s) of the key `{column}` occur more than once, such as {}",
                        examples.join(", ")
                    ),
                    "keep one row of each; look at them with `goldsmith query`",
                ));
            }
            findings
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_of_a_key_has_its_rule() {
        let counted = |null_rows, repeated| KeyFacts::Counted {
            column: "Id".to_owned(),
            null_rows,
            repeated,
            examples: vec!["x".to_owned()],
        };
        let column = || "Id".to_owned();
        for (facts, rules) in [
            (KeyFacts::NotLookedAt, vec![]),
            (KeyFacts::Missing { column: column() }, vec![Rule::KeyPresent]),
            (KeyFacts::Composite { columns: vec![column(), column()] }, vec![Rule::KeySingle]),
            (KeyFacts::WrongType { column: column(), data_type: "date".to_owned() }, vec![Rule::KeyType]),
            (KeyFacts::Candidates { columns: vec![] }, vec![Rule::KeyPresent]),
            (KeyFacts::Candidates { columns: vec![column()] }, vec![]),
            (counted(0, 0), vec![]),
            (counted(1, 2), vec![Rule::KeyNotNull, Rule::KeyUnique]),
        ] {
            let found: Vec<Rule> = check(&facts).into_iter().map(|finding| finding.rule).collect();
            assert_eq!(found, rules, "{facts:?}");
        }
    }
}
