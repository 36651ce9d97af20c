//! What a table's log says of itself, without a judgement: also of tables that this crate refuses to read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use parquet::basic::{Encoding, PageType, Type as PhysicalType};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use serde::Deserialize;
use serde_json::Value;

use crate::diagnose::{CONCURRENT_FILES, Depth, broken_file, file_error, footer};
use crate::error::{FileFault, LakeError, Result};
use crate::location::Location;
use crate::log::Log;
use crate::snapshot::{DataFile, Found, TableSnapshot};
use crate::store::Stores;

/// Protocol and metadata of a table at its latest version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFacts {
    /// `minReaderVersion`.
    pub min_reader_version: u32,
    /// `minWriterVersion`.
    pub min_writer_version: u32,
    /// Reader and writer features that the protocol lists.
    pub features: BTreeSet<String>,
    /// Table properties.
    pub properties: BTreeMap<String, String>,
    /// Columns in order: name, and type as the log has it (`string`, `decimal(18,4)`, `struct`).
    pub columns: Vec<(String, String)>,
    /// The same down to columns without parts: a struct's as `struct.field`, those of arrays and maps as `array.element`,
    /// `map.key` and `map.value`.
    pub leaves: Vec<(String, String)>,
    /// Partition columns.
    pub partition_columns: Vec<String>,
}

impl LogFacts {
    /// Those of a table that can be read.
    #[must_use]
    pub fn of(snapshot: &TableSnapshot) -> Self {
        facts(snapshot.protocol_json(), snapshot.metadata_json())
    }
}

/// A table as it was found.
#[derive(Debug)]
pub struct Inspected {
    /// Its protocol and metadata.
    pub facts: LogFacts,
    /// The table, or why it cannot be read.
    pub snapshot: Result<Box<TableSnapshot>>,
}

/// Looks at the table `name` at `location`; none if there is no log.
///
/// # Errors
/// [`LakeError::List`] if the storage cannot be reached; [`LakeError::ReadLog`] if not even protocol and metadata can be
/// found.
pub async fn inspect(stores: &Stores, name: &str, location: &Location) -> Result<Option<Inspected>> {
    match TableSnapshot::open(stores, name, location, None).await {
        Ok(Found::Nothing) => Ok(None),
        Ok(Found::Table(snapshot)) => {
            Ok(Some(Inspected { facts: LogFacts::of(&snapshot), snapshot: Ok(snapshot) }))
        }
        Err(refused) => match newest_in_commits(stores, location).await? {
            Some((protocol, metadata)) => {
                Ok(Some(Inspected { facts: facts(&protocol, &metadata), snapshot: Err(refused) }))
            }
            None => Err(refused),
        },
    }
}

/// What the footers of a table's files say that its log does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FooterFacts {
    /// Columns that are stored as INT96 in one of the files.
    pub int96_columns: BTreeSet<String>,
    /// Columns that are stored in an encoding of version 2 pages in one of the files.
    pub version_2_columns: BTreeSet<String>,
}

/// Encodings that writers use in version 2 of the format only.
const VERSION_2_ENCODINGS: [Encoding; 4] = [
    Encoding::DELTA_BINARY_PACKED,
    Encoding::DELTA_LENGTH_BYTE_ARRAY,
    Encoding::DELTA_BYTE_ARRAY,
    Encoding::BYTE_STREAM_SPLIT,
];

/// Reads the footers of all files of `snapshot`.
///
/// # Errors
/// [`LakeError::DataFile`] for a file that is missing or is no parquet file, [`LakeError::List`] if the storage cannot be
/// reached.
pub async fn footers(stores: &Stores, snapshot: &TableSnapshot) -> Result<FooterFacts> {
    let store = stores.root(snapshot.location())?;
    let read = snapshot.files().iter().map(|file| {
        let store = Arc::clone(&store);
        async move {
            match footer(store, file).await {
                Ok(metadata) => Ok(of_footer(&metadata)),
                Err(error) => Err((file, error)),
            }
        }
    });
    let mut all = FooterFacts::default();
    let mut read = stream::iter(read).buffered(CONCURRENT_FILES);
    while let Some(facts) = read.next().await {
        match facts {
            Ok(facts) => {
                all.int96_columns.extend(facts.int96_columns);
                all.version_2_columns.extend(facts.version_2_columns);
            }
            Err((file, error)) => {
                // A store says of a file that was cut only that its end cannot be read.
                return Err(match broken_file(stores, snapshot, Depth::Columns).await {
                    Some(broken) => broken,
                    None => footer_error(snapshot, file, error),
                });
            }
        }
    }
    Ok(all)
}

fn of_footer(metadata: &ParquetMetaData) -> FooterFacts {
    let mut facts = FooterFacts::default();
    for column in metadata.row_groups().iter().flat_map(RowGroupMetaData::columns) {
        let name = || column.column_path().string();
        if column.column_type() == PhysicalType::INT96 {
            facts.int96_columns.insert(name());
        }
        let mut pages = column.page_encoding_stats().into_iter().flatten();
        if column.encodings().any(|encoding| VERSION_2_ENCODINGS.contains(&encoding))
            || pages.any(|pages| pages.page_type == PageType::DATA_PAGE_V2)
        {
            facts.version_2_columns.insert(name());
        }
    }
    facts
}

