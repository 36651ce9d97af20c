//! The one normal form of the paths by which a log names files.

use object_store::path::Path;
use percent_encoding::percent_decode_str;

use crate::error::Result;
use crate::location::Location;

/// A path as the log spells it: a URI, relative to the table's folder or absolute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FilePath<'a>(pub(crate) &'a str);

impl FilePath<'_> {
    /// Key of the file in the store of the table at `location`; none if it is in another store.
    ///
    /// # Errors
    /// [`crate::LakeError::Location`] if a segment cannot be a key of the store.
    pub(crate) fn key(self, location: &Location) -> Result<Option<Path>> {
        let Some(scheme) = scheme(self.0) else {
            let decoded = percent_decode_str(self.0).decode_utf8_lossy();
            let plain = without_dots(&decoded);
            return location.key(&plain);
        };
        // A URL is taken apart before it is decoded.
        let rest = &self.0[scheme.len() + 1..];
        if scheme.eq_ignore_ascii_case("file") {
            let decoded = percent_decode_str(rest).decode_utf8_lossy();
            return location.key(&format!("{scheme}:{}", without_dots(&decoded)));
        }
        location.key(self.0)
    }

    /// What Spark compares: two spellings of one file may differ here, and then its removal does not meet it. None where Java
    /// knows no such URI, so that Spark reads the table not at all.
    ///
    /// - **Source:** Delta, `Snapshot.canonicalizePath`; Hadoop, `Path(URI)`; Java, `URI.normalize`
    pub(crate) fn canonical(self) -> Option<String> {
        let escapes = |at: usize| {
            let digits = self.0.as_bytes().get(at + 1..at + 3);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        let is_legal = |(at, c): (usize, char)| match c {
            '%' => escapes(at),
            ' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | '[' | ']' => false,
            c => !c.is_control(),
        };
        // What ends like a folder is one to Spark, and was never added.
        if !self.0.char_indices().all(is_legal) || self.0.ends_with('/') {
            return None;
        }
        Some(match scheme(self.0) {
            Some(scheme) => format!("{scheme}:{}", without_dots(&self.0[scheme.len() + 1..])),
            // An absolute path is the same file as its URL, but another one to a removal: Spark spreads both by their text.
            None => without_dots(self.0),
        })
    }

    /// Whether nobody would spell it otherwise: a relative path of ordinary characters.
    pub(crate) fn is_plain(self) -> bool {
        let is_ordinary = |segment: &str| !segment.is_empty() && !segment.bytes().all(|byte| byte == b'.');
        self.0.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'=' | b'/'))
            && self.0.split('/').all(is_ordinary)
    }
}

/// The scheme of a URL: letters and digits before `:/`.
fn scheme(path: &str) -> Option<&str> {
    let (scheme, _) = path.split_once(":/")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

/// `path` without `.`, `..` and empty segments.
fn without_dots(path: &str) -> String {
    let mut plain: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if plain.last().is_some_and(|last| *last != "..") => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", plain.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_file_have_one_key() {
        let location = Location::parse("/lake/t").unwrap();
        let key = |path: &str| FilePath(path).key(&location).unwrap().unwrap().to_string();
        for path in [
            "a b/c.parquet",
            "a%20b/c.parquet",
            "./a%20b/c.parquet",
            "a%20b//c.parquet",
            "x/../a%20b/c.parquet",
        ] {
            assert_eq!(key(path), "lake/t/a b/c.parquet", "{path}");
        }
        for path in [
            "file:///lake/t/x/.././a%20b/c.parquet",
            "/lake/t/a%20b/c.parquet",
            "file:/lake/t/a%20b/c.parquet",
            "file:///lake/t/a%20b/c.parquet",
        ] {
            assert_eq!(key(path), "lake/t/a b/c.parquet", "{path}");
        }
        assert_eq!(key("a%2520b"), "lake/t/a%20b");
        assert_eq!(key("p=%C3%B6/x"), key("p=ö/x"));
        assert!(FilePath("abfss://c@a.dfs.core.windows.net/x").key(&location).unwrap().is_none());
    }

    #[test]
    fn spark_tells_spellings_apart_that_java_does_not_normalise() {
        let canonical = |path: &str| FilePath(path).canonical();
        assert_eq!(canonical("./a//b/../c"), Some("a/c".to_owned()));
        assert_ne!(canonical("/t/a"), canonical("file:/t/a"));
        assert_eq!(canonical("file:///t/a"), canonical("file:/t/a"));
        assert_eq!(canonical("a/"), None);
        assert_ne!(canonical("a%41"), canonical("aA"));
        assert_ne!(canonical("p=ö"), canonical("p=%C3%B6"));
        for unreadable in ["a b", "a%2", "a%zz", "a[1]", "a{", "a|b"] {
            assert_eq!(canonical(unreadable), None, "{unreadable}");
        }
        assert!(FilePath("part-00000.c000.snappy.parquet").is_plain() && FilePath("p=1/x").is_plain());
        for spelt in ["a%20b", "./a", "a//b", "../a", "/a", "file:/a", "ö"] {
            assert!(!FilePath(spelt).is_plain(), "{spelt}");
        }
    }
}
