//! The only place that builds or parses the URL of a table or of a folder of tables.

mod azure;
mod key;

use std::fmt;
use std::path::{Component, Path as FsPath, PathBuf};

use datafusion::execution::object_store::ObjectStoreUrl;
use goldsmith_proto::id::TableName;
use object_store::path::Path;
use url::Url;

pub(crate) use self::azure::Container;
pub(crate) use self::key::StoreKey;
use crate::connection::ConnectionName;
use crate::error::{LakeError, Result};

/// Parsed URL of a folder: of one table, or of a layer that holds a table in each of its folders; and by what name the
/// process that opens it signs in.
///
/// The URL always ends in `/`, so that joining a name adds to it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Location {
    url: Url,
    connection: Option<ConnectionName>,
}

impl Location {
    /// Parses a URL or a path of the local file system; a relative path is taken from the working directory.
    ///
    /// # Errors
    /// [`LakeError::Location`] if `text` is neither, or names a kind of storage that cannot be reached.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |reason: String| LakeError::Location { text: without_secrets(text), reason };
        if text.trim().is_empty() {
            return Err(refuse("it is empty".to_owned()));
        }
        let looks_like_url = text.split_once(':').is_some_and(|(scheme, rest)| {
            is_scheme(scheme) && !rest.starts_with("//") && !scheme.eq_ignore_ascii_case("file")
        });
        if looks_like_url && !text.contains("://") {
            return Err(refuse(
                "it is neither a path nor a URL, which has `://`; begin a path with ./".to_owned(),
            ));
        }
        if text == "~" || text.starts_with("~/") {
            return Err(refuse("`~` means nothing here; write the whole path".to_owned()));
        }
        let mut url = if text.contains("://") || text.starts_with("file:") {
            Url::parse(text).map_err(|e| refuse(e.to_string()))?
        } else {
            let path = std::path::absolute(FsPath::new(text)).map_err(|e| refuse(e.to_string()))?;
            Url::from_directory_path(without_dots(&path))
                .map_err(|()| refuse("it is not an absolute path".to_owned()))?
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it has a query or a fragment".to_owned()));
        }
        if azure::is_scheme(url.scheme()) {
            url = azure::normalise(&url).map_err(refuse)?;
        } else if url.scheme() != "file" {
            return Err(refuse(format!("storage of kind `{}` is not supported", url.scheme())));
        }
        // `file://out/gold` and `file:out/gold` would quietly be /gold and /out/gold.
        if url.scheme() == "file"
            && url.host_str().is_some_and(|host| !host.is_empty() && host != "localhost")
        {
            return Err(refuse(format!(
                "`{}` stands where a host does; write file:///path",
                url.host_str().unwrap_or_default()
            )));
        }
        if text.starts_with("file:") && !text["file:".len()..].starts_with('/') {
            return Err(refuse("the path of a file: URL begins with `/`".to_owned()));
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self { url, connection: None })
    }

    /// The same place, opened by the connection `name`.
    #[must_use]
    pub fn with_connection(self, name: Option<ConnectionName>) -> Self {
        Self { connection: name, ..self }
    }

    /// By what name whoever opens it signs in.
    #[must_use]
    pub const fn connection(&self) -> Option<&ConnectionName> {
        self.connection.as_ref()
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
        Self { url, connection: self.connection.clone() }
    }

    /// The folder at `path`, whose names are separated by `/`, below this one.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        path.split('/').filter(|name| !name.is_empty()).fold(self.clone(), |folder, name| folder.child(name))
    }

    /// The URL, ending in `/`.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Whether `other` is this folder or lies in it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.url.as_str().starts_with(self.url.as_str())
    }

    /// Name of the folder itself; empty for the root of its store.
    #[must_use]
    pub fn name(&self) -> String {
        self.store_path().ok().and_then(|path| path.filename().map(str::to_owned)).unwrap_or_default()
    }

    /// Whether it is a container of a storage account, and no folder of one.
    #[must_use]
    pub fn is_container_root(&self) -> bool {
        !self.is_local() && self.url.path().trim_matches('/').is_empty()
    }

    /// Whether it is on a disk of this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.url.scheme() == "file"
    }

    /// The container that holds it; none of a place on a local disk.
    pub(crate) fn container(&self) -> Option<Container> {
        (!self.is_local()).then(|| azure::container(&self.url))
    }

    /// The key by which a runtime finds the store of this location; it finds none if the location is in a storage account
    /// and has no connection.
    #[must_use]
    pub fn object_store_url(&self) -> ObjectStoreUrl {
        match self.store_key() {
            Ok(None) => ObjectStoreUrl::local_filesystem(),
            Ok(Some(key)) => key.to_url(),
            Err(_) => key::no_store(),
        }
    }

    /// The store that holds it; none of a place on a local disk.
    ///
    /// # Errors
    /// [`LakeError::NoConnection`] if it is in a storage account and nothing says how to sign in there.
    pub(crate) fn store_key(&self) -> Result<Option<StoreKey>> {
        let Some(container) = self.container() else { return Ok(None) };
        match &self.connection {
            Some(connection) => Ok(Some(StoreKey { connection: connection.clone(), container })),
            None => Err(LakeError::NoConnection { location: self.to_string() }),
        }
    }

    /// The folder's path inside its store.
    ///
    /// # Errors
    /// [`LakeError::Location`] if a segment cannot be a key of the store.
    pub fn store_path(&self) -> Result<Path> {
        Path::from_url_path(self.url.path())
            .map_err(|e| LakeError::Location { text: self.to_string(), reason: e.to_string() })
    }

    /// The key of a file that the log of the table here names by `path`, whose escapes are undone: below this folder, or
    /// anywhere in its store if `path` is a whole URL or begins with `/`. None if it is in another store.
    ///
    /// - **Source:** Delta protocol, "Add File and Remove File": a path is a URI, relative to the table or absolute
    ///
    /// # Errors
    /// [`LakeError::Location`] if a segment cannot be a key of the store.
    pub(crate) fn key(&self, path: &str) -> Result<Option<Path>> {
        let key = |text: &str| Path::parse(text).unwrap_or_else(|_| Path::from(text));
        let Some((scheme, rest)) = path.split_once(":/").filter(|(scheme, _)| is_scheme(scheme)) else {
            if path.starts_with('/') {
                return Ok(Some(key(path)));
            }
            return Ok(Some(self.store_path()?.parts().chain(key(path).parts()).collect()));
        };
        // `file:/a` and `file:///a` are the same; what stands between is the store.
        let (store, path) = match rest.strip_prefix('/') {
            Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
            None => ("", rest),
        };
        if self.is_local() {
            let is_here = scheme.eq_ignore_ascii_case("file") && (store.is_empty() || store == "localhost");
            return Ok(is_here.then(|| key(path)));
        }
        // However it is spelt there, it is compared in the one form.
        let other = Url::parse(&format!("{scheme}://{store}/{path}")).ok();
        let other = other.and_then(|url| azure::normalise(&url).ok());
        let Some(other) = other.filter(|other| Some(azure::container(other)) == self.container()) else {
            return Ok(None);
        };
        let path = Path::from_url_path(other.path());
        path.map(Some).map_err(|e| LakeError::Location { text: self.to_string(), reason: e.to_string() })
    }
}

