//! One data file that is being written.

use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::writer::SerializedFileWriter;

use super::row_group::{EncodedRowGroup, Encoding};
use super::upload::Upload;

/// A file that has room for row groups.
pub(super) struct OpenFile {
    pub(super) name: String,
    path: Path,
    store: Arc<dyn ObjectStore>,
    /// Writes into memory, from where the bytes go to `upload` after each row group.
    writer: SerializedFileWriter<Vec<u8>>,
    upload: Upload,
}

/// A file that is whole.
pub(super) struct ClosedFile {
    pub(super) name: String,
    pub(super) metadata: ParquetMetaData,
    pub(super) written: ObjectMeta,
}

/// A file that could not be written: what was sent of it has been taken back, as far as the storage lets it.
pub(super) struct FailedFile {
    pub(super) name: String,
    pub(super) source: ParquetError,
}

impl OpenFile {
    pub(super) fn begin(
        store: Arc<dyn ObjectStore>,
        folder: &Path,
        name: String,
        encoding: &Encoding,
    ) -> ParquetResult<Self> {
        let path = folder.clone().join(name.as_str());
        let upload = Upload::new(Arc::clone(&store), path.clone());
        Ok(Self { name, path, store, writer: encoding.begin_file()?, upload })
    }

    pub(super) fn size_bytes(&self) -> u64 {
        self.writer.bytes_written() as u64
    }

    pub(super) async fn append(&mut self, group: EncodedRowGroup) -> ParquetResult<()> {
        let mut writer = self.writer.next_row_group()?;
        for chunk in group.chunks {
            chunk.append_to_row_group(&mut writer)?;
        }
        writer.close()?;
        self.send().await
    }

    /// Ends the file. It can be read from then on.
    pub(super) async fn close(mut self) -> Result<ClosedFile, FailedFile> {
        match self.end().await {
            Ok((metadata, written)) => Ok(ClosedFile { name: self.name, metadata, written }),
            Err(source) => {
                let name = self.name.clone();
                self.abort().await;
                Err(FailedFile { name, source })
            }
        }
    }

    pub(super) async fn abort(self) {
        if let Err(error) = self.upload.abort().await {
            tracing::warn!(file = self.name, %error, "upload not aborted");
        }
    }

    async fn end(&mut self) -> ParquetResult<(ParquetMetaData, ObjectMeta)> {
        let metadata = self.writer.finish()?;
        self.send().await?;
        self.upload.complete().await?;
        // The store says when the file was made: this process's clock need not agree with it.
        Ok((metadata, self.store.head(&self.path).await?))
    }

    async fn send(&mut self) -> ParquetResult<()> {
        self.writer.flush()?;
        let bytes = std::mem::take(self.writer.inner_mut());
        Ok(self.upload.write(bytes.into()).await?)
    }
}
