//! The parts of the page, from what happens now to what stands behind it.

use chrono::{DateTime, TimeDelta, Utc};
use goldsmith_proto::id::Layer;
use maud::{Markup, html};

use super::text;
use crate::coordinator::{ModelView, Overview, RunView, TableView};
use crate::history::RefreshSummary;
use crate::plan::Mode;
use crate::refresh::ModelReport;
use crate::sources::Source;

/// Refreshes that are listed.
const LISTED: usize = 20;
/// Bronze that is older than this is pointed out: Dataverse keeps 48 hours of history, and four refreshes a day see a change
/// within six.
const STALE: TimeDelta = TimeDelta::hours(24);

/// The answer first: is gold up to date, and is anything going on.
pub(super) fn headline(overview: &Overview) -> Markup {
    let last = overview.history.refreshes.first();
    let (class, text) = match (overview.running.first(), last) {
        (Some(_), _) if overview.executors.is_empty() => {
            ("bad", "A refresh waits for an executor.".to_owned())
        }
        (Some(run), _) => ("busy", format!("A refresh is {}.", run.state)),
        (None, Some(last)) if last.state == "failed" => ("bad", "The last refresh failed.".to_owned()),
        (None, Some(last)) => {
            let at = last.ended_at.unwrap_or(last.started_at);
            ("good", format!("Gold was refreshed {}.", text::ago(at, overview.now)))
        }
        (None, None) => ("", "Nothing has been refreshed yet.".to_owned()),
    };
    let cores: u32 = overview.executors.iter().map(|executor| executor.cores).sum();
    html! {
        p.headline.(class) { (text) }
        p.aside {
            (overview.executors.len()) " executor(s) with " (cores) " core(s)"
            @if overview.resubmitted_jobs > 0 {
                " · " (overview.resubmitted_jobs) " job(s) lost an executor and were run again"
            }
        }
    }
}

pub(super) fn running(run: &RunView, now: DateTime<Utc>) -> Markup {
    let staged = run.models.iter().filter(|model| model.state == "staged").count();
    let to_do = run.models.iter().filter(|model| !model.state.is_empty()).count();
    html! {
        section.card {
            h2 { "Refresh " code { (run.refresh_id) } }
            p.aside {
                (run.state) " for " (text::duration(now - run.started_at)) " · as of " (text::instant(run.as_of)) " UTC"
                @if to_do > 0 { " · " (staged) " of " (to_do) " models are staged" }
            }
            @if run.models.is_empty() {
                p { "It is being planned." }
            } @else {
                progress.whole max=(to_do.max(1)) value=(staged) { (staged) " of " (to_do) }
                table {
                    thead { tr {
                        th { "model" } th { "state" } th.number { "stages" } th.number { "tasks" } th.number { "rows" }
                        th.number { "written" } th { "because" }
                    } }
                    tbody { @for model in &run.models { (model_row(model)) } }
                }
            }
        }
    }
}

fn model_row(model: &ModelView) -> Markup {
    let shown = if model.state.is_empty() { model.mode.as_str() } else { model.state };
    let of = |(done, all): (u32, u32)| if all == 0 { "–".to_owned() } else { format!("{done} of {all}") };
    html! {
        tr.(shown) {
            td { (model.name) }
            td { span.badge.(shown) { (shown) } }
            td.number { (of(model.stages)) }
            td.number {
                (of(model.tasks))
                @if model.state == "building" && model.tasks.1 > 0 {
                    " " progress max=(model.tasks.1) value=(model.tasks.0) {}
                }
            }
            td.number { @if model.rows > 0 { (text::count(model.rows)) } @else { "–" } }
            td.number { @if model.bytes > 0 { (text::bytes(model.bytes)) } @else { "–" } }
            td.reason { (model.reason) }
        }
    }
}

pub(super) fn elsewhere(other: &RefreshSummary, now: DateTime<Utc>) -> Markup {
    html! {
        section.card {
            h2 { "Refresh " code { (other.refresh_id) } " of another process" }
            p.aside {
                (other.state) " since " (text::ago(other.started_at, now))
                @if let Some(process) = &other.process { " · " (process) }
            }
        }
    }
}

pub(super) fn gold(overview: &Overview) -> Markup {
    if overview.lake.tables.is_empty() {
        return html! {};
    }
    html! {
        section {
            h2 { "Published tables" }
            table {
                thead { tr {
                    th { "table" } th.number { "version" } th.number { "rows" } th.number { "size" } th { "published" }
                } }
                tbody { @for table in &overview.lake.tables { (table_row(table, overview.now)) } }
            }
        }
    }
}

fn table_row(table: &TableView, now: DateTime<Utc>) -> Markup {
    html! {
        tr {
            td { @if table.layer != Layer::Gold { (table.layer) "." } (table.name) }
            td.number { (optional(table.version)) }
            td.number { (optional(table.rows.map(text::count))) }
            td.number { (optional(table.bytes.map(text::bytes))) }
            td { (when(table.committed_at, now)) }
        }
    }
}

pub(super) fn history(overview: &Overview) -> Markup {
    let refreshes = &overview.history.refreshes;
    html! {
        section {
            h2 { "Past refreshes" }
            @if refreshes.is_empty() {
                p { "None yet. Start one with " code { "goldsmith refresh --cluster URL" } "." }
            } @else {
                @for refresh in refreshes.iter().take(LISTED) { (past(refresh)) }
                @if refreshes.len() > LISTED {
                    p.aside { (refreshes.len() - LISTED) " older ones: " code { "goldsmith history" } }
                }
            }
        }
    }
}

