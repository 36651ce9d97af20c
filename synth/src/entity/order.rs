//! Orders, made in blocks: a block has a fixed number of lines, which its orders share among them.

use crate::catalogue::{self, Case};
use crate::entity::{channel, customer::Customer};
use crate::seed::{Domain, signed};
use crate::time::{FIRST_ORDER, ORDER_SPAN, SECOND};
use crate::world::{BLOCK_LINES, BLOCK_ORDERS, COMPANIES, World};

/// Record id of a channel that is not there.
const UNKNOWN_CHANNEL: i64 = 777;

#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) index: u64,
    /// Number of the customer who ordered, whether or not the header names them.
    pub(crate) customer: u64,
    /// Position in [`COMPANIES`].
    pub(crate) company: u64,
    pub(crate) sales_id: String,
    /// The account as the header has it.
    pub(crate) account: Option<String>,
    /// Number of the channel, whether or not the header names it.
    pub(crate) channel: u64,
    /// The channel as the header has it.
    pub(crate) channel_recid: Option<i64>,
    pub(crate) ordered_at: i64,
    pub(crate) case: Option<Case>,
    /// Number of its first line, and how many it has.
    pub(crate) first_line: u64,
    pub(crate) lines: u64,
}

/// The orders of a block, with their lines.
pub(crate) fn of_block(world: &World, block: u64) -> Vec<Order> {
    let mut first_line = block * BLOCK_LINES;
    let mut orders = Vec::new();
    for (place, lines) in (0..).zip(sizes(world, block)) {
        orders.push(order(world, block * BLOCK_ORDERS + place, first_line, lines));
        first_line += lines;
    }
    orders
}

/// How the lines of a block are shared: most orders have few, some have many.
fn sizes(world: &World, block: u64) -> Vec<u64> {
    let orders = world.orders_of_block(block);
    let rest = world.lines_of_block(block).saturating_sub(orders);
    let mut draw = world.seed.draw(Domain::Block, block);
    let weights: Vec<u64> = (0..orders)
        .map(|_| draw.skewed(1000) + if draw.per_mille(40) { 5000 + draw.below(8000) } else { 0 })
        .collect();
    let total = weights.iter().sum::<u64>().max(1);
    let mut end = 0;
    weights
        .iter()
        .map(|weight| {
            let begin = end;
            end += weight;
            1 + end * rest / total - begin * rest / total
        })
        .collect()
}

fn order(world: &World, index: u64, first_line: u64, lines: u64) -> Order {
    let mut draw = world.seed.draw(Domain::Order, index);
    let buyer = world.customer_of_rank(draw.skewed(world.customers));
    let customer = Customer::of(world, buyer);
    let channel = draw.below(world.channels);
    let account = match world.case(&catalogue::ORDER_CUSTOMER, index) {
        Some(Case::OrderCustomerNull) => None,
        Some(Case::OrderCustomerEmpty) => Some(String::new()),
        Some(Case::OrderCustomerUnknown) => Some(format!("GHOST{}", index % 50)),
        _ => Some(customer.account),
    };
    let channel_recid = match world.case(&catalogue::ORDER_CHANNEL, index) {
        Some(Case::OrderChannelNull) => None,
        Some(Case::OrderChannelZero) => Some(0),
        Some(Case::OrderChannelUnknown) => Some(UNKNOWN_CHANNEL),
        Some(Case::OrderChannelWithoutId) => Some(channel::recid(channel::without_id(world))),
        _ => Some(channel::recid(channel)),
    };
    // Record ids grow with time, as they do in the source, so that files hold a stretch of time each.
    let span = (ORDER_SPAN / SECOND).unsigned_abs();
    let seconds = index * span / world.orders() + draw.below((span / world.orders()).max(1));
    Order {
        index,
        customer: buyer,
        company: customer.company,
        sales_id: format!("{}-{index:09}", company(customer.company).to_uppercase()),
        account,
        channel,
        channel_recid,
        ordered_at: FIRST_ORDER + signed(seconds) * SECOND,
        case: world.case(&catalogue::ORDER, index),
        first_line,
        lines,
    }
}

impl Order {
    /// The same number in the next company: its account there.
    pub(crate) fn twin_account(&self, world: &World) -> String {
        let mut draw = world.seed.draw(Domain::Clone, self.index);
        let wanted = self.twin_company();
        let mut found = Customer::of(world, draw.below(world.customers));
        // Some company has few customers; then an account of another one will do, which is unknown in this one.
        for _ in 0..50 {
            if found.company == wanted {
                break;
            }
            found = Customer::of(world, draw.below(world.customers));
        }
        found.account
    }

    pub(crate) const fn twin_company(&self) -> u64 {
        (self.company + 1) % COMPANIES.len() as u64
    }

    pub(crate) const fn has_twin(&self) -> bool {
        matches!(self.case, Some(Case::OrderNumberTwice | Case::OrderNumberTwiceOtherChannel))
    }

    pub(crate) fn company(&self) -> &'static str {
        company(self.company)
    }

    pub(crate) fn currency(&self) -> &'static str {
        currency(self.company)
    }
}

pub(crate) fn company(position: u64) -> &'static str {
    crate::world::turn(&COMPANIES, position).0
}

pub(crate) fn currency(position: u64) -> &'static str {
    crate::world::turn(&COMPANIES, position).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orders_of_a_block_share_its_lines() {
        let world = World::new(5, 0.0025);
        for block in 0..world.blocks() {
            let orders = of_block(&world, block);
            assert_eq!(orders.len() as u64, world.orders_of_block(block));
            let mut next = block * BLOCK_LINES;
            for order in &orders {
                assert_eq!(order.first_line, next);
                assert!(order.lines > 0);
                next += order.lines;
            }
            assert_eq!(next, block * BLOCK_LINES + world.lines_of_block(block));
        }
    }

    #[test]
    fn a_block_is_the_same_whatever_was_made_before_it() {
        let world = World::new(5, 0.01);
        let text = |block| format!("{:?}", of_block(&world, block));
        let alone = text(7);
        (0..7).for_each(|block| assert_ne!(text(block), alone));
        assert_eq!(text(7), alone);
    }

    #[test]
    fn orders_become_younger() {
        let world = World::new(5, 0.01);
        let times: Vec<i64> = (0..3).flat_map(|b| of_block(&world, b)).map(|o| o.ordered_at).collect();
        assert!(times.is_sorted());
    }
}
