//! How large a lake is and what its records are called: enough to say of any record, by its number alone, what others
//! need to know of it, so that no table has to be kept in memory for another.

use crate::catalogue::{Case, WHEELS, Wheel};
use crate::seed::{Domain, Seed, position};

/// Sales lines that are made together with their orders.
pub(crate) const BLOCK_LINES: u64 = 1000;
/// Orders to which these lines belong.
pub(crate) const BLOCK_ORDERS: u64 = 320;
/// Customers among whom accounts in two companies and holders of cards are laid out.
pub(crate) const GROUP: u64 = 25;
/// Of each group, the customers who may hold a card: the first ones, whose parties are theirs alone.
pub(crate) const GROUP_CARDS: u64 = 15;

/// The least that a lake holds: one block of lines.
const LEAST_SCALE: f64 = 0.001;

/// The companies, one of them in upper case, their currencies, and how many customers of a hundred they have.
pub(crate) const COMPANIES: [(&str, &str, u64); 5] =
    [("usrt", "USD", 45), ("usmf", "USD", 25), ("DEMF", "EUR", 15), ("gbsi", "GBP", 10), ("frrt", "EUR", 5)];

/// A lake of one seed and scale.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: Seed,
    pub(crate) customers: u64,
    pub(crate) lines: u64,
    pub(crate) products: u64,
    pub(crate) channels: u64,
    /// Where each wheel stands for record 0.
    offsets: Vec<u64>,
    /// Steps with which heavy buyers and popular products are spread over their numbers.
    customer_stride: u64,
    product_stride: u64,
}

impl World {
    pub(crate) fn new(seed: u64, scale: f64) -> Self {
        let seed = Seed::new(seed);
        let customers = count(scale, 100_000);
        let products = count(scale, 20_000).max(60);
        let mut draw = seed.draw(Domain::Wheel, 0);
        Self {
            seed,
            customers,
            lines: count(scale, 1_000_000),
            products,
            channels: (8 + count(scale, 60)).min(500),
            offsets: WHEELS.iter().map(|wheel| draw.below(wheel.slots)).collect(),
            customer_stride: coprime(customers, 1_000_003),
            product_stride: coprime(products, 7919),
        }
    }

    /// What is messy about record `index` of the kind that `wheel` turns for.
    pub(crate) fn case(&self, wheel: &'static Wheel, index: u64) -> Option<Case> {
        let place = WHEELS.iter().position(|other| std::ptr::eq(*other, wheel))?;
        // A step that no number of slots divides scatters the slots of a case over the turn.
        wheel.at((index * 367 + self.offsets[place]) % wheel.slots)
    }

    /// Customer of rank `rank` among the buyers.
    pub(crate) const fn customer_of_rank(&self, rank: u64) -> u64 {
        (rank * self.customer_stride + 17) % self.customers
    }

    /// Product of rank `rank` among the popular ones.
    pub(crate) const fn product_of_rank(&self, rank: u64) -> u64 {
        (rank * self.product_stride + 3) % self.products
    }

    /// Parties that no customer has: prospects, workers, legal entities.
    pub(crate) const fn prospects(&self) -> u64 {
        self.customers / 5
    }

    pub(crate) const fn blocks(&self) -> u64 {
        self.lines.div_ceil(BLOCK_LINES)
    }

    /// Lines of a block; only the last one may be smaller.
    pub(crate) fn lines_of_block(&self, block: u64) -> u64 {
        BLOCK_LINES.min(self.lines.saturating_sub(block * BLOCK_LINES))
    }

    /// Orders of a block.
    pub(crate) fn orders_of_block(&self, block: u64) -> u64 {
        (self.lines_of_block(block) * BLOCK_ORDERS / BLOCK_LINES).max(1)
    }

    pub(crate) const fn orders(&self) -> u64 {
        self.blocks() * BLOCK_ORDERS
    }

    /// Cards that customers hold.
    pub(crate) fn cards(&self) -> u64 {
        self.customers / GROUP * GROUP_CARDS + (self.customers % GROUP).min(GROUP_CARDS)
    }

    /// Cards that nobody holds.
    pub(crate) fn stray_cards(&self) -> u64 {
        (self.cards() / 50).max(3)
    }
}

