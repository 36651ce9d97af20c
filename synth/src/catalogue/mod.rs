//! Every messy case that a generated lake holds, by name, with how often it comes: the one place to look at, and to
//! change. `tests/it/messy_cases.rs` counts each of them in written tables.
//!
//! Cases come by **wheels** and not by chance: a wheel turns by one step for each record, and a case has some of its
//! slots. So a case comes exactly as often as its slots say, at the latest once in every turn, also in the smallest
//! lake; cases of one wheel exclude one another; and because the numbers of slots are different primes, cases of
//! different wheels meet in every combination.

mod case;

pub use self::case::Case;

/// Cases of one kind of record that exclude one another.
#[derive(Debug)]
pub struct Wheel {
    /// Table or tables whose records it turns for.
    pub records: &'static str,
    /// Number of slots: a prime.
    pub slots: u64,
    /// Its cases and how many slots each of them has.
    pub cases: &'static [(Case, u64)],
}

impl Wheel {
    /// The case in a slot, if there is one.
    pub(crate) fn at(&self, slot: u64) -> Option<Case> {
        let mut end = 0;
        self.cases.iter().find_map(|(case, slots)| {
            end += slots;
            (slot < end).then_some(*case)
        })
    }
}

/// Accounts of customers. One in 25 accounts is in two companies besides.
pub static CUSTOMER: Wheel = Wheel {
    records: "custtable",
    slots: 997,
    cases: &[
        (Case::CustomerPartyZero, 1),
        (Case::CustomerPartyNull, 1),
        (Case::CustomerPartyUnknown, 2),
        (Case::CustomerWithoutAccount, 1),
        (Case::CustomerWithoutCompany, 1),
        (Case::CustomerEarlierParty, 4),
        (Case::CustomerSecondRecord, 3),
        (Case::CustomerSecondRecordUnknownParty, 2),
        (Case::CustomerDeletedRecordWins, 2),
    ],
};

/// Records of every table in which an `Id` may stand for several rows.
pub static RECORD: Wheel = Wheel {
    records: "custtable, dirpartytable, dirpersonname, logisticspostaladdress, \
              logisticselectronicaddress, salestable, salesline, retailtransactionpaymenttrans",
    slots: 499,
    cases: &[(Case::RecordSoftDeleted, 2), (Case::RecordDeletedAfterLive, 1), (Case::RecordRestored, 1)],
};

/// Parties.
pub static PARTY: Wheel = Wheel {
    records: "dirpartytable",
    slots: 991,
    cases: &[
        (Case::PartyWithoutContacts, 60),
        (Case::PartyTypeNull, 3),
        (Case::PartyTypeUnknown, 5),
        (Case::PartyEmailLost, 10),
        (Case::PartyPointersNull, 10),
    ],
};

/// Texts that people typed: names of parties and products, streets.
pub static TEXT: Wheel = Wheel {
    records: "dirpartytable, logisticspostaladdress, salesline",
    slots: 97,
    cases: &[
        (Case::TextLeadingBlanks, 1),
        (Case::TextTrailingBlank, 1),
        (Case::TextEmoji, 1),
        (Case::TextNewline, 1),
        (Case::TextQuotes, 1),
        (Case::TextBackslash, 1),
        (Case::TextUpperCase, 1),
        (Case::TextEmpty, 1),
    ],
};

/// Names of persons.
pub static NAME: Wheel = Wheel {
    records: "dirpersonname",
    slots: 89,
    cases: &[
        (Case::NameMissing, 3),
        (Case::NameExpiredToo, 26),
        (Case::NameExpiredOnly, 2),
        (Case::NameFutureToo, 4),
        (Case::NameTwoValid, 8),
        (Case::NameOpenEnd, 2),
        (Case::NameNever9999, 3),
        (Case::NameFirstNull, 1),
    ],
};

