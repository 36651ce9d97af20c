//! Delta tables and the storage below them: where a table lives, what one of its versions holds, how it is scanned,
//! how files are written into it and how they become a version.
//!
//! Nothing here knows of models; a caller names tables, columns and queries.

pub mod bronze;
pub mod codec;
pub mod commit;
pub mod connection;
pub mod diagnose;
pub mod error;
pub mod exec;
pub mod inspect;
pub mod lease;
pub mod location;
mod log;
mod mapping;
pub mod scan;
pub mod snapshot;
pub mod store;

pub use error::{LakeError, Result};
pub use location::Location;
pub use snapshot::TableSnapshot;
pub use store::Stores;
