//! Bronze: where its tables are, and what SQL sees of them: lower-case names, the types of the contract, optional columns
//! that are missing as null, and deleted records left out.

mod deleted;
pub mod shortcut;
mod source;
mod view;

pub use source::BronzeSource;
pub use view::{BronzeColumns, DeletedRows, Misfit, bronze_view, empty_view, misfits, plain_view};
