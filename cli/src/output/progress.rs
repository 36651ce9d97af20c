//! Progress on a terminal; nothing where standard error is none.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytesize::ByteSize;
use goldsmith_proto::id::Layer;
use goldsmith_scheduler::RefreshPlan;
use goldsmith_scheduler::cluster::Count;
use goldsmith_scheduler::plan::{Mode, Step};
use goldsmith_scheduler::refresh::{Meter, Progress};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::grouped;

/// How often numbers are drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// One line for the whole, and above it one for each model or table: rows, bytes, time.
#[derive(Debug)]
pub(crate) struct Bars {
    all: MultiProgress,
    whole: ProgressBar,
    lines: Mutex<BTreeMap<String, Line>>,
}

/// Rows and bytes of one model or table.
#[derive(Debug, Clone)]
struct Line {
    bar: ProgressBar,
    rows: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
}

impl Bars {
    pub(crate) fn new(quiet: bool) -> Self {
        // The library hides itself where standard error is not a terminal.
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let all = MultiProgress::with_draw_target(target);
        let whole = all.add(ProgressBar::new(0));
        let bars = Self { all, whole, lines: Mutex::default() };
        bars.style_whole("  {spinner} {elapsed}");
        bars.tick(&bars.whole);
        bars
    }

    /// Removes them all.
    pub(crate) fn finish(&self) {
        for line in std::mem::take(&mut *self.lines()).into_values() {
            line.bar.finish_and_clear();
        }
        self.whole.finish_and_clear();
        // A cursor that cannot be moved leaves lines behind: ugly, and no more.
        let _ = self.all.clear();
    }

    fn tick(&self, bar: &ProgressBar) {
        if !self.all.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
    }

    fn style_whole(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.whole.set_style(style.progress_chars("━╸─"));
        }
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<String, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line of `name`, which appears when it is first asked for.
    fn line(&self, name: &str) -> Line {
        let mut lines = self.lines();
        if let Some(line) = lines.get(name) {
            return line.clone();
        }
        let bar = self.all.insert_before(&self.whole, ProgressBar::new_spinner());
        let line = Line { bar, rows: Arc::default(), bytes: Arc::default() };
        let (rows, bytes) = (Arc::clone(&line.rows), Arc::clone(&line.bytes));
        line.measure(name, "", move || Count {
            rows: rows.load(Ordering::Relaxed),
            bytes: bytes.load(Ordering::Relaxed),
            ..Count::default()
        });
        self.tick(&line.bar);
        lines.insert(name.to_owned(), line.clone());
        line
    }
}

impl Line {
    /// Shows what `measured` says whenever the line is drawn: rows and bytes, and tasks of a cluster.
    fn measure(&self, name: &str, what: &str, measured: impl Fn() -> Count + Clone + Send + Sync + 'static) {
        let Ok(style) = ProgressStyle::with_template("  {prefix:33} {measured} · {elapsed}") else { return };
        let what = what.to_owned();
        self.bar.set_prefix(name.to_owned());
        self.bar.set_style(style.with_key("measured", move |_: &ProgressState, out: &mut dyn Write| {
            let count = measured();
            let bytes = ByteSize(count.bytes).to_string();
            // Text in memory takes whatever is written to it.
            let _ = write!(out, "{:>11} rows · {bytes:>9}{what}", grouped(count.rows));
            if count.stages > 0 {
                let _ = write!(
                    out,
                    " · {}/{} tasks, {}/{} stages",
                    count.tasks_done, count.tasks, count.stages_done, count.stages
                );
            }
        }));
    }
}

/// A model as reports call it.
fn name(step: &Step) -> String {
    match step.layer {
        Layer::Silver => format!("silver.{}", step.name),
        _ => step.name.clone(),
    }
}

/// A refresh: models one after the other.
impl Progress for Bars {
    fn waiting(&self, other: &str) {
        self.style_whole(&format!("  {{spinner}} waiting for refresh {other} · {{elapsed}}"));
    }

    fn planned(&self, plan: &RefreshPlan) {
        self.style_whole("  {bar:20} {pos}/{len} models · {elapsed}");
        self.whole.set_position(0);
        self.whole.set_length(plan.models.iter().filter(|s| s.mode == Mode::Full).count() as u64);
    }

    fn staging(&self, step: &Step) {
        self.line(&name(step));
    }

    fn building(&self, step: &Step, meter: Meter) {
        let name = name(step);
        self.line(&name).measure(&name, " read", move || meter.count());
    }

    fn staged(&self, step: &Step, rows: u64, bytes: u64) {
        let name = name(step);
        let line = self.line(&name);
        line.measure(&name, "", move || Count { rows, bytes, ..Count::default() });
        line.bar.finish();
        self.whole.inc(1);
    }
}

/// A lake that is made or changed: tables side by side.
impl goldsmith_synth::Progress for Bars {
    fn planned(&self, rows: u64) {
        self.style_whole("  {bar:20} {percent:>3} % · {human_pos} rows · {elapsed}");
        self.whole.set_length(rows);
    }

    fn written(&self, table: &str, rows: u64) {
        self.line(table).rows.fetch_add(rows, Ordering::Relaxed);
        self.whole.inc(rows);
    }

    fn stored(&self, table: &str, bytes: u64) {
        self.line(table).bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn finished(&self, table: &str) {
        // Only what is under way is shown: what is done fills the report.
        if let Some(line) = self.lines().remove(table) {
            line.bar.finish_and_clear();
            self.all.remove(&line.bar);
        }
    }
}
