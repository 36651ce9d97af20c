//! Tables whose files have other names for their columns.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Array, Int64Builder, ListArray, MapBuilder, MapFieldNames, RecordBatch, StringArray,
    StringBuilder, StructArray, StructBuilder,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields, Schema};
use datafusion::physical_plan::displayable;
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::common::{answers, planned, rows, session};
use super::table::{file, inline, log, numbers, open, with};

fn named(name: &str, id: usize, data_type: DataType) -> Field {
    let id = HashMap::from([(PARQUET_FIELD_ID_META_KEY.to_owned(), id.to_string())]);
    Field::new(name, data_type, true).with_metadata(id)
}

/// A column of the log.
fn column(name: &str, physical: &str, id: usize, data_type: &Value) -> Value {
    let mapping = json!({"delta.columnMapping.id": id, "delta.columnMapping.physicalName": physical});
    json!({"name": name, "type": data_type, "nullable": true, "metadata": mapping})
}

fn properties(mode: &str) -> Value {
    json!({"delta.columnMapping.mode": mode, "delta.columnMapping.maxColumnId": "20"})
}

/// Structs of two fields, as a column and in a list and a map. The file calls field `n` what `name` gives for it.
fn nested(name: impl Fn(usize) -> String) -> RecordBatch {
    let pair: Fields = vec![named(&name(2), 2, DataType::Int64), named(&name(3), 3, DataType::Utf8)].into();
    let structs = StructArray::new(
        pair,
        vec![Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef, Arc::new(StringArray::from(vec!["x", "y"]))],
        None,
    );
    let element: Fields =
        vec![named(&name(5), 5, DataType::Int64), named(&name(6), 6, DataType::Utf8)].into();
    let elements = StructArray::new(element.clone(), structs.columns().to_vec(), None);
    let list = ListArray::new(
        Arc::new(Field::new("element", DataType::Struct(element), true)),
        OffsetBuffer::new(vec![0, 2, 2].into()),
        Arc::new(elements),
        None,
    );
    let value: Fields = vec![named(&name(8), 8, DataType::Int64)].into();
    let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let values = StructBuilder::new(value, vec![Box::new(Int64Builder::new())]);
    let mut map = MapBuilder::new(Some(names), StringBuilder::new(), values);
    map.keys().append_value("k");
    map.values().field_builder::<Int64Builder>(0).unwrap().append_value(7);
    map.values().append(true);
    map.append(true).unwrap();
    map.append(false).unwrap();
    let map: ArrayRef = Arc::new(map.finish());
    let columns: [(usize, ArrayRef); 3] = [(1, Arc::new(structs)), (4, Arc::new(list)), (7, map)];
    let fields: Vec<Field> =
        columns.iter().map(|(n, c)| named(&name(*n), *n, c.data_type().clone())).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, c)| c).collect())
        .unwrap()
}

fn nested_columns() -> Value {
    let pair = |first: usize, names: [&str; 2]| {
        let fields = [
            column(names[0], &format!("p{first}"), first, &json!("long")),
            column(names[1], &format!("p{}", first + 1), first + 1, &json!("string")),
        ];
        json!({"type": "struct", "fields": fields})
    };
    let value = json!({"type": "struct", "fields": [column("v", "p8", 8, &json!("long"))]});
    json!([
        column("s", "p1", 1, &pair(2, ["a", "b"])),
        column(
            "l",
            "p4",
            4,
            &json!({"type": "array", "elementType": pair(5, ["c", "d"]), "containsNull": true})
        ),
        column(
            "m",
            "p7",
            7,
            &json!({
                "type": "map", "keyType": "string", "valueType": value, "valueContainsNull": true,
            })
        ),
    ])
}

