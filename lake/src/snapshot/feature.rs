//! What a table asks of its readers that nobody here does.

use std::collections::{BTreeSet, HashMap};

use goldsmith_proto::id::Version;
use serde_json::Value;

use super::open::LiveFile;
use crate::error::LakeError;
use crate::log::{Ambiguous, Commit};

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

/// The newest reader version of the protocol.
const READER_VERSION: u64 = 3;

/// Something of a table that is not read here.
pub(super) struct Unread {
    feature: String,
    hint: &'static str,
}

impl Unread {
    fn new(feature: impl Into<String>, hint: &'static str) -> Self {
        Self { feature: feature.into(), hint }
    }

    /// The error that the table `name` has it at `version`.
    pub(super) fn of(self, name: &str, version: u64) -> LakeError {
        LakeError::Feature {
            table: name.to_owned(),
            version: Version::new(version),
            feature: self.feature,
            hint: self.hint,
        }
    }
}

impl From<&Ambiguous> for Unread {
    fn from(found: &Ambiguous) -> Self {
        let feature = if found.path == found.other {
            format!("the file `{}` live twice", found.path)
        } else {
            format!("two spellings of one file, `{}` and `{}`", found.path, found.other)
        };
        Self::new(
            feature,
            "nobody can say which of its rows are deleted: let its writer write the table anew",
        )
    }
}

/// What a log states of a table, as JSON of its actions.
pub(super) struct Stated<'a> {
    pub(super) protocol: &'a Value,
    pub(super) metadata: &'a Value,
    pub(super) properties: &'a HashMap<String, String>,
}

impl Stated<'_> {
    /// What the library would read otherwise than Spark does.
    pub(super) fn unread(&self, files: &[LiveFile]) -> Option<Unread> {
        if let Some(mode) = self.properties.get("delta.columnMapping.mode")
            && !["none", "name", "id"].contains(&mode.to_lowercase().as_str())
        {
            return Some(Unread::new(
                format!("the column mapping `{mode}`"),
                "there are `none`, `name` and `id`: let its writer set one of them",
            ));
        }
        if let Some(file) = files.iter().find(|file| file.vector.is_some())
            && !reads_vectors(self.protocol)
        {
            return Some(Unread::new(
                format!("a deletion vector for `{}`, and not the table feature for them", file.path),
                "readers differ in whether they heed it: let its writer write the table anew",
            ));
        }
        // The library would read it as a number.
        let data_type = interval(self.metadata)?;
        Some(Unread::new(
            format!("the type `{data_type}`"),
            "let its source write the column as a number or as text",
        ))
    }
}

/// An interval among the types of the schema.
fn interval(metadata: &Value) -> Option<String> {
    fn find(data_type: &Value) -> Option<String> {
        match data_type {
            Value::String(name) => name.starts_with("interval").then(|| name.clone()),
            Value::Object(parts) => ["type", "elementType", "keyType", "valueType", "fields"]
                .iter()
                .find_map(|part| parts.get(*part).and_then(find)),
            Value::Array(fields) => fields.iter().find_map(find),
            _ => None,
        }
    }
    find(&serde_json::from_str(metadata.get("schemaString")?.as_str()?).ok()?)
}

fn reads_vectors(protocol: &Value) -> bool {
    let features = protocol["readerFeatures"].as_array();
    features.is_some_and(|features| features.iter().any(|feature| feature == "deletionVectors"))
}

/// What is not known here of the newest protocol in `commits`, oldest first; a checkpoint's is not looked at.
pub(super) fn unknown_protocol(commits: &[Commit]) -> Option<Unread> {
    let protocols = commits.iter().flat_map(|commit| &commit.actions);
    let protocol = protocols.filter_map(|action| action.protocol.as_ref()).next_back()?;
    let hint = "let its source write it without that feature, or take a newer goldsmith";
    if let Some(version) = protocol["minReaderVersion"].as_u64().filter(|version| *version > READER_VERSION) {
        return Some(Unread::new(
            format!("the reader version {version}, where up to {READER_VERSION} are known here"),
            "take a newer goldsmith, or let its source write it for older readers",
        ));
    }
    let features: BTreeSet<&str> =
        protocol["readerFeatures"].as_array()?.iter().filter_map(Value::as_str).collect();
    let unknown: Vec<String> = features
        .into_iter()
        .filter(|feature| !KNOWN_FEATURES.contains(feature))
        .map(|feature| format!("`{feature}`"))
        .collect();
    let feature = format!("the table feature {}, which is not known here", unknown.join(", "));
    (!unknown.is_empty()).then(|| Unread::new(feature, hint))
}
