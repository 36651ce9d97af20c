//! Requests that are under way, so that what stands still can be named.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use object_store::path::Path;
use parking_lot::Mutex;

/// The requests of a process that have begun and not ended, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    begun: AtomicU64,
    paths: Mutex<BTreeMap<u64, String>>,
}

impl UnderWay {
    /// A request to `path` begins; it ends when what this gives is dropped.
    pub(super) fn begin(self: &Arc<Self>, path: &Path) -> Request {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        self.paths.lock().insert(number, path.to_string());
        Request { under_way: Arc::clone(self), number }
    }

    /// The path of the one that began first.
    pub(super) fn oldest(&self) -> Option<String> {
        self.paths.lock().values().next().cloned()
    }
}

/// A request that has begun.
#[derive(Debug)]
pub(super) struct Request {
    under_way: Arc<UnderWay>,
    number: u64,
}

impl Drop for Request {
    fn drop(&mut self) {
        self.under_way.paths.lock().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_that_has_not_ended_is_named() {
        let requests = Arc::<UnderWay>::default();
        assert_eq!(requests.oldest(), None);
        let first = requests.begin(&Path::from("a"));
        let second = requests.begin(&Path::from("b"));
        assert_eq!(requests.oldest().as_deref(), Some("a"));
        drop(first);
        assert_eq!(requests.oldest().as_deref(), Some("b"));
        drop(second);
        assert_eq!(requests.oldest(), None);
    }
}
