//! Delta tables as other writers leave them, made file by file and entry by entry.
//!
//! Nothing is checked on the way: a table may say what no writer should. Axes: [statistics](Statistics), deletion vectors,
//! column mapping, [checkpoints](checkpoint), files, versions, spelling of columns and paths, nullability.
//!
//! ```no_run
//! # use goldsmith_testkit::table::{DataFile, Table, field, longs};
//! # let dir = std::path::Path::new("t");
//! let table = Table::new(dir, &[field("id", "long")]);
//! table.create(&[table.file(DataFile::of(longs("ID", [1, 2])).path("a b.parquet").spelt("a%20b.parquet"))]);
//! table.commit(1, &[table.removed("a%20b.parquet")]);
//! ```

#![expect(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test that uses it")]

pub mod checkpoint;
mod file;
mod vector;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

pub use self::file::{DataFile, Statistics, column, longs, texts};
pub use self::vector::{inline_vector, vector_bytes};

/// A table on the local disk.
#[derive(Debug, Clone)]
pub struct Table {
    folder: PathBuf,
    fields: Vec<Value>,
    partitions: Vec<String>,
    properties: Value,
    protocol: Value,
}

/// A column of the log's schema that may be null; `data_type` is a name such as `long`, or a type with parts.
#[must_use]
pub fn field(name: &str, data_type: impl Into<Value>) -> Value {
    json!({"name": name, "type": data_type.into(), "nullable": true, "metadata": {}})
}

/// `object` with the entries of `more`.
///
/// # Panics
/// If one of them is no object.
#[must_use]
pub fn with(mut object: Value, more: Value) -> Value {
    let (Some(own), Value::Object(more)) = (object.as_object_mut(), more) else {
        panic!("objects only");
    };
    own.extend(more);
    object
}

/// A struct type of the log.
#[must_use]
pub fn struct_of(fields: &[Value]) -> Value {
    json!({"type": "struct", "fields": fields})
}

impl Table {
    /// A table in `folder` with these columns, of the oldest protocol; nothing is written yet.
    #[must_use]
    pub fn new(folder: impl AsRef<Path>, fields: &[Value]) -> Self {
        Self {
            folder: folder.as_ref().to_owned(),
            fields: fields.to_vec(),
            partitions: Vec::new(),
            properties: json!({}),
            protocol: json!({"minReaderVersion": 1, "minWriterVersion": 2}),
        }
    }

    /// Partitioned by these columns.
    #[must_use]
    pub fn partitioned_by(mut self, columns: &[&str]) -> Self {
        self.partitions = columns.iter().map(|&column| column.to_owned()).collect();
        self
    }

    /// With these properties.
    #[must_use]
    pub fn properties(mut self, properties: Value) -> Self {
        self.properties = properties;
        self
    }

    /// Of the protocol with named features, these.
    #[must_use]
    pub fn features(mut self, features: &[&str]) -> Self {
        self.protocol = json!({
            "minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": features, "writerFeatures": features,
        });
        self
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The protocol action.
    #[must_use]
    pub fn protocol(&self) -> Value {
        json!({"protocol": self.protocol})
    }

    /// The metadata action.
    #[must_use]
    pub fn metadata(&self) -> Value {
        json!({"metaData": {
            "id": "5c8f4cd0-0000-4000-8000-000000000001", "format": {"provider": "parquet", "options": {}},
            "schemaString": struct_of(&self.fields).to_string(), "partitionColumns": self.partitions,
            "configuration": self.properties, "createdTime": 0,
        }})
    }

    /// Writes the first version.
    pub fn create(&self, actions: &[Value]) {
        let all: Vec<Value> =
            [self.protocol(), self.metadata()].into_iter().chain(actions.iter().cloned()).collect();
        self.commit(0, &all);
    }

    /// Writes the entry of `version`.
    pub fn commit(&self, version: u64, actions: &[Value]) {
        let lines: Vec<String> = actions.iter().map(Value::to_string).collect();
        self.write_log(&format!("{version:020}.json"), lines.join("\n").as_bytes());
    }

    /// Writes a file into the log's folder, whatever it is.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write_log(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.join("_delta_log").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Removes a file of the log.
    ///
    /// # Panics
    /// If it is not there.
    pub fn remove_log(&self, name: &str) {
        fs::remove_file(self.folder.join("_delta_log").join(name)).unwrap();
    }

    /// Writes a data file; returns the action that adds it.
    #[must_use]
    pub fn file(&self, file: DataFile) -> Value {
        json!({"add": file.write(&self.folder)})
    }

    /// The action that removes a file whose path is spelt so.
    #[must_use]
    pub fn removed(&self, path: &str) -> Value {
        json!({"remove": {"path": path, "deletionTimestamp": 1, "dataChange": true}})
    }
}
