//! The entries of one log, each fetched once however often it is read: the library reads an entry for the protocol, again
//! for the files, and we for our own note. Entries never change while the log of a table is open.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use parking_lot::Mutex;

/// Bytes that are kept of one log: what a table of ordinary size has between two checkpoints.
const KEPT_BYTES: usize = 16 << 20;

/// A store that keeps the entries of a log that were read through it.
#[derive(Debug)]
pub(super) struct LogEntries {
    inner: Arc<dyn ObjectStore>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<Path, (ObjectMeta, Bytes)>,
    bytes: usize,
}

impl LogEntries {
    pub(super) fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self { inner, kept: Mutex::default() }
    }
}

/// `00000000000000000007.json` in a `_delta_log`.
fn is_entry(path: &Path) -> bool {
    let name = path.filename().and_then(|name| name.strip_suffix(".json")).unwrap_or_default();
    name.len() == 20
        && name.bytes().all(|byte| byte.is_ascii_digit())
        && path.parts().rev().nth(1).is_some_and(|folder| folder.as_ref() == "_delta_log")
}

fn result(meta: ObjectMeta, bytes: Bytes) -> GetResult {
    GetResult {
        range: 0..meta.size,
        meta,
        payload: GetResultPayload::Stream(stream::once(std::future::ready(Ok(bytes))).boxed()),
        attributes: Default::default(),
    }
}

impl fmt::Display for LogEntries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for LogEntries {
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
        let is_whole = !options.head
            && options.range.is_none()
            && options.version.is_none()
            && options.if_match.is_none()
            && options.if_none_match.is_none()
            && options.if_modified_since.is_none()
            && options.if_unmodified_since.is_none();
        if !is_whole || !is_entry(path) {
            return self.inner.get_opts(path, options).await;
        }
        if let Some((meta, bytes)) = self.kept.lock().entries.get(path) {
            return Ok(result(meta.clone(), bytes.clone()));
        }
        let found = self.inner.get_opts(path, options).await?;
        let meta = found.meta.clone();
        let bytes = found.bytes().await?;
        let mut kept = self.kept.lock();
        if kept.bytes + bytes.len() <= KEPT_BYTES && !kept.entries.contains_key(path) {
            kept.bytes += bytes.len();
            kept.entries.insert(path.clone(), (meta.clone(), bytes.clone()));
        }
        drop(kept);
        Ok(result(meta, bytes))
    }

    async fn get_ranges(&self, path: &Path, ranges: &[std::ops::Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(path, ranges).await
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
