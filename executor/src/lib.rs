//! What runs a plan: memory, spill and object stores. The embedded engine uses it as it is; the executor of a cluster
//! wraps it.

pub mod cluster;
pub mod engine;
pub mod monitor;
mod pool;
pub mod resource;
pub mod stall;

pub use engine::{Engine, EngineError};
pub use resource::EngineOptions;