fn footer_error(snapshot: &TableSnapshot, file: &DataFile, error: ParquetError) -> LakeError {
    match error {
        ParquetError::External(source) => match source.downcast::<object_store::Error>() {
            Ok(source) => LakeError::List { location: snapshot.location().to_string(), source },
            Err(source) => {
                file_error(snapshot, file, FileFault::Footer, Some(ParquetError::External(source)))
            }
        },
        error => file_error(snapshot, file, FileFault::Footer, Some(error)),
    }
}

/// The last protocol and metadata that stand in commits; those of a checkpoint are not looked for.
async fn newest_in_commits(stores: &Stores, location: &Location) -> Result<Option<(Value, Value)>> {
    let list_error = |source| LakeError::List { location: location.to_string(), source: Box::new(source) };
    let log = Log::of(stores, location)?;
    let listing = log.list(None).await.map_err(list_error)?;
    let (mut protocol, mut metadata) = (None, None);
    for version in listing.entries.keys().rev() {
        for commit in log.read(vec![*version]).await.map_err(list_error)? {
            for action in commit.actions {
                protocol = protocol.or(action.protocol);
                metadata = metadata.or(action.meta_data);
            }
        }
        if protocol.is_some() && metadata.is_some() {
            break;
        }
    }
    Ok(protocol.zip(metadata))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProtocolEntry {
    min_reader_version: u32,
    min_writer_version: u32,
    reader_features: Option<Vec<String>>,
    writer_features: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MetadataEntry {
    schema_string: String,
    partition_columns: Vec<String>,
    configuration: BTreeMap<String, Option<String>>,
}

#[derive(Debug, Default, Deserialize)]
struct SchemaEntry {
    fields: Vec<FieldEntry>,
}

#[derive(Debug, Deserialize)]
struct FieldEntry {
    name: String,
    #[serde(rename = "type")]
    data_type: Value,
}

/// What is missing or not understood reads as empty: the rules say what they miss.
fn facts(protocol: &Value, metadata: &Value) -> LogFacts {
    let protocol = ProtocolEntry::deserialize(protocol).unwrap_or_default();
    let metadata = MetadataEntry::deserialize(metadata).unwrap_or_default();
    let schema: SchemaEntry = serde_json::from_str(&metadata.schema_string).unwrap_or_default();
    let mut leaves = Vec::new();
    for field in &schema.fields {
        add_leaves(&field.name, &field.data_type, &mut leaves);
    }
    let type_name = |data_type: Value| match data_type {
        Value::String(name) => name,
        nested => nested["type"].as_str().unwrap_or_default().to_owned(),
    };
    LogFacts {
        min_reader_version: protocol.min_reader_version,
        min_writer_version: protocol.min_writer_version,
        features: [protocol.reader_features, protocol.writer_features]
            .into_iter()
            .flatten()
            .flatten()
            .collect(),
        properties: metadata
            .configuration
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect(),
        columns: schema.fields.into_iter().map(|f| (f.name, type_name(f.data_type))).collect(),
        leaves,
        partition_columns: metadata.partition_columns,
    }
}

fn add_leaves(path: &str, data_type: &Value, leaves: &mut Vec<(String, String)>) {
    if let Value::String(name) = data_type {
        leaves.push((path.to_owned(), name.clone()));
        return;
    }
    for field in data_type["fields"].as_array().into_iter().flatten() {
        let name = field["name"].as_str().unwrap_or_default();
        add_leaves(&format!("{path}.{name}"), &field["type"], leaves);
    }
    for (part, name) in [("elementType", "element"), ("keyType", "key"), ("valueType", "value")] {
        if let Some(inner) = data_type.get(part) {
            add_leaves(&format!("{path}.{name}"), inner, leaves);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn protocol_and_metadata_are_read_as_the_log_has_them() {
        let schema = json!({"type": "struct", "fields": [
            {"name": "Id", "type": "string", "nullable": true, "metadata": {}},
            {"name": "Lines", "type": {"type": "array", "elementType": {"type": "struct", "fields": [
                {"name": "At", "type": "timestamp_ntz"},
                {"name": "Tags", "type": {"type": "map", "keyType": "string", "valueType": "long"}},
            ]}}, "nullable": true},
        ]});
        let found = facts(
            &json!({"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["a"], "writerFeatures": ["a", "b"]}),
            &json!({"schemaString": schema.to_string(), "partitionColumns": ["Day"], "configuration": {"x": "1"}}),
        );
        assert_eq!((found.min_reader_version, found.min_writer_version), (3, 7));
        assert_eq!(found.features, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
        assert_eq!(
            found.columns,
            [("Id".to_owned(), "string".to_owned()), ("Lines".to_owned(), "array".to_owned())]
        );
        let leaves: Vec<String> = found.leaves.iter().map(|(name, t)| format!("{name} {t}")).collect();
        assert_eq!(
            leaves,
            [
                "Id string",
                "Lines.element.At timestamp_ntz",
                "Lines.element.Tags.key string",
                "Lines.element.Tags.value long"
            ]
        );
        assert_eq!(found.partition_columns, ["Day"]);
        assert_eq!(found.properties["x"], "1");
    }
}
