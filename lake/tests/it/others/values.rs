//! Values of files that do not fit the log's type.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray, TimestampMillisecondArray,
    TimestampNanosecondArray,
};
use goldsmith_lake::Stores;
use goldsmith_lake::diagnose::{Depth, broken_file};
use goldsmith_testkit::table::{DataFile, Table, column, field};
use tempfile::TempDir;

use super::{ask, open_at};
use crate::scan::common::answers;

fn decimal(values: &[i128], precision: u8, scale: i8) -> ArrayRef {
    Arc::new(Decimal128Array::from(values.to_vec()).with_precision_and_scale(precision, scale).unwrap())
}

fn table(dir: &TempDir, data_type: &str, values: ArrayRef) {
    let table = Table::new(dir.path(), &[field("x", data_type), field("y", "long")]);
    table.create(&[table.file(DataFile::of(column("x", values)).row_group_rows(1))]);
}

#[tokio::test]
async fn they_are_refused_and_named_and_never_cut() {
    let nanos = TimestampNanosecondArray::from(vec![1]).with_timezone("UTC");
    let cases: Vec<(&str, ArrayRef)> = vec![
        ("decimal(9,2)", decimal(&[12_567], 18, 4)),
        ("decimal(9,2)", decimal(&[10_i128.pow(20)], 38, 2)),
        ("integer", Arc::new(Int64Array::from(vec![1 << 40]))),
        ("float", Arc::new(Float64Array::from(vec![0.1]))),
        ("integer", Arc::new(Float64Array::from(vec![1.0]))),
        ("integer", decimal(&[500], 9, 2)),
        ("timestamp", Arc::new(nanos)),
        ("integer", Arc::new(StringArray::from(vec!["1"]))),
        ("string", Arc::new(Int32Array::from(vec![1]))),
        ("date", Arc::new(StringArray::from(vec!["2024-01-01"]))),
    ];
    for (data_type, values) in cases {
        let dir = TempDir::new().unwrap();
        let what = format!("{} as {data_type}", values.data_type());
        table(&dir, data_type, values);
        let snapshot = open_at(dir.path(), None).await.unwrap();
        let error = answers(&snapshot, "SELECT x FROM t").await.expect_err(&what);
        assert!(error.contains("`x`"), "{what}: {error}");
        let broken = broken_file(&Stores::default(), &snapshot, Depth::Rows).await.expect(&what).to_string();
        assert!(broken.contains("`x`") && broken.contains("part-0.parquet"), "{broken}");
        assert_eq!(ask(dir.path(), "SELECT y FROM t").await, ["null"], "{what}: it is not read");
    }
}

#[tokio::test]
async fn those_that_fit_are_read_and_found() {
    let millis = TimestampMillisecondArray::from(vec![-1, 1_500]).with_timezone("UTC");
    for (data_type, values, sql, expected) in [
        (
            "decimal(9,2)",
            decimal(&[12_500, 20_000], 18, 4),
            "SELECT CAST(x AS STRING) FROM t WHERE x = 1.25",
            "1.25",
        ),
        (
            "decimal(18,4)",
            decimal(&[125, 200], 9, 2),
            "SELECT CAST(x AS STRING) FROM t WHERE x < 1.251",
            "1.2500",
        ),
        ("integer", Arc::new(Int64Array::from(vec![7, 8])), "SELECT x FROM t WHERE x > 7", "8"),
        ("long", Arc::new(Int32Array::from(vec![7, 8])), "SELECT x FROM t WHERE x < 8", "7"),
        ("double", Arc::new(Int32Array::from(vec![7, 8])), "SELECT CAST(x AS INT) FROM t WHERE x < 7.5", "7"),
        (
            "timestamp",
            Arc::new(millis),
            "SELECT CAST(x AS STRING) FROM t WHERE x < TIMESTAMP '1970-01-01 00:00:00.000500'",
            "1969-12-31 23:59:59.999",
        ),
    ] {
        let dir = TempDir::new().unwrap();
        table(&dir, data_type, values);
        assert_eq!(ask(dir.path(), sql).await, [expected], "{sql}");
    }
}
