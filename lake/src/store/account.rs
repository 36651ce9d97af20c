//! A container of a storage account as the rest of the program sees it: [`MicrosoftAzure`] with what it leaves to do.
//!
//! - It signs in anew when it is turned away: a token may be taken back before it expires, and a key or signature that is
//!   kept in a file may have been replaced.
//! - It deletes with one request per object. The library sends batches, which OneLake refuses, and whose errors show the
//!   signature of the connection.
//! - It lists from an offset without asking the server to: Azurite does not know how, and OneLake has answered such
//!   requests with nothing at all (arrow-rs-object-store #695), which would be a table without a log.
//! - Its errors hold no signature.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use parking_lot::RwLock;

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
    connection: Connection,
    counters: Arc<RequestCounters>,
    opened: RwLock<Opened>,
    /// The container of an emulator is made when it is first used: nobody else would.
    made: tokio::sync::OnceCell<()>,
}

impl AccountStore {
    /// Opens the container of `key`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`crate::LakeError::Connection`]
    pub(super) fn open(
        key: StoreKey,
        connection: Connection,
        counters: Arc<RequestCounters>,
    ) -> LakeResult<Self> {
        let opened = RwLock::new(azure::open(&key, &connection, Arc::clone(&counters))?);
        Ok(Self(Arc::new(Inner { key, connection, counters, opened, made: tokio::sync::OnceCell::new() })))
    }

    async fn opened(&self) -> Result<Opened> {
        let opened = self.0.opened.read().clone();
        if matches!(self.0.connection.auth, Auth::Emulator) {
            self.0.made.get_or_try_init(|| request::make_container(&opened)).await.map_err(redacted)?;
        }
        Ok(opened)
    }

    /// Runs `operation`, and once more with new credentials if the store turns it away.
    async fn with<T, F: Future<Output = Result<T>> + Send>(
        &self,
        operation: impl Fn(Opened) -> F + Send + Sync,
    ) -> Result<T> {
        let opened = self.opened().await?;
        match operation(opened.clone()).await {
            Err(error) if is_turned_away(&error) => {
                self.sign_in_again(&opened)?;
                operation(self.opened().await?).await.map_err(redacted)
            }
            outcome => outcome.map_err(redacted),
        }
    }

    /// Opens the container anew, unless another operation has done so since it was opened as `before`.
    fn sign_in_again(&self, before: &Opened) -> Result<()> {
        let mut opened = self.0.opened.write();
        if Arc::ptr_eq(&opened.store, &before.store) {
            tracing::info!(connection = %self.0.key.connection, "turned away, signing in anew");
            *opened = azure::open(&self.0.key, &self.0.connection, Arc::clone(&self.0.counters))
                .map_err(|error| Error::Generic { store: "azure", source: Box::new(error) })?;
        }
        Ok(())
    }

    /// `listing` of an opened store, as a stream of its own.
    fn listed(
        &self,
        listing: impl Fn(Opened) -> BoxStream<'static, Result<ObjectMeta>> + Send + Sync + Clone + 'static,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let store = self.clone();
        let first = async move {
            store
                .with(move |opened| {
                    // An end that was seen here is asked for again below.
                    let mut rows = listing(opened).fuse();
                    async move {
                        // Whether it is let in shows with the first page.
                        let first = rows.next().await.transpose()?;
                        Ok(stream::iter(first.map(Ok)).chain(rows))
                    }
                })
                .await
        };
        stream::once(first).try_flatten().map_err(redacted).boxed()
    }
}

/// Whether a store says that it does not know who is asking; a right that is missing is another matter. Azure says 403 of
/// a signature or key that is no longer good.
fn is_turned_away(error: &Error) -> bool {
    match error {
        Error::Unauthenticated { .. } => true,
        Error::PermissionDenied { source, .. } | Error::Generic { source, .. } => {
            let text = source.to_string();
            text.contains("401 Unauthorized")
                || text.contains("403 Forbidden") && text.contains("AuthenticationFailed")
        }
        _ => false,
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
        self.with(|opened| {
            let (path, payload, options) = (path.clone(), payload.clone(), options.clone());
            async move { opened.store.put_opts(&path, payload, options).await }
        })
        .await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        // Nothing is sent before its first part. Parts that are turned away fail the file, whose task is run again.
        self.with(|opened| {
            let (path, options) = (path.clone(), options.clone());
            async move { opened.store.put_multipart_opts(&path, options).await }
        })
        .await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.with(|opened| {
            let (path, options) = (path.clone(), options.clone());
            async move { opened.store.get_opts(&path, options).await }
        })
        .await
    }

    async fn get_ranges(&self, path: &Path, ranges: &[std::ops::Range<u64>]) -> Result<Vec<Bytes>> {
        self.with(|opened| {
            let (path, ranges) = (path.clone(), ranges.to_vec());
            async move { opened.store.get_ranges(&path, &ranges).await }
        })
        .await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        paths
            .map_ok(move |path| {
                let store = store.clone();
                async move {
                    store.with(|opened| request::delete(opened, path.clone())).await?;
                    Ok(path)
                }
            })
            .try_buffered(CONCURRENT_DELETES)
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let prefix = prefix.cloned();
        self.listed(move |opened| opened.store.list(prefix.as_ref()))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let offset = offset.clone();
        if self.0.connection.endpoint.is_none()
            && !matches!(self.0.connection.auth, Auth::Emulator)
            && !self.0.key.container.is_onelake()
        {
            let prefix = prefix.cloned();
            return self.listed(move |opened| opened.store.list_with_offset(prefix.as_ref(), &offset));
        }
        self.list(prefix).try_filter(move |meta| std::future::ready(meta.location > offset)).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.with(|opened| {
            let prefix = prefix.cloned();
            async move { opened.store.list_with_delimiter(prefix.as_ref()).await }
        })
        .await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.with(|opened| {
            let (from, to, options) = (from.clone(), to.clone(), options.clone());
            async move { opened.store.copy_opts(&from, &to, options).await }
        })
        .await
    }
}
