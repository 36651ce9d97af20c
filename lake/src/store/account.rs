//! A container of a storage account as the rest of the program sees it: [`MicrosoftAzure`] with what it leaves to do.
//!
//! - It deletes with one request per object. The library sends batches, which OneLake refuses, and whose errors show the
//!   signature of the connection.
//! - What it lists from an offset lies behind that offset, whether or not the server knows how to begin there. Azurite and
//!   OneLake are not asked to: the one does not know how, the other has answered with nothing at all
//!   (arrow-rs-object-store #695), which would be a table without a log.
//! - It makes the container of an emulator, which nobody else would.
//! - Its errors hold no signature.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::Either;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::azure::MicrosoftAzure;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::azure::{self, Opened};
use super::http::RequestCounters;
use super::redact::redacted;
use super::request;
use crate::connection::{Auth, Connection};
use crate::error::Result as LakeResult;
use crate::location::StoreKey;

/// Objects that are deleted at the same time.
const CONCURRENT_DELETES: usize = 20;

/// A container, or a workspace of OneLake.
#[derive(Clone)]
pub(super) struct AccountStore(Arc<Inner>);

struct Inner {
    key: StoreKey,
    opened: Opened,
    /// Set once the container of an emulator is there; none of any other.
    made: Option<tokio::sync::OnceCell<()>>,
    /// Whether the server is asked to begin a listing at an offset.
    begins_at_offset: bool,
}

impl AccountStore {
    /// Opens the container of `key`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`crate::LakeError::Connection`]
    pub(super) fn open(
        key: StoreKey,
        connection: &Connection,
        counters: Arc<RequestCounters>,
    ) -> LakeResult<Self> {
        let opened = azure::open(&key, connection, counters)?;
        let is_emulator = matches!(connection.auth, Auth::Emulator);
        let begins_at_offset = !is_emulator && connection.endpoint.is_none() && !key.container.is_onelake();
        Ok(Self(Arc::new(Inner { key, opened, made: is_emulator.then(Default::default), begins_at_offset })))
    }

    /// The store once it can be used.
    async fn ready(&self) -> Result<&MicrosoftAzure> {
        if let Some(made) = &self.0.made {
            made.get_or_try_init(|| request::make_container(&self.0.opened)).await.map_err(redacted)?;
        }
        Ok(&self.0.opened.store)
    }

    /// What `list` gives once the store can be used.
    fn listed(
        &self,
        list: impl FnOnce(&MicrosoftAzure) -> BoxStream<'static, Result<ObjectMeta>> + Send + 'static,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let store = self.clone();
        let listing = async move { store.ready().await.map(list) };
        stream::once(listing).try_flatten().map_err(redacted).boxed()
    }
}

impl fmt::Debug for AccountStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountStore({self})")
    }
}

impl fmt::Display for AccountStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by connection `{}`", self.0.key.container, self.0.key.connection)
    }
}

#[async_trait]
impl ObjectStore for AccountStore {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.ready().await?.put_opts(path, payload, options).await.map_err(redacted)
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.ready().await?.put_multipart_opts(path, options).await.map_err(redacted)
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.ready().await?.get_opts(path, options).await.map_err(redacted)
    }

    async fn get_ranges(&self, path: &Path, ranges: &[std::ops::Range<u64>]) -> Result<Vec<Bytes>> {
        self.ready().await?.get_ranges(path, ranges).await.map_err(redacted)
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        paths
            .map_ok(move |path| {
                let store = store.clone();
                async move {
                    store.ready().await?;
                    request::delete(&store.0.opened, &path).await.map_err(redacted)?;
                    Ok(path)
                }
            })
            .try_buffered(CONCURRENT_DELETES)
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let prefix = prefix.cloned();
        self.listed(move |store| store.list(prefix.as_ref()))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let offset = offset.clone();
        let listing = if self.0.begins_at_offset {
            let (prefix, offset) = (prefix.cloned(), offset.clone());
            Either::Left(self.listed(move |store| store.list_with_offset(prefix.as_ref(), &offset)))
        } else {
            Either::Right(self.list(prefix))
        };
        listing.try_filter(move |meta| std::future::ready(meta.location > offset)).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.ready().await?.list_with_delimiter(prefix).await.map_err(redacted)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.ready().await?.copy_opts(from, to, options).await.map_err(redacted)
    }
}
