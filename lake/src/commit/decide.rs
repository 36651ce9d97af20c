//! What one commit holds: a pure function of the table as it is and of the files that were staged.

use std::collections::{BTreeMap, HashMap};

use arrow::datatypes::{DataType, Schema};
use chrono::{DateTime, Utc};
pub use deltalake::kernel::Action;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::{Add, CommitInfo, Protocol, Remove, StructType, Transaction, new_metadata};
use goldsmith_proto::id::Version;
use goldsmith_proto::lake::v1::StagedFile;
use goldsmith_sql::types::display;

use super::CommitNote;
use crate::error::{LakeError, Result};
use crate::inspect::LogFacts;
use crate::snapshot::TableSnapshot;

/// Everything that a full build of a table publishes.
#[derive(Debug, Clone)]
pub struct FullBuild<'a> {
    /// Name of the table, for messages.
    pub table: &'a str,
    /// The table as the plan pinned it; none before its first version.
    pub current: Option<&'a TableSnapshot>,
    /// Columns that the files hold, in order.
    pub schema: &'a Schema,
    /// Partition columns, in order.
    pub partition_columns: &'a [String],
    /// Description kept in the table's metadata.
    pub description: Option<&'a str>,
    /// Files of the new version.
    pub files: &'a [StagedFile],
    /// Whether the table may get other columns than it has. A consumer of gold would read everything again, or stop.
    pub may_change_schema: bool,
    /// What the commit says of itself.
    pub note: &'a CommitNote,
    /// Time written into the actions; the refresh's pinned time does not serve, because retention counts from it.
    pub committed_at: DateTime<Utc>,
}

/// Prefix of the `txn` application ids; the source's name follows.
pub const TXN_PREFIX: &str = "goldsmith:";

/// Table properties of everything that goldsmith publishes (architecture, "Decisions that bind").
pub const TABLE_PROPERTIES: [(&str, &str); 4] = [
    ("delta.enableChangeDataFeed", "true"),
    ("delta.logRetentionDuration", "interval 30 days"),
    ("delta.deletedFileRetentionDuration", "interval 30 days"),
    ("delta.enableExpiredLogCleanup", "false"),
];

/// The version that a build makes and the actions in it: every file of the current version is removed, the staged ones
/// are added, and the watermarks move in the same entry.
///
/// # Errors
/// [`LakeError::SchemaChanged`] if the published table has other columns, [`LakeError::ForeignTable`] if it is one that
/// such a version would break, [`LakeError::UnsupportedType`] if Delta has no such type.
pub fn full_build(build: &FullBuild<'_>) -> Result<(Version, Vec<Action>)> {
    let kernel_schema = delta_schema(build.table, build.schema)?;
    let mut actions = Vec::with_capacity(build.files.len() + 8);
    actions.push(commit_info(build));
    let version = match build.current {
        None => {
            actions.push(Action::Protocol(protocol()));
            actions.push(Action::Metadata(metadata(build, &kernel_schema)?));
            Version::FIRST
        }
        Some(current) => {
            let facts = LogFacts::of(current);
            check_continuable(build, current, &facts)?;
            if !build.may_change_schema {
                check_schema(build, current)?;
            }
            if facts.min_writer_version < PROTOCOL.1 {
                actions.push(Action::Protocol(protocol()));
            }
            actions.extend(changed_metadata(build, current, &kernel_schema)?.map(Action::Metadata));
            actions.extend(current.files().iter().chain(current.ghosts()).map(|file| {
                Action::Remove(Remove {
                    path: file.log_path.clone(),
                    data_change: true,
                    deletion_timestamp: Some(build.committed_at.timestamp_millis()),
                    extended_file_metadata: Some(true),
                    partition_values: Some(file.partition_text.clone().into_iter().collect()),
                    size: i64::try_from(file.size_bytes).ok(),
                    tags: None,
                    deletion_vector: None,
                    base_row_id: None,
                    default_row_commit_version: None,
                })
            }));
            current.version().next()
        }
    };
    actions.extend(build.note.sources.iter().map(|(source, version)| {
        Action::Txn(Transaction {
            app_id: format!("{TXN_PREFIX}{source}"),
            version: i64::try_from(version.get()).unwrap_or(i64::MAX),
            last_updated: Some(build.committed_at.timestamp_millis()),
        })
    }));
    actions.extend(build.files.iter().map(|file| Action::Add(add(file))));
    Ok((version, actions))
}

/// Reader and writer version of every new table.
const PROTOCOL: (u32, u32) = (1, 4);

/// Highest writer version that lists no features.
const LEGACY_WRITER: u32 = 6;

/// Reader 1 and writer 4: what the change data feed asks for and nothing more.
fn protocol() -> Protocol {
    // The type has no public constructor; its serialised form is the protocol's.
    #[expect(clippy::expect_used, reason = "a constant: the form that every Delta log has")]
    serde_json::from_value(
        serde_json::json!({"minReaderVersion": PROTOCOL.0, "minWriterVersion": PROTOCOL.1}),
    )
    .expect("a protocol action without features")
}

