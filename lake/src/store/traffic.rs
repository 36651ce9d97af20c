//! What a process reads from storage.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt};
use goldsmith_proto::cluster::v1::Storage;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart,
};
use serde::{Deserialize, Serialize};

use super::under_way::{Request, UnderWay};

/// What went through the stores of a process since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Traffic {
    /// Bytes of the logs of tables that were read: entries, checkpoints, and what stands beside them; leases too.
    pub log_bytes_read: u64,
    /// Bytes of data files that were read, deletion vectors included.
    pub data_bytes_read: u64,
    /// Bytes that were written.
    pub bytes_written: u64,
    /// Listings.
    pub lists: u64,
    /// Reads of logs, and questions whether one is there.
    pub log_reads: u64,
    /// Reads of data files: one for each range or object that was asked for.
    pub data_reads: u64,
    /// Writes of objects, or of parts of large ones.
    pub writes: u64,
    /// Objects that were deleted.
    pub deletes: u64,
    /// HTTP requests to storage accounts and for their tokens, attempts that were repeated included.
    pub http_requests: u64,
    /// How many of them were answered with 429 or 503.
    pub throttled_requests: u64,
}

impl Traffic {
    /// What came after `earlier`.
    #[must_use]
    pub const fn since(&self, earlier: &Self) -> Self {
        Self {
            log_bytes_read: self.log_bytes_read.saturating_sub(earlier.log_bytes_read),
            data_bytes_read: self.data_bytes_read.saturating_sub(earlier.data_bytes_read),
            bytes_written: self.bytes_written.saturating_sub(earlier.bytes_written),
            lists: self.lists.saturating_sub(earlier.lists),
            log_reads: self.log_reads.saturating_sub(earlier.log_reads),
            data_reads: self.data_reads.saturating_sub(earlier.data_reads),
            writes: self.writes.saturating_sub(earlier.writes),
            deletes: self.deletes.saturating_sub(earlier.deletes),
            http_requests: self.http_requests.saturating_sub(earlier.http_requests),
            throttled_requests: self.throttled_requests.saturating_sub(earlier.throttled_requests),
        }
    }
}

impl From<Traffic> for Storage {
    fn from(traffic: Traffic) -> Self {
        Self {
            log_bytes_read: traffic.log_bytes_read,
            data_bytes_read: traffic.data_bytes_read,
            bytes_written: traffic.bytes_written,
            lists: traffic.lists,
            log_reads: traffic.log_reads,
            data_reads: traffic.data_reads,
            writes: traffic.writes,
            deletes: traffic.deletes,
            http_requests: traffic.http_requests,
            throttled_requests: traffic.throttled_requests,
        }
    }
}

impl From<Storage> for Traffic {
    fn from(storage: Storage) -> Self {
        Self {
            log_bytes_read: storage.log_bytes_read,
            data_bytes_read: storage.data_bytes_read,
            bytes_written: storage.bytes_written,
            lists: storage.lists,
            log_reads: storage.log_reads,
            data_reads: storage.data_reads,
            writes: storage.writes,
            deletes: storage.deletes,
            http_requests: storage.http_requests,
            throttled_requests: storage.throttled_requests,
        }
    }
}

/// The running numbers.
#[derive(Debug, Default)]
pub(super) struct Counters {
    log_bytes_read: AtomicU64,
    data_bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    lists: AtomicU64,
    log_reads: AtomicU64,
    data_reads: AtomicU64,
    writes: AtomicU64,
    deletes: AtomicU64,
    stalls: AtomicU64,
    under_way: Arc<UnderWay>,
}

fn add(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn get(&self) -> Traffic {
        let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Traffic {
            log_bytes_read: now(&self.log_bytes_read),
            data_bytes_read: now(&self.data_bytes_read),
            bytes_written: now(&self.bytes_written),
            lists: now(&self.lists),
            log_reads: now(&self.log_reads),
            data_reads: now(&self.data_reads),
            writes: now(&self.writes),
            deletes: now(&self.deletes),
            ..Traffic::default()
        }
    }

    pub(super) const fn under_way(&self) -> &Arc<UnderWay> {
        &self.under_way
    }

    pub(super) fn stalls(&self) -> u64 {
        self.stalls.load(Ordering::Relaxed)
    }

    pub(super) fn note_stall(&self) {
        add(&self.stalls, 1);
    }

    fn read(&self, path: &Path, bytes: u64) {
        let [reads, read] = if is_data(path) {
            [&self.data_reads, &self.data_bytes_read]
        } else {
            [&self.log_reads, &self.log_bytes_read]
        };
        add(reads, 1);
        add(read, bytes);
    }

    fn wrote(&self, bytes: usize) {
        add(&self.writes, 1);
        add(&self.bytes_written, bytes as u64);
    }
}

