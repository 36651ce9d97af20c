//! What a line says before anything happens to it.

use crate::catalogue::{self, Case};
use crate::entity::product::Product;
use crate::seed::Domain;
use crate::time::SECOND;
use crate::world::World;

/// Amounts are millionths.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) product: Product,
    pub(crate) quantity: i64,
    pub(crate) price: i64,
    pub(crate) discount: i64,
    pub(crate) amount: i64,
    pub(crate) cost: i64,
    /// Time after that of the order.
    pub(crate) after: i64,
}

/// Half of the last digit that gold keeps.
const HALF: i64 = 50;

impl Line {
    pub(crate) fn of(world: &World, index: u64) -> Self {
        let mut draw = world.seed.draw(Domain::Line, index);
        let product = Product::of(world, world.product_of_rank(draw.skewed(world.products)));
        let list_price = product.price;
        let quantity = match draw.below(100) {
            0..85 => (1 + draw.micros(4) * draw.micros(4) / 3) * 1_000_000,
            _ => draw.micros(9_999_999) + 1,
        };
        let price = list_price + if draw.per_mille(300) { draw.micros(100) } else { 0 };
        let discount = if draw.per_mille(300) { draw.micros(2_000_000) } else { 0 };
        let mut line = Self {
            product,
            quantity,
            price,
            discount,
            amount: times(quantity, price) - discount,
            cost: list_price * 7 / 10 + draw.micros(1000),
            after: draw.micros(600) * SECOND,
        };
        if world.case(&catalogue::LINE, index) == Some(Case::LineReturn) {
            line.quantity = -line.quantity;
            line.amount = -line.amount;
        }
        let half = |value: i64| value / 100 * 100 + HALF;
        match world.case(&catalogue::LINE_ROUNDING, index) {
            Some(Case::LineHalfPrice) => line.price = half(line.price),
            Some(Case::LineHalfAmount) => line.amount = half(line.amount.abs()),
            Some(Case::LineHalfNegativeAmount) => line.amount = -half(line.amount.abs()),
            Some(Case::LineHalfQuantity) => line.quantity = half(line.quantity.abs()),
            _ => {}
        }
        line
    }
}

/// The product of two numbers of millionths.
fn times(a: i64, b: i64) -> i64 {
    i64::try_from(i128::from(a) * i128::from(b) / 1_000_000).unwrap_or(i64::MAX)
}