fn metadata(build: &FullBuild<'_>, schema: &StructType) -> Result<deltalake::kernel::Metadata> {
    use deltalake::kernel::MetadataExt;

    let unsupported = |e: deltalake::kernel::Error| LakeError::UnsupportedType {
        table: build.table.to_owned(),
        column: "*".to_owned(),
        data_type: e.to_string(),
    };
    let metadata = new_metadata(schema, build.partition_columns, TABLE_PROPERTIES).map_err(unsupported)?;
    let name = build.table.rsplit('.').next().unwrap_or(build.table);
    let metadata = metadata.with_name(name.to_owned()).map_err(unsupported)?;
    match build.description {
        Some(text) => metadata.with_description(text.to_owned()).map_err(unsupported),
        None => Ok(metadata),
    }
}

fn commit_info(build: &FullBuild<'_>) -> Action {
    let note = serde_json::to_value(build.note).unwrap_or_default();
    let operation = if build.current.is_none() { "CREATE TABLE AS SELECT" } else { "WRITE" };
    Action::CommitInfo(CommitInfo {
        timestamp: Some(build.committed_at.timestamp_millis()),
        operation: Some(operation.to_owned()),
        operation_parameters: Some(HashMap::from([("mode".to_owned(), "Overwrite".into())])),
        read_version: build.current.map(|c| c.version().get()),
        is_blind_append: Some(false),
        engine_info: Some(format!("goldsmith/{}", env!("CARGO_PKG_VERSION"))),
        info: HashMap::from([(CommitNote::KEY.to_owned(), note)]),
        ..CommitInfo::default()
    })
}

fn add(file: &StagedFile) -> Add {
    Add {
        path: file.path.clone(),
        partition_values: file
            .partition_values
            .iter()
            .map(|value| (value.column.clone(), value.value.clone()))
            .collect(),
        size: i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
        modification_time: file.modified_at_ms,
        data_change: true,
        stats: Some(file.stats_json.clone()),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    }
}

/// The metadata of the current version with what this build changes in it; none if that is nothing.
fn changed_metadata(
    build: &FullBuild<'_>,
    current: &TableSnapshot,
    schema: &StructType,
) -> Result<Option<deltalake::kernel::Metadata>> {
    let invalid = |source| LakeError::EncodeCommit {
        table: build.table.to_owned(),
        version: current.version().next(),
        source,
    };
    let before = current.metadata_json();
    let mut after = before.clone();
    for (property, value) in TABLE_PROPERTIES {
        let set = &mut after["configuration"][property];
        // Who keeps versions longer than we ask for has a reason.
        if !set.as_str().is_some_and(|set| is_longer(set, value)) {
            *set = value.into();
        }
    }
    if let Some(description) = build.description {
        after["description"] = description.into();
    }
    if build.may_change_schema && !has_schema(build, current) {
        after["schemaString"] = serde_json::to_string(schema).map_err(invalid)?.into();
    }
    if after == *before {
        return Ok(None);
    }
    serde_json::from_value(after).map(Some).map_err(invalid)
}

/// Whether `interval N days` or `interval N weeks` is longer than `than`, which is written in days.
fn is_longer(interval: &str, than: &str) -> bool {
    let days = |text: &str| {
        let mut words = text.split_whitespace().filter(|word| !word.eq_ignore_ascii_case("interval"));
        let number: u64 = words.next()?.parse().ok()?;
        match words.next()?.to_lowercase().as_str() {
            "day" | "days" => Some(number),
            "week" | "weeks" => number.checked_mul(7),
            _ => None,
        }
    };
    matches!((days(interval), days(than)), (Some(interval), Some(than)) if interval > than)
}

/// Refuses a table whose readers a plain version would mislead.
fn check_continuable(build: &FullBuild<'_>, current: &TableSnapshot, facts: &LogFacts) -> Result<()> {
    let property = |name: &str| facts.properties.get(name).map(String::as_str);
    let reason = if facts.min_reader_version > PROTOCOL.0 || facts.min_writer_version > LEGACY_WRITER {
        let (reader, writer) = (facts.min_reader_version, facts.min_writer_version);
        format!("its protocol asks for reader version {reader} and writer version {writer}")
    } else if property("delta.columnMapping.mode").is_some_and(|mode| mode != "none") {
        "its columns are mapped".to_owned()
    } else if property("delta.appendOnly").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        "it is append-only".to_owned()
    } else if let Some(constraint) = facts.properties.keys().find(|key| key.starts_with("delta.constraints."))
    {
        format!("it has the constraint `{constraint}`")
    } else if facts.partition_columns != build.partition_columns {
        format!(
            "it is partitioned by ({}), its model by ({})",
            facts.partition_columns.join(", "),
            build.partition_columns.join(", ")
        )
    } else {
        return Ok(());
    };
    Err(LakeError::ForeignTable { table: build.table.to_owned(), version: current.version(), reason })
}

