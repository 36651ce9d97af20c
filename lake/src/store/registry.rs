//! The stores as plans find them.

use std::sync::Arc;

use datafusion::common::{Result as DfResult, plan_datafusion_err};
use datafusion::error::DataFusionError;
use datafusion::execution::object_store::ObjectStoreRegistry;
use object_store::ObjectStore;
use url::Url;

use super::Stores;
use crate::location::StoreKey;

/// Finds a store by the URL that a plan names it by: the local disk, or a container that a connection of this process
/// opens. There are no others, whatever a plan says.
#[derive(Debug)]
pub(super) struct Registry(pub(super) Stores);

impl ObjectStoreRegistry for Registry {
    /// Nothing is registered: stores come from the configuration alone.
    fn register_store(&self, _url: &Url, _store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        None
    }

    fn get_store(&self, url: &Url) -> DfResult<Arc<dyn ObjectStore>> {
        if url.scheme() == "file" {
            return Ok(Arc::clone(&self.0.local));
        }
        let key = StoreKey::from_url(url)
            .ok_or_else(|| plan_datafusion_err!("storage of kind `{}` is not supported", url.scheme()))?;
        self.0.open(&key).map_err(|error| DataFusionError::External(Box::new(error)))
    }
}
