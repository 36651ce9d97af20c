//! The only place that builds or parses the URL of a table or of a folder of tables.

use std::fmt;
use std::path::Path as FsPath;

use datafusion::execution::object_store::ObjectStoreUrl;
use goldsmith_proto::id::TableName;
use object_store::path::Path;
use url::Url;

use crate::error::{LakeError, Result};

/// Parsed URL of a folder: of one table, or of a layer that holds a table in each of its folders.
///
/// The URL always ends in `/`, so that joining a name adds to it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Location {
    url: Url,
}

impl Location {
    /// Parses a URL or a path of the local file system; a relative path is taken from the working directory.
    ///
    /// # Errors
    /// [`LakeError::Location`] if `text` is neither, or names a kind of storage that cannot be reached.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |reason: String| LakeError::Location { text: text.to_owned(), reason };
        if text.trim().is_empty() {
            return Err(refuse("it is empty".to_owned()));
        }
        let mut url = if text.contains("://") || text.starts_with("file:") {
            Url::parse(text).map_err(|e| refuse(e.to_string()))?
        } else {
            let path = std::path::absolute(FsPath::new(text)).map_err(|e| refuse(e.to_string()))?;
            Url::from_directory_path(&path).map_err(|()| refuse("it is not an absolute path".to_owned()))?
        };
        if url.scheme() != "file" {
            return Err(refuse(format!("storage of kind `{}` is not supported", url.scheme())));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it has a query or a fragment".to_owned()));
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self { url })
    }

    /// The folder of `table` below this one.
    #[must_use]
    pub fn table(&self, table: &TableName) -> Self {
        self.child(table.as_str())
    }

    /// The folder `name` below this one; `name` comes from a listing of it.
    pub(crate) fn child(&self, name: &str) -> Self {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(name).push("");
        }
        Self { url }
    }

    /// The URL, ending in `/`.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The key by which a runtime finds the store of this location.
    #[must_use]
    pub fn object_store_url(&self) -> ObjectStoreUrl {
        ObjectStoreUrl::local_filesystem()
    }

    /// The folder's path inside its store.
    ///
    /// # Errors
    /// [`LakeError::Location`] if a segment cannot be a key of the store.
    pub fn store_path(&self) -> Result<Path> {
        Path::from_url_path(self.url.path())
            .map_err(|e| LakeError::Location { text: self.to_string(), reason: e.to_string() })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.url.to_file_path() {
            Ok(path) => path.display().to_string().trim_end_matches('/').fmt(f),
            Err(()) => self.url.as_str().trim_end_matches('/').fmt(f),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_url_are_the_same_location() {
        let path = Location::parse("/data/my lake").unwrap();
        let url = Location::parse("file:///data/my%20lake/").unwrap();
        assert_eq!(path, url);
        assert_eq!(path.to_string(), "/data/my lake");
        assert_eq!(path.store_path().unwrap().as_ref(), "data/my lake");
    }

    #[test]
    fn a_table_is_a_folder_below() {
        let table = Location::parse("/data/gold").unwrap().table(&TableName::try_new("t_1").unwrap());
        assert_eq!(table.url().as_str(), "file:///data/gold/t_1/");
    }

    #[test]
    fn what_cannot_be_reached_is_refused_with_the_reason() {
        for (text, reason) in
            [("", "empty"), ("ftp://host/x", "`ftp` is not supported"), ("file:///x?sig=secret", "a query")]
        {
            let error = Location::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
