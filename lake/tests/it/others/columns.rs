//! Columns that files spell otherwise than the log.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int32Array, RecordBatch, StringArray, StructArray};
use arrow::datatypes::{DataType, Field};
use goldsmith_testkit::table::{DataFile, Statistics, Table, field, longs, struct_of, texts};
use serde_json::json;
use tempfile::TempDir;

use super::{ask, open_at, refusal};
use crate::scan::common::answers;

fn addresses(name: &str, city: &str, cities: &[&str]) -> (Field, ArrayRef) {
    let inner = Field::new(city, DataType::Utf8, true);
    let values: ArrayRef = Arc::new(StringArray::from(cities.to_vec()));
    let structs = StructArray::from(vec![(Arc::new(inner), values)]);
    (Field::new(name, structs.data_type().clone(), true), Arc::new(structs))
}

fn people(id: &str, name: &str, address: &str, city: &str, from: i32) -> RecordBatch {
    let (field, structs) = addresses(address, city, &["Rome", "Oslo"]);
    let ids: ArrayRef = Arc::new(Int32Array::from(vec![from, from + 1]));
    let names: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let fields = vec![Field::new(id, DataType::Int32, true), Field::new(name, DataType::Utf8, true), field];
    RecordBatch::try_new(Arc::new(arrow::datatypes::Schema::new(fields)), vec![ids, names, structs]).unwrap()
}

/// Two files, one of which spells everything otherwise.
fn table(dir: &TempDir) {
    let city = struct_of(&[field("City", "string")]);
    let table = Table::new(
        dir.path(),
        &[field("CustomerId", "integer"), field("Name", "string"), field("Address", city)],
    );
    let statistics = |low: i32| {
        Statistics::Given(json!({
            "numRecords": 2, "minValues": {"CustomerId": low}, "maxValues": {"CustomerId": low + 1},
            "nullCount": {"CustomerId": 0},
        }))
    };
    let one = DataFile::of(people("customerid", "NAME", "address", "city", 1)).path("1.parquet");
    let two = DataFile::of(people("CustomerId", "Name", "Address", "City", 3)).path("2.parquet");
    table.create(&[
        table.file(one.statistics(statistics(1)).row_group_rows(1)),
        table.file(two.statistics(statistics(3)).row_group_rows(1)),
    ]);
}

#[tokio::test]
async fn they_are_found_in_projections_filters_statistics_and_keys() {
    let dir = TempDir::new().unwrap();
    table(&dir);
    for (sql, expected) in [
        (
            "SELECT CustomerId, Name, Address.City FROM t",
            vec!["1|a|Rome", "2|b|Oslo", "3|a|Rome", "4|b|Oslo"],
        ),
        ("SELECT Name FROM t WHERE customerid = 1", vec!["a"]),
        ("SELECT CustomerId FROM t WHERE Address.City = 'Oslo'", vec!["2", "4"]),
        ("SELECT CustomerId FROM t WHERE CustomerId IN (2, 3)", vec!["2", "3"]),
        ("SELECT count(*) FROM t WHERE Name IS NULL", vec!["0"]),
        ("SELECT min(CustomerId), max(CustomerId), count(Name) FROM t", vec!["1|4|4"]),
        ("SELECT Name, count(*) FROM t GROUP BY Name", vec!["a|2", "b|2"]),
        ("SELECT a.CustomerId FROM t a JOIN t b ON a.CustomerId = b.CustomerId + 2", vec!["3", "4"]),
        ("SELECT CustomerId FROM t ORDER BY CustomerId DESC LIMIT 2", vec!["3", "4"]),
    ] {
        assert_eq!(ask(dir.path(), sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn they_are_found_beyond_ascii() {
    let dir = TempDir::new().unwrap();
    let inner = struct_of(&[field("LÄNGE", "string")]);
    let table = Table::new(dir.path(), &[field("GRÖSSE", "long"), field("Maß", inner)]);
    let (structs, values) = addresses("maß", "länge", &["x"]);
    let sizes = longs("grösse", [7]);
    let fields = vec![sizes.schema().field(0).clone(), structs];
    let rows = RecordBatch::try_new(
        Arc::new(arrow::datatypes::Schema::new(fields)),
        vec![Arc::clone(sizes.column(0)), values],
    )
    .unwrap();
    table.create(&[table.file(DataFile::of(rows))]);
    assert_eq!(ask(dir.path(), "SELECT `größe` FROM (SELECT `GRÖSSE` AS `größe` FROM t)").await, ["7"]);
    assert_eq!(ask(dir.path(), "SELECT `grösse`, `maß`.`länge` FROM t WHERE `GRÖSSE` = 7").await, ["7|x"]);
}

#[tokio::test]
async fn a_file_that_has_a_column_twice_is_refused() {
    let dir = TempDir::new().unwrap();
    let table = Table::new(dir.path(), &[field("ID", "string"), field("x", "string")]);
    let rows = |names: [&str; 2]| {
        let column = |name: &str| (name.to_owned(), Arc::clone(texts("c", &["a"]).column(0)), true);
        RecordBatch::try_from_iter_with_nullable(names.map(column)).unwrap()
    };
    table.create(&[table.file(DataFile::of(rows(["ID", "id"])))]);
    let snapshot = open_at(dir.path(), None).await.unwrap();
    let error = answers(&snapshot, "SELECT ID FROM t").await.unwrap_err();
    assert!(error.contains("`ID`") && error.contains("`id`") && error.contains("twice"), "{error}");
    assert_eq!(ask(dir.path(), "SELECT x FROM t").await, ["null"], "who does not read it is not concerned");
}

#[tokio::test]
async fn columns_without_a_type_are_not_seen() {
    let dir = TempDir::new().unwrap();
    let inner = struct_of(&[field("a", "long"), field("v", "void")]);
    let table = Table::new(dir.path(), &[field("id", "long"), field("v", "void"), field("s", inner)]);
    table.create(&[table.file(DataFile::of(longs("id", [1])))]);
    assert_eq!(ask(dir.path(), "SELECT * FROM t").await, ["1|null"]);
    let snapshot = open_at(dir.path(), None).await.unwrap();
    assert!(answers(&snapshot, "SELECT v FROM t").await.is_err());
    assert!(answers(&snapshot, "SELECT s.v FROM t").await.is_err());
}

#[tokio::test]
async fn intervals_are_refused() {
    for data_type in [json!("interval year to month"), struct_of(&[field("i", "interval day to second")])] {
        let dir = TempDir::new().unwrap();
        let table = Table::new(dir.path(), &[field("id", "long"), field("x", data_type)]);
        table.create(&[table.file(DataFile::of(longs("id", [1])))]);
        let text = refusal(dir.path()).await;
        assert!(text.contains("the type `interval"), "{text}");
    }
}
