//! Requests that are under way, so that what stands still can be seen and named.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use object_store::path::Path;
use parking_lot::Mutex;

/// The requests of a process that have begun and not ended. They are ordered by their last movement: when they began, or
/// when something of their answer came.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    movements: AtomicU64,
    paths: Mutex<BTreeMap<u64, String>>,
}

impl UnderWay {
    /// A request to `path` begins; it ends when what this gives is dropped.
    pub(super) fn begin(self: &Arc<Self>, path: &Path) -> Request {
        let movement = self.movement();
        self.paths.lock().insert(movement, path.to_string());
        Request { under_way: Arc::clone(self), moved: movement }
    }

    fn movement(&self) -> u64 {
        self.movements.fetch_add(1, Ordering::Relaxed)
    }

    /// The last movement of the request that has not moved for longest, and its path.
    pub(super) fn stalest(&self) -> Option<(u64, String)> {
        self.paths.lock().iter().next().map(|(movement, path)| (*movement, path.clone()))
    }
}

/// A request that has begun.
#[derive(Debug)]
pub(super) struct Request {
    under_way: Arc<UnderWay>,
    moved: u64,
}

impl Request {
    /// Something of its answer came.
    pub(super) fn moves(&mut self) {
        let now = self.under_way.movement();
        let mut paths = self.under_way.paths.lock();
        if let Some(path) = paths.remove(&self.moved) {
            paths.insert(now, path);
            self.moved = now;
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.under_way.paths.lock().remove(&self.moved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_not_moved_for_longest_is_named() {
        let requests = Arc::<UnderWay>::default();
        let path = |requests: &UnderWay| requests.stalest().map(|(_, path)| path);
        assert_eq!(path(&requests), None);
        let mut first = requests.begin(&Path::from("a"));
        let second = requests.begin(&Path::from("b"));
        assert_eq!(path(&requests).as_deref(), Some("a"));
        assert_eq!(requests.stalest(), requests.stalest(), "looking at it is no movement");
        first.moves();
        assert_eq!(path(&requests).as_deref(), Some("b"));
        drop(second);
        assert_eq!(path(&requests).as_deref(), Some("a"));
        drop(first);
        assert_eq!(path(&requests), None);
    }
}
