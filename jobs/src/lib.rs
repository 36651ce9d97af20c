//! Gold as content: the models that come with the binary, and the reader that turns a folder of models into a graph.
//!
//! Nothing here touches a table or the network.

pub mod audit;
pub mod contract;
pub mod dag;
pub mod error;
pub mod header;
pub mod model;
pub mod pack;
pub mod variable;

pub use error::{JobsError, Result};
pub use model::Model;
pub use pack::Pack;
