//! Dates and timestamps as Spark counts, reads and writes them, apart from arrays and plans.

pub(crate) mod civil;
pub(crate) mod pattern;
pub(crate) mod text;
pub(crate) mod zone;
