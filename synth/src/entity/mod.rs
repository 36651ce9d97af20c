//! What one table has to know of the records of another: pure functions of the world and a record's number.

pub(crate) mod card;
pub(crate) mod channel;
pub(crate) mod customer;
pub(crate) mod line;
pub(crate) mod order;
pub(crate) mod party;
pub(crate) mod product;
