//! One object, written part by part.

use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use tokio::task::JoinSet;

/// Bytes that are gathered before a part is sent; what is smaller goes as one request.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// Parts that are on their way at the same time.
const PARTS_IN_FLIGHT: usize = 4;

/// An object that appears whole when it is completed, or not at all.
///
/// The library's `BufWriter` does the same and cannot be aborted once its completion failed.
pub(super) struct Upload {
    store: Arc<dyn ObjectStore>,
    path: Path,
    gathered: Vec<Bytes>,
    gathered_bytes: usize,
    /// Begun with the first full part.
    parts: Option<Box<dyn MultipartUpload>>,
    in_flight: JoinSet<object_store::Result<()>>,
}

impl Upload {
    pub(super) fn new(store: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { store, path, gathered: Vec::new(), gathered_bytes: 0, parts: None, in_flight: JoinSet::new() }
    }

    /// Takes back what was sent. Nothing is left of it where the storage lets that happen.
    pub(super) async fn abort(mut self) -> object_store::Result<()> {
        self.in_flight.shutdown().await;
        match self.parts.as_mut() {
            Some(parts) => parts.abort().await,
            None => Ok(()),
        }
    }

    /// Adds bytes to the end; returns when there is room for more.
    pub(super) async fn write(&mut self, bytes: Bytes) -> object_store::Result<()> {
        self.gathered_bytes += bytes.len();
        self.gathered.push(bytes);
        if self.gathered_bytes >= PART_BYTES { self.send().await } else { Ok(()) }
    }

    async fn send(&mut self) -> object_store::Result<()> {
        self.wait_until(PARTS_IN_FLIGHT - 1).await?;
        let parts = match &mut self.parts {
            Some(parts) => parts,
            none => none.insert(self.store.put_multipart(&self.path).await?),
        };
        self.gathered_bytes = 0;
        self.in_flight.spawn(parts.put_part(std::mem::take(&mut self.gathered).into_iter().collect()));
        Ok(())
    }

    /// Waits until at most `in_flight` parts are on their way.
    async fn wait_until(&mut self, in_flight: usize) -> object_store::Result<()> {
        while self.in_flight.len() > in_flight {
            match self.in_flight.join_next().await {
                Some(sent) => sent.map_err(object_store::Error::from)??,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Makes the object appear.
    pub(super) async fn complete(&mut self) -> object_store::Result<()> {
        if self.parts.is_none() {
            let whole: PutPayload = std::mem::take(&mut self.gathered).into_iter().collect();
            self.store.put(&self.path, whole).await?;
            return Ok(());
        }
        if self.gathered_bytes > 0 {
            self.send().await?;
        }
        self.wait_until(0).await?;
        if let Some(parts) = self.parts.as_mut() {
            parts.complete().await?;
        }
        Ok(())
    }
}
