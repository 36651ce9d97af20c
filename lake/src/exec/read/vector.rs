//! Deletion vectors: which rows of a data file are deleted.

use std::sync::Arc;

use crc::{CRC_32_ISO_HDLC, Crc};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use roaring::RoaringTreemap;

use crate::error::FileFault;

/// The deletion vector of a data file, as the log describes it.
///
/// - **Source:** Delta protocol, "Deletion Vectors"
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionVector {
    /// Rows that it deletes.
    pub rows: u64,
    /// Where it is.
    pub place: VectorPlace,
}

/// Where a deletion vector is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VectorPlace {
    /// In the log; the decoded bytes.
    Inline(Vec<u8>),
    /// In a file of the store that holds the data file.
    File {
        /// Its key.
        path: Path,
        /// Where the vector begins, its size field included.
        offset: u64,
        /// Size of the vector without size field and checksum.
        size_bytes: u64,
    },
}

/// Why a deletion vector cannot be had.
#[derive(Debug)]
pub(crate) enum VectorError {
    /// There is none, or it is not whole.
    Fault(FileFault),
    /// The storage failed.
    Store(object_store::Error),
}

/// First bytes of the only serialisation that the protocol has: a 64-bit roaring bitmap in its portable form.
const MAGIC: u32 = 1_681_511_377;

const SIZE_BYTES: usize = 4;
const CHECKSUM_BYTES: usize = 4;

impl DeletionVector {
    /// The file that it is in, if it is not in the log.
    pub(crate) const fn file(&self) -> Option<&Path> {
        match &self.place {
            VectorPlace::Inline(_) => None,
            VectorPlace::File { path, .. } => Some(path),
        }
    }

    /// Reads it: places of the deleted rows in their file, from 0.
    pub(crate) async fn read(&self, store: &Arc<dyn ObjectStore>) -> Result<RoaringTreemap, VectorError> {
        let fault = |reason| VectorError::Fault(FileFault::Vector(reason));
        let rows = match &self.place {
            VectorPlace::Inline(bytes) => bitmap(bytes).map_err(fault)?,
            VectorPlace::File { path, offset, size_bytes } => {
                let frame_bytes = size_bytes.saturating_add((SIZE_BYTES + CHECKSUM_BYTES) as u64);
                let end = offset.saturating_add(frame_bytes);
                // A store answers a range beyond the end with less than that, or with an error of its own.
                let meta = store.head(path).await.map_err(VectorError::of_store)?;
                if meta.size < end {
                    return Err(fault("its file is too short"));
                }
                let frame = store.get_range(path, *offset..end).await.map_err(VectorError::of_store)?;
                bitmap(unframed(&frame, *size_bytes).map_err(fault)?).map_err(fault)?
            }
        };
        if rows.len() != self.rows {
            return Err(fault("it deletes another number of rows than the log says"));
        }
        Ok(rows)
    }
}

impl VectorError {
    fn of_store(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Fault(FileFault::Missing),
            error => Self::Store(error),
        }
    }
}

/// The bytes between the size in front of a stored vector and the checksum behind it. Both are big-endian.
fn unframed(frame: &[u8], size_bytes: u64) -> Result<&[u8], &'static str> {
    const CUT: &str = "its file is too short";
    let (size, rest) = frame.split_first_chunk::<SIZE_BYTES>().ok_or(CUT)?;
    let (vector, checksum) = rest.split_last_chunk::<CHECKSUM_BYTES>().ok_or(CUT)?;
    if u64::from(u32::from_be_bytes(*size)) != size_bytes {
        return Err("it has another size than the log says");
    }
    if Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(vector) != u32::from_be_bytes(*checksum) {
        return Err("its checksum is wrong");
    }
    Ok(vector)
}

fn bitmap(vector: &[u8]) -> Result<RoaringTreemap, &'static str> {
    match vector.split_first_chunk::<4>() {
        Some((magic, bitmap)) if u32::from_le_bytes(*magic) == MAGIC => {
            RoaringTreemap::deserialize_from(bitmap).map_err(|_| "its bitmap cannot be decoded")
        }
        _ => Err("it is of an unknown format"),
    }
}

