//! What exactly is wrong with a table that could not be read: looked for after the fact, when time no longer matters.

mod file;
mod log;

pub(crate) use file::{CONCURRENT_FILES, file_error, footer, footer_at};
pub use file::{Depth, broken_file};
pub(crate) use log::broken_log;