/// Locations and their postal addresses.
pub static ADDRESS: Wheel = Wheel {
    records: "logisticslocation, logisticspostaladdress",
    slots: 193,
    cases: &[
        (Case::AddressMissing, 4),
        (Case::AddressExpiredToo, 38),
        (Case::AddressExpiredOnly, 6),
        (Case::AddressFutureToo, 6),
        (Case::AddressNever9999, 6),
        (Case::AddressOpenEnd, 2),
        (Case::AddressWithoutCoordinates, 9),
        (Case::LocationTwoVersions, 1),
    ],
};

/// Products.
pub static PRODUCT: Wheel = Wheel {
    records: "inventtable, salesline",
    slots: 53,
    cases: &[(Case::ProductTrailingBlank, 1), (Case::ProductWithoutName, 1)],
};

/// The customer that an order names.
pub static ORDER_CUSTOMER: Wheel = Wheel {
    records: "salestable",
    slots: 983,
    cases: &[(Case::OrderCustomerNull, 2), (Case::OrderCustomerEmpty, 1), (Case::OrderCustomerUnknown, 5)],
};

/// The channel that an order names.
pub static ORDER_CHANNEL: Wheel = Wheel {
    records: "salestable",
    slots: 977,
    cases: &[
        (Case::OrderChannelNull, 2),
        (Case::OrderChannelZero, 9),
        (Case::OrderChannelUnknown, 3),
        (Case::OrderChannelWithoutId, 2),
    ],
};

/// Headers of orders.
pub static ORDER: Wheel = Wheel {
    records: "salestable",
    slots: 971,
    cases: &[
        (Case::OrderWithoutLines, 2),
        (Case::OrderWithoutHeader, 1),
        (Case::OrderNumberTwice, 2),
        (Case::OrderNumberTwiceOtherChannel, 2),
        (Case::HeaderNullAccountLoses, 1),
        (Case::HeaderOtherAccountWins, 1),
        (Case::HeaderOtherAccountLoses, 1),
    ],
};

/// Lines: which record it is.
pub static LINE: Wheel = Wheel {
    records: "salesline",
    slots: 967,
    cases: &[
        (Case::LineReturn, 10),
        (Case::LineCompanyOtherCase, 1),
        (Case::LineOrphan, 2),
        (Case::LineDateNull, 2),
        (Case::LineNewerVersion, 3),
        (Case::LineNewerVersionWithoutDate, 1),
    ],
};

/// Lines: what is missing.
pub static LINE_VALUE: Wheel = Wheel {
    records: "salesline",
    slots: 953,
    cases: &[
        (Case::LineAmountNull, 8),
        (Case::LineAmountAndDiscountNull, 2),
        (Case::LineAmountAndPriceNull, 1),
        (Case::LineAmountAndQuantityNull, 1),
        (Case::LineDiscountNull, 3),
        (Case::LinePriceNull, 1),
        (Case::LineQuantityNull, 1),
        (Case::LineCostNull, 2),
    ],
};

/// Lines: what rounding to four digits decides.
pub static LINE_ROUNDING: Wheel = Wheel {
    records: "salesline",
    slots: 947,
    cases: &[
        (Case::LineHalfPrice, 18),
        (Case::LineHalfAmount, 16),
        (Case::LineHalfNegativeAmount, 2),
        (Case::LineHalfQuantity, 5),
    ],
};

/// Lines: what is rare.
pub static LINE_RARE: Wheel =
    Wheel { records: "salesline", slots: 4999, cases: &[(Case::LineAmountTooLarge, 1)] };

/// Lines: which item.
pub static LINE_ITEM: Wheel = Wheel {
    records: "salesline",
    slots: 941,
    cases: &[(Case::LineItemNull, 1), (Case::LineItemEmpty, 1), (Case::LineStatusNull, 1)],
};

/// Loyalty cards. One in 50 besides has a party 0 or one that is not there.
pub static CARD: Wheel = Wheel {
    records: "retailloyaltycard",
    slots: 197,
    cases: &[
        (Case::CardOlderVersion, 6),
        (Case::CardDeletedAfterLive, 4),
        (Case::CardModifiedNull, 4),
        (Case::CardEnrollmentNull, 5),
        (Case::CardPartyNull, 1),
    ],
};

