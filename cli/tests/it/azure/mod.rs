//! The lake in a storage account: Azurite behind its real HTTP API, identities and faults by a proxy before it.

mod faults;
pub(crate) mod harness;
mod identities;
mod layers;
mod race;
mod requests;
mod secrets;
