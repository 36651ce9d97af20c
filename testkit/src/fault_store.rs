//! A store that fails where a test tells it to.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use tokio::sync::Semaphore;

/// What is asked of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Make an object, in one request or in parts.
    Put,
    /// Read an object or say what it is.
    Get,
    /// Remove an object.
    Delete,
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It is not carried out and fails.
    Fails,
    /// The object is said not to be there.
    Gone,
    /// It is carried out, and the answer is lost.
    AnswerLost,
    /// It waits for a permit of the semaphore, and is then carried out.
    Waits(Arc<Semaphore>),
    /// It finds that another writer was faster: these bytes stand there first.
    Overtaken(Vec<u8>),
}

type Script = dyn Fn(Operation, &Path) -> Option<Fault> + Send + Sync;

/// Asks a script of the test about every request before it passes it on.
#[derive(Clone)]
pub struct FaultStore {
    inner: Arc<dyn ObjectStore>,
    script: Arc<Script>,
}

impl FaultStore {
    /// Wraps `inner`; `script` sees every request and may spoil it.
    pub fn new(
        inner: Arc<dyn ObjectStore>,
        script: impl Fn(Operation, &Path) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        Self { inner, script: Arc::new(script) }
    }

    /// What happens before a request; whether its answer is lost afterwards.
    async fn before(&self, operation: Operation, path: &Path) -> Result<bool> {
        match (self.script)(operation, path) {
            None => Ok(false),
            Some(Fault::Fails) => Err(failure(path)),
            Some(Fault::Gone) => {
                Err(Error::NotFound { path: path.to_string(), source: "a fault of the test".into() })
            }
            Some(Fault::AnswerLost) => Ok(true),
            Some(Fault::Waits(permits)) => {
                // A test that closed the semaphore no longer wants anybody to wait.
                if let Ok(permit) = permits.acquire().await {
                    permit.forget();
                }
                Ok(false)
            }
            Some(Fault::Overtaken(bytes)) => {
                self.inner.put_opts(path, bytes.into(), PutOptions::default()).await?;
                Ok(false)
            }
        }
    }
}

fn failure(path: &Path) -> Error {
    Error::Generic { store: "FaultStore", source: format!("a fault of the test at {path}").into() }
}

impl fmt::Debug for FaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultStore").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl fmt::Display for FaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultStore({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for FaultStore {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let lost = self.before(Operation::Put, path).await?;
        let result = self.inner.put_opts(path, payload, options).await?;
        if lost { Err(failure(path)) } else { Ok(result) }
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.before(Operation::Put, path).await?;
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.before(Operation::Get, path).await?;
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let allowed = paths.then(move |path| {
            let store = store.clone();
            async move {
                let path = path?;
                store.before(Operation::Delete, &path).await?;
                Ok(path)
            }
            .boxed()
        });
        self.inner.delete_stream(allowed.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
