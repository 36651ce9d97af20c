//! Which files of a log tell of a version: a judgement over a listing, and nothing else.

use std::collections::BTreeMap;

use object_store::ObjectMeta;

use super::name::{Form, Name, classify};

/// What stands directly in a log's folder.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listing {
    /// Entries by version.
    pub(crate) entries: BTreeMap<u64, ObjectMeta>,
    checkpoints: BTreeMap<u64, BTreeMap<Form, ObjectMeta>>,
    /// What Spark would take for entries.
    misnamed: Vec<(Option<u64>, String)>,
}

/// Why a log does not tell of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LogFault {
    /// It neither begins at version 0 nor at a checkpoint.
    NotBegun {
        /// The first version that there is.
        first: u64,
    },
    /// An entry is not there.
    Missing(u64),
    /// An entry has no bytes.
    Empty(u64),
    /// A file stands for an entry that is there as well, or for one that has another name.
    Misnamed {
        /// The version, where it is one.
        version: Option<u64>,
        /// The file.
        name: String,
    },
    /// There is no such version.
    NoVersion {
        /// The first that there is.
        first: u64,
        /// The last.
        last: u64,
    },
}

/// The files that tell of a version.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// The version.
    pub(crate) version: u64,
    /// The checkpoint that it begins with, and its files.
    pub(crate) checkpoint: Option<(u64, Vec<ObjectMeta>)>,
    /// The entry of the checkpoint's version, if it is there still.
    pub(crate) at_checkpoint: Option<ObjectMeta>,
    /// The entries behind the checkpoint, each one version above the one before.
    pub(crate) entries: BTreeMap<u64, ObjectMeta>,
}

impl Listing {
    /// Adds a file.
    pub(crate) fn add(&mut self, meta: ObjectMeta) {
        let Some(name) = meta.location.filename().map(str::to_owned) else { return };
        match classify(&name) {
            Name::Entry(version) => {
                self.entries.insert(version, meta);
            }
            Name::Checkpoint(version, form) => {
                self.checkpoints.entry(version).or_default().insert(form, meta);
            }
            Name::Misnamed(version) => self.misnamed.push((version, name)),
            Name::Other => {}
        }
    }

    /// Adds a folder, which may have the name of an entry.
    pub(crate) fn add_folder(&mut self, name: &str) {
        match classify(name) {
            Name::Entry(version) => self.misnamed.push((Some(version), name.to_owned())),
            Name::Misnamed(version) => self.misnamed.push((version, name.to_owned())),
            Name::Checkpoint(..) | Name::Other => {}
        }
    }

    /// The files of the checkpoint of `version`, if all of one form are there and none is empty: of several the one that Spark
    /// takes, the last in the order of [`Form`].
    ///
    /// - **Source:** Delta, `CheckpointInstance.compare`
    fn checkpoint(&self, version: u64) -> Option<Vec<ObjectMeta>> {
        let forms = self.checkpoints.get(&version)?;
        let has_bytes = |meta: &&ObjectMeta| meta.size > 0;
        forms.keys().rev().find_map(|form| match form {
            Form::Part { parts, .. } => (1..=*parts)
                .map(|part| forms.get(&Form::Part { parts: *parts, part }).filter(has_bytes).cloned())
                .collect(),
            Form::Classic | Form::Unique(_) => {
                forms.get(form).filter(has_bytes).map(|meta| vec![meta.clone()])
            }
        })
    }

    /// Whether it has a whole checkpoint.
    pub(crate) fn has_checkpoint(&self) -> bool {
        self.checkpoints.keys().any(|&version| self.checkpoint(version).is_some())
    }

