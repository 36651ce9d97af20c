//! Products. Whatever is said of one follows from its number, so that all lines of an item name it alike (a tie of kind
//! N1 otherwise).

use crate::catalogue::{self, Case};
use crate::seed::Domain;
use crate::text::{ADJECTIVES, GOODS, typed};
use crate::world::{World, turn};

#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) index: u64,
    pub(crate) item: String,
    pub(crate) name: Option<String>,
    /// Millionths.
    pub(crate) price: i64,
}

impl Product {
    pub(crate) fn of(world: &World, index: u64) -> Self {
        let mut draw = world.seed.draw(Domain::Product, index);
        let case = world.case(&catalogue::PRODUCT, index);
        let number = if index.is_multiple_of(5) { format!("{index:06}") } else { format!("I{index:06}") };
        let name = format!("{} {} {index}", draw.pick(&ADJECTIVES), draw.pick(&GOODS));
        Self {
            index,
            item: if case == Some(Case::ProductTrailingBlank) { format!("{number} ") } else { number },
            name: (case != Some(Case::ProductWithoutName))
                .then(|| typed(&name, world.case(&catalogue::TEXT, index + 5))),
            // From half a coin to 40, to the whole hundredth in most cases.
            price: match draw.below(10) {
                0..7 => draw.micros(3_950) * 10_000 + 500_000,
                _ => draw.micros(39_500_000) + 500_000,
            },
        }
    }
}

/// Department of a product, and its category within it.
pub(crate) const fn category(index: u64) -> (u64, u64) {
    (index % GOODS.len() as u64, index / 12 % 9)
}

/// Unit in which a product is sold.
pub(crate) fn unit(index: u64) -> &'static str {
    turn(&["ea", "pcs", "kg", "Ea "], index)
}
