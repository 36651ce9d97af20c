//! Rows that deletion vectors take away.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::logical_expr::{col, lit};
use goldsmith_lake::diagnose::{Depth, broken_file};
use goldsmith_lake::scan::{Decode, FilesTable};
use goldsmith_lake::snapshot::TableSnapshot;
use goldsmith_lake::{LakeError, Stores};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::common::{answers, planned, rows, sent, session, sliced};
use super::table::{file, inline, log, numbers, open, vector_file, with};

const UUID: &str = "d2c639aa-8816-431a-aaf6-d3fe2512ff61";

/// 4 files of 1,000 rows in row groups of 100: one with each kind of vector, and one without.
fn write(folder: &Path) -> (Vec<i64>, TempDir) {
    let elsewhere = TempDir::new().unwrap();
    let deleted: [Vec<u64>; 3] = [
        vec![0, 1, 99, 100, 555, 999],
        (0..1000).filter(|n| n % 3 == 0).collect(),
        (100..300).chain([998]).collect(),
    ];
    let relative =
        vector_file(&folder.join(format!("ab/deletion_vector_{UUID}.bin")), &[&[1, 2], &deleted[1]]);
    let absolute = vector_file(&elsewhere.path().join("my vector.bin"), &[&deleted[2]]);
    let uuid = z85::encode(uuid::Uuid::parse_str(UUID).unwrap().as_bytes());
    let url = url::Url::from_file_path(elsewhere.path().join("my vector.bin")).unwrap();
    let vectors = [
        inline(&deleted[0]),
        with(relative[1].clone(), json!({"storageType": "u", "pathOrInlineDv": format!("ab{uuid}")})),
        with(absolute[0].clone(), json!({"storageType": "p", "pathOrInlineDv": url.as_str()})),
    ];
    let mut adds: Vec<Value> = (0..4)
        .map(|n| file(folder, &format!("{n}.parquet"), &numbers("n", n * 1000..(n + 1) * 1000), 100))
        .collect();
    let mut left: Vec<i64> = (0..4000).collect();
    for (n, vector) in vectors.into_iter().enumerate() {
        adds[n] = with(adds[n].clone(), json!({ "deletionVector": vector }));
        left.retain(|row| row / 1000 != n as i64 || !deleted[n].contains(&((row % 1000) as u64)));
    }
    log(folder, &fields(), &json!({}), &[], &adds);
    (left, elsewhere)
}

fn fields() -> Value {
    json!([{"name": "n", "type": "long", "nullable": true, "metadata": {}}])
}

fn sorted_text(numbers: impl IntoIterator<Item = i64>) -> Vec<String> {
    let mut text: Vec<String> = numbers.into_iter().map(|n| n.to_string()).collect();
    text.sort();
    text
}

#[tokio::test]
async fn deleted_rows_are_gone_however_the_vector_is_stored() {
    let folder = TempDir::new().unwrap();
    let (left, _elsewhere) = write(folder.path());
    let snapshot = open(folder.path()).await.unwrap();
    assert_eq!(answers(&snapshot, "SELECT n FROM t").await.unwrap(), sorted_text(left.clone()));
    for (filter, keeps) in [
        ("n % 2 = 0", (|n| n % 2 == 0) as fn(i64) -> bool),
        ("n >= 95 AND n < 105", |n| (95..105).contains(&n)),
        ("n > 2050", |n| n > 2050),
        ("n = 3000", |n| n == 3000),
    ] {
        let sql = format!("SELECT n FROM t WHERE {filter}");
        let expected = sorted_text(left.iter().copied().filter(|n| keeps(*n)));
        assert_eq!(answers(&snapshot, &sql).await.unwrap(), expected, "{filter}");
    }
    let count = answers(&snapshot, "SELECT count(*) FROM t").await.unwrap();
    assert_eq!(count, [left.len().to_string()]);
    let first = answers(&snapshot, "SELECT n FROM t ORDER BY n LIMIT 3").await.unwrap();
    assert_eq!(first, ["2", "3", "4"]);
}

#[tokio::test]
async fn a_limit_counts_only_rows_that_are_left() {
    let folder = TempDir::new().unwrap();
    let add = file(folder.path(), "a.parquet", &numbers("n", 0..1000), 100);
    let deleted: Vec<u64> = (0..995).collect();
    log(folder.path(), &fields(), &json!({}), &[], &[with(add, json!({"deletionVector": inline(&deleted)}))]);
    let snapshot = open(folder.path()).await.unwrap();
    for sql in ["SELECT n FROM t LIMIT 5", "SELECT n FROM t WHERE n >= 0 LIMIT 5"] {
        assert_eq!(answers(&snapshot, sql).await.unwrap(), sorted_text(995..1000), "{sql}");
    }
    // The engine's reader prunes row groups by a limit that it is given.
    let state = session(1);
    let table = FilesTable::of_snapshot(&snapshot, snapshot.schema());
    let plan = table.scan(&state, None, &[], Some(5)).await.unwrap();
    assert_eq!(rows(&state, plan).await.unwrap(), sorted_text(995..1000));
}

