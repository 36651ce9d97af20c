//! Who is told how far it is.

/// Hears of rows as they are made, of files as they are whole and of commits as they become visible.
pub trait Progress: Send + Sync {
    /// About so many rows will be written.
    fn planned(&self, _rows: u64) {}
    /// Rows of a table were handed to its file.
    fn written(&self, _table: &str, _rows: u64) {}
    /// Files of a table are whole.
    fn stored(&self, _table: &str, _bytes: u64) {}
    /// A version of a table is visible.
    fn committed(&self, _table: &str, _operation: &str) {}
    /// Nothing more comes of a table.
    fn finished(&self, _table: &str) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
