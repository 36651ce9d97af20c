//! Wire contracts of goldsmith: messages that cross a process border, and the id types that everything else speaks in.
//!
//! The messages are generated from the `.proto` files of this folder (path = package, versioned).

pub mod id;

/// Messages of the nodes that read and write tables.
pub mod lake {
    /// Version 1.
    #[expect(missing_docs, reason = "generated code: the contract is documented in the .proto file")]
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/goldsmith.lake.v1.rs"));
    }
}
