//! Functions of ours inside the engine.
//!
//! A plan names a function and nothing else travels to an executor, so a function keeps no state: what it needs to know
//! is in its arguments, a type as a null of that type.

mod build;
mod column;
mod scalar;
mod window;

pub(crate) use build::{
    affordable, bools, bytes, numbers, text, try_bools, try_bytes, try_numbers, try_text,
};
pub(crate) use column::{Args, Numbers, Text};
pub(crate) use scalar::{Returns, Scalar, failed, udf};
pub(crate) use window::ignoring_nulls;