    /// The files that tell of the version `asked`, or of the last one; none if there is no log.
    pub(crate) fn segment(&self, asked: Option<u64>) -> Result<Option<Segment>, LogFault> {
        let is_asked = |version: &u64| asked.is_none_or(|asked| *version <= asked);
        if self.entries.is_empty() && self.checkpoints.is_empty() && self.misnamed.is_empty() {
            return Ok(None);
        }
        let checkpoint = self
            .checkpoints
            .keys()
            .rev()
            .filter(|version| is_asked(version))
            .find_map(|&version| Some((version, self.checkpoint(version)?)));
        let from = checkpoint.as_ref().map_or(0, |(version, _)| version + 1);
        let entries: BTreeMap<u64, ObjectMeta> = self
            .entries
            .range(from..)
            .filter(|(version, _)| is_asked(version))
            .map(|(version, meta)| (*version, meta.clone()))
            .collect();
        let last = entries.keys().next_back().copied().or(checkpoint.as_ref().map(|(version, _)| *version));
        if asked.is_some() && asked != last {
            return Err(self.no_version(asked.unwrap_or_default()));
        }
        // Of those that could be the next one, too: Spark would read it.
        let misread = |version: &Option<u64>| version.is_none_or(|v| v >= from && is_asked(&v));
        if let Some((version, name)) = self.misnamed.iter().find(|(version, _)| misread(version)) {
            return Err(LogFault::Misnamed { version: *version, name: name.clone() });
        }
        let Some(version) = last else { return Ok(None) };
        if checkpoint.is_none()
            && let Some(&first) = entries.keys().next().filter(|first| **first > 0)
        {
            return Err(LogFault::NotBegun { first });
        }
        for (expected, (&found, meta)) in (from..).zip(&entries) {
            if found != expected {
                return Err(LogFault::Missing(expected));
            }
            if meta.size == 0 {
                return Err(LogFault::Empty(found));
            }
        }
        let at_checkpoint = checkpoint.as_ref().and_then(|(version, _)| self.entries.get(version)).cloned();
        Ok(Some(Segment { version, checkpoint, at_checkpoint, entries }))
    }

