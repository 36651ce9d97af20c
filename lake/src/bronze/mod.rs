//! What SQL sees of a table: lower-case names, the types of the contract, optional columns that are missing as null, and
//! deleted records left out.

mod deleted;
mod view;

pub use view::{BronzeColumns, DeletedRows, Misfit, bronze_view, empty_view, misfits, plain_view};
