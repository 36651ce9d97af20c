//! Progress on a terminal; nothing where standard error is none.

use std::time::Duration;

use goldsmith_scheduler::RefreshPlan;
use goldsmith_scheduler::plan::{Mode, Step};
use goldsmith_scheduler::refresh::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// One line: which model is being built, and how many are done.
#[derive(Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(quiet: bool) -> Self {
        // The library hides itself where standard error is not a terminal.
        let bar = ProgressBar::new(0);
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{bar:20} {pos}/{len} models · {elapsed} · {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn planned(&self, plan: &RefreshPlan) {
        self.0.set_position(0);
        self.0.set_length(plan.models.iter().filter(|s| s.mode == Mode::Full).count() as u64);
    }

    fn staging(&self, step: &Step) {
        self.0.set_message(format!("{}.{}", step.layer, step.name));
    }

    fn staged(&self, _step: &Step, _rows: u64) {
        self.0.inc(1);
    }
}

/// One line: how many rows of a generated lake are written.
#[derive(Debug)]
pub(crate) struct RowBar(ProgressBar);

impl RowBar {
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = ProgressBar::new_spinner();
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} rows · {elapsed} · {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl goldsmith_synth::Progress for RowBar {
    fn planned(&self, rows: u64) {
        self.0.set_length(rows);
        let template = "{bar:20} {percent:>3} % · {human_pos} rows · {elapsed} · {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
    }

    fn written(&self, table: &str, rows: u64) {
        self.0.set_message(table.to_owned());
        self.0.inc(rows);
    }
}
