//! Days that were counted in the hybrid calendar.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, RecordBatch, TimestampMicrosecondArray};
use goldsmith_lake::LakeError;
use goldsmith_lake::Stores;
use goldsmith_lake::diagnose::{Depth, broken_file};
use goldsmith_lake::error::{Domain, FileFault};
use goldsmith_testkit::table::{DataFile, Table, field};
use tempfile::TempDir;

use super::{ask, open_at};
use crate::scan::common::answers;

/// The days that Spark calls 0001-01-01, 1500-01-01, 1582-10-04 and 1900-01-01 in the hybrid calendar.
const DAYS: [i32; 4] = [-719_164, -171_655, -141_428, -25_567];
const MICROS_PER_DAY: i64 = 86_400_000_000;

fn table(folder: &Path, marks: &[(&str, &str)], days: &[i32]) {
    let table = Table::new(folder, &[field("d", "date"), field("ts", "timestamp")]);
    let times = days.iter().map(|day| i64::from(*day) * MICROS_PER_DAY);
    let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC");
    let days = Date32Array::from(days.to_vec());
    let columns: [(&str, ArrayRef, bool); 2] = [("d", Arc::new(days), true), ("ts", Arc::new(times), true)];
    let rows = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let file = DataFile::of(rows).row_group_rows(1);
    let file =
        marks.iter().fold(file, |file, (key, value)| file.mark(&format!("org.apache.spark.{key}"), value));
    table.create(&[table.file(file)]);
}

const NAMES: [&str; 4] = ["0001-01-01", "1500-01-01", "1582-10-04", "1900-01-01"];

#[tokio::test]
async fn marked_days_keep_their_names() {
    for marks in [
        vec![("version", "2.4.8"), ("timeZone", "UTC")],
        vec![("version", "3.3.1"), ("legacyDateTime", ""), ("timeZone", "UTC")],
    ] {
        let dir = TempDir::new().unwrap();
        table(dir.path(), &marks, &DAYS);
        assert_eq!(ask(dir.path(), "SELECT CAST(d AS STRING) FROM t").await, NAMES);
        assert_eq!(ask(dir.path(), "SELECT CAST(CAST(ts AS DATE) AS STRING) FROM t").await, NAMES);
        // Statistics of the file are those of other days.
        for name in NAMES {
            let sql = format!(
                "SELECT count(*) FROM t WHERE d = DATE '{name}' AND CAST(ts AS DATE) <= DATE '{name}'"
            );
            assert_eq!(ask(dir.path(), &sql).await, ["1"], "{name}");
        }
        assert_eq!(ask(dir.path(), "SELECT CAST(min(d) AS STRING) FROM t").await, ["0001-01-01"]);
    }
}

#[tokio::test]
async fn days_without_a_mark_are_what_they_are() {
    for marks in [vec![], vec![("version", "3.5.1")]] {
        let dir = TempDir::new().unwrap();
        table(dir.path(), &marks, &DAYS);
        let expected = ["0000-12-30", "1500-01-10", "1582-10-14", "1900-01-01"];
        assert_eq!(ask(dir.path(), "SELECT CAST(d AS STRING) FROM t").await, expected);
    }
}

#[tokio::test]
async fn times_whose_zone_is_unknown_are_refused_where_it_matters() {
    let dir = TempDir::new().unwrap();
    let marks = [("version", "2.4.8")];
    table(dir.path(), &marks, &DAYS);
    assert_eq!(ask(dir.path(), "SELECT CAST(d AS STRING) FROM t").await, NAMES);
    let snapshot = open_at(dir.path(), None).await.unwrap();
    let error = answers(&snapshot, "SELECT ts FROM t").await.unwrap_err();
    assert!(error.contains("legacy calendar"), "{error}");
    let broken = broken_file(&Stores::default(), &snapshot, Depth::Rows).await.unwrap();
    assert_eq!(broken.domain(), Domain::User);
    assert!(matches!(&broken, LakeError::DataFile { fault: FileFault::Misread(_), .. }), "{broken}");
    assert!(broken.to_string().contains("part-0.parquet") && broken.to_string().contains("`ts`"), "{broken}");

    let modern = TempDir::new().unwrap();
    table(modern.path(), &marks, &[0, 19_723]);
    assert_eq!(ask(modern.path(), "SELECT CAST(ts AS DATE) FROM t").await, ["1970-01-01", "2024-01-01"]);
}
