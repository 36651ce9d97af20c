//! The memory that the operators of a process share.

use std::fmt;

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};
use parking_lot::Mutex;

/// Share of the pool, in tenths, that operators that can spill may hold together.
const SPILLABLE_TENTHS: usize = 8;

/// Gives memory to whoever asks first, and keeps a part for those who cannot do without.
///
/// An operator that can spill is refused once all of them hold eight tenths of the pool, and spills; the rest is for hash
/// tables, which cannot. The library's fair pool divides the memory among all operators of a plan, those included that wait
/// for their input or have ended: in a plan of dozens of them every share is too small for a single batch.
#[derive(Debug)]
pub(crate) struct SpillFirstPool {
    limit_bytes: usize,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    by_spilling: usize,
    by_others: usize,
}

impl SpillFirstPool {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, used: Mutex::default() }
    }

    const fn spillable_bytes(&self) -> usize {
        self.limit_bytes / 10 * SPILLABLE_TENTHS
    }
}

impl fmt::Display for SpillFirstPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "spill-first(limit: {} bytes)", self.limit_bytes)
    }
}

impl MemoryPool for SpillFirstPool {
    fn name(&self) -> &str {
        "spill-first"
    }

    fn register(&self, _consumer: &MemoryConsumer) {}

    fn unregister(&self, _consumer: &MemoryConsumer) {}

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        let mut used = self.used.lock();
        *used.of(reservation) += additional;
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        let mut used = self.used.lock();
        let held = used.of(reservation);
        *held = held.saturating_sub(shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let mut used = self.used.lock();
        let total = used.by_spilling + used.by_others;
        let free = if reservation.consumer().can_spill() {
            self.spillable_bytes()
                .saturating_sub(used.by_spilling)
                .min(self.limit_bytes.saturating_sub(total))
        } else {
            self.limit_bytes.saturating_sub(total)
        };
        if additional > free {
            return Err(DataFusionError::ResourcesExhausted(format!(
                "`{}` asks for {additional} bytes beside the {} that it holds, and {free} of {} are left for it",
                reservation.consumer().name(),
                reservation.size(),
                self.limit_bytes,
            )));
        }
        *used.of(reservation) += additional;
        Ok(())
    }

    fn reserved(&self) -> usize {
        let used = self.used.lock();
        used.by_spilling + used.by_others
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit_bytes)
    }
}

impl Used {
    fn of(&mut self, reservation: &MemoryReservation) -> &mut usize {
        if reservation.consumer().can_spill() { &mut self.by_spilling } else { &mut self.by_others }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_spills_leaves_room_for_what_cannot() {
        let pool: Arc<dyn MemoryPool> = Arc::new(SpillFirstPool::new(1000));
        let sort = MemoryConsumer::new("sort").with_can_spill(true).register(&pool);
        let other_sort = MemoryConsumer::new("other sort").with_can_spill(true).register(&pool);
        let join = MemoryConsumer::new("join").register(&pool);
        sort.try_grow(700).unwrap();
        assert!(other_sort.try_grow(101).is_err());
        other_sort.try_grow(100).unwrap();
        join.try_grow(200).unwrap();
        let refused = join.try_grow(1).unwrap_err().to_string();
        assert!(refused.contains("`join`") && refused.contains("0 of 1000"), "{refused}");
        drop(sort);
        assert_eq!(pool.reserved(), 300);
        join.try_grow(700).unwrap();
        assert!(other_sort.try_grow(1).is_err(), "nothing is left at all");
        drop((other_sort, join));
        assert_eq!(pool.reserved(), 0);
    }
}