/// The Delta form of `schema`, all columns nullable.
fn delta_schema(table: &str, schema: &Schema) -> Result<StructType> {
    // A timestamp without zone would raise the protocol beyond what the consumer reads.
    if let Some(field) = schema.fields().iter().find(|field| holds_ntz(field.data_type())) {
        return Err(LakeError::UnsupportedType {
            table: table.to_owned(),
            column: field.name().clone(),
            data_type: "timestamp_ntz".to_owned(),
        });
    }
    schema.try_into_kernel().map_err(|_| {
        let culprit = schema.fields().iter().find(|field| {
            let one = Schema::new(vec![field.as_ref().clone()]);
            TryIntoKernel::<StructType>::try_into_kernel(&one).is_err()
        });
        LakeError::UnsupportedType {
            table: table.to_owned(),
            column: culprit.map_or_else(|| "*".to_owned(), |f| f.name().clone()),
            data_type: culprit.map_or_else(String::new, |f| f.data_type().to_string()),
        }
    })
}

fn holds_ntz(data_type: &DataType) -> bool {
    match data_type {
        DataType::Timestamp(_, zone) => zone.is_none(),
        DataType::List(field) | DataType::LargeList(field) | DataType::Map(field, _) => {
            holds_ntz(field.data_type())
        }
        DataType::Struct(fields) => fields.iter().any(|field| holds_ntz(field.data_type())),
        _ => false,
    }
}

/// Whether the columns are those of the table: names, order and types, not whether they may be null.
fn has_schema(build: &FullBuild<'_>, current: &TableSnapshot) -> bool {
    let (built, published) = (build.schema.fields(), current.schema().fields());
    built.len() == published.len()
        && built.iter().zip(published).all(|(built, published)| {
            built.name() == published.name() && same_type(built.data_type(), published.data_type())
        })
}

/// Whether two types are one to Delta, which gives no names to the items of lists and maps.
fn same_type(one: &DataType, other: &DataType) -> bool {
    match (one, other) {
        (
            DataType::List(one) | DataType::LargeList(one),
            DataType::List(other) | DataType::LargeList(other),
        ) => same_type(one.data_type(), other.data_type()),
        (DataType::Map(one, _), DataType::Map(other, _)) => match (one.data_type(), other.data_type()) {
            (DataType::Struct(one), DataType::Struct(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| same_type(one.data_type(), other.data_type()))
            }
            (one, other) => one == other,
        },
        (DataType::Struct(one), DataType::Struct(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| {
                    one.name() == other.name() && same_type(one.data_type(), other.data_type())
                })
        }
        (one, other) => one == other,
    }
}

/// Refuses to publish other columns than the table has: the consumer would read everything again, or stop.
fn check_schema(build: &FullBuild<'_>, current: &TableSnapshot) -> Result<()> {
    if has_schema(build, current) {
        return Ok(());
    }
    let columns = |schema: &Schema| -> Vec<(String, DataType)> {
        schema.fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect()
    };
    let (published, built) = (columns(current.schema()), columns(build.schema));
    let by_name: BTreeMap<_, _> = published.iter().cloned().collect();
    let difference = built
        .iter()
        .find_map(|(name, data_type)| match by_name.get(name) {
            None => Some(format!("the model adds `{name}`")),
            Some(old) if !same_type(old, data_type) => {
                Some(format!("`{name}` was {} and is now {}", display(old), display(data_type)))
            }
            Some(_) => None,
        })
        .or_else(|| {
            let gone = published.iter().find(|(name, _)| !built.iter().any(|(other, _)| other == name));
            gone.map(|(name, _)| format!("the model no longer has `{name}`"))
        })
        .unwrap_or_else(|| "the same columns in another order".to_owned());
    Err(LakeError::SchemaChanged { table: build.table.to_owned(), version: current.version(), difference })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::Field;

    use super::*;

    #[test]
    fn items_of_lists_and_maps_have_no_name_to_delta() {
        let list = |name: &str, of: DataType| DataType::List(Arc::new(Field::new(name, of, true)));
        let map = |entries: &str, key: &str| {
            let fields =
                vec![Field::new(key, DataType::Utf8, false), Field::new("value", DataType::Int64, true)];
            DataType::Map(Arc::new(Field::new(entries, DataType::Struct(fields.into()), false)), false)
        };
        assert!(same_type(&list("item", DataType::Int64), &list("element", DataType::Int64)));
        assert!(!same_type(&list("item", DataType::Int64), &list("item", DataType::Utf8)));
        assert!(same_type(&map("entries", "key"), &map("key_value", "keys")));
        let structs = |name: &str| DataType::Struct(vec![Field::new(name, DataType::Int64, true)].into());
        assert!(!same_type(&structs("a"), &structs("b")));
    }

    #[test]
    fn a_longer_retention_is_left_alone() {
        assert!(is_longer("interval 60 days", "interval 30 days"));
        assert!(is_longer("interval 5 weeks", "interval 30 days"));
        for other in ["interval 30 days", "interval 7 days", "interval 4 weeks", "true", "60 months"] {
            assert!(!is_longer(other, "interval 30 days"), "{other}");
        }
    }
}
