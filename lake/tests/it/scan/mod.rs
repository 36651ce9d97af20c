//! How tables are scanned.

mod archive;
mod common;
mod deletion_vectors;
mod mapped;
mod outside;
mod table;
