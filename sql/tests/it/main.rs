//! What statements answer, compared with what Spark 3.5 answered.

mod common;
mod golden;
mod list;
