//! Ends what no longer moves.
//!
//! Nothing that computes or reads has a deadline: a large load takes its time. But all of it counts what it does, and where no
//! counter has moved for minutes something waits for what will not come.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use datafusion::physical_plan::metrics::MetricValue;
use datafusion::physical_plan::{ExecutionPlan, displayable};
use futures::stream::{FuturesUnordered, StreamExt};
use thiserror::Error;
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{debug, warn};

/// How long nothing may move unless something else is asked for.
pub const DEFAULT_STALL_TIMEOUT: Duration = Duration::from_secs(600);

/// Operators that are named.
const NAMED: usize = 4;

/// A plan in which nothing moved.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "no counter of it moved for {} s: it waits in {waiting}; hint: run it again, if it happens again with more memory \
     (--memory-limit) or another --stall-timeout, and please report it",
    waited.as_secs()
)]
pub struct Stalled {
    /// For how long.
    pub waited: Duration,
    /// The operators that had begun and not ended.
    pub waiting: String,
}

/// A number that changes with whatever the operators of `plan` do.
#[must_use]
pub fn progress(plan: &dyn ExecutionPlan) -> u64 {
    let own = plan.metrics().map_or(0, |metrics| {
        metrics.iter().fold(0_u64, |sum, metric| sum.wrapping_add(metric.value().as_usize() as u64))
    });
    plan.children().iter().fold(own, |sum, child| sum.wrapping_add(progress(child.as_ref())))
}

/// Waits for `work`, as long as `progress` changes within `limit`.
///
/// # Errors
/// For how long it did not; `work` is dropped then.
pub async fn watched<T>(
    limit: Duration,
    mut progress: impl FnMut() -> u64,
    work: impl Future<Output = T>,
) -> Result<T, Duration> {
    // Polled when it is woken, and not whenever it is looked at: operators count the time that a poll takes.
    let mut work = FuturesUnordered::from_iter([work]);
    let step = (limit / 60).clamp(Duration::from_millis(10), Duration::from_secs(10));
    let mut looks = tokio::time::interval(step);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut seen, mut moved_at, mut looked_at) = (progress(), Instant::now(), Instant::now());
    loop {
        tokio::select! {
            biased;
            Some(done) = work.next() => return Ok(done),
            _ = looks.tick() => {
                let now = progress();
                // Where nobody looked for long, the machine stood still, or whoever waits for this did.
                if now != seen || looked_at.elapsed() > limit / 2 {
                    (seen, moved_at) = (now, Instant::now());
                }
                looked_at = Instant::now();
                if moved_at.elapsed() >= limit {
                    return Err(moved_at.elapsed());
                }
            }
        }
    }
}

/// Waits for `work`, which runs `plan`, as long as its operators do something within `limit`.
///
/// # Errors
/// [`Stalled`]
pub async fn watched_plan<T>(
    limit: Duration,
    plan: &Arc<dyn ExecutionPlan>,
    work: impl Future<Output = T>,
) -> Result<T, Stalled> {
    watched(limit, || progress(plan.as_ref()), work).await.map_err(|waited| {
        let stalled = Stalled { waited, waiting: Waiting(plan.as_ref()).to_string() };
        warn!(seconds = waited.as_secs(), waiting = stalled.waiting, "nothing moves any more");
        debug!(plan = %displayable(plan.as_ref()).indent(false), "what stands still");
        stalled
    })
}

/// The operators that have begun and not ended, outermost first.
struct Waiting<'a>(&'a dyn ExecutionPlan);

impl fmt::Display for Waiting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Vec::new();
        open(self.0, &mut names);
        if names.is_empty() {
            return f.write_str(self.0.name());
        }
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        f.write_str(&names.join(" over "))?;
        if more > 0 { write!(f, " and {more} more") } else { Ok(()) }
    }
}

fn open(plan: &dyn ExecutionPlan, names: &mut Vec<String>) {
    if let Some(metrics) = plan.metrics() {
        let (mut begun, mut ended) = (0, 0);
        for metric in metrics.iter() {
            match metric.value() {
                MetricValue::StartTimestamp(at) if at.value().is_some() => begun += 1,
                MetricValue::EndTimestamp(at) if at.value().is_some() => ended += 1,
                _ => {}
            }
        }
        if begun > ended {
            let rows = metrics.output_rows().unwrap_or_default();
            names.push(format!("{} ({rows} rows so far)", plan.name()));
        }
    }
    plan.children().into_iter().for_each(|child| open(child.as_ref(), names));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_stands_still_ends() {
        let limit = Duration::from_millis(100);
        let waited = watched(limit, || 7, std::future::pending::<()>()).await.unwrap_err();
        assert!(waited >= limit, "{waited:?}");
    }

    #[tokio::test]
    async fn looking_at_it_is_no_movement() {
        let limit = Duration::from_millis(100);
        let (polls, counted) = tokio::sync::watch::channel(0_u64);
        let work = std::future::poll_fn(|_| {
            polls.send_modify(|polls| *polls += 1);
            std::task::Poll::<()>::Pending
        });
        let waited = watched(limit, || *counted.borrow(), work).await.unwrap_err();
        assert!(waited >= limit, "{waited:?}");
    }

    #[tokio::test]
    async fn what_moves_may_take_for_ever() {
        let limit = Duration::from_millis(100);
        let (looks, mut looked) = tokio::sync::watch::channel(0_u64);
        let began = Instant::now();
        // It ends when it has been looked at for three times as long as it may stand still.
        let work = async {
            while began.elapsed() < limit * 3 {
                looked.changed().await.unwrap();
            }
            "done"
        };
        let progress = || {
            looks.send_modify(|looks| *looks += 1);
            *looks.borrow()
        };
        assert_eq!(watched(limit, progress, work).await, Ok("done"));
    }
}
