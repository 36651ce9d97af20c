//! A refresh on one screen.

use bytesize::ByteSize;
use goldsmith_jobs::audit::Severity;
use goldsmith_scheduler::RefreshReport;
use goldsmith_scheduler::plan::Mode;

use super::plan::{mode_name, short_name, shortened};
use super::{grouped, name_width};

/// Whose memory it is, where there are several.
fn of(report: &RefreshReport) -> String {
    match report.processes.len() {
        0 | 1 => String::new(),
        processes => format!(" (the largest of {processes} processes)"),
    }
}

/// What stands beside the names.
const FIXED: usize = 56;

pub(crate) fn text(report: &RefreshReport, all: bool) -> String {
    let published =
        report.models.iter().filter(|m| m.mode == Mode::Full && m.layer.as_str() == "gold").count();
    let unchanged = report.models.iter().filter(|m| m.mode == Mode::Unchanged).count();
    let mut out = format!(
        "{} in {:.1} s as of {}{}\n\n",
        match published {
            0 => "nothing to publish".to_owned(),
            1 => "published 1 gold table".to_owned(),
            n => format!("published {n} gold tables"),
        },
        std::time::Duration::from_millis(report.elapsed_ms).as_secs_f64(),
        report.as_of.format("%Y-%m-%d %H:%M:%S UTC"),
        report.peak_memory_bytes.map_or_else(String::new, |bytes| format!(
            " · peak memory {}{}",
            ByteSize(bytes),
            of(report)
        )),
    );
    let names: Vec<String> = report.models.iter().map(|model| short_name(model.layer, &model.name)).collect();
    let width = name_width(names.iter().map(String::as_str), FIXED);
    out.push_str(&format!(
        "  {:<width$} {:<9} {:>7} {:>11} {:>5} {:>9} {:>7}\n",
        "model", "mode", "version", "rows", "files", "written", "seconds"
    ));
    for model in &report.models {
        if model.mode == Mode::Unchanged && !all {
            continue;
        }
        let version = match (model.version_before, model.version_after) {
            (None, Some(after)) => after.to_string(),
            (Some(before), Some(after)) if before == after => after.to_string(),
            (Some(before), Some(after)) => format!("{before}→{after}"),
            _ => "–".to_owned(),
        };
        let name = shortened(&short_name(model.layer, &model.name), width);
        out.push_str(&format!("  {name:<width$} {:<9} ", mode_name(model.mode)));
        if model.mode == Mode::Skipped {
            out.push_str(&format!("{}\n", shortened(&model.reason, 40)));
            continue;
        }
        out.push_str(&format!(
            "{version:>7} {:>11} {:>5} {:>9} {:>7.1}\n",
            grouped(model.rows_inserted),
            model.files_added,
            ByteSize(model.bytes_written).to_string(),
            std::time::Duration::from_millis(model.elapsed_ms).as_secs_f64(),
        ));
    }
    if unchanged > 0 && !all {
        out.push_str(&format!("  … {unchanged} unchanged (--all lists them)\n"));
    }
    let warnings: Vec<String> = report
        .models
        .iter()
        .flat_map(|model| model.audits.iter().map(move |audit| (model, audit)))
        .filter(|(_, audit)| audit.severity == Severity::Warn && audit.failed_rows > 0)
        .map(|(model, audit)| {
            format!("  {}: {} fails for {} rows\n", model.name, audit.name, grouped(audit.failed_rows))
        })
        .collect();
    if !warnings.is_empty() {
        out.push_str("\nwarnings of audits:\n");
        out.extend(warnings);
    }
    out
}