/// Windows of the tiers of loyalty cards.
pub static TIER: Wheel = Wheel {
    records: "retailloyaltycardtier",
    slots: 83,
    cases: &[
        (Case::TierNever9999, 16),
        (Case::TierOpen1900, 8),
        (Case::TierOpenEnd, 8),
        (Case::TierMissing, 8),
        (Case::TierExpiredToo, 14),
        (Case::TierFutureToo, 4),
        (Case::TierFutureOpen, 2),
    ],
};

/// Versions of the tiers of loyalty cards.
pub static TIER_VERSION: Wheel = Wheel {
    records: "retailloyaltycardtier",
    slots: 79,
    cases: &[
        (Case::TierOlderVersion, 2),
        (Case::TierDeletedAfterLive, 2),
        (Case::TierModifiedNull, 1),
        (Case::TierLevelNull, 1),
    ],
};

/// Transactions of reward points.
pub static POINT: Wheel = Wheel {
    records: "retailloyaltycardrewardpointtrans",
    slots: 487,
    cases: &[
        (Case::PointOlderVersion, 5),
        (Case::PointDeletedAfterLive, 5),
        (Case::PointCardOtherCase, 5),
        (Case::PointCardNull, 2),
        (Case::PointQuantityNull, 2),
        (Case::PointHalfQuantity, 20),
        (Case::PointEntry1900, 8),
        (Case::PointEntryNull, 40),
        (Case::PointExpirationOnly, 2),
        (Case::PointWithoutDate, 1),
        (Case::PointOrderNull, 8),
    ],
};

/// Contacts of Dataverse.
pub static CONTACT: Wheel = Wheel {
    records: "contact",
    slots: 241,
    cases: &[
        (Case::ContactMissing, 4),
        (Case::ContactWithoutCompany, 1),
        (Case::ContactEmailDrifted, 6),
        (Case::ContactTwice, 1),
        (Case::ContactWithoutCustomer, 1),
    ],
};

/// All wheels. A wheel's place here is part of what a seed gives, so new ones come last.
pub static WHEELS: [&Wheel; 20] = [
    &CUSTOMER,
    &RECORD,
    &PARTY,
    &TEXT,
    &NAME,
    &ADDRESS,
    &PRODUCT,
    &ORDER_CUSTOMER,
    &ORDER_CHANNEL,
    &ORDER,
    &LINE,
    &LINE_VALUE,
    &LINE_ROUNDING,
    &LINE_RARE,
    &LINE_ITEM,
    &CARD,
    &TIER,
    &TIER_VERSION,
    &POINT,
    &CONTACT,
];

/// Cases that come of how the lake is laid out: they are there in fixed shares.
pub static LAYOUT: [Case; 8] = [
    Case::CompanyUpperCase,
    Case::AccountInTwoCompanies,
    Case::PartyOfTwoCustomers,
    Case::CardWithoutHolder,
    Case::ChannelWithoutId,
    Case::ChannelWithBlanks,
    Case::ChannelTwoVersions,
    Case::ProgramDeletedAfterLive,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn wheels_are_prime_and_none_is_overfull() {
        let mut sizes = BTreeSet::new();
        for wheel in WHEELS {
            assert!((2..wheel.slots).all(|n| !wheel.slots.is_multiple_of(n)), "{} is no prime", wheel.slots);
            assert!(sizes.insert(wheel.slots), "two wheels of {} slots turn alike", wheel.slots);
            let taken: u64 = wheel.cases.iter().map(|(_, slots)| slots).sum();
            assert!(taken < wheel.slots && wheel.cases.iter().all(|(_, slots)| *slots > 0), "{wheel:?}");
        }
    }

    #[test]
    fn every_case_has_one_place() {
        let placed: Vec<Case> =
            WHEELS.iter().flat_map(|wheel| wheel.cases).map(|(case, _)| *case).chain(LAYOUT).collect();
        let unique: BTreeSet<Case> = placed.iter().copied().collect();
        assert_eq!(unique.len(), placed.len());
        assert_eq!(unique, Case::ALL.into_iter().collect());
    }
}
