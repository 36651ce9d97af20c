//! Plans and applies refreshes: inventory, plan, stage, audit, commit; and reads the lake for queries.

mod blame;
pub mod catalog;
pub mod check;
pub mod cluster;
pub mod coordinator;
pub mod error;
pub mod history;
pub mod inventory;
pub mod lakehouse;
pub mod plan;
pub mod query;
pub mod refresh;
mod selection;
pub mod sources;
mod web;

pub use error::{Result, SchedulerError};
pub use inventory::Inventory;
pub use lakehouse::Lakehouse;
pub use plan::RefreshPlan;
pub use refresh::RefreshReport;
