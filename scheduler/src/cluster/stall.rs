//! Whether anything of a job moves.

use std::time::{Duration, Instant};

use super::progress::Count;

/// Follows the counters of one attempt to run a job.
///
/// Ballista knows of a task what it did when it has ended. So what long tasks do is asked of their executors, and only where the
/// numbers of the job have stood still for a while.
#[derive(Debug)]
pub(super) struct Stall {
    limit: Duration,
    moved_at: Instant,
    asked_at: Instant,
    count: Count,
    progress: Option<u64>,
}

impl Stall {
    /// Nothing may stand still for longer than `limit`.
    pub(super) fn new(limit: Duration) -> Self {
        let now = Instant::now();
        Self { limit, moved_at: now, asked_at: now, count: Count::default(), progress: None }
    }

    /// Something moved, or nobody could tell.
    pub(super) fn moved(&mut self) {
        self.moved_at = Instant::now();
        self.asked_at = self.moved_at;
    }

    /// Whether the numbers of the job are others than before.
    pub(super) fn has_moved(&mut self, count: Count) -> bool {
        std::mem::replace(&mut self.count, count) != count
    }

    /// Whether executors are to be asked what their tasks do.
    pub(super) fn is_to_ask(&self) -> bool {
        self.asked_at.elapsed() > self.limit / 4
    }

    /// What they answered.
    pub(super) fn told(&mut self, progress: u64) {
        self.asked_at = Instant::now();
        // The first answer is compared with nothing.
        if self.progress.replace(progress).is_some_and(|before| before != progress) {
            self.moved_at = self.asked_at;
        }
    }

    /// Whether nothing has moved for too long.
    pub(super) fn is_over(&self) -> bool {
        self.moved_at.elapsed() > self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_answers_that_change_are_movement() {
        let stall = Stall::new(Duration::ZERO);
        assert!(stall.is_over() && stall.is_to_ask());
        let mut stall = Stall::new(Duration::from_secs(3600));
        assert!(stall.has_moved(Count { rows: 1, ..Count::default() }));
        assert!(!stall.has_moved(Count { rows: 1, ..Count::default() }));
        let began = stall.moved_at;
        stall.told(7);
        stall.told(7);
        assert_eq!(stall.moved_at, began, "the same answer is none");
        stall.told(8);
        assert!(stall.moved_at > began && !stall.is_over());
    }
}
