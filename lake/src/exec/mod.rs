//! Plan nodes of our own.

pub mod read;
pub mod write;

pub use read::DeltaReadExec;
pub use write::{DeltaWriteExec, OpenWriters, WriteTarget};
