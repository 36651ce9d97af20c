//! A plan on one screen.

use goldsmith_scheduler::RefreshPlan;
use goldsmith_scheduler::plan::Mode;

use super::{counted, grouped};

pub(crate) fn text(plan: &RefreshPlan, all: bool) -> String {
    let mut out = format!(
        "as of {} · bronze: {}\n\n  {:<30} {:<10} {:<44} {:>8} {:>14}\n",
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
        let name = format!("{}{}", if step.layer.as_str() == "silver" { "silver." } else { "" }, step.name);
        out.push_str(&format!(
            "  {name:<30} {:<10} {:<44} {files:>8} {rows:>14}\n",
            mode_name(step.mode),
            shortened(&step.reason, 44),
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
            "\nCustomer Insights will read {again} in full, every row.\nApply it with: goldsmith refresh\n"
        ));
    }
    out
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
