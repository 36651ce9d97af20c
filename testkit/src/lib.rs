//! Stand-ins that the tests of the other crates use. A dev-dependency only, and only of `tests/it`.

pub mod account;
pub mod fault_store;
pub mod frozen;
pub mod golden;
pub mod table;
pub mod tee;

pub use fault_store::{Fault, FaultStore, Operation};
pub use tee::Tee;
