//! What a table's log says of itself, without a judgement: also of tables that this crate refuses to read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::DateTime;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use futures::TryStreamExt;
use futures::stream::{self, StreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use parquet::basic::Type as PhysicalType;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{LakeError, Result};
use crate::location::Location;
use crate::snapshot::{Found, TableSnapshot};
use crate::store::Stores;

/// Files whose footers are read at the same time.
const CONCURRENT_FOOTERS: usize = 8;

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
    /// Partition columns.
    pub partition_columns: Vec<String>,
}

impl LogFacts {
    /// Those of a table that can be read.
    #[must_use]
    pub fn of(snapshot: &TableSnapshot) -> Self {
        facts(&snapshot.protocol_json(), &snapshot.metadata_json())
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

/// Columns that are stored as INT96 in one of the files of `snapshot`.
///
/// # Errors
/// [`LakeError::ReadFooter`] for the first file that is no parquet file.
pub async fn int96_columns(stores: &Stores, snapshot: &TableSnapshot) -> Result<BTreeSet<String>> {
    let store = stores.root(snapshot.location());
    let footers = snapshot.files().iter().map(|file| {
        let store = Arc::clone(&store);
        let object = ObjectMeta {
            location: file.path.clone(),
            last_modified: DateTime::UNIX_EPOCH,
            size: file.size_bytes,
            e_tag: None,
            version: None,
        };
        async move {
            let footer = DFParquetMetadata::new(store.as_ref(), &object).fetch_metadata().await;
            let metadata = footer.map_err(|source| LakeError::ReadFooter {
                table: snapshot.name().to_owned(),
                version: snapshot.version(),
                file: file.log_path.clone(),
                source: Box::new(source),
            })?;
            let columns = metadata.file_metadata().schema_descr().columns().iter();
            let int96 = columns.filter(|column| column.physical_type() == PhysicalType::INT96);
            Ok::<_, LakeError>(int96.map(|column| column.name().to_owned()).collect::<Vec<_>>())
        }
    });
    stream::iter(footers)
        .buffer_unordered(CONCURRENT_FOOTERS)
        .try_fold(BTreeSet::new(), |mut all, columns| async move {
            all.extend(columns);
            Ok(all)
        })
        .await
}

/// The last protocol and metadata that stand in commits; those of a checkpoint are not looked for.
async fn newest_in_commits(stores: &Stores, location: &Location) -> Result<Option<(Value, Value)>> {
    let list_error = |source| LakeError::List { location: location.to_string(), source: Box::new(source) };
    let store = stores.prefixed(location)?;
    let log = Path::from("_delta_log");
    let mut commits: Vec<Path> = store
        .list(Some(&log))
        .map_ok(|meta| meta.location)
        .try_filter(|path| std::future::ready(path.extension() == Some("json")))
        .try_collect()
        .await
        .map_err(list_error)?;
    commits.sort();
    let (mut protocol, mut metadata) = (None, None);
    for commit in commits.iter().rev() {
        let bytes = match store.get(commit).await {
            Ok(found) => found.bytes().await.map_err(list_error)?,
            Err(source) => return Err(list_error(source)),
        };
        for line in bytes.split(|byte| *byte == b'\n') {
            let Ok(mut action) = serde_json::from_slice::<Value>(line) else { continue };
            for (key, place) in [("protocol", &mut protocol), ("metaData", &mut metadata)] {
                if place.is_none()
                    && let Some(value) = action.get_mut(key)
                {
                    *place = Some(value.take());
                }
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
        partition_columns: metadata.partition_columns,
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
            {"name": "Lines", "type": {"type": "array", "elementType": "long"}, "nullable": true},
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
        assert_eq!(found.partition_columns, ["Day"]);
        assert_eq!(found.properties["x"], "1");
    }
}
