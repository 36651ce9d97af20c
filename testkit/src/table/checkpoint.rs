//! Checkpoints, and hints at them.

use std::fs::{self, File};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema};
use arrow::json::ReaderBuilder;
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};

use super::Table;

impl Table {
    /// Writes a checkpoint of `version` that holds `actions`: protocol, metadata, and what is live. With several parts, the
    /// actions are dealt out to them.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn checkpoint(&self, version: u64, actions: &[Value], parts: usize) {
        for part in 0..parts {
            let name = if parts == 1 {
                format!("{version:020}.checkpoint.parquet")
            } else {
                format!("{version:020}.checkpoint.{:010}.{parts:010}.parquet", part + 1)
            };
            let own: Vec<&Value> = actions.iter().skip(part).step_by(parts).collect();
            let mut decoder = ReaderBuilder::new(schema()).build_decoder().unwrap();
            decoder.serialize(&own).unwrap();
            let rows = decoder.flush().unwrap();
            let path = self.folder().join("_delta_log").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), schema(), None).unwrap();
            rows.iter().for_each(|rows| writer.write(rows).unwrap());
            writer.close().unwrap();
        }
    }

    /// Writes `_last_checkpoint`.
    pub fn hint(&self, version: u64, parts: Option<usize>) {
        let mut hint = json!({"version": version, "size": 1});
        if let Some(parts) = parts {
            hint["parts"] = json!(parts);
        }
        self.write_log("_last_checkpoint", hint.to_string().as_bytes());
    }
}

fn schema() -> Arc<Schema> {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let number = |name: &str| Field::new(name, DataType::Int64, true);
    let whole = |name: &str| Field::new(name, DataType::Int32, true);
    let truth = |name: &str| Field::new(name, DataType::Boolean, true);
    let texts = |name: &str| Field::new_list(name, Field::new_list_field(DataType::Utf8, true), true);
    let map = |name: &str| {
        let (key, value) =
            (Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Utf8, true));
        Field::new_map(name, "key_value", key, value, false, true)
    };
    let group =
        |name: &str, fields: Vec<Field>| Field::new(name, DataType::Struct(Fields::from(fields)), true);
    let vector = || {
        group(
            "deletionVector",
            vec![
                text("storageType"),
                text("pathOrInlineDv"),
                whole("offset"),
                whole("sizeInBytes"),
                number("cardinality"),
            ],
        )
    };
    Arc::new(Schema::new(vec![
        group("txn", vec![text("appId"), number("version"), number("lastUpdated")]),
        group(
            "add",
            vec![
                text("path"),
                map("partitionValues"),
                number("size"),
                number("modificationTime"),
                truth("dataChange"),
                text("stats"),
                map("tags"),
                vector(),
            ],
        ),
        group(
            "remove",
            vec![
                text("path"),
                number("deletionTimestamp"),
                truth("dataChange"),
                truth("extendedFileMetadata"),
                map("partitionValues"),
                number("size"),
                vector(),
            ],
        ),
        group(
            "metaData",
            vec![
                text("id"),
                text("name"),
                text("description"),
                group("format", vec![text("provider"), map("options")]),
                text("schemaString"),
                texts("partitionColumns"),
                map("configuration"),
                number("createdTime"),
            ],
        ),
        group(
            "protocol",
            vec![
                whole("minReaderVersion"),
                whole("minWriterVersion"),
                texts("readerFeatures"),
                texts("writerFeatures"),
            ],
        ),
    ]))
}
