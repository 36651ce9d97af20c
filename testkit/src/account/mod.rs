//! A storage account for tests: Azurite, with a proxy before it that knows identities as Azure does and fails as a test says.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "what fails here fails the test that uses it"
)]

pub mod azurite;
pub mod identity;
pub mod proxy;

pub use azurite::Azurite;
pub use identity::{Identities, Identity};
pub use proxy::{AccountProxy, Asked, HttpFault};

/// The account of Azurite and its key, which are no secret.
pub const ACCOUNT: &str = "devstoreaccount1";
/// See [`ACCOUNT`].
pub const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
