//! What exactly is wrong with a table that could not be read: looked for after the fact, when time no longer matters.

mod file;

pub(crate) use file::{CONCURRENT_FILES, file_error, footer, footer_at, rows};
pub use file::{Depth, broken_file};
