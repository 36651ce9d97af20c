//! What the tables of a statement are: pinned versions, staged files, or models that are parts of the query.

mod build;
mod columns;

pub use build::{Built, Catalog};
pub(crate) use build::{bronze_columns, view};
