//! Ways to answer a statement. All of them have to agree.

mod cluster;
mod duckdb;
mod embedded;

pub use self::cluster::Cluster;
pub use self::duckdb::DuckDb;
pub use self::embedded::{Embedded, Way};
