//! A plan on one screen.

use goldsmith_proto::id::Layer;
use goldsmith_scheduler::RefreshPlan;
use goldsmith_scheduler::plan::Mode;

use super::{PIPED, counted, grouped, line_width, name_width};

/// What stands beside the names and the reasons.
const FIXED: usize = 33;
/// What a reason needs at least.
const REASON: usize = 20;

/// `apply` is the command that does what is planned.
pub(crate) fn text(plan: &RefreshPlan, all: bool, apply: &str) -> String {
    let names: Vec<String> = plan.models.iter().map(|step| short_name(step.layer, &step.name)).collect();
    let width = name_width(names.iter().map(String::as_str), FIXED + REASON);
    let longest = plan.models.iter().map(|step| step.reason.chars().count()).max().unwrap_or(0);
    let because = longest.clamp(REASON, line_width(PIPED).saturating_sub(FIXED + width).max(REASON));
    let mut out = format!(
        "as of {} · bronze: {}\n\n  {:<width$} {:<9} {:<because$} {:>5} {:>12}\n",
        plan.as_of.format("%Y-%m-%d %H:%M:%S UTC"),
        counted(plan.bronze.len() as u64, "table"),
        "model",
        "mode",
        "because",
        "files",
        "rows to read",
    );
    let mut hidden = 0;
    for step in &plan.models {
        if step.mode == Mode::Unchanged && !all {
            hidden += 1;
            continue;
        }
        let (files, rows) = match step.mode {
            Mode::Full => (step.files_to_read.to_string(), step.rows_to_read.map_or("?".to_owned(), grouped)),
            Mode::Unchanged | Mode::Skipped => ("–".to_owned(), "–".to_owned()),
        };
        let name = shortened(&short_name(step.layer, &step.name), width);
        out.push_str(&format!(
            "  {name:<width$} {:<9} {:<because$} {files:>5} {rows:>12}\n",
            mode_name(step.mode),
            shortened(&step.reason, because),
        ));
    }
    if hidden > 0 {
        out.push_str(&format!("  … {hidden} unchanged (--all lists them)\n"));
    }
    let gold = || plan.models.iter().filter(|s| s.mode == Mode::Full && s.layer.as_str() == "gold");
    let read = gold().filter(|step| step.ci_d).count() as u64;
    if gold().next().is_none() {
        out.push_str("\nNothing to do: gold stands as the inputs say.\n");
    } else {
        let again = counted(read, "table");
        out.push_str(&format!(
            "\nCustomer Insights will read {again} in full, every row.\nApply it with: {apply}\n"
        ));
    }
    out
}

/// A gold model by its name, any other with its layer.
pub(crate) fn short_name(layer: Layer, name: &str) -> String {
    if layer == Layer::Gold { name.to_owned() } else { format!("{layer}.{name}") }
}

pub(crate) const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Full => "full",
        Mode::Unchanged => "unchanged",
        Mode::Skipped => "skipped",
    }
}

pub(crate) fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}