/// One line, which opens to what it did to each model.
fn past(refresh: &RefreshSummary) -> Markup {
    let took = refresh.ended_at.map(|ended| text::elapsed(ended - refresh.started_at));
    let models: Vec<&ModelReport> = refresh.report.iter().flat_map(|report| &report.models).collect();
    let built: Vec<&&ModelReport> = models.iter().filter(|model| model.mode == Mode::Full).collect();
    let rows: u64 = built.iter().map(|model| model.rows_inserted).sum();
    let written: u64 = built.iter().map(|model| model.bytes_written).sum();
    html! {
        details #(format!("r-{}", refresh.refresh_id)) {
            summary {
                span.badge.(refresh.state) { (refresh.state) }
                time { (text::instant(refresh.started_at)) }
                span.number { (optional(took)) }
                @if let Some(error) = &refresh.error {
                    span.reason { (error.lines().next().unwrap_or_default()) }
                } @else {
                    span { (built.len()) " of " (models.len()) " tables" }
                    span.number { (text::count(rows)) " rows" }
                    span.number { (text::bytes(written)) }
                }
            }
            p.aside { code { (refresh.refresh_id) } " · as of " (text::instant(refresh.as_of)) " UTC" }
            @if let Some(error) = &refresh.error { pre.error { (error) } }
            @if !models.is_empty() {
                table {
                    thead { tr {
                        th { "model" } th { "result" } th.number { "version" } th.number { "rows" } th.number { "read" }
                        th.number { "written" } th.number { "took" } th { "because" }
                    } }
                    tbody { @for model in &models { (past_model(model)) } }
                }
            }
        }
    }
}

fn past_model(model: &ModelReport) -> Markup {
    let is_built = model.mode == Mode::Full;
    let breaches: u64 = model.audits.iter().map(|audit| audit.failed_rows).sum();
    let number = |shown: String| if is_built { shown } else { "–".to_owned() };
    let took = TimeDelta::milliseconds(i64::try_from(model.elapsed_ms).unwrap_or_default());
    html! {
        tr {
            td { (model.layer) "." (model.name) }
            td {
                span.badge.(model.mode.as_str()) { (model.mode.as_str()) }
                @if breaches > 0 { " " span.badge.warn { (text::count(breaches)) " audit findings" } }
            }
            td.number { (optional(model.version_after)) }
            td.number { (number(text::count(model.rows_inserted))) }
            td.number { (number(text::bytes(model.bytes_read))) }
            td.number { (number(text::bytes(model.bytes_written))) }
            td.number { (number(text::elapsed(took))) }
            td.reason { (model.reason) }
        }
    }
}

pub(super) fn bronze(overview: &Overview) -> Markup {
    let Some(bronze) = &overview.lake.bronze else { return html! {} };
    html! {
        section {
            h2 { "Bronze" }
            p.aside { (bronze.url) }
            table {
                thead { tr {
                    th { "table" } th.number { "version" } th.number { "rows" } th.number { "size" } th { "changed" }
                    th { "read by" }
                } }
                tbody { @for source in &bronze.tables { (source_row(source, overview.now)) } }
            }
        }
    }
}

fn source_row(source: &Source, now: DateTime<Utc>) -> Markup {
    let is_stale = source.committed_at.is_some_and(|at| now - at > STALE);
    let is_missing = source.kind.is_none() && source.error.is_none();
    html! {
        tr {
            td { (source.name) }
            @if let Some(error) = &source.error {
                td.error colspan="4" { (error) }
            } @else if is_missing {
                td colspan="4" {
                    @if source.required { span.badge.failed { "missing" } } @else { span.badge { "not there, and not needed" } }
                }
            } @else {
                td.number { (optional(source.version)) }
                td.number { (optional(source.rows.map(text::count))) }
                td.number { (optional(source.bytes.map(text::bytes))) }
                td.stale[is_stale] { (when(source.committed_at, now)) }
            }
            td.reason {
                @match source.read_by.as_slice() {
                    [] => { "no model" }
                    [one] => { (one) }
                    [first, rest @ ..] => { span title=(source.read_by.join(", ")) { (first) " and " (rest.len()) " more" } }
                }
                @if !source.misfits.is_empty() { " " span.badge.warn { (source.misfits.len()) " columns do not fit" } }
            }
        }
    }
}

pub(super) fn executors(overview: &Overview) -> Markup {
    html! {
        section {
            h2 { "Executors" }
            @if overview.executors.is_empty() {
                p { "None: work waits for one. Start it with " code { "goldsmith executor --scheduler URL" } "." }
            } @else {
                table {
                    thead { tr { th { "executor" } th { "address" } th.number { "cores" } } }
                    tbody { @for executor in &overview.executors {
                        tr {
                            td { code { (executor.executor_id) } }
                            td { (executor.address) }
                            td.number { (executor.cores) }
                        }
                    } }
                }
            }
        }
    }
}

fn optional(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

fn when(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Markup {
    html! {
        @match at {
            Some(at) => { time title=(format!("{} UTC", text::instant(at))) { (text::ago(at, now)) } }
            None => { "–" }
        }
    }
}
