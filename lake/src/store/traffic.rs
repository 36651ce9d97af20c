//! What a process reads from storage.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};

/// Bytes that were read through the stores of a process since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Of the logs of tables: entries, checkpoints, and what stands beside them.
    pub log_bytes_read: u64,
    /// Of data files, deletion vectors included.
    pub data_bytes_read: u64,
}

/// The running numbers.
#[derive(Debug, Default)]
pub(super) struct Counters {
    log_bytes_read: AtomicU64,
    data_bytes_read: AtomicU64,
}

impl Counters {
    pub(super) fn get(&self) -> Traffic {
        Traffic {
            log_bytes_read: self.log_bytes_read.load(Ordering::Relaxed),
            data_bytes_read: self.data_bytes_read.load(Ordering::Relaxed),
        }
    }

    fn read(&self, path: &Path, bytes: u64) {
        // Folders of logs and leases begin so, and no folder of a table does that holds data.
        let of_data = path.parts().all(|part| !["_delta_log", crate::lease::FOLDER].contains(&part.as_ref()));
        let counter = if of_data { &self.data_bytes_read } else { &self.log_bytes_read };
        counter.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// A store that counts what is read from it.
#[derive(Debug)]
pub(super) struct CountedStore {
    inner: Arc<dyn ObjectStore>,
    counters: Arc<Counters>,
}

impl CountedStore {
    pub(super) const fn new(inner: Arc<dyn ObjectStore>, counters: Arc<Counters>) -> Self {
        Self { inner, counters }
    }
}

impl fmt::Display for CountedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for CountedStore {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.inner.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let reads = !options.head;
        let found = self.inner.get_opts(path, options).await?;
        if reads {
            self.counters.read(path, found.range.end - found.range.start);
        }
        Ok(found)
    }

    async fn get_ranges(&self, path: &Path, ranges: &[std::ops::Range<u64>]) -> Result<Vec<bytes::Bytes>> {
        // Passed on, because stores have better ways than one request a range.
        let found = self.inner.get_ranges(path, ranges).await?;
        self.counters.read(path, found.iter().map(|bytes| bytes.len() as u64).sum());
        Ok(found)
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.inner.rename_opts(from, to, options).await
    }
}
