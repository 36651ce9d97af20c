//! Parties: persons and organisations, with or without an account.

use crate::catalogue::{self, Case};
use crate::seed::{Domain, Draw};
use crate::text::{FIRST_NAMES, LAST_NAMES, typed};
use crate::world::{World, recid, turn};

/// Numbers by which the source tells kinds of parties apart.
pub(crate) const PERSON: i64 = 13271;
const ORGANIZATION: i64 = 2077;
const TEAM: i64 = 6926;
const OPERATING_UNIT: i64 = 8363;
const LEGAL_ENTITY: i64 = 9027;
const UNKNOWN_TYPE: i64 = 4711;

#[derive(Debug)]
pub(crate) struct Party {
    pub(crate) index: u64,
    pub(crate) kind: i64,
    pub(crate) first_name: &'static str,
    pub(crate) last_name: &'static str,
    /// As the party table has it.
    pub(crate) name: String,
    pub(crate) has_email: bool,
    pub(crate) has_phone: bool,
    pub(crate) has_address: bool,
    pub(crate) case: Option<Case>,
}

impl Party {
    /// Party `index`: of customers first, then those who are none.
    pub(crate) fn of(world: &World, index: u64) -> Self {
        let mut draw = world.seed.draw(Domain::Party, index);
        let kind =
            if index < world.customers { kind_of_customer(&mut draw) } else { kind_of_prospect(index) };
        let (first_name, last_name) = (*draw.pick(&FIRST_NAMES), *draw.pick(&LAST_NAMES));
        let name = match kind {
            PERSON => format!("{first_name} {last_name}"),
            _ => format!("{last_name} & Co. #{index}"),
        };
        let case = world.case(&catalogue::PARTY, index);
        let reachable = case != Some(Case::PartyWithoutContacts);
        Self {
            index,
            kind,
            first_name,
            last_name,
            name: typed(&name, world.case(&catalogue::TEXT, index)),
            has_email: draw.per_mille(800) && reachable,
            has_phone: draw.per_mille(700) && reachable,
            has_address: draw.per_mille(850) && reachable,
            case,
        }
    }

    pub(crate) const fn is_person(&self) -> bool {
        self.kind == PERSON
    }

    pub(crate) const fn recid(&self) -> i64 {
        recid::of(recid::PARTY, self.index)
    }

    /// The e-mail address, where there is one to point to.
    pub(crate) fn email(&self) -> String {
        let index = self.index;
        match index % 97 {
            11 => format!(" Jürgen+{index}@exämple.de "),
            22 => format!("USER{index}@EXAMPLE.COM"),
            _ => format!("user{index}@example.{}", turn(&["com", "org", "net"], index)),
        }
    }

    pub(crate) fn phone(&self) -> String {
        format!("+1 (555) {:03}-{:04}", self.index % 1000, self.index * 7 % 10_000)
    }
}

fn kind_of_customer(draw: &mut Draw) -> i64 {
    if draw.per_mille(920) { PERSON } else { ORGANIZATION }
}

fn kind_of_prospect(index: u64) -> i64 {
    match index % 40 {
        0 => TEAM,
        1 => OPERATING_UNIT,
        2 => LEGAL_ENTITY,
        3..6 => ORGANIZATION,
        _ => PERSON,
    }
}

/// Type as the party table has it.
pub(crate) const fn written_kind(party: &Party) -> Option<i64> {
    match party.case {
        Some(Case::PartyTypeNull) => None,
        Some(Case::PartyTypeUnknown) => Some(UNKNOWN_TYPE),
        _ => Some(party.kind),
    }
}
