//! Physical nodes of our own.

mod collect_join;
mod first_row;
mod opaque;

pub use collect_join::CollectJoinExec;
pub use first_row::FirstRowExec;
pub use opaque::OpaqueExec;
pub(crate) use opaque::opaque;
