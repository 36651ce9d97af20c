//! Plan nodes of our own.

pub(crate) mod footers;
pub mod read;
pub mod write;

pub use footers::as_planned;
pub use read::DeltaReadExec;
pub use write::{DeltaWriteExec, OpenWriters, WriteTarget};
