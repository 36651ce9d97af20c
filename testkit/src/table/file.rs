//! Data files and the actions that add them.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value, json};

use super::with;

/// What the log says of the values of a file.
#[derive(Debug, Clone, Default)]
pub enum Statistics {
    /// Nothing.
    #[default]
    None,
    /// How many rows there are.
    Rows,
    /// This text.
    Given(Value),
}

/// A parquet file, and how the log calls it.
#[derive(Debug, Clone)]
pub struct DataFile {
    rows: RecordBatch,
    path: String,
    spelt: Option<String>,
    statistics: Statistics,
    partitions: Map<String, Value>,
    marks: Vec<(String, String)>,
    row_group_rows: usize,
    more: Value,
}

/// A batch of one column.
///
/// # Panics
/// Never: one column is a batch.
#[must_use]
pub fn column(name: &str, values: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([(name, values, true)]).unwrap()
}

/// A batch of one column of 64-bit integers.
#[must_use]
pub fn longs(name: &str, values: impl IntoIterator<Item = i64>) -> RecordBatch {
    column(name, Arc::new(Int64Array::from_iter_values(values)))
}

/// A batch of one column of texts.
#[must_use]
pub fn texts(name: &str, values: &[&str]) -> RecordBatch {
    column(name, Arc::new(StringArray::from(values.to_vec())))
}

impl DataFile {
    /// A file of these rows, called `part-0.parquet`, of which the log tells nothing more than it must.
    #[must_use]
    pub fn of(rows: RecordBatch) -> Self {
        Self {
            rows,
            path: "part-0.parquet".to_owned(),
            spelt: None,
            statistics: Statistics::None,
            partitions: Map::new(),
            marks: Vec::new(),
            row_group_rows: 1 << 20,
            more: json!({}),
        }
    }

    /// Its place below the table's folder.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.path = path.to_owned();
        self
    }

    /// How the log spells the path, by default as it is.
    #[must_use]
    pub fn spelt(mut self, path: &str) -> Self {
        self.spelt = Some(path.to_owned());
        self
    }

    /// What the log says of its values.
    #[must_use]
    pub fn statistics(mut self, statistics: Statistics) -> Self {
        self.statistics = statistics;
        self
    }

    /// The value of a partition column, as the log has it.
    #[must_use]
    pub fn partition(mut self, column: &str, value: impl Into<Value>) -> Self {
        self.partitions.insert(column.to_owned(), value.into());
        self
    }

    /// A key and value of the footer.
    #[must_use]
    pub fn mark(mut self, key: &str, value: &str) -> Self {
        self.marks.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Rows of a row group.
    #[must_use]
    pub fn row_group_rows(mut self, rows: usize) -> Self {
        self.row_group_rows = rows;
        self
    }

    /// Further entries of the action, such as a deletion vector.
    #[must_use]
    pub fn with(mut self, more: Value) -> Self {
        self.more = with(self.more, more);
        self
    }

    /// Writes the file below `folder`; returns the inside of the action that adds it.
    pub(super) fn write(self, folder: &Path) -> Value {
        let path = folder.join(&self.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let marks = self.marks.into_iter().map(|(key, value)| KeyValue::new(key, value)).collect();
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(self.row_group_rows))
            .set_key_value_metadata(Some(marks))
            .build();
        let mut writer =
            ArrowWriter::try_new(File::create(&path).unwrap(), self.rows.schema(), Some(properties)).unwrap();
        writer.write(&self.rows).unwrap();
        writer.close().unwrap();
        let size = fs::metadata(&path).unwrap().len();
        let add = json!({
            "path": self.spelt.unwrap_or(self.path), "partitionValues": self.partitions, "size": size,
            "modificationTime": 0, "dataChange": true,
        });
        let statistics = match self.statistics {
            Statistics::None => json!({}),
            Statistics::Rows => {
                json!({"stats": json!({"numRecords": self.rows.num_rows()}).to_string()})
            }
            Statistics::Given(text) => json!({"stats": text.to_string()}),
        };
        with(with(add, statistics), self.more)
    }
}
