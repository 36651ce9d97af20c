//! Types of columns.

use std::collections::BTreeSet;

use goldsmith_lake::inspect::LogFacts;

use super::{Finding, Rule};
use crate::check::facts::TableFacts;

/// Digits of a decimal that are documented to work.
const DECIMAL_DIGITS: u32 = 16;

pub(super) fn check(log: &LogFacts, facts: &TableFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let of_type = |name: &str| -> Vec<String> {
        let columns = log.leaves.iter().filter(|(_, data_type)| data_type == name);
        columns.map(|(column, _)| format!("`{column}`")).collect()
    };
    let without_zone = of_type("timestamp_ntz");
    if !without_zone.is_empty() {
        findings.push(Finding::violation(
            Rule::TimestampKind,
            format!(
                "{} without a time zone: {}",
                plural(without_zone.len(), "timestamp"),
                without_zone.join(", ")
            ),
            "cast to timestamp, which is an instant in UTC",
        ));
    }
    let variant = of_type("variant");
    if !variant.is_empty() {
        findings.push(Finding::violation(
            Rule::TableFeatures,
            format!("{} of type variant: {}", plural(variant.len(), "column"), variant.join(", ")),
            "write the values as columns, or as a string of JSON",
        ));
    }
    let quoted =
        |names: &BTreeSet<String>| -> Vec<String> { names.iter().map(|name| format!("`{name}`")).collect() };
    if !facts.footers.int96_columns.is_empty() {
        let names = quoted(&facts.footers.int96_columns);
        findings.push(Finding::warning(
            Rule::TimestampKind,
            format!("{} stored as INT96: {}", plural(names.len(), "timestamp"), names.join(", ")),
            "set spark.sql.parquet.outputTimestampType to TIMESTAMP_MICROS where the table is written",
        ));
    }
    if !facts.footers.version_2_columns.is_empty() {
        let names = quoted(&facts.footers.version_2_columns);
        findings.push(Finding::warning(
            Rule::ParquetVersion,
            format!("{} in pages of parquet version 2: {}", plural(names.len(), "column"), names.join(", ")),
            "set parquet.writer.version to PARQUET_1_0 where the table is written",
        ));
    }
    let wide: Vec<String> = log
        .leaves
        .iter()
        .filter(|(_, data_type)| digits(data_type).is_some_and(|digits| digits > DECIMAL_DIGITS))
        .map(|(column, data_type)| format!("`{column}` {data_type}"))
        .collect();
    if !wide.is_empty() {
        findings.push(Finding::warning(
            Rule::DecimalPrecision,
            format!("{} of more than {DECIMAL_DIGITS} digits: {}", plural(wide.len(), "decimal"), wide.join(", ")),
            "cast to decimal(16,4) if the values fit; Customer Insights documents no more for some connectors",
        ));
    }
    findings
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// Digits of `decimal(digits,scale)`.
fn digits(data_type: &str) -> Option<u32> {
    data_type.strip_prefix("decimal(")?.split(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use goldsmith_lake::inspect::FooterFacts;

    use super::*;

    #[test]
    fn each_kind_of_column_is_judged() {
        let columns = [
            ("a", "timestamp_ntz"),
            ("b", "decimal(18,4)"),
            ("c", "decimal(16,4)"),
            ("d", "timestamp"),
            ("f.element", "variant"),
        ];
        let log = LogFacts {
            leaves: columns.map(|(name, data_type)| (name.to_owned(), data_type.to_owned())).into(),
            ..LogFacts::default()
        };
        let footers = FooterFacts {
            int96_columns: ["d".to_owned()].into(),
            version_2_columns: ["c".to_owned()].into(),
        };
        let facts = TableFacts { footers, ..TableFacts::default() };
        let found: Vec<(Rule, String)> =
            check(&log, &facts).into_iter().map(|finding| (finding.rule, finding.message)).collect();
        assert_eq!(found.len(), 5, "{found:?}");
        assert_eq!(found[0], (Rule::TimestampKind, "1 timestamp without a time zone: `a`".to_owned()));
        assert_eq!(
            found[4],
            (Rule::DecimalPrecision, "1 decimal of more than 16 digits: `b` decimal(18,4)".to_owned())
        );
    }
}
