//! What requests to an account are signed with. It can be got anew while stores, and uploads that are under way, go on to
//! use it: a token may be taken back before it expires, and a key or signature that is kept in a file may be replaced.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use object_store::azure::AzureCredential;
use object_store::{CredentialProvider, Result};
use parking_lot::RwLock;

/// Gives credentials, and keeps those that expire until they do.
pub(super) type Provider = Arc<dyn CredentialProvider<Credential = AzureCredential>>;

/// Makes a provider from what the configuration says now.
type Make = Box<dyn Fn() -> crate::Result<Provider> + Send + Sync>;

/// Credentials of one connection.
pub(super) struct Credentials {
    make: Make,
    current: RwLock<Provider>,
}

impl Credentials {
    /// Those that `make` gives.
    pub(super) fn new(
        make: impl Fn() -> crate::Result<Provider> + Send + Sync + 'static,
    ) -> crate::Result<Arc<Self>> {
        let current = RwLock::new(make()?);
        Ok(Arc::new(Self { make: Box::new(make), current }))
    }

    /// What is used now.
    pub(super) fn current(&self) -> Provider {
        Arc::clone(&self.current.read())
    }

    /// Gets them anew, unless another request has done so since `refused` was current.
    pub(super) fn renew(&self, refused: &Provider) -> crate::Result<()> {
        // Reads files, perhaps; nobody waits for the lock meanwhile.
        let new = (self.make)()?;
        let mut current = self.current.write();
        if Arc::ptr_eq(&current, refused) {
            *current = new;
        }
        Ok(())
    }
}

/// Nothing of them is ever shown.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

#[async_trait]
impl CredentialProvider for Credentials {
    type Credential = AzureCredential;

    async fn get_credential(&self) -> Result<Arc<AzureCredential>> {
        self.current().get_credential().await
    }
}
