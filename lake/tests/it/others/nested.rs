//! Parts of columns that files have otherwise than the log.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, ListArray, MapArray, RecordBatch, StringArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Fields, Schema};
use goldsmith_testkit::table::{DataFile, Table, field, struct_of};
use serde_json::json;
use tempfile::TempDir;

use super::ask;

/// A struct whose fields are 64-bit integers.
fn structs(columns: &[(&str, &[i64])], nulls: Option<Vec<bool>>) -> StructArray {
    let fields: Fields = columns.iter().map(|(name, _)| Field::new(*name, DataType::Int64, true)).collect();
    let arrays: Vec<ArrayRef> =
        columns.iter().map(|(_, values)| Arc::new(Int64Array::from(values.to_vec())) as ArrayRef).collect();
    StructArray::new(fields, arrays, nulls.map(NullBuffer::from))
}

fn batch(name: &str, values: ArrayRef) -> RecordBatch {
    let schema = Schema::new(vec![Field::new(name, values.data_type().clone(), true)]);
    RecordBatch::try_new(Arc::new(schema), vec![values]).unwrap()
}

fn map(values: StructArray) -> ArrayRef {
    let keys: ArrayRef = Arc::new(StringArray::from(vec!["k"; values.len()]));
    let value = Field::new("value", values.data_type().clone(), true);
    let fields: Fields = vec![Field::new("key", DataType::Utf8, false), value].into();
    let offsets = OffsetBuffer::from_lengths(vec![1; values.len()]);
    let pairs = StructArray::new(fields.clone(), vec![keys, Arc::new(values)], None);
    let entries = Field::new("key_value", DataType::Struct(fields), false);
    Arc::new(MapArray::new(Arc::new(entries), offsets, pairs, None, false))
}

fn list(values: StructArray) -> ArrayRef {
    let element = Field::new("element", values.data_type().clone(), true);
    let offsets = OffsetBuffer::from_lengths(vec![1; values.len()]);
    Arc::new(ListArray::new(Arc::new(element), offsets, Arc::new(values), None))
}

#[tokio::test]
async fn what_the_log_says_may_not_be_null_may_be() {
    let dir = TempDir::new().unwrap();
    let mut inner = field("a", "long");
    inner["nullable"] = json!(false);
    let table = Table::new(dir.path(), &[field("s", struct_of(&[inner]))]);
    let rows = structs(&[("a", &[1, 0])], Some(vec![true, false]));
    table.create(&[table.file(DataFile::of(batch("s", Arc::new(rows))))]);
    assert_eq!(ask(dir.path(), "SELECT s.a FROM t").await, ["1", "null"]);
    assert_eq!(ask(dir.path(), "SELECT count(*) FROM t WHERE s.a IS NULL").await, ["1"]);
    assert_eq!(ask(dir.path(), "SELECT count(*) FROM t WHERE s IS NULL").await, ["1"]);
}

/// Columns `x` of a table with a struct of `a` and `b` at some depth, over files with other structs.
async fn read(data_type: serde_json::Value, sql: &str, files: Vec<ArrayRef>) -> Vec<String> {
    let dir = TempDir::new().unwrap();
    let table = Table::new(dir.path(), &[field("x", data_type)]);
    let adds: Vec<_> = files
        .into_iter()
        .enumerate()
        .map(|(index, rows)| table.file(DataFile::of(batch("x", rows)).path(&format!("{index}.parquet"))))
        .collect();
    table.create(&adds);
    ask(dir.path(), sql).await
}

#[tokio::test]
async fn structs_gain_and_lose_fields_at_every_depth() {
    let ab = || struct_of(&[field("a", "long"), field("b", "long")]);
    let only_a = || structs(&[("a", &[1])], None);
    let more = || structs(&[("b", &[20]), ("a", &[2]), ("c", &[200])], None);
    let others = || structs(&[("a", &[3]), ("c", &[300])], None);
    let expected = ["1|null", "2|20", "3|null"];
    let plain: Vec<ArrayRef> = vec![Arc::new(only_a()), Arc::new(more()), Arc::new(others())];
    assert_eq!(read(ab(), "SELECT x.a, x.b FROM t", plain).await, expected);
    let maps = vec![map(only_a()), map(more()), map(others())];
    let of_maps = json!({"type": "map", "keyType": "string", "valueType": ab(), "valueContainsNull": true});
    assert_eq!(read(of_maps, "SELECT x['k'].a, x['k'].b FROM t", maps).await, expected);
    let lists = vec![list(only_a()), list(more()), list(others())];
    let of_lists = json!({"type": "array", "elementType": ab(), "containsNull": true});
    assert_eq!(read(of_lists, "SELECT x[0].a, x[0].b FROM t", lists).await, expected);
}

#[tokio::test]
async fn a_struct_without_a_field_of_the_table_is_null() {
    let ab = struct_of(&[field("a", "long"), field("b", "long")]);
    let rows: ArrayRef = Arc::new(structs(&[("c", &[1])], None));
    assert_eq!(read(ab, "SELECT x IS NULL, x.a FROM t", vec![rows]).await, ["true|null"]);
}

#[tokio::test]
async fn nothing_is_seen_of_what_has_no_field_of_the_table_however_deep() {
    let a = || struct_of(&[field("a", "long")]);
    let others = || structs(&[("c", &[1, 2])], None);
    let of_lists = json!({"type": "array", "elementType": a(), "containsNull": true});
    assert_eq!(read(of_lists, "SELECT x IS NULL FROM t", vec![list(others())]).await, ["true", "true"]);
    let fields: Fields = vec![Field::new("in", others().data_type().clone(), true)].into();
    let outer: ArrayRef = Arc::new(StructArray::new(fields, vec![Arc::new(others())], None));
    let in_struct = struct_of(&[field("in", a())]);
    assert_eq!(read(in_struct, "SELECT x IS NULL, x.in IS NULL FROM t", vec![outer]).await, ["true|true"; 2]);
}
