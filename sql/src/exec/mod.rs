//! Physical nodes of our own.

mod first_row;

pub use first_row::FirstRowExec;
