//! The cases by name.

/// Something that real exports hold and that a careless pipeline gets wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Case {
    /// Customer: party 0: the reference was never filled.
    CustomerPartyZero,
    /// Customer: party null.
    CustomerPartyNull,
    /// Customer: a party that is not there.
    CustomerPartyUnknown,
    /// Customer: account null: a key of its own, also in several companies.
    CustomerWithoutAccount,
    /// Customer: company null.
    CustomerWithoutCompany,
    /// Customer: an older version of the record under a party that was merged.
    CustomerEarlierParty,
    /// Customer: another record of the account, under a lower party: loses.
    CustomerSecondRecord,
    /// Customer: another record, under a higher party that is not there.
    CustomerSecondRecordUnknownParty,
    /// Customer: another record, soft-deleted, under a higher party that is there.
    CustomerDeletedRecordWins,
    /// Record: IsDelete is true and all columns are still there.
    RecordSoftDeleted,
    /// Record: a newer version that is deleted and holds nothing but its Id, as Dataverse writes it.
    RecordDeletedAfterLive,
    /// Record: a deleted version that is older than the live one.
    RecordRestored,
    /// Party: neither e-mail nor phone nor address.
    PartyWithoutContacts,
    /// Party: type null.
    PartyTypeNull,
    /// Party: a type that no list names.
    PartyTypeUnknown,
    /// Party: points to an e-mail address that is not there.
    PartyEmailLost,
    /// Party: pointers to e-mail and address null instead of 0.
    PartyPointersNull,
    /// Text: blanks before.
    TextLeadingBlanks,
    /// Text: a blank behind.
    TextTrailingBlank,
    /// Text: an emoji.
    TextEmoji,
    /// Text: a line break.
    TextNewline,
    /// Text: in double quotes.
    TextQuotes,
    /// Text: backslash, comma and tab.
    TextBackslash,
    /// Text: shouted.
    TextUpperCase,
    /// Text: the empty text, which is not null.
    TextEmpty,
    /// Name: no name at all.
    NameMissing,
    /// Name: an expired name beside the one that is valid.
    NameExpiredToo,
    /// Name: nothing but an expired name.
    NameExpiredOnly,
    /// Name: a name whose window has not opened.
    NameFutureToo,
    /// Name: two that are valid: the one that began last counts.
    NameTwoValid,
    /// Name: a second one whose end is null: not valid.
    NameOpenEnd,
    /// Name: for ever written as 9999-12-31.
    NameNever9999,
    /// Name: first name null.
    NameFirstNull,
    /// Address: a location without an address.
    AddressMissing,
    /// Address: an expired address beside the one that is valid.
    AddressExpiredToo,
    /// Address: nothing but an expired address.
    AddressExpiredOnly,
    /// Address: an address whose window has not opened.
    AddressFutureToo,
    /// Address: for ever written as 9999-12-31.
    AddressNever9999,
    /// Address: the end is null: not valid.
    AddressOpenEnd,
    /// Address: latitude and longitude null.
    AddressWithoutCoordinates,
    /// Location: two versions of the location, equal in what anybody reads.
    LocationTwoVersions,
    /// Product: an item number that ends in a blank: another item than without.
    ProductTrailingBlank,
    /// Product: name null.
    ProductWithoutName,
    /// Order: customer null.
    OrderCustomerNull,
    /// Order: customer empty.
    OrderCustomerEmpty,
    /// Order: an account that is not there.
    OrderCustomerUnknown,
    /// Order: channel null.
    OrderChannelNull,
    /// Order: channel 0: not a retail order.
    OrderChannelZero,
    /// Order: a channel that is not there.
    OrderChannelUnknown,
    /// Order: a channel whose id is null.
    OrderChannelWithoutId,
    /// Order: a header that no line belongs to.
    OrderWithoutLines,
    /// Order: lines whose header is not there.
    OrderWithoutHeader,
    /// Order: the same number in another company, through the same channel.
    OrderNumberTwice,
    /// Order: the same number in another company, through another channel.
    OrderNumberTwiceOtherChannel,
    /// Header: an older version without a customer.
    HeaderNullAccountLoses,
    /// Header: an older version whose account is the greater text, which counts.
    HeaderOtherAccountWins,
    /// Header: an older version whose account is the smaller text.
    HeaderOtherAccountLoses,
    /// Line: negative quantity and amount.
    LineReturn,
    /// Line: the company in another case than the header's: another company.
    LineCompanyOtherCase,
    /// Line: an order number that no header has.
    LineOrphan,
    /// Line: no date.
    LineDateNull,
    /// Line: a newer version with another quantity.
    LineNewerVersion,
    /// Line: a newer version without a date: the older one counts.
    LineNewerVersionWithoutDate,
    /// Line: amount null: to be computed.
    LineAmountNull,
    /// Line: amount and discount null: stays null.
    LineAmountAndDiscountNull,
    /// Line: amount and price null.
    LineAmountAndPriceNull,
    /// Line: amount and quantity null.
    LineAmountAndQuantityNull,
    /// Line: discount null.
    LineDiscountNull,
    /// Line: price null.
    LinePriceNull,
    /// Line: quantity null.
    LineQuantityNull,
    /// Line: cost null.
    LineCostNull,
    /// Line: a price of which exactly half a digit is left over.
    LineHalfPrice,
    /// Line: such an amount.
    LineHalfAmount,
    /// Line: such an amount below zero.
    LineHalfNegativeAmount,
    /// Line: such a quantity.
    LineHalfQuantity,
    /// Line: an amount with more digits than decimal(18,4) holds.
    LineAmountTooLarge,
    /// Line: item null.
    LineItemNull,
    /// Line: item empty, which is an item number.
    LineItemEmpty,
    /// Line: status null.
    LineStatusNull,
    /// Card: an older version under another number.
    CardOlderVersion,
    /// Card: a newer version that is deleted: the older one counts.
    CardDeletedAfterLive,
    /// Card: no time of change.
    CardModifiedNull,
    /// Card: no day of enrolment.
    CardEnrollmentNull,
    /// Card: party null.
    CardPartyNull,
    /// Tier: for ever written as 9999-12-31.
    TierNever9999,
    /// Tier: no end, written as 1900-01-01.
    TierOpen1900,
    /// Tier: no end, written as null.
    TierOpenEnd,
    /// Tier: no tier that is valid.
    TierMissing,
    /// Tier: an expired tier beside the one that is valid.
    TierExpiredToo,
    /// Tier: a tier whose window has not opened.
    TierFutureToo,
    /// Tier: such a tier without an end.
    TierFutureOpen,
    /// Tier: an older version of another tier.
    TierOlderVersion,
    /// Tier: a newer version that is deleted: the older one counts.
    TierDeletedAfterLive,
    /// Tier: no time of change.
    TierModifiedNull,
    /// Tier: tier null.
    TierLevelNull,
    /// Point: an older version with other points.
    PointOlderVersion,
    /// Point: a newer version that is deleted: the older one counts.
    PointDeletedAfterLive,
    /// Point: a card number in another case: no such card.
    PointCardOtherCase,
    /// Point: card null.
    PointCardNull,
    /// Point: points null.
    PointQuantityNull,
    /// Point: points of which exactly half a digit is left over.
    PointHalfQuantity,
    /// Point: entry date 1900-01-01, which is a date.
    PointEntry1900,
    /// Point: no entry date.
    PointEntryNull,
    /// Point: no date but the one on which the points expire.
    PointExpirationOnly,
    /// Point: no date at all.
    PointWithoutDate,
    /// Point: no order.
    PointOrderNull,
    /// Contact: a person without a contact.
    ContactMissing,
    /// Contact: company null.
    ContactWithoutCompany,
    /// Contact: another e-mail address than the party's.
    ContactEmailDrifted,
    /// Contact: two contacts of one customer.
    ContactTwice,
    /// Contact: an account that is not there.
    ContactWithoutCustomer,
    /// Layout: one of five companies is spelt in upper case.
    CompanyUpperCase,
    /// Layout: the same account number in two companies: one in 25.
    AccountInTwoCompanies,
    /// Layout: two of those accounts belong to one party: four in ten.
    PartyOfTwoCustomers,
    /// Layout: a card whose party is 0 or is not there: one in 50.
    CardWithoutHolder,
    /// Layout: a channel whose id is null.
    ChannelWithoutId,
    /// Layout: a channel whose id begins and ends with a blank.
    ChannelWithBlanks,
    /// Layout: two versions of one channel in nine, equal in what anybody reads.
    ChannelTwoVersions,
    /// Layout: programs with a newer version that is deleted.
    ProgramDeletedAfterLive,
}

