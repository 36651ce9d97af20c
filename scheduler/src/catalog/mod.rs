//! What the tables of a statement are: pinned versions, staged files, or models that are parts of the query.

mod build;

pub(crate) use build::view;
pub use build::{Built, Catalog};
