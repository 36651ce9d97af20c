//! Which entry of a log keeps a table from being read.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use goldsmith_proto::id::Version;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde_json::Value;

use crate::error::{EntryFault, LakeError};
use crate::location::Location;
use crate::store::Stores;

/// Reader features of the protocol that the library's reader knows, previews included.
const KNOWN_FEATURES: [&str; 10] = [
    "catalogManaged",
    "columnMapping",
    "deletionVectors",
    "timestampNtz",
    "typeWidening",
    "typeWidening-preview",
    "v2Checkpoint",
    "vacuumProtocolCheck",
    "variantType",
    "variantType-preview",
];

/// What is wrong with the log of the table at `location`, of which `version`, or the latest, could not be read; none if
/// nothing is found.
pub(crate) async fn broken_log(
    stores: &Stores,
    table: &str,
    location: &Location,
    version: Option<Version>,
) -> Option<LakeError> {
    let store = stores.prefixed(location).ok()?;
    let log = Log::list(store.as_ref()).await?;
    let (first, last) = log.range()?;
    let version = version.map_or(last, Version::get);
    if !(first..=last).contains(&version) {
        return Some(LakeError::NoVersion {
            table: table.to_owned(),
            version: Version::new(version),
            first: Version::new(first),
            last: Version::new(last),
        });
    }
    let broken = |entry: u64, fault: EntryFault| LakeError::LogEntry {
        table: table.to_owned(),
        entry: Version::new(entry),
        location: location.to_string(),
        fault,
    };
    let begin = log.checkpoints.range(..=version).next_back().map_or(0, |checkpoint| checkpoint + 1);
    let mut features = BTreeSet::new();
    for entry in begin..=version {
        if !log.commits.contains(&entry) {
            return Some(broken(entry, EntryFault::Missing));
        }
        let bytes = store.get(&entry_path(entry)).await.ok()?.bytes().await.ok()?;
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let Ok(action) = serde_json::from_slice::<Value>(line) else {
                return Some(broken(entry, EntryFault::NoJson { line: index + 1 }));
            };
            if let Some(listed) = action["protocol"]["readerFeatures"].as_array() {
                features = listed.iter().filter_map(|feature| Some(feature.as_str()?.to_owned())).collect();
            }
        }
    }
    let unknown: Vec<String> = features
        .into_iter()
        .filter(|feature| !KNOWN_FEATURES.contains(&feature.as_str()))
        .map(|feature| format!("`{feature}`"))
        .collect();
    (!unknown.is_empty()).then(|| LakeError::Feature {
        table: table.to_owned(),
        version: Version::new(version),
        feature: format!("the table feature {}, which is not known here", unknown.join(", ")),
        hint: "let its source write it without that feature, or take a newer goldsmith",
    })
}

fn entry_path(version: u64) -> Path {
    Path::from(format!("_delta_log/{version:020}.json"))
}

/// Versions that have an entry or a checkpoint.
#[derive(Debug, Default, PartialEq, Eq)]
struct Log {
    commits: BTreeSet<u64>,
    checkpoints: BTreeSet<u64>,
}

impl Log {
    async fn list(store: &dyn ObjectStore) -> Option<Self> {
        let names: Vec<Path> = store
            .list(Some(&Path::from("_delta_log")))
            .map_ok(|meta| meta.location)
            .try_collect()
            .await
            .ok()?;
        let mut log = Self::default();
        // Folders below hold sidecars and staged commits.
        for name in names.iter().filter(|path| path.parts().count() == 2).filter_map(Path::filename) {
            log.add(name);
        }
        Some(log)
    }

    fn add(&mut self, name: &str) {
        let Some((version, rest)) = name.split_once('.') else { return };
        let Ok(version) = version.parse() else { return };
        if rest == "json" {
            self.commits.insert(version);
        } else if rest.starts_with("checkpoint.") {
            self.checkpoints.insert(version);
        }
    }

    /// The first and the last version that the log can tell of.
    fn range(&self) -> Option<(u64, u64)> {
        let last = self.commits.last().max(self.checkpoints.last())?;
        let first = if self.commits.contains(&0) { &0 } else { self.checkpoints.first().unwrap_or(last) };
        Some((*first, *last))
    }
}

#[cfg(test)]
mod tests {
    use super::Log;

    #[test]
    fn a_log_begins_where_it_can_be_read() {
        let log = |names: &[&str]| {
            let mut log = Log::default();
            names.iter().for_each(|name| log.add(name));
            log.range()
        };
        assert_eq!(log(&["_last_checkpoint", "x"]), None);
        assert_eq!(log(&["00000000000000000000.json", "00000000000000000002.json"]), Some((0, 2)));
        assert_eq!(
            log(&[
                "00000000000000000004.json",
                "00000000000000000005.checkpoint.parquet",
                "00000000000000000006.json"
            ]),
            Some((5, 6))
        );
        assert_eq!(
            log(&["00000000000000000007.checkpoint.0f.json", "00000000000000000003.crc"]),
            Some((7, 7))
        );
    }
}