/// Folders of logs and leases have these names, and no folder of a table that holds data does.
fn is_data(path: &Path) -> bool {
    path.parts().all(|part| !["_delta_log", crate::lease::FOLDER].contains(&part.as_ref()))
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

    /// A request for an object; nothing for one of data, whose plan is watched.
    fn begin(&self, path: &Path) -> Option<Request> {
        if is_data(path) { None } else { self.begin_any(path) }
    }

    /// A request that logs are found or read by; nothing for one of leases, which are written all the time.
    fn begin_any(&self, path: &Path) -> Option<Request> {
        let is_lease = path.parts().any(|part| part.as_ref() == crate::lease::FOLDER);
        (!is_lease).then(|| self.counters.under_way.begin(path))
    }

    fn begin_listing(&self, prefix: Option<&Path>) -> Option<Request> {
        add(&self.counters.lists, 1);
        self.begin_any(prefix.unwrap_or(&Path::default()))
    }

    /// A listing that is under way as long as somebody reads it.
    fn listed(
        &self,
        prefix: Option<&Path>,
        found: BoxStream<'static, Result<ObjectMeta>>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let mut request = self.begin_listing(prefix);
        found.inspect(move |_| request.iter_mut().for_each(Request::moves)).boxed()
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
        let _request = self.begin(path);
        self.counters.wrote(payload.content_length());
        self.inner.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let inner = self.inner.put_multipart_opts(path, options).await?;
        Ok(Box::new(CountedUpload { inner, counters: Arc::clone(&self.counters) }))
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let mut request = self.begin(path);
        let reads = !options.head;
        let found = self.inner.get_opts(path, options).await;
        let bytes = |found: &GetResult| if reads { found.range.end - found.range.start } else { 0 };
        self.counters.read(path, found.as_ref().map_or(0, bytes));
        let mut found = found?;
        found.payload = match found.payload {
            GetResultPayload::Stream(bytes) => {
                let moves = move |_: &_| request.iter_mut().for_each(Request::moves);
                GetResultPayload::Stream(bytes.inspect(moves).boxed())
            }
            other => other,
        };
        Ok(found)
    }

    async fn get_ranges(&self, path: &Path, ranges: &[std::ops::Range<u64>]) -> Result<Vec<bytes::Bytes>> {
        let _request = self.begin(path);
        // Passed on, because stores have better ways than one request a range.
        let found = self.inner.get_ranges(path, ranges).await?;
        self.counters.read(path, found.iter().map(|bytes| bytes.len() as u64).sum());
        Ok(found)
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let counters = Arc::clone(&self.counters);
        self.inner.delete_stream(paths.inspect(move |_| add(&counters.deletes, 1)).boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.listed(prefix, self.inner.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.listed(prefix, self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let _request = self.begin_listing(prefix);
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.inner.rename_opts(from, to, options).await
    }
}

/// A file whose parts are counted.
#[derive(Debug)]
struct CountedUpload {
    inner: Box<dyn MultipartUpload>,
    counters: Arc<Counters>,
}

#[async_trait]
impl MultipartUpload for CountedUpload {
    fn put_part(&mut self, part: PutPayload) -> UploadPart {
        self.counters.wrote(part.content_length());
        self.inner.put_part(part)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.inner.complete().await
    }

    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;

    #[tokio::test]
    async fn what_logs_are_found_and_read_by_is_watched() {
        let counters = Arc::<Counters>::default();
        let store = CountedStore::new(Arc::new(InMemory::new()), Arc::clone(&counters));
        let waits_for = || counters.under_way().stalest().map(|(_, path)| path);
        let listing = store.list(Some(&Path::from("lake/bronze")));
        assert_eq!(waits_for().as_deref(), Some("lake/bronze"), "the folder of tables");
        drop(listing);
        assert_eq!(waits_for(), None);
        for (path, is_watched) in [
            ("t/_delta_log/00000000000000000000.json", true),
            ("t/part-0.parquet", false),
            ("_goldsmith/leases/a.json", false),
        ] {
            let request = store.begin(&Path::from(path));
            assert_eq!(waits_for().is_some(), is_watched, "{path}");
            drop(request);
        }
    }
}
