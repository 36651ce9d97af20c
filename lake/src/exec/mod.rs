//! Plan nodes of our own.

pub mod write;

pub use write::{DeltaWriteExec, OpenWriters, WriteTarget};
