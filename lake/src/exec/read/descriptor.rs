//! What a log says of a deletion vector.

use std::borrow::Cow;

use deltalake::kernel::{DeletionVectorDescriptor, StorageType};
use object_store::path::Path;
use url::Url;
use uuid::Uuid;

use super::{DeletionVector, VectorPlace};
use crate::error::{LakeError, Result};

/// Characters of an encoded UUID.
const UUID_CHARS: usize = 20;

impl DeletionVector {
    /// The vector that `descriptor` describes. `key` finds a file that the log names; `unreadable` makes the error that the
    /// descriptor is not one, and why.
    ///
    /// - **Source:** Delta protocol, "Deletion Vector Descriptor Schema"
    pub(crate) fn of_log(
        descriptor: &DeletionVectorDescriptor,
        key: impl Fn(&str) -> Result<Path>,
        unreadable: impl Fn(&'static str) -> LakeError,
    ) -> Result<Self> {
        let text = descriptor.path_or_inline_dv.as_str();
        let count = |number: i64| u64::try_from(number).map_err(|_| unreadable("it has a negative number"));
        let size_bytes = count(descriptor.size_in_bytes.into())?;
        let stored = |path: &str| -> Result<VectorPlace> {
            let offset = count(descriptor.offset.unwrap_or(1).into())?;
            Ok(VectorPlace::File { path: key(path)?, offset, size_bytes })
        };
        let place = match descriptor.storage_type {
            StorageType::Inline => {
                let mut bytes = z85::decode(text).map_err(|_| unreadable("it is no z85 text"))?;
                // The text stands for whole groups of four bytes.
                bytes.truncate(usize::try_from(size_bytes).unwrap_or(usize::MAX));
                VectorPlace::Inline(bytes)
            }
            StorageType::UuidRelativePath => stored(&relative_path(text).map_err(&unreadable)?)?,
            StorageType::AbsolutePath => stored(&absolute_path(text).map_err(&unreadable)?)?,
        };
        Ok(Self { rows: count(descriptor.cardinality)?, place })
    }
}

/// The path that a UUID and what stands in front of it are short for.
fn relative_path(text: &str) -> Result<String, &'static str> {
    let split = text.len().checked_sub(UUID_CHARS).and_then(|prefix| text.split_at_checked(prefix));
    let (folder, uuid) = split.ok_or("its path is too short")?;
    let uuid = z85::decode(uuid).ok().and_then(|bytes| Uuid::from_slice(&bytes).ok());
    let uuid = uuid.ok_or("its path has no UUID")?;
    let folder = if folder.is_empty() { Cow::Borrowed("") } else { Cow::Owned(format!("{folder}/")) };
    Ok(format!("{folder}deletion_vector_{uuid}.bin"))
}

/// The URL with its escapes undone.
fn absolute_path(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text).map_err(|_| "its path is no URL")?;
    let path = Path::from_url_path(url.path()).map_err(|_| "its path is no key of a store")?;
    Ok(format!("{}://{}/{path}", url.scheme(), url.authority()))
}
