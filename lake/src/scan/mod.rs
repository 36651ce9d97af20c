//! Table providers over pinned files.

mod provider;

pub use provider::{Decode, FilesTable};
