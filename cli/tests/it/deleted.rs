//! `deleted_rows`: excluding deleted records is the same as never having had them.

use std::fs::{self, File};
use std::path::Path;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::DataType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use crate::common::{LakeLayout, Sandbox, TABLES, live_files, log, repository};

/// Copies a table without the rows whose flag is set; returns how many those were.
fn copy_live(from: &Path, to: &Path) -> usize {
    fs::create_dir_all(to.join("_delta_log")).unwrap();
    let mut removed = 0;
    let mut entry = head_of_log(from);
    for (index, file) in live_files(from).iter().enumerate() {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(from.join(file)).unwrap()).unwrap();
        let schema = std::sync::Arc::clone(reader.schema());
        let name = format!("live-{index}.parquet");
        let mut writer = ArrowWriter::try_new(File::create(to.join(&name)).unwrap(), schema, None).unwrap();
        let mut rows = 0;
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            let live = filter_record_batch(&batch, &is_live(&batch)).unwrap();
            removed += batch.num_rows() - live.num_rows();
            rows += live.num_rows();
            writer.write(&live).unwrap();
        }
        writer.close().unwrap();
        let size = fs::metadata(to.join(&name)).unwrap().len();
        entry.push(json!({"add": {
            "path": name, "partitionValues": {}, "size": size, "modificationTime": 0, "dataChange": true,
            "stats": json!({"numRecords": rows}).to_string(),
        }}));
    }
    let text: String = entry.iter().map(|action| format!("{action}\n")).collect();
    fs::write(to.join("_delta_log/00000000000000000000.json"), text).unwrap();
    removed
}

/// Protocol and metadata as they stand at the last version.
fn head_of_log(table: &Path) -> Vec<Value> {
    let actions: Vec<Value> = log(table).into_iter().flatten().collect();
    ["protocol", "metaData"]
        .iter()
        .map(|kind| actions.iter().rfind(|action| action.get(kind).is_some()).unwrap().clone())
        .collect()
}

/// The flag is spelt `IsDelete` or `isdelete`; null means live.
fn is_live(batch: &RecordBatch) -> BooleanArray {
    let schema = batch.schema();
    let flag = schema.fields().iter().position(|field| {
        field.name().eq_ignore_ascii_case("isdelete") && field.data_type() == &DataType::Boolean
    });
    let Some(flag) = flag else { return vec![true; batch.num_rows()].into() };
    let flag = batch.column(flag).as_boolean();
    (0..flag.len()).map(|row| Some(flag.is_null(row) || !flag.value(row))).collect()
}

#[test]
fn excluding_deleted_rows_equals_never_having_had_them() {
    let bronze = repository().join("testdata/small/bronze");
    for layout in [LakeLayout::Simplified, LakeLayout::Medallion] {
        let exclude = Sandbox::over(&bronze, layout, "[pack.vars]\ndeleted_rows = \"exclude\"");
        let never = Sandbox::over(&exclude.path("live"), layout, "");
        let mut removed = 0;
        for table in fs::read_dir(&bronze).unwrap() {
            let table = table.unwrap();
            removed += copy_live(&table.path(), &exclude.path("live").join(table.file_name()));
        }
        assert!(removed > 0, "the lake has deleted rows");
        let reference = Sandbox::over(&bronze, layout, "");
        exclude.refresh(&[]);
        never.refresh(&[]);
        reference.refresh(&[]);
        let rows = |sandbox: &Sandbox| -> Vec<Vec<String>> {
            TABLES.iter().map(|table| sandbox.gold_rows(table, &["RowModifiedUtc"])).collect()
        };
        assert_eq!(rows(&exclude), rows(&never));
        assert_ne!(rows(&exclude), rows(&reference), "the setting makes a difference");
    }
}