/// What is left of a file of `file_rows` rows without `deleted`.
pub(crate) fn live(deleted: &RoaringTreemap, file_rows: u64) -> Result<RowSelection, FileFault> {
    const BEYOND: FileFault = FileFault::Vector("it deletes rows that the file does not have");
    let count = |rows: u64| usize::try_from(rows).map_err(|_| BEYOND);
    if deleted.max().is_some_and(|last| last >= file_rows) {
        return Err(BEYOND);
    }
    let mut selectors: Vec<RowSelector> = Vec::new();
    let mut next = 0;
    for row in deleted {
        if row > next {
            selectors.push(RowSelector::select(count(row - next)?));
        }
        match selectors.last_mut() {
            Some(last) if last.skip => last.row_count += 1,
            _ => selectors.push(RowSelector::skip(1)),
        }
        next = row + 1;
    }
    if file_rows > next {
        selectors.push(RowSelector::select(count(file_rows - next)?));
    }
    Ok(RowSelection::from(selectors))
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;

    fn encoded(rows: impl IntoIterator<Item = u64>) -> Vec<u8> {
        let mut bytes = MAGIC.to_le_bytes().to_vec();
        rows.into_iter().collect::<RoaringTreemap>().serialize_into(&mut bytes).unwrap();
        bytes
    }

    fn framed(vector: &[u8]) -> Vec<u8> {
        let size = u32::try_from(vector.len()).unwrap().to_be_bytes();
        let checksum = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(vector).to_be_bytes();
        [b"\x01", size.as_slice(), vector, checksum.as_slice()].concat()
    }

    async fn read(file: &[u8], size_bytes: usize, rows: u64) -> Result<Vec<u64>, VectorError> {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let path = Path::from("vector.bin");
        store.put(&path, file.to_vec().into()).await.unwrap();
        let place = VectorPlace::File { path, offset: 1, size_bytes: size_bytes as u64 };
        DeletionVector { rows, place }.read(&store).await.map(|rows| rows.into_iter().collect())
    }

    #[tokio::test]
    async fn a_stored_vector_is_read_only_if_it_is_whole() {
        let vector = encoded([0, 7, 1 << 33]);
        let file = framed(&vector);
        assert_eq!(read(&file, vector.len(), 3).await.unwrap(), [0, 7, 1 << 33]);

        let mut flipped = file.clone();
        flipped[12] ^= 1;
        let mut other_size = file.clone();
        other_size[4] ^= 1;
        let unknown = framed(&[b"ABCD", &vector[4..]].concat());
        let cut = framed(&vector[..vector.len() - 1]);
        for (file, size_bytes, rows, expected) in [
            (&file, vector.len(), 4, "another number of rows"),
            (&file, vector.len() + 1, 3, "too short"),
            (&flipped, vector.len(), 3, "checksum"),
            (&other_size, vector.len(), 3, "another size"),
            (&unknown, vector.len(), 3, "unknown format"),
            (&cut, vector.len() - 1, 3, "cannot be decoded"),
        ] {
            match read(file, size_bytes, rows).await {
                Err(VectorError::Fault(FileFault::Vector(reason))) => {
                    assert!(reason.contains(expected), "{reason}, not {expected}");
                }
                other => panic!("{other:?}, not {expected}"),
            }
        }
    }

    #[test]
    fn what_is_left_of_a_file_has_all_its_rows_but_the_deleted() {
        let of = |deleted: &[u64], rows| {
            let selection = live(&deleted.iter().copied().collect(), rows)?;
            let selectors: Vec<RowSelector> = selection.into();
            Ok::<_, FileFault>(selectors.iter().map(|s| (s.row_count, s.skip)).collect::<Vec<_>>())
        };
        assert_eq!(of(&[], 3).unwrap(), [(3, false)]);
        assert_eq!(of(&[0, 1, 4], 6).unwrap(), [(2, true), (2, false), (1, true), (1, false)]);
        assert_eq!(of(&[0, 1, 2], 3).unwrap(), [(3, true)]);
        assert!(of(&[3], 3).is_err());
    }
}
