//! Spark SQL on DataFusion: what a model or a query says, and nothing that Spark 3.5 would answer differently.
//!
//! ```text
//!   text ──parse──▶ syntax tree ──plan──▶ LogicalPlan ──DataFusion──▶ rows ──value──▶ JSON
//!                                   ▲
//!            functions, coerce, cast: one list of what Spark functions, operators and casts mean
//! ```
//!
//! The front end is our own because the differences begin in the first layer: Spark lexes numbers and strings in its own
//! way, binds operators and names differently, and gives every expression another type than DataFusion. Behind it stand
//! DataFusion's nodes and, wherever its operators and Spark's agree, its expressions; elsewhere functions of ours, which
//! client, scheduler and executors register alike ([`session::session_state`]).

pub mod error;
pub mod exec;
pub mod functions;
pub mod optimize;
pub mod parse;
pub mod physical;
pub mod plan;
pub mod position;
pub mod session;
pub mod spelling;
pub mod types;
pub mod value;

mod bind;
mod cast;
mod coerce;
mod datetime;
mod number;
mod udf;

/// Raised whenever a statement gets another answer than before: what was published by an earlier one is built anew.
pub const SEMANTICS_VERSION: u32 = 3;

pub use error::{Domain, Result, SqlError, SyntaxError};
