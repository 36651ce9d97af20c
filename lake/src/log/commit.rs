//! What the entries of a log say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::error::EntryFault;

/// One entry, as far as it can be understood.
#[derive(Debug)]
pub(crate) struct Commit {
    /// The version that it makes.
    pub(crate) version: u64,
    /// Its actions in order; those before a fault where there is one.
    pub(crate) actions: Vec<Action>,
    /// Why it cannot be understood as a whole.
    pub(crate) fault: Option<EntryFault>,
}

/// The parts of an action that are read. Of these there is at most one in an action.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Action {
    pub(crate) add: Option<FileAction>,
    pub(crate) remove: Option<FileAction>,
    pub(crate) cdc: Option<FileAction>,
    pub(crate) protocol: Option<Value>,
    pub(crate) meta_data: Option<Value>,
    pub(crate) commit_info: Option<Value>,
}

/// A file that is added, removed, or holds changes.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct FileAction {
    /// Its path as it is spelt there.
    pub(crate) path: String,
    pub(crate) size: Option<i64>,
    pub(crate) stats: Option<String>,
    pub(crate) data_change: Option<bool>,
    pub(crate) partition_values: Option<BTreeMap<String, Option<String>>>,
    pub(crate) deletion_vector: Option<Vector>,
}

/// What tells the deletion vectors of a file apart.
#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Vector {
    pub(crate) storage_type: String,
    pub(crate) path_or_inline_dv: String,
    pub(crate) offset: Option<i32>,
}

impl Commit {
    /// Reads the entry of `version`: one JSON object a line.
    pub(crate) fn parse(version: u64, bytes: &[u8]) -> Self {
        let (mut actions, mut fault) = (Vec::new(), None);
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice(line) {
                Ok(action) => actions.push(action),
                Err(_) => {
                    fault = Some(EntryFault::NoJson { line: index + 1 });
                    break;
                }
            }
        }
        Self { version, actions, fault }
    }

    /// Why nobody can say what it means, if it says two things of one file, or of the table: the protocol forbids it, and readers
    /// differ in which of the two they take.
    pub(crate) fn doubled(&self) -> Option<EntryFault> {
        let count = |is_one: fn(&Action) -> bool| self.actions.iter().filter(|action| is_one(action)).count();
        for (name, count) in [
            ("metaData", count(|action| action.meta_data.is_some())),
            ("protocol", count(|action| action.protocol.is_some())),
        ] {
            if count > 1 {
                return Some(EntryFault::Twice { what: format!("a `{name}`") });
            }
        }
        let removed: BTreeSet<_> = self
            .actions
            .iter()
            .filter_map(|action| action.remove.as_ref())
            .map(|file| (&file.path, &file.deletion_vector))
            .collect();
        let mut added = BTreeSet::new();
        let mut files = self.actions.iter().filter_map(|action| action.add.as_ref());
        let twice = files.find(|file| {
            removed.contains(&(&file.path, &file.deletion_vector)) || !added.insert(&file.path)
        })?;
        Some(EntryFault::Twice { what: format!("an action for the file `{}`", twice.path) })
    }

    /// An entry that is not there.
    pub(crate) const fn missing(version: u64) -> Self {
        Self { version, actions: Vec::new(), fault: Some(EntryFault::Missing) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_says_two_things_of_one_file_cannot_be_understood() {
        let fault = |text: &str| Commit::parse(7, text.as_bytes()).doubled();
        let action = |kind: &str, path: &str, vector: &str| {
            let vector = if vector.is_empty() {
                String::new()
            } else {
                format!(",\"deletionVector\":{{\"storageType\":\"u\",\"pathOrInlineDv\":\"{vector}\"}}")
            };
            format!("{{\"{kind}\":{{\"path\":\"{path}\"{vector}}}}}\n")
        };
        for (one, other, is_fault) in [
            (action("add", "a", ""), action("remove", "a", ""), true),
            (action("remove", "a", ""), action("add", "a", ""), true),
            (action("add", "a", ""), action("add", "a", ""), true),
            (action("add", "a", "v"), action("add", "a", ""), true),
            (action("remove", "a", ""), action("add", "a", "v"), false),
            (action("remove", "a", ""), action("remove", "a", ""), false),
            (action("remove", "a", ""), action("add", "b", ""), false),
        ] {
            assert_eq!(fault(&format!("{one}{other}")).is_some(), is_fault, "{one}{other}");
        }
        assert_eq!(
            fault("{\"metaData\":{}}\n{\"metaData\":{}}"),
            Some(EntryFault::Twice { what: "a `metaData`".to_owned() })
        );
    }

    #[test]
    fn an_entry_is_read_as_far_as_it_goes() {
        let text = "{\"add\":{\"path\":\"a%20b\",\"size\":3,\"other\":[1]}}\n\n{\"txn\":{\"appId\":\"x\"}}\r\n{\"remove\":{\"pa";
        let commit = Commit::parse(7, text.as_bytes());
        assert_eq!(commit.fault, Some(EntryFault::NoJson { line: 4 }));
        assert_eq!(commit.actions.len(), 2);
        assert_eq!(commit.actions[0].add.as_ref().unwrap().path, "a%20b");
        assert!(Commit::parse(7, b"\n").fault.is_none());
    }
}
