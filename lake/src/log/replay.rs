//! Which files are live where the log spells one file in several ways.
//!
//! The library matches a removal with the addition whose path has the same bytes. Spark matches paths that are the same URI to
//! Java. A file of which both are spelt otherwise would be live there and not here, or the other way round: rows that were
//! deleted would be back.

use std::collections::{BTreeMap, BTreeSet};

use super::commit::{Commit, FileAction, Vector};
use super::path::FilePath;

/// A file that the library takes for live.
pub(crate) trait Live {
    /// Its path as the log spells it.
    fn path(&self) -> &str;
    /// What tells it from the same file with another deletion vector.
    fn vector(&self) -> Option<&Vector>;
}

/// One file that the log spells in several ways, or has twice, so that nobody can say whether it is live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ambiguous {
    /// One spelling.
    pub(crate) path: String,
    /// The other one; the same for a file that is live twice.
    pub(crate) other: String,
    /// The version that has it.
    pub(crate) version: Option<u64>,
}

/// What an entry does with a file.
struct Step<'a> {
    version: u64,
    is_add: bool,
    action: &'a FileAction,
}

/// The files that are live, and those that only the library takes for live: entries removed them under another spelling, which
/// is the same to Spark. `key` tells which file a path names; `commits` are those behind the checkpoint, oldest first.
pub(crate) fn reconcile<L: Live>(
    live: Vec<L>,
    commits: &[Commit],
    key: impl Fn(&str) -> Option<String>,
) -> Result<(Vec<L>, Vec<L>), Ambiguous> {
    let mut paths = BTreeSet::new();
    if let Some(twice) = live.iter().find(|own| !paths.insert(own.path())) {
        let path = twice.path().to_owned();
        return Err(Ambiguous { other: path.clone(), path, version: None });
    }
    let mut steps: Vec<Step<'_>> = Vec::new();
    for commit in commits {
        for action in &commit.actions {
            let version = commit.version;
            if let Some(action) = &action.add {
                steps.push(Step { version, is_add: true, action });
            }
            if let Some(action) = &action.remove {
                steps.push(Step { version, is_add: false, action });
            }
        }
    }
    let all = live.iter().map(Live::path).chain(steps.iter().map(|step| step.action.path.as_str()));
    // Paths that nobody spells otherwise are each their own file.
    if all.clone().all(|path| FilePath(path).is_plain()) {
        return Ok((live, Vec::new()));
    }
    let mut spellings: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let file = |path: &str| key(path).unwrap_or_else(|| path.to_owned());
    for path in all {
        spellings.entry(file(path)).or_default().insert(path);
    }
    spellings.retain(|_, spellings| spellings.len() > 1);
    if spellings.is_empty() {
        return Ok((live, Vec::new()));
    }
    let mut gone = vec![false; live.len()];
    for (index, own) in live.iter().enumerate() {
        let Some(_) = spellings.get(&file(own.path())) else { continue };
        let same_file: Vec<&Step<'_>> = steps
            .iter()
            .filter(|step| {
                file(&step.action.path) == file(own.path())
                    && step.action.deletion_vector.as_ref() == own.vector()
            })
            .collect();
        let added = same_file
            .iter()
            .filter(|step| step.is_add && step.action.path == own.path())
            .map(|step| step.version)
            .next_back();
        for step in same_file.iter().filter(|step| step.action.path != own.path()) {
            if added.is_some_and(|added| step.version < added) {
                continue;
            }
            let is_same_to_spark = FilePath(own.path()).canonical().is_some()
                && FilePath(own.path()).canonical() == FilePath(&step.action.path).canonical();
            if !is_same_to_spark || added == Some(step.version) {
                return Err(Ambiguous {
                    path: own.path().to_owned(),
                    other: step.action.path.clone(),
                    version: Some(step.version),
                });
            }
            // Removed, or added anew under the other spelling.
            gone[index] = true;
        }
    }
    let (gone, kept): (Vec<_>, Vec<_>) = live.into_iter().zip(gone).partition(|(_, gone)| *gone);
    let files = |marked: Vec<(L, bool)>| marked.into_iter().map(|(own, _)| own).collect::<Vec<L>>();
    let (gone, kept) = (files(gone), files(kept));
    // Once with a deletion vector and once without is twice as well: rows of a file are read by one of them.
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for own in &kept {
        let once = seen.insert(file(own.path()), own.path().to_owned());
        if let Some(other) = once {
            return Err(Ambiguous { path: own.path().to_owned(), other, version: None });
        }
    }
    Ok((kept, gone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::Location;

    #[derive(Debug, Clone, PartialEq, Eq)]
    struct File(&'static str);

    impl Live for File {
        fn path(&self) -> &str {
            self.0
        }

        fn vector(&self) -> Option<&Vector> {
            None
        }
    }

    fn commit(version: u64, actions: &[(&str, &str)]) -> Commit {
        let lines: Vec<String> =
            actions.iter().map(|(kind, path)| format!("{{\"{kind}\":{{\"path\":\"{path}\"}}}}")).collect();
        Commit::parse(version, lines.join("\n").as_bytes())
    }

    fn left(live: &[&'static str], commits: &[Commit]) -> Result<Vec<&'static str>, Ambiguous> {
        let location = Location::parse("/lake/t").unwrap();
        let key = |path: &str| FilePath(path).key(&location).ok().flatten().map(|key| key.to_string());
        let live = live.iter().map(|path| File(path)).collect();
        reconcile(live, commits, key).map(|(left, _)| left.iter().map(|file| file.0).collect())
    }

    #[test]
    fn a_removal_meets_its_file_where_it_does_to_spark() {
        let added = |path| commit(0, &[("add", path)]);
        for (path, other) in [("a", "./a"), ("p=a%20b/x", "p=a%20b//x")] {
            let commits = [added(path), commit(1, &[("remove", other)])];
            assert_eq!(left(&[path], &commits), Ok(vec![]), "{path} {other}");
        }
        // In a checkpoint, and removed behind it.
        assert_eq!(left(&["a", "b"], &[commit(5, &[("remove", "./a")])]), Ok(vec!["b"]));
        // Removed, and added again.
        let again = [commit(1, &[("remove", "./a")]), commit(2, &[("add", "a")])];
        assert_eq!(left(&["a"], &again), Ok(vec!["a"]));
        // Added anew under the other spelling.
        let renamed = [added("a"), commit(1, &[("remove", "a")]), commit(2, &[("add", "./a")])];
        assert_eq!(left(&["./a"], &renamed), Ok(vec!["./a"]));
    }

    #[test]
    fn what_only_names_the_same_file_is_not_believed() {
        for (path, other) in [
            ("p=a%20b/x", "p=a b/x"),
            ("a%41", "aA"),
            ("p=%C3%B6/x", "p=ö/x"),
            ("a", "/lake/t/a"),
            ("/lake/t/a", "file:/lake/t/a"),
            ("a", "a/"),
            ("a%2fb", "a%2Fb"),
        ] {
            let commits = [commit(0, &[("add", path)]), commit(1, &[("remove", other)])];
            let expected = Ambiguous { path: path.to_owned(), other: other.to_owned(), version: Some(1) };
            assert_eq!(left(&[path], &commits), Err(expected));
        }
        assert!(left(&["p=ö/x", "p=%C3%B6/x"], &[]).is_err(), "one file twice");
        assert!(left(&["a"], &[commit(3, &[("add", "a"), ("remove", "./a")])]).is_err());
    }

    #[test]
    fn other_files_are_other_files() {
        let commits = [commit(0, &[("add", "a%20b"), ("add", "a%2520b")]), commit(1, &[("remove", "c%20d")])];
        assert_eq!(left(&["a%20b", "a%2520b"], &commits), Ok(vec!["a%20b", "a%2520b"]));
    }
}