impl Case {
    /// All of them.
    pub const ALL: [Self; 119] = [
        Self::CustomerPartyZero,
        Self::CustomerPartyNull,
        Self::CustomerPartyUnknown,
        Self::CustomerWithoutAccount,
        Self::CustomerWithoutCompany,
        Self::CustomerEarlierParty,
        Self::CustomerSecondRecord,
        Self::CustomerSecondRecordUnknownParty,
        Self::CustomerDeletedRecordWins,
        Self::RecordSoftDeleted,
        Self::RecordDeletedAfterLive,
        Self::RecordRestored,
        Self::PartyWithoutContacts,
        Self::PartyTypeNull,
        Self::PartyTypeUnknown,
        Self::PartyEmailLost,
        Self::PartyPointersNull,
        Self::TextLeadingBlanks,
        Self::TextTrailingBlank,
        Self::TextEmoji,
        Self::TextNewline,
        Self::TextQuotes,
        Self::TextBackslash,
        Self::TextUpperCase,
        Self::TextEmpty,
        Self::NameMissing,
        Self::NameExpiredToo,
        Self::NameExpiredOnly,
        Self::NameFutureToo,
        Self::NameTwoValid,
        Self::NameOpenEnd,
        Self::NameNever9999,
        Self::NameFirstNull,
        Self::AddressMissing,
        Self::AddressExpiredToo,
        Self::AddressExpiredOnly,
        Self::AddressFutureToo,
        Self::AddressNever9999,
        Self::AddressOpenEnd,
        Self::AddressWithoutCoordinates,
        Self::LocationTwoVersions,
        Self::ProductTrailingBlank,
        Self::ProductWithoutName,
        Self::OrderCustomerNull,
        Self::OrderCustomerEmpty,
        Self::OrderCustomerUnknown,
        Self::OrderChannelNull,
        Self::OrderChannelZero,
        Self::OrderChannelUnknown,
        Self::OrderChannelWithoutId,
        Self::OrderWithoutLines,
        Self::OrderWithoutHeader,
        Self::OrderNumberTwice,
        Self::OrderNumberTwiceOtherChannel,
        Self::HeaderNullAccountLoses,
        Self::HeaderOtherAccountWins,
        Self::HeaderOtherAccountLoses,
        Self::LineReturn,
        Self::LineCompanyOtherCase,
        Self::LineOrphan,
        Self::LineDateNull,
        Self::LineNewerVersion,
        Self::LineNewerVersionWithoutDate,
        Self::LineAmountNull,
        Self::LineAmountAndDiscountNull,
        Self::LineAmountAndPriceNull,
        Self::LineAmountAndQuantityNull,
        Self::LineDiscountNull,
        Self::LinePriceNull,
        Self::LineQuantityNull,
        Self::LineCostNull,
        Self::LineHalfPrice,
        Self::LineHalfAmount,
        Self::LineHalfNegativeAmount,
        Self::LineHalfQuantity,
        Self::LineAmountTooLarge,
        Self::LineItemNull,
        Self::LineItemEmpty,
        Self::LineStatusNull,
        Self::CardOlderVersion,
        Self::CardDeletedAfterLive,
        Self::CardModifiedNull,
        Self::CardEnrollmentNull,
        Self::CardPartyNull,
        Self::TierNever9999,
        Self::TierOpen1900,
        Self::TierOpenEnd,
        Self::TierMissing,
        Self::TierExpiredToo,
        Self::TierFutureToo,
        Self::TierFutureOpen,
        Self::TierOlderVersion,
        Self::TierDeletedAfterLive,
        Self::TierModifiedNull,
        Self::TierLevelNull,
        Self::PointOlderVersion,
        Self::PointDeletedAfterLive,
        Self::PointCardOtherCase,
        Self::PointCardNull,
        Self::PointQuantityNull,
        Self::PointHalfQuantity,
        Self::PointEntry1900,
        Self::PointEntryNull,
        Self::PointExpirationOnly,
        Self::PointWithoutDate,
        Self::PointOrderNull,
        Self::ContactMissing,
        Self::ContactWithoutCompany,
        Self::ContactEmailDrifted,
        Self::ContactTwice,
        Self::ContactWithoutCustomer,
        Self::CompanyUpperCase,
        Self::AccountInTwoCompanies,
        Self::PartyOfTwoCustomers,
        Self::CardWithoutHolder,
        Self::ChannelWithoutId,
        Self::ChannelWithBlanks,
        Self::ChannelTwoVersions,
        Self::ProgramDeletedAfterLive,
    ];
}
