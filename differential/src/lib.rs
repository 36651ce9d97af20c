//! Random statements over random small tables, answered in several ways that have to agree.
//!
//! ```text
//!   seed ──▶ tables, written as Delta ──▶ the engine as it stands ─────────────┐
//!     └────▶ statement ─────────────────▶ with the rules that are needed alone ┼─▶ the same rows?
//!                                        ▶ on a cluster, every job spread ─────┤    else: shrunk, and printed with its seed
//!                                        ▶ DuckDB, where its meaning is Spark's┘
//! ```

pub mod answer;
pub mod oracle;
pub mod random;
pub mod run;
pub mod statement;
pub mod sums;
pub mod table;

pub use answer::Answer;
