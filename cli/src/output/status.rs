//! What a scheduler does and did, on one screen.

use chrono::{DateTime, Utc};
use goldsmith_proto::id::Layer;
use goldsmith_scheduler::history::{HistoryReport, RefreshSummary, StatusReport};
use goldsmith_scheduler::plan::Mode;

use super::grouped;

/// `status` of a scheduler, or without one of the gold folder alone.
pub(crate) fn status(status: &StatusReport, of_scheduler: bool) -> String {
    let cores: u32 = status.executors.iter().map(|executor| executor.cores).sum();
    let mut out = String::new();
    if of_scheduler {
        out.push_str(&format!("{} executor(s), {cores} core(s)\n", status.executors.len()));
    }
    for executor in &status.executors {
        out.push_str(&format!(
            "  {:<36}  {:<22} {:>3} core(s)\n",
            executor.executor_id, executor.address, executor.cores
        ));
    }
    if status.resubmitted_jobs > 0 {
        out.push_str(&format!("{} job(s) lost an executor and were run again\n", status.resubmitted_jobs));
    }
    if status.refreshes.is_empty() {
        out.push_str("no refresh is running\n");
    } else {
        out.push_str(&table(&status.refreshes));
    }
    out
}

pub(crate) fn history(history: &HistoryReport) -> String {
    if history.refreshes.is_empty() {
        return "no refresh has published anything yet\n".to_owned();
    }
    table(&history.refreshes)
}

fn table(refreshes: &[RefreshSummary]) -> String {
    let mut out = format!(
        "  {:<36}  {:<19}  {:>9}  {:<8} {}\n",
        "refresh", "began (UTC)", "seconds", "state", "result"
    );
    for refresh in refreshes {
        let seconds = refresh.ended_at.map_or_else(
            || "–".to_owned(),
            |ended| format!("{:.1}", (ended - refresh.started_at).as_seconds_f64()),
        );
        out.push_str(&format!(
            "  {:<36}  {:<19}  {seconds:>9}  {:<8} {}\n",
            refresh.refresh_id.to_string(),
            shown(refresh.started_at),
            refresh.state,
            result(refresh),
        ));
    }
    out
}

fn shown(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn result(refresh: &RefreshSummary) -> String {
    if let Some(error) = &refresh.error {
        return error.lines().next().unwrap_or_default().to_owned();
    }
    let Some(report) = &refresh.report else { return refresh.process.clone().unwrap_or_default() };
    let built = |layer| report.models.iter().filter(move |m| m.mode == Mode::Full && m.layer == layer);
    let rows: u64 = built(Layer::Gold).map(|model| model.rows_inserted).sum();
    let silver = match built(Layer::Silver).count() {
        0 => String::new(),
        tables => format!(", {tables} silver"),
    };
    format!("{} gold table(s) of {} rows{silver}", built(Layer::Gold).count(), grouped(rows))
}