#[tokio::test]
async fn each_slice_of_a_scan_has_its_own_rows_even_of_one_file() {
    let folder = TempDir::new().unwrap();
    let (left, _elsewhere) = write(folder.path());
    let snapshot = open(folder.path()).await.unwrap();
    let mut state = session(3);
    let table = FilesTable::of_snapshot(&snapshot, snapshot.schema());
    assert_eq!(sliced(&state, &table).await, sorted_text(left.clone()));

    // Files are cut into ranges of bytes.
    let options = state.config_mut().options_mut();
    options.optimizer.repartition_file_min_size = 0;
    let plan = planned(&state, &snapshot, "SELECT n % 10, count(*) FROM t GROUP BY n % 10").await.unwrap();
    let text = datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string();
    assert!(text.contains("0.parquet:0.."), "{text}");
    let counts = rows(&state, plan).await.unwrap();
    let expected = (0..10).map(|digit| {
        let count = left.iter().filter(|n| **n % 10 == digit).count();
        format!("{digit}|{count}")
    });
    assert_eq!(counts, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn rows_that_are_filtered_while_they_are_decoded_are_not_deleted_ones() {
    let folder = TempDir::new().unwrap();
    let (left, _elsewhere) = write(folder.path());
    let snapshot = open(folder.path()).await.unwrap();
    let table = FilesTable::of_snapshot(&snapshot, snapshot.schema()).decoding(Decode::Filtered);
    let state = session(3);
    let filter = (col("n") % lit(7_i64)).eq(lit(0_i64));
    let plan = table.scan(&state, None, &[filter], None).await.unwrap();
    // Nothing above the scan filters.
    let expected = sorted_text(left.into_iter().filter(|n| n % 7 == 0));
    assert_eq!(rows(&state, sent(&state, Arc::clone(&plan))).await.unwrap(), expected);
    assert_eq!(rows(&state, plan).await.unwrap(), expected);
}

async fn faults(snapshot: &TableSnapshot) -> (String, String) {
    let error = answers(snapshot, "SELECT n FROM t").await.unwrap_err();
    let found: LakeError = broken_file(&Stores::default(), snapshot, Depth::Footers).await.unwrap();
    (error, found.to_string())
}

#[tokio::test]
async fn a_vector_that_cannot_be_read_is_an_error_and_never_rows() {
    let folder = TempDir::new().unwrap();
    let add = file(folder.path(), "a.parquet", &numbers("n", 0..10), 100);
    let place = vector_file(&folder.path().join(format!("deletion_vector_{UUID}.bin")), &[&[1, 2]]);
    let uuid = z85::encode(uuid::Uuid::parse_str(UUID).unwrap().as_bytes());
    let vector = with(place[0].clone(), json!({"storageType": "u", "pathOrInlineDv": uuid}));
    let write = |vector: Value| {
        log(
            folder.path(),
            &fields(),
            &json!({}),
            &[],
            &[with(add.clone(), json!({"deletionVector": vector}))],
        );
    };
    for (change, expected) in [
        (json!({"cardinality": 3}), "another number of rows"),
        (json!({"sizeInBytes": 400}), "too short"),
        (json!({"offset": 4000}), "too short"),
        (json!({"storageType": "i", "pathOrInlineDv": "00000", "offset": null}), "unknown format"),
        (inline(&[1, 10]), "rows that the file does not have"),
    ] {
        write(with(vector.clone(), change));
        let snapshot = open(folder.path()).await.unwrap();
        let error = answers(&snapshot, "SELECT n FROM t").await.unwrap_err();
        assert!(error.contains("`t` at version 0") && error.contains(expected), "{error}");
    }
    write(with(vector.clone(), json!({"pathOrInlineDv": "short"})));
    let error = open(folder.path()).await.unwrap_err().to_string();
    assert!(error.contains("a.parquet of `t` at version 0") && error.contains("too short"), "{error}");

    write(vector);
    let snapshot = open(folder.path()).await.unwrap();
    assert_eq!(answers(&snapshot, "SELECT n FROM t").await.unwrap().len(), 8);
    let path = folder.path().join(format!("deletion_vector_{UUID}.bin"));
    let mut bytes = fs::read(&path).unwrap();
    bytes[12] ^= 1;
    fs::write(&path, &bytes).unwrap();
    for expected in ["its checksum is wrong", "the file is missing"] {
        let (error, found) = faults(&snapshot).await;
        for text in [&error, &found] {
            assert!(
                text.contains(UUID) && text.contains("`t` at version 0") && text.contains(expected),
                "{text}"
            );
        }
        let _ = fs::remove_file(&path);
    }
}