    fn no_version(&self, asked: u64) -> LogFault {
        let mut whole =
            self.checkpoints.keys().copied().filter(|&version| self.checkpoint(version).is_some());
        let first_whole = whole.next();
        let last_whole = whole.next_back().or(first_whole);
        let entries = || self.entries.keys().copied();
        let first = entries().next().filter(|first| *first == 0).or(first_whole);
        let last = entries().next_back().max(last_whole);
        match (first, last) {
            // In a log that tells of it something else is missing.
            (Some(first), Some(last)) if (first..=last).contains(&asked) => LogFault::Missing(asked),
            (Some(first), Some(last)) => LogFault::NoVersion { first, last },
            _ => LogFault::NotBegun { first: entries().next().unwrap_or_default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use object_store::path::Path;

    use super::*;

    fn listing(names: &[&str]) -> Listing {
        let mut listing = Listing::default();
        for name in names {
            // `0`, `2c`, `3c1of2`, and `!` behind a name for a file without bytes.
            let (name, size) = name.strip_suffix('!').map_or((*name, 1), |name| (name, 0));
            let file = match name.split_once('c') {
                None if name.parse::<u64>().is_ok() => format!("{:020}.json", name.parse::<u64>().unwrap()),
                Some((version, "")) => {
                    format!("{:020}.checkpoint.parquet", version.parse::<u64>().unwrap())
                }
                Some((version, part)) if part.contains("of") => {
                    let (part, parts) = part.split_once("of").unwrap();
                    let number = |text: &str| text.parse::<u64>().unwrap();
                    format!(
                        "{:020}.checkpoint.{:010}.{:010}.parquet",
                        number(version),
                        number(part),
                        number(parts)
                    )
                }
                _ => name.to_owned(),
            };
            if let Some(folder) = file.strip_suffix('/') {
                listing.add_folder(folder);
                continue;
            }
            listing.add(ObjectMeta {
                location: Path::from(format!("t/_delta_log/{file}")),
                last_modified: DateTime::UNIX_EPOCH,
                size,
                e_tag: None,
                version: None,
            });
        }
        listing
    }

    /// Version, checkpoint and number of entries of what is read.
    fn read(names: &[&str], asked: Option<u64>) -> Result<Option<(u64, Option<u64>, usize)>, LogFault> {
        let segment = listing(names).segment(asked)?;
        Ok(segment.map(|segment| {
            (segment.version, segment.checkpoint.map(|(version, _)| version), segment.entries.len())
        }))
    }

    #[test]
    fn a_log_begins_at_its_first_version_or_at_a_whole_checkpoint() {
        assert_eq!(read(&[], None), Ok(None));
        assert_eq!(read(&["_last_checkpoint", "x.txt"], None), Ok(None));
        assert_eq!(read(&["0", "1", "2"], None), Ok(Some((2, None, 3))));
        assert_eq!(read(&["0", "1", "2"], Some(1)), Ok(Some((1, None, 2))));
        assert_eq!(read(&["2c", "3"], None), Ok(Some((3, Some(2), 1))));
        assert_eq!(read(&["0", "1", "2", "2c"], None), Ok(Some((2, Some(2), 0))));
        assert_eq!(read(&["0", "1", "2", "2c"], Some(1)), Ok(Some((1, None, 2))));
        assert_eq!(read(&["3c1of2", "3c2of2", "4"], None), Ok(Some((4, Some(3), 1))));
        assert_eq!(read(&["1", "2"], None), Err(LogFault::NotBegun { first: 1 }));
        assert_eq!(read(&["3c1of2", "4"], None), Err(LogFault::NotBegun { first: 4 }));
        assert_eq!(read(&["3c!", "4"], None), Err(LogFault::NotBegun { first: 4 }));
        assert_eq!(read(&["0", "1", "2", "3", "3c1of2"], None), Ok(Some((3, None, 4))));
        assert_eq!(read(&["0", "1", "1c", "2", "2c!"], None), Ok(Some((2, Some(1), 1))));
    }

    #[test]
    fn of_several_checkpoints_of_a_version_one_counts() {
        let id = |digit: &str| format!("{:020}.checkpoint.{}.parquet", 3, digit.repeat(36));
        let (one, two) = (id("1"), id("2"));
        let files = |names: &[&str]| {
            let segment = listing(names).segment(None).unwrap().unwrap();
            let files = segment.checkpoint.unwrap().1.into_iter();
            files.map(|meta| meta.location.filename().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(files(&["3c", &one, &two, "3c1of1"]), [two.as_str()]);
        assert_eq!(files(&["3c", &one]), [one.as_str()]);
        let parts = files(&["3c", "3c1of2", "3c2of2", "3c1of3", "3c2of3"]);
        assert_eq!(parts.len(), 2, "{parts:?}");
        assert!(parts[0].contains(".0000000001.0000000002."), "{parts:?}");
        assert_eq!(files(&["3c", "3c1of2"]), ["00000000000000000003.checkpoint.parquet"]);
    }

    #[test]
    fn holes_and_entries_without_a_byte_are_told() {
        assert_eq!(read(&["0", "2"], None), Err(LogFault::Missing(1)));
        assert_eq!(read(&["0", "2", "2c", "3"], None), Ok(Some((3, Some(2), 1))));
        assert_eq!(read(&["2c", "4"], None), Err(LogFault::Missing(3)));
        assert_eq!(read(&["0", "1!", "2"], None), Err(LogFault::Empty(1)));
        assert_eq!(read(&["0", "1!", "2c"], None), Ok(Some((2, Some(2), 0))));
    }

    #[test]
    fn what_spark_would_take_for_an_entry_is_told() {
        let misnamed = |version, name: &str| Err(LogFault::Misnamed { version, name: name.to_owned() });
        assert_eq!(read(&["0", "1", "1.json"], None), misnamed(Some(1), "1.json"));
        assert_eq!(read(&["0", "1", "2.json"], None), misnamed(Some(2), "2.json"));
        assert_eq!(read(&["0", "1", "2.json"], Some(1)), Ok(Some((1, None, 2))));
        assert_eq!(read(&["0", "1", "1.json", "4c", "5"], None), Ok(Some((5, Some(4), 1))));
        let folder = "00000000000000000001.json";
        assert_eq!(read(&["0", &format!("{folder}/")], None), misnamed(Some(1), folder));
        assert_eq!(read(&["0", "_staged_commits/"], None), Ok(Some((0, None, 1))));
    }

    #[test]
    fn a_version_that_is_asked_for_has_to_be_there() {
        assert_eq!(read(&["0", "1"], Some(5)), Err(LogFault::NoVersion { first: 0, last: 1 }));
        assert_eq!(read(&["3c", "4"], Some(1)), Err(LogFault::NoVersion { first: 3, last: 4 }));
        assert_eq!(read(&["3c", "7c"], Some(9)), Err(LogFault::NoVersion { first: 3, last: 7 }));
        assert_eq!(read(&["0", "2"], Some(1)), Err(LogFault::Missing(1)));
        assert_eq!(read(&["2", "3"], Some(3)), Err(LogFault::NotBegun { first: 2 }));
        assert_eq!(read(&["2", "3"], Some(1)), Err(LogFault::NotBegun { first: 2 }));
    }
}