/// Record ids: each table counts from its own base in steps of three, as sources do that hand out ids in advance.
pub(crate) mod recid {
    pub(crate) const CUSTOMER: i64 = 5_637_144_576;
    /// Parties that were merged into others: lower than all that live.
    pub(crate) const MERGED_PARTY: i64 = 5_637_150_000;
    pub(crate) const PARTY: i64 = 22_565_421_000;
    /// Parties that took over accounts: higher than those that lost them.
    pub(crate) const SUCCESSOR: i64 = 52_565_421_000;
    /// Where no party is.
    pub(crate) const UNKNOWN_PARTY: i64 = 90_000_000_000;
    pub(crate) const LOCATION: i64 = 68_719_480_000;
    pub(crate) const ADDRESS: i64 = 78_719_990_000;
    pub(crate) const ELECTRONIC: i64 = 35_637_300_000;
    pub(crate) const NAME: i64 = 42_565_420_000;
    pub(crate) const CHANNEL: i64 = 5_637_146_000;
    pub(crate) const ORDER: i64 = 5_640_000_000;
    /// Headers of the same number in another company, and headers without lines.
    pub(crate) const MORE_ORDERS: i64 = 25_640_000_000;
    pub(crate) const LINE: i64 = 35_637_000_000;
    pub(crate) const MORE_LINES: i64 = 75_637_000_000;
    pub(crate) const PAYMENT: i64 = 25_637_144_000;
    pub(crate) const CARD: i64 = 5_637_500_000;
    pub(crate) const TIER: i64 = 15_639_500_000;
    pub(crate) const POINT: i64 = 15_637_144_000;
    pub(crate) const PROGRAM: i64 = 5_637_144_650;
    pub(crate) const PRODUCT: i64 = 5_637_144_800;

    /// The id of record `index` of the table that counts from `base`.
    pub(crate) const fn of(base: i64, index: u64) -> i64 {
        base + 3 * index.cast_signed()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the scale is checked to be between 0 and 1000")]
#[expect(clippy::cast_precision_loss, reason = "the counts of scale 1 are far below 2^52")]
#[expect(clippy::cast_sign_loss, reason = "the scale is positive")]
fn count(scale: f64, at_one: u64) -> u64 {
    (scale.max(LEAST_SCALE) * at_one as f64).round() as u64
}

/// The first number from `from` on that has no divisor in common with `n`.
fn coprime(n: u64, from: u64) -> u64 {
    let gcd = |mut a: u64, mut b: u64| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    (from..).find(|candidate| gcd(*candidate, n) == 1).unwrap_or(1)
}

/// Whole days that pass between records spread evenly over `days`.
pub(crate) const fn spread(index: u64, days: u64) -> i64 {
    (index % days).cast_signed()
}

/// `choices[index]`, beginning anew after the last.
pub(crate) fn turn<T: Copy>(choices: &[T], index: u64) -> T {
    choices[position(index % choices.len() as u64)]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalogue;

    #[test]
    fn the_scale_says_how_many() {
        let one = World::new(1, 1.0);
        assert_eq!((one.customers, one.lines, one.orders()), (100_000, 1_000_000, 320_000));
        let odd = World::new(1, 0.0025);
        assert_eq!((odd.customers, odd.lines, odd.blocks()), (250, 2_500, 3));
        let lines: u64 = (0..odd.blocks()).map(|block| odd.lines_of_block(block)).sum();
        assert_eq!((lines, odd.orders_of_block(2)), (2_500, 160));
    }

    #[test]
    fn a_case_comes_as_often_in_each_turn_as_its_slots_say() {
        let world = World::new(9, 0.01);
        let wheel = &catalogue::LINE;
        for turn in 0..3 {
            let indices = turn * wheel.slots..(turn + 1) * wheel.slots;
            let found: Vec<_> = indices.filter_map(|index| world.case(wheel, index)).collect();
            for (case, slots) in wheel.cases {
                assert_eq!(found.iter().filter(|c| *c == case).count() as u64, *slots, "{case:?}");
            }
        }
    }

    #[test]
    fn every_customer_has_a_rank() {
        let world = World::new(1, 0.01);
        let reached: BTreeSet<u64> = (0..world.customers).map(|rank| world.customer_of_rank(rank)).collect();
        assert_eq!(reached.len() as u64, world.customers);
    }
}
