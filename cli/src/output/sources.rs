//! The bronze tables on one screen.

use bytesize::ByteSize;
use chrono::{DateTime, Utc};
use goldsmith_scheduler::sources::{Source, SourcesReport};

use super::plan::shortened;
use super::{counted, grouped, name_width};

/// What stands beside the names, the note of a table that nothing is wrong with included.
const FIXED: usize = 60;

pub(crate) fn text(report: &SourcesReport, now: DateTime<Utc>) -> String {
    let there = report.tables.iter().filter(|table| table.kind.is_some()).count() as u64;
    let width = name_width(report.tables.iter().map(|table| table.name.as_str()), FIXED);
    let mut out = format!(
        "{}: {}\n\n  {:<width$} {:>7} {:>11} {:>9} {:>10} {:<4} {}\n",
        report.url,
        counted(there, "table"),
        "table",
        "version",
        "rows",
        "bytes",
        "committed",
        "feed",
        "read by"
    );
    for table in &report.tables {
        let version = table.version.map_or_else(|| "–".to_owned(), |version| version.to_string());
        let rows = table.rows.map_or_else(|| "–".to_owned(), grouped);
        let bytes = table.bytes.map_or_else(|| "–".to_owned(), |bytes| ByteSize(bytes).to_string());
        let age = table.committed_at.map_or_else(|| "–".to_owned(), |at| age(now, at));
        let feed = table.change_feed.map_or("–", |feed| if feed { "yes" } else { "no" });
        out.push_str(&format!(
            "  {:<width$} {version:>7} {rows:>11} {bytes:>9} {age:>10} {feed:<4} {}\n",
            shortened(&table.name, width),
            note(table),
        ));
    }
    out
}

/// Who reads a table, or why nobody can.
fn note(table: &Source) -> String {
    let missing: Vec<&str> =
        table.misfits.iter().filter(|m| m.found.is_none()).map(|m| m.column.as_str()).collect();
    let other: Vec<&str> =
        table.misfits.iter().filter(|m| m.found.is_some()).map(|m| m.column.as_str()).collect();
    let columns = |what: &str, names: &[&str]| format!("{what}: {}", names.join(", "));
    if table.error.is_some() {
        "cannot be read".to_owned()
    } else if table.kind.is_none() {
        if table.required { "MISSING, required".to_owned() } else { "missing, optional".to_owned() }
    } else if !missing.is_empty() {
        columns("columns MISSING", &missing)
    } else if !other.is_empty() {
        columns("columns of another type", &other)
    } else if table.read_by.is_empty() {
        "no model".to_owned()
    } else {
        counted(table.read_by.len() as u64, "model")
    }
}

fn age(now: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let minutes = (now - at).num_minutes();
    match minutes {
        ..=0 => "now".to_owned(),
        1..=119 => format!("{minutes} min ago"),
        120..=2_879 => format!("{} h ago", minutes / 60),
        _ => format!("{} d ago", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    #[test]
    fn an_age_is_told_in_the_unit_that_fits() {
        let now = DateTime::UNIX_EPOCH;
        for (minutes, text) in
            [(-5, "now"), (0, "now"), (1, "1 min ago"), (120, "2 h ago"), (2_880, "2 d ago")]
        {
            assert_eq!(age(now, now - Duration::minutes(minutes)), text);
        }
    }
}