async fn assert_nested(folder: &Path) {
    let snapshot = open(folder).await.unwrap();
    let all = answers(&snapshot, "SELECT * FROM t").await.unwrap();
    assert_eq!(all, ["{a: 1, b: x}|[{c: 1, d: x}, {c: 2, d: y}]|{k: {v: 7}}", "{a: 2, b: y}|[]|null"]);
    for (sql, expected) in [
        ("SELECT s.b FROM t WHERE s.a = 1", ["x"].as_slice()),
        ("SELECT s.a FROM t WHERE s.b = 'y'", &["2"]),
        ("SELECT m['k'].v FROM t", &["7", "null"]),
        ("SELECT l[0] FROM t", &["null", "{c: 1, d: x}"]),
    ] {
        assert_eq!(
            answers(&snapshot, sql).await,
            Ok(expected.iter().map(ToString::to_string).collect()),
            "{sql}"
        );
    }
}

#[tokio::test]
async fn names_inside_structs_lists_and_maps_are_those_of_the_table() {
    let folder = TempDir::new().unwrap();
    let add = file(folder.path(), "a.parquet", &nested(|n| format!("p{n}")), 100);
    log(folder.path(), &nested_columns(), &properties("name"), &[], &[add]);
    assert_nested(folder.path()).await;
}

#[tokio::test]
async fn files_are_read_by_the_ids_of_their_columns_whatever_their_names() {
    let folder = TempDir::new().unwrap();
    // The names of neighbours are exchanged, so that reading by name would give other values.
    let exchanged = |n: usize| match n {
        2 => "p3".to_owned(),
        3 => "p2".to_owned(),
        5 => "p6".to_owned(),
        6 => "p5".to_owned(),
        4 => "p7".to_owned(),
        7 => "p4".to_owned(),
        n => format!("other{n}"),
    };
    let add = file(folder.path(), "a.parquet", &nested(exchanged), 100);
    log(folder.path(), &nested_columns(), &properties("id"), &[], &[add]);
    assert_nested(folder.path()).await;
}

#[tokio::test]
async fn a_filter_on_a_renamed_column_reaches_the_files() {
    for mode in ["name", "id"] {
        let folder = TempDir::new().unwrap();
        let field = named("p1", 1, DataType::Int64);
        let batch = numbers("p1", 0..1000);
        let batch =
            RecordBatch::try_new(Arc::new(Schema::new(vec![field])), batch.columns().to_vec()).unwrap();
        let add = with(
            file(folder.path(), "a.parquet", &batch, 100),
            json!({"deletionVector": inline(&[995]), "stats": "{\"numRecords\":1000}"}),
        );
        // Another column has the old name.
        let columns = json!([column("n", "p1", 1, &json!("long")), column("p1", "p2", 2, &json!("string"))]);
        log(folder.path(), &columns, &properties(mode), &[], &[add]);
        let snapshot = open(folder.path()).await.unwrap();
        let sql = "SELECT n, p1 FROM t WHERE n >= 994";
        let expected = ["994|null", "996|null", "997|null", "998|null", "999|null"];
        assert_eq!(answers(&snapshot, sql).await.unwrap(), expected);
        assert_eq!(answers(&snapshot, "SELECT * FROM t WHERE p1 IS NOT NULL").await.unwrap(), [""; 0]);

        let state = session(1);
        let plan = planned(&state, &snapshot, sql).await.unwrap();
        assert_eq!(rows(&state, Arc::clone(&plan)).await.unwrap(), expected);
        let text = displayable(plan.as_ref()).indent(false).to_string();
        assert!(text.contains("predicate=p1@0 >= 994"), "{text}");
        let mut scan = plan;
        while let Some(below) = scan.children().first().map(|child| Arc::clone(child)) {
            scan = below;
        }
        let metrics = scan.metrics().unwrap().to_string();
        let read = metrics.split("row_groups_pruned_statistics").nth(1).unwrap().split('}').nth(1).unwrap();
        assert!(read.starts_with("=10 total → 1 matched"), "{read}");
    }
}

