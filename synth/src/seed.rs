//! Chance that can be repeated: every record has a stream of its own, found by its key, so that rows do not depend on
//! the order or the number of the threads that make them.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};

/// What a stream is for; the number is part of the key, so it is never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Domain {
    Wheel = 1,
    Customer = 2,
    Party = 3,
    Name = 4,
    Address = 5,
    Channel = 6,
    Product = 7,
    Block = 8,
    Order = 9,
    Line = 10,
    Payment = 11,
    Card = 12,
    Tier = 13,
    Point = 14,
    Contact = 15,
    Clone = 16,
}

/// The seed of a lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seed(u64);

impl Seed {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream of record `index` of `domain`.
    pub(crate) fn draw(self, domain: Domain, index: u64) -> Draw {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.0.to_le_bytes());
        key[8] = domain as u8;
        let mut stream = ChaCha8Rng::from_seed(key);
        stream.set_stream(index);
        Draw(stream)
    }
}

/// One record's stream.
#[derive(Debug)]
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// A number below `n`, which is at most 2^32.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        debug_assert!(n <= 1 << 32, "{n} is more than a draw of 32 bits can reach");
        (u64::from(self.0.next_u32()) * n) >> 32
    }

    /// A number below `n` of which the low ones are the likeliest: half of all draws are below a quarter of `n`.
    pub(crate) fn skewed(&mut self, n: u64) -> u64 {
        let u = u64::from(self.0.next_u32());
        (((u * u) >> 32) * n) >> 32
    }

    /// Whether something that happens so often in a thousand happens.
    pub(crate) fn per_mille(&mut self, often: u64) -> bool {
        self.below(1000) < often
    }

    /// One of `choices`, which are not none.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[position(self.below(choices.len() as u64))]
    }

    /// A number below `n` that is divided as a price or a quantity is: up to six digits behind the point.
    pub(crate) fn micros(&mut self, n: u64) -> i64 {
        signed(self.below(n))
    }

    /// Sixteen bytes, for ids that the source draws by lot.
    pub(crate) fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

/// `index` as a position in memory: only what is in memory is looked up by it.
pub(crate) fn position(index: u64) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// `number` as the signed number that columns hold; counts of records never reach the sign.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_domain_and_index_alone() {
        let first = |seed, domain, index| Seed::new(seed).draw(domain, index).below(1 << 32);
        let one = first(1, Domain::Order, 7);
        assert_eq!(one, first(1, Domain::Order, 7));
        for other in [first(2, Domain::Order, 7), first(1, Domain::Line, 7), first(1, Domain::Order, 8)] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn draws_stay_in_their_range_and_reach_its_ends() {
        let mut draw = Seed::new(3).draw(Domain::Line, 0);
        let drawn: Vec<u64> = (0..2000).map(|_| draw.below(7)).collect();
        assert!((0..7).all(|n| drawn.contains(&n)) && drawn.iter().all(|n| *n < 7));
        let low = (0..2000).filter(|_| draw.skewed(1000) < 250).count();
        assert!((900..1100).contains(&low), "{low}");
    }
}
