//! Customers: one account of one company.

use crate::catalogue::{self, Case};
use crate::seed::{Domain, Draw};
use crate::world::{COMPANIES, GROUP, World};

#[derive(Debug)]
pub(crate) struct Customer {
    /// Position in [`COMPANIES`].
    pub(crate) company: u64,
    /// The account as orders name it.
    pub(crate) account: String,
    /// Number of the party behind it.
    pub(crate) party: u64,
    pub(crate) case: Option<Case>,
}

impl Customer {
    pub(crate) fn of(world: &World, index: u64) -> Self {
        // The last of each group is the account of the one before it, in the next company.
        let owner = if is_second(index) { index - 1 } else { index };
        let own = company_of(&mut world.seed.draw(Domain::Customer, owner));
        let (company, party) = if is_second(index) {
            let shares = world.seed.draw(Domain::Customer, index).per_mille(400);
            ((own + 1) % COMPANIES.len() as u64, if shares { owner } else { index })
        } else {
            (own, index)
        };
        Self { company, account: account(owner), party, case: world.case(&catalogue::CUSTOMER, index) }
    }

    /// Whether the account has the party of its own number.
    pub(crate) const fn has_own_party(&self, index: u64) -> bool {
        self.party == index
    }
}

/// Whether a customer is an account that another company has too.
pub(crate) const fn is_second(index: u64) -> bool {
    index % GROUP == GROUP - 1
}

/// Numbers from three number sequences, as they remain from the systems that came before.
fn account(owner: u64) -> String {
    match owner % 6 {
        0 => format!("cust-{owner:07}"),
        3 => format!("{owner}-KD"),
        _ => format!("C{owner:09}"),
    }
}

fn company_of(draw: &mut Draw) -> u64 {
    let hundredth = draw.below(100);
    let mut end = 0;
    let found = COMPANIES.iter().position(|(_, _, share)| {
        end += share;
        hundredth < end
    });
    found.map_or(0, |company| company as u64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_account_is_in_two_companies_at_most_and_differs_in_more_than_case() {
        let world = World::new(4, 0.01);
        let mut companies: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for index in 0..world.customers {
            let customer = Customer::of(&world, index);
            companies.entry(customer.account.to_lowercase()).or_default().push(customer.company);
        }
        let twice = companies.values().filter(|found| found.len() == 2).count();
        assert_eq!(twice as u64, world.customers / GROUP);
        assert!(companies.values().all(|found| found.len() == 1 || found[0] != found[1]));
    }
}
