//! Wire contracts of goldsmith: messages and services that cross a process border, and the id types that everything else
//! speaks in.
//!
//! The messages are generated from the `.proto` files of this folder (path = package, versioned).

pub mod failure;
pub mod id;
pub mod trust;

macro_rules! generated {
    ($(#[$doc:meta])* $area:ident, $package:literal $(, $lint:path)*) => {
        $(#[$doc])*
        pub mod $area {
            /// Version 1.
            #[expect(
                missing_docs,
                $($lint,)*
                reason = "generated code: the contract is documented in the .proto files"
            )]
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/", $package, ".v1.rs"));
            }
        }
    };
}

generated!(
    /// What an executor and the scheduler tell each other.
    cluster,
    "goldsmith.cluster",
    clippy::allow_attributes,
    clippy::clone_on_ref_ptr
);
generated!(
    /// The control API of the scheduler.
    control,
    "goldsmith.control",
    clippy::allow_attributes,
    clippy::clone_on_ref_ptr
);
generated!(
    /// Messages of the nodes that read and write tables.
    lake,
    "goldsmith.lake"
);
generated!(
    /// Plan nodes.
    plan,
    "goldsmith.plan"
);