/// Whether text in front of `:/` makes a URL: the name of a folder may end in a colon.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The path without `.` and `..`: object stores have no such names.
fn without_dots(path: &FsPath) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// What may be shown of a URL that could not be parsed: no user, no query, where keys and signatures stand.
fn without_secrets(text: &str) -> String {
    // A connection string, which holds the key.
    let shown = text.split(['?', '#', ';']).next().unwrap_or_default();
    match (shown.split_once("://"), shown.rsplit_once('@')) {
        (Some((scheme, rest)), Some((_, host))) if rest.contains(':') => format!("{scheme}://…@{host}"),
        _ => shown.to_owned(),
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
    fn dots_in_a_path_mean_what_they_mean_to_a_shell() {
        let folder = std::env::current_dir().unwrap();
        let parent = Location::parse("../lake/./gold").unwrap();
        assert_eq!(parent.to_string(), folder.parent().unwrap().join("lake/gold").display().to_string());
        assert_eq!(Location::parse("/a/b/../c").unwrap(), Location::parse("/a/c").unwrap());
    }

    #[test]
    fn a_folder_contains_itself_and_what_is_below() {
        let parse = |text| Location::parse(text).unwrap();
        assert!(parse("/a/b").contains(&parse("/a/b/c")) && parse("/a/b").contains(&parse("/a/b/")));
        assert!(!parse("/a/b").contains(&parse("/a/bc")));
    }

    #[test]
    fn a_table_is_a_folder_below() {
        let table = Location::parse("/data/gold").unwrap().table(&TableName::try_new("t_1").unwrap());
        assert_eq!(table.url().as_str(), "file:///data/gold/t_1/");
        assert_eq!(table.name(), "t_1");
        assert_eq!(Location::parse("/data/my lake/").unwrap().name(), "my lake");
    }

    #[test]
    fn a_log_names_files_below_its_table_or_anywhere_in_its_store() {
        let table = Location::parse("/data/my lake/t").unwrap();
        for (path, expected) in [
            ("a/b c.parquet", Some("data/my lake/t/a/b c.parquet")),
            ("d=2020-01-01 00:00:00/b.parquet", Some("data/my lake/t/d=2020-01-01 00:00:00/b.parquet")),
            ("file:///other/b c.parquet", Some("other/b c.parquet")),
            ("file:/other/b%20c.parquet", Some("other/b%20c.parquet")),
            ("file://localhost/other/b.parquet", Some("other/b.parquet")),
            ("/other/b.parquet", Some("other/b.parquet")),
            ("file://host/other/b.parquet", None),
            ("s3://bucket/b.parquet", None),
        ] {
            let key = table.key(path).unwrap();
            assert_eq!(key.as_ref().map(Path::as_ref), expected, "{path}");
        }
    }

    #[test]
    fn a_place_in_an_account_has_one_form_however_it_is_written() {
        for (text, form) in [
            ("abfss://gold@acc.dfs.core.windows.net/ci", "abfss://gold@acc.dfs.core.windows.net/ci/"),
            ("abfss://gold@ACC.blob.core.windows.net/ci/", "abfss://gold@acc.dfs.core.windows.net/ci/"),
            (
                "https://acc.dfs.core.windows.net/gold/ci/a b",
                "abfss://gold@acc.dfs.core.windows.net/ci/a%20b/",
            ),
            (
                "https://acc.dfs.core.usgovcloudapi.net/gold/ci",
                "abfss://gold@acc.dfs.core.usgovcloudapi.net/ci/",
            ),
            (
                "https://onelake.dfs.fabric.microsoft.com/My%20Space/a.Lakehouse/Tables",
                "abfss://My%20Space@onelake.dfs.fabric.microsoft.com/a.Lakehouse/Tables/",
            ),
            (
                "https://onelake.dfs.fabric.microsoft.com/Sales:%20EMEA/a.Lakehouse",
                "abfss://Sales%3A%20EMEA@onelake.dfs.fabric.microsoft.com/a.Lakehouse/",
            ),
            (
                "abfss://3f1c@westeurope-onelake.dfs.fabric.microsoft.com/9a2b/Tables/dbo",
                "abfss://3f1c@westeurope-onelake.dfs.fabric.microsoft.com/9a2b/Tables/dbo/",
            ),
        ] {
            let location = Location::parse(text).unwrap();
            assert_eq!(location.url().as_str(), form, "{text}");
            assert!(!location.is_local() && !location.is_container_root());
        }
        let location = Location::parse("abfss://gold@acc.dfs.core.windows.net/a b").unwrap();
        assert_eq!(location.store_path().unwrap().as_ref(), "a b");
        assert_eq!(location.child("t").to_string(), "abfss://gold@acc.dfs.core.windows.net/a%20b/t");
        assert!(Location::parse("abfss://gold@acc.dfs.core.windows.net").unwrap().is_container_root());
    }

    #[test]
    fn a_log_in_an_account_names_files_of_its_own_container_alone() {
        let table = Location::parse("abfss://gold@acc.dfs.core.windows.net/ci/t").unwrap();
        for (path, expected) in [
            ("a b.parquet", Some("ci/t/a b.parquet")),
            ("/ci/other/b.parquet", Some("ci/other/b.parquet")),
            ("abfss://gold@acc.dfs.core.windows.net/ci/b.parquet", Some("ci/b.parquet")),
            ("https://acc.blob.core.windows.net/gold/ci/b.parquet", Some("ci/b.parquet")),
            ("abfss://other@acc.dfs.core.windows.net/ci/b.parquet", None),
            ("abfss://gold@other.dfs.core.windows.net/ci/b.parquet", None),
            ("https://evil.example/gold/b.parquet", None),
            ("file:///etc/passwd", None),
        ] {
            let key = table.key(path).unwrap();
            assert_eq!(key.as_ref().map(Path::as_ref), expected, "{path}");
        }
    }

    #[test]
    fn what_cannot_be_reached_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "empty"),
            ("ftp://host/x", "`ftp` is not supported"),
            ("ftp://user:secret@host/x", "`ftp` is not supported"),
            ("file:///x?sig=secret", "a query"),
            ("https://acc.dfs.core.windows.net/gold?sig=secret", "a query"),
            ("https://evil.example/gold/x", "no host of a storage account"),
            ("abfss://gold@acc.dfs.core.windows.net.evil.example/x", "no host of a storage account"),
            ("abfss://gold@evil-onelake.dfs.core.windows.net/x", "no host of a storage account"),
            ("abfss://gold:secret@acc.dfs.core.windows.net/x", "it holds a password"),
            ("abfss://gold@acc.dfs.core.windows.net:444/x", "it has a port"),
            ("abfss://acc.dfs.core.windows.net/x", "names no container"),
            ("az://gold/ci", "do not say all that is needed"),
            ("abfss:/gold@acc.dfs.core.windows.net/ci", "neither a path nor a URL"),
            ("C:\\lake", "neither a path nor a URL"),
            ("~/lake", "the whole path"),
            ("file://out/gold", "`out` stands where a host does"),
            ("file:out/gold", "begins with `/`"),
        ] {
            let error = Location::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
