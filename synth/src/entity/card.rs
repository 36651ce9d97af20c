//! Loyalty cards: each customer holds at most one, and only customers do whose party has no other account (two would be
//! a tie of kind N1).

use crate::world::{GROUP, GROUP_CARDS, World};

/// The card of a customer.
pub(crate) const fn of_customer(customer: u64) -> Option<u64> {
    let place = customer % GROUP;
    if place < GROUP_CARDS { Some(customer / GROUP * GROUP_CARDS + place) } else { None }
}

/// The customer who holds a card; none holds a stray one.
pub(crate) fn holder(world: &World, card: u64) -> Option<u64> {
    (card < world.cards()).then(|| card / GROUP_CARDS * GROUP + card % GROUP_CARDS)
}

pub(crate) fn number(card: u64) -> String {
    let prefix = if card.is_multiple_of(2) { "CARD" } else { "Card" };
    format!("{prefix}{card:09}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_and_holders_name_each_other() {
        for scale in [0.001, 0.0123] {
            let world = World::new(1, scale);
            let held = (0..world.customers).filter_map(of_customer);
            assert_eq!(held.collect::<Vec<_>>(), (0..world.cards()).collect::<Vec<_>>());
            for card in 0..world.cards() {
                assert_eq!(holder(&world, card).and_then(of_customer), Some(card));
            }
            assert_eq!(holder(&world, world.cards()), None);
        }
    }
}
