//! Writes tables as other writers do.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use crc::{CRC_32_ISO_HDLC, Crc};
use goldsmith_lake::snapshot::TableSnapshot;
use goldsmith_lake::{LakeError, Location, Stores};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use roaring::RoaringTreemap;
use serde_json::{Value, json};

/// Writes `rows` and returns the add action of the file, without a deletion vector.
pub(crate) fn file(folder: &Path, name: &str, rows: &RecordBatch, row_group_rows: usize) -> Value {
    fs::create_dir_all(folder).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(row_group_rows)).build();
    let path = folder.join(name);
    let mut writer =
        ArrowWriter::try_new(File::create(&path).unwrap(), rows.schema(), Some(properties)).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
    let size = fs::metadata(&path).unwrap().len();
    json!({"path": name, "partitionValues": {}, "size": size, "modificationTime": 0, "dataChange": true})
}

/// Writes the first version of a table.
pub(crate) fn log(folder: &Path, fields: &Value, properties: &Value, partitions: &[&str], adds: &[Value]) {
    let schema = json!({"type": "struct", "fields": fields});
    let features = ["columnMapping", "deletionVectors", "timestampNtz"];
    let mut actions = vec![
        json!({"protocol": {
            "minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": features, "writerFeatures": features,
        }}),
        json!({"metaData": {
            "id": "a", "format": {"provider": "parquet", "options": {}}, "schemaString": schema.to_string(),
            "partitionColumns": partitions, "configuration": properties, "createdTime": 0,
        }}),
    ];
    actions.extend(adds.iter().map(|add| json!({"add": add})));
    let lines: Vec<String> = actions.iter().map(Value::to_string).collect();
    fs::create_dir_all(folder.join("_delta_log")).unwrap();
    fs::write(folder.join("_delta_log/00000000000000000000.json"), lines.join("\n")).unwrap();
}

pub(crate) async fn open(folder: &Path) -> Result<TableSnapshot, LakeError> {
    let location = Location::parse(folder.to_str().unwrap()).unwrap();
    TableSnapshot::require(&Stores::default(), "t", &location, None).await
}

/// A deletion vector as the protocol serialises it.
pub(crate) fn vector(rows: &[u64]) -> Vec<u8> {
    let mut bytes = 1_681_511_377_u32.to_le_bytes().to_vec();
    rows.iter().copied().collect::<RoaringTreemap>().serialize_into(&mut bytes).unwrap();
    bytes
}

/// The descriptor of a vector in the log.
pub(crate) fn inline(rows: &[u64]) -> Value {
    let mut bytes = vector(rows);
    let size = bytes.len();
    bytes.resize(size.next_multiple_of(4), 0);
    json!({
        "storageType": "i", "pathOrInlineDv": z85::encode(&bytes), "sizeInBytes": size, "cardinality": rows.len(),
    })
}

/// Writes vectors into one file and returns the place of each: offset, size and number of rows.
pub(crate) fn vector_file(path: &Path, vectors: &[&[u64]]) -> Vec<Value> {
    let mut bytes = vec![1];
    let mut places = Vec::new();
    for rows in vectors {
        let vector = vector(rows);
        places.push(json!({"offset": bytes.len(), "sizeInBytes": vector.len(), "cardinality": rows.len()}));
        bytes.extend(u32::try_from(vector.len()).unwrap().to_be_bytes());
        bytes.extend(&vector);
        bytes.extend(Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&vector).to_be_bytes());
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    places
}

/// `object` with the entries of `more`.
pub(crate) fn with(mut object: Value, more: Value) -> Value {
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    object
}

/// A batch of one column of numbers.
pub(crate) fn numbers(name: &str, numbers: std::ops::Range<i64>) -> RecordBatch {
    let column = Arc::new(arrow::array::Int64Array::from_iter_values(numbers));
    RecordBatch::try_from_iter_with_nullable([(name, column as _, true)]).unwrap()
}
