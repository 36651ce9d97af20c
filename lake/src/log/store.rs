//! The log of one table as the library sees it: the files of a [`Segment`] and no others, each entry fetched once.
//!
//! Which files tell of a version is judged here and not there, so whatever the library lists it finds just these. It reads an
//! entry for the protocol, again for the files, and we read it for our own note; entries never change while a log is open.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use parking_lot::Mutex;

use super::name::{FOLDER, HINT, Name, classify};
use super::segment::Segment;

/// Bytes that are kept of one log: what a table of ordinary size has between two checkpoints.
const KEPT_BYTES: usize = 16 << 20;

/// A store that keeps the entries of a log that were read through it, and lists nothing but a segment once it has one.
#[derive(Debug)]
pub(crate) struct SegmentStore {
    inner: Arc<dyn ObjectStore>,
    /// Folder of the log.
    folder: Path,
    kept: Mutex<Kept>,
    served: OnceLock<Served>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<Path, (ObjectMeta, Bytes)>,
    bytes: usize,
}

/// What is seen of the log from now on.
#[derive(Debug)]
struct Served {
    /// In the order of their names.
    files: Vec<ObjectMeta>,
    hint: Option<(ObjectMeta, Bytes)>,
}

impl SegmentStore {
    /// The log in `folder` of `inner`.
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, folder: Path) -> Self {
        Self { inner, folder, kept: Mutex::default(), served: OnceLock::new() }
    }

    /// Shows the files of `segment` alone from now on; the first segment stays. `hint` is what stands in the hint at the last
    /// checkpoint, if it is that of the segment.
    pub(super) fn serve(&self, segment: &Segment, hint: Option<(ObjectMeta, Bytes)>) {
        let checkpoint = segment.checkpoint.iter().flat_map(|(_, files)| files);
        let mut files: Vec<ObjectMeta> =
            checkpoint.chain(&segment.at_checkpoint).chain(segment.entries.values()).cloned().collect();
        files.sort_by(|one, other| one.location.cmp(&other.location));
        let _ = self.served.set(Served { files, hint });
    }

    fn is_entry(&self, path: &Path) -> bool {
        self.is_inside(path) && path.filename().is_some_and(|name| matches!(classify(name), Name::Entry(_)))
    }

    /// Whether a file stands directly in the log's folder.
    fn is_inside(&self, path: &Path) -> bool {
        path.prefix_match(&self.folder).is_some_and(|mut rest| rest.next().is_some() && rest.next().is_none())
    }

    /// The files below `prefix` whose names come after `offset`, if that is known.
    fn served(
        &self,
        prefix: Option<&Path>,
        offset: Option<&Path>,
    ) -> Option<BoxStream<'static, Result<ObjectMeta>>> {
        let served = self.served.get().filter(|_| prefix == Some(&self.folder))?;
        let files: Vec<Result<ObjectMeta>> = served
            .files
            .iter()
            .filter(|meta| offset.is_none_or(|offset| meta.location > *offset))
            .cloned()
            .map(Ok)
            .collect();
        Some(stream::iter(files).boxed())
    }
}

/// Path of the log's folder below `table`.
pub(crate) fn folder_of(table: &Path) -> Path {
    table.clone().join(FOLDER)
}

fn result(meta: ObjectMeta, bytes: Bytes) -> GetResult {
    GetResult {
        range: 0..meta.size,
        meta,
        payload: GetResultPayload::Stream(stream::once(std::future::ready(Ok(bytes))).boxed()),
        attributes: Default::default(),
    }
}

impl fmt::Display for SegmentStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for SegmentStore {
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
        if let Some(served) = self.served.get()
            && self.is_inside(path)
            && path.filename() == Some(HINT)
        {
            return match &served.hint {
                Some((meta, bytes)) if is_whole => Ok(result(meta.clone(), bytes.clone())),
                _ => Err(object_store::Error::NotFound {
                    path: path.to_string(),
                    source: "the hint is of no use".into(),
                }),
            };
        }
        if !is_whole || !self.is_entry(path) {
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
        self.served(prefix, None).unwrap_or_else(|| self.inner.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.served(prefix, Some(offset)).unwrap_or_else(|| self.inner.list_with_offset(prefix, offset))
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
