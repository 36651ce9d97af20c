//! Work for a fixed number of threads.

use std::collections::VecDeque;

use anyhow::{Result, anyhow};
use parking_lot::Mutex;

/// Applies `work` to every item; a thread that is free takes the next one. The results come in no particular order.
pub(crate) fn map<T, R>(items: Vec<T>, threads: usize, work: impl Fn(T) -> Result<R> + Sync) -> Result<Vec<R>>
where
    T: Send,
    R: Send,
{
    let queue = Mutex::new(VecDeque::from(items));
    let drain = || {
        let mut done = Vec::new();
        loop {
            let next = queue.lock().pop_front();
            let Some(item) = next else { return Ok(done) };
            done.push(work(item)?);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(drain)).collect();
        let mut all = Vec::new();
        for worker in workers {
            let done: Result<Vec<R>> = worker.join().map_err(|_| anyhow!("a thread panicked"))?;
            all.extend(done?);
        }
        Ok(all)
    })
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::map;

    #[test]
    fn every_item_is_worked_on_once() {
        let mut doubled = map((0..100).collect(), 3, |n| Ok(n * 2)).unwrap();
        doubled.sort_unstable();
        assert_eq!(doubled, (0..100).map(|n| n * 2).collect::<Vec<i32>>());
    }

    #[test]
    fn a_failure_is_not_lost() {
        let done = map(vec![1, 2, 3], 2, |n| if n == 2 { bail!("no {n}") } else { Ok(n) });
        assert_eq!(done.unwrap_err().to_string(), "no 2");
    }
}