#[tokio::test]
async fn partition_values_go_by_the_names_of_the_files() {
    let folder = TempDir::new().unwrap();
    let adds: Vec<Value> = ["x", "y"]
        .into_iter()
        .enumerate()
        .map(|(n, value)| {
            let n = i64::try_from(n).unwrap();
            let add = file(folder.path(), &format!("{n}.parquet"), &numbers("p1", n * 2..n * 2 + 2), 100);
            with(add, json!({"partitionValues": {"p2": value}, "deletionVector": inline(&[0])}))
        })
        .collect();
    let columns = json!([column("p1", "p2", 2, &json!("string")), column("p2", "p1", 1, &json!("long"))]);
    log(folder.path(), &columns, &properties("name"), &["p1"], &adds);
    let snapshot = open(folder.path()).await.unwrap();
    assert_eq!(answers(&snapshot, "SELECT p1, p2 FROM t").await.unwrap(), ["x|1", "y|3"]);
    assert_eq!(answers(&snapshot, "SELECT p2 FROM t WHERE p1 = 'y'").await.unwrap(), ["3"]);
    assert_eq!(answers(&snapshot, "SELECT p1 FROM t WHERE p2 < 3").await.unwrap(), ["x"]);
}

#[tokio::test]
async fn a_mapping_that_does_not_exist_is_refused() {
    let folder = TempDir::new().unwrap();
    let add = file(folder.path(), "a.parquet", &nested(|n| format!("p{n}")), 100);
    log(folder.path(), &nested_columns(), &properties("zork"), &[], &[add]);
    let error = open(folder.path()).await.unwrap_err().to_string();
    assert!(error.contains("zork"), "{error}");
}

/// Rows of a file with fields `p1` and `p2`, of which those in `ids` have their id.
fn partly_named(ids: &[usize]) -> RecordBatch {
    let fields = [1, 2].map(|n| {
        let name = format!("p{n}");
        if ids.contains(&n) {
            named(&name, n, DataType::Int64)
        } else {
            Field::new(name, DataType::Int64, true)
        }
    });
    let values: ArrayRef = Arc::new(Int64Array::from(vec![7]));
    RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), vec![Arc::clone(&values), values]).unwrap()
}

#[tokio::test]
async fn columns_that_are_to_be_found_by_id_are_not_found_by_name() {
    let columns = json!([column("a", "p1", 1, &json!("long")), column("b", "p2", 2, &json!("long"))]);
    for (ids, expected) in [(&[1, 2][..], Ok("7|7")), (&[1], Ok("7|null")), (&[], Err("no field ids"))] {
        let folder = TempDir::new().unwrap();
        let add = file(folder.path(), "a.parquet", &partly_named(ids), 100);
        log(folder.path(), &columns, &properties("id"), &[], &[add]);
        let snapshot = open(folder.path()).await.unwrap();
        match (answers(&snapshot, "SELECT a, b FROM t").await, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, [expected]),
            (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }
}

#[tokio::test]
async fn a_struct_that_is_found_by_id_has_fields_that_are_found_so_or_not_at_all() {
    let folder = TempDir::new().unwrap();
    let inner: Fields =
        vec![Field::new("p2", DataType::Int64, true), Field::new("p3", DataType::Utf8, true)].into();
    let values: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from(vec![1])), Arc::new(StringArray::from(vec!["x"]))];
    let structs = StructArray::new(inner.clone(), values, None);
    let schema = Schema::new(vec![named("p1", 1, DataType::Struct(inner))]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(structs)]).unwrap();
    let fields = [column("a", "p2", 2, &json!("long")), column("b", "p3", 3, &json!("string"))];
    let columns = json!([column("s", "p1", 1, &json!({"type": "struct", "fields": fields}))]);
    log(folder.path(), &columns, &properties("id"), &[], &[file(folder.path(), "a.parquet", &batch, 100)]);
    let snapshot = open(folder.path()).await.unwrap();
    assert_eq!(answers(&snapshot, "SELECT s.a, s.b, s IS NULL FROM t").await.unwrap(), ["null|null|true"]);
}
