//! How staged files become a version: [`decide`] says purely what a commit holds, [`apply`] writes it;
//! [`entries`] tells what commits have held.

pub mod apply;
pub mod decide;
pub mod entries;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use goldsmith_proto::id::{RefreshId, Version};
use serde::{Deserialize, Serialize};

/// What goldsmith writes into the commit info of every version that it makes, under [`CommitNote::KEY`].
///
/// Version policy: fields are only added; a note that cannot be read counts as absent, and the table is then rebuilt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitNote {
    /// The refresh that made the version.
    pub refresh_id: RefreshId,
    /// Its pinned time.
    pub as_of: DateTime<Utc>,
    /// Hash of the model: its SQL, header, variables and the models that are inlined into it.
    pub model_hash: String,
    /// Bronze (and silver) versions that are folded in, by source; the `txn` actions hold the same numbers.
    pub sources: BTreeMap<String, Version>,
    /// Ids of the source tables: a table that was dropped and made again counts its versions anew.
    #[serde(default)]
    pub source_ids: BTreeMap<String, String>,
}

impl CommitNote {
    /// Key in the commit info.
    pub const KEY: &'static str = "goldsmith";
}

/// Outcome of an attempt to write one log entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// The version is visible.
    Committed(Version),
    /// Another writer made that version first; nothing of ours is visible.
    Conflicted {
        /// The version that was lost.
        version: Version,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_of_the_first_version_is_read() {
        let note: CommitNote = goldsmith_testkit::frozen::read("v1/note.json");
        assert_eq!(note.sources["custtable"], Version::new(1));
        assert_eq!(note.source_ids["custtable"], "825fe01d-77fd-4dfa-ab86-a95d39daa78f");
    }
}
