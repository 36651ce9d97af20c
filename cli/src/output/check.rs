//! What a check found, table by table.

use goldsmith_scheduler::check::{CheckReport, Finding, Severity};

use super::{counted, grouped};

pub(crate) fn text(report: &CheckReport) -> String {
    let (violations, warnings) = (report.count(Severity::Violation), report.count(Severity::Warning));
    let mut out = format!(
        "{}: {}, {}, {}\n\n",
        report.url,
        counted(report.tables.len() as u64, "table"),
        counted(violations as u64, "violation"),
        counted(warnings as u64, "warning"),
    );
    for finding in &report.findings {
        out.push_str(&line(finding));
    }
    let width = report.tables.iter().map(|table| table.name.len()).max().unwrap_or(0);
    for table in &report.tables {
        let state = match table.findings.first().map(|finding| finding.severity) {
            Some(Severity::Violation) => "violation",
            Some(Severity::Warning) => "warning",
            None => "ok",
        };
        let rows = table.rows.map_or_else(|| "?".to_owned(), grouped);
        let key = table.key.as_ref().map_or_else(String::new, |key| format!("key {key}"));
        let first = format!("  {:<width$}  {state:<9} {rows:>12} rows  {key}", table.name);
        out.push_str(first.trim_end());
        out.push('\n');
        for finding in &table.findings {
            out.push_str(&line(finding));
        }
    }
    if violations == 0 {
        out.push_str("\nCustomer Insights can read these tables.\n");
    }
    out
}

fn line(finding: &Finding) -> String {
    format!("      {}: {}\n          {}\n", finding.rule.id(), finding.message, finding.hint)
}
