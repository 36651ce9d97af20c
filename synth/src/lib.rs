//! Synthetic bronze lakes: Delta tables as Link to Fabric leaves those of Dynamics 365 Commerce, as wide and as messy as
//! real ones, and changes to them.
//!
//! Every row is a pure function of seed, scale and its number: [`catalogue`] says what is messy and how often, and no
//! table is kept in memory for another. A lake that was made can be changed as often as wanted; a change looks at the
//! lake as it stands.

pub mod catalogue;
mod columns;
mod commit;
mod entity;
pub mod error;
pub mod generate;
pub mod mutate;
mod progress;
mod schema;
mod seed;
mod stage;
mod stamp;
mod table;
mod text;
mod time;
mod world;

pub use error::{Result, SynthError};
pub use generate::{Clock, GenerateOptions, Generated, GeneratedTable, generate};
pub use mutate::{MutateOptions, Mutated, MutatedTable, mutate};
pub use progress::{Progress, Silent};
