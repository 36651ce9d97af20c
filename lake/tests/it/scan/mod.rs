//! How tables are scanned.

mod archive;
pub(crate) mod common;
mod deletion_vectors;
mod mapped;
mod outside;
mod table;
