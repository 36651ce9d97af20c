//! The write node.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::SessionContext;
use goldsmith_lake::Location;
use goldsmith_lake::exec::{DeltaWriteExec, WriteTarget};
use goldsmith_lake::scan::FilesTable;
use proptest::prelude::*;
use tempfile::TempDir;

fn batch(rows: &[(Option<String>, Option<i64>)]) -> RecordBatch {
    let text: ArrayRef = Arc::new(rows.iter().map(|(t, _)| t.clone()).collect::<StringArray>());
    let number: ArrayRef = Arc::new(rows.iter().map(|(_, n)| *n).collect::<Int64Array>());
    let time: ArrayRef = Arc::new(
        rows.iter()
            .map(|(_, n)| n.map(|n| n % 4_000_000_000_000_000))
            .collect::<TimestampMicrosecondArray>()
            .with_timezone("UTC"),
    );
    let money: ArrayRef = Arc::new(
        rows.iter()
            .map(|(_, n)| n.map(|n| i128::from(n % 99_999_999)))
            .collect::<Decimal128Array>()
            .with_precision_and_scale(10, 4)
            .unwrap(),
    );
    RecordBatch::try_from_iter_with_nullable([
        ("t", text, true),
        ("n", number, true),
        ("at", time, true),
        ("m", money, true),
    ])
    .unwrap()
}

async fn write(
    location: &Location,
    partitions: &[Vec<RecordBatch>],
    target_file_bytes: u64,
) -> Vec<goldsmith_proto::lake::v1::StagedFile> {
    let context = SessionContext::new();
    let schema = partitions[0][0].schema();
    let input = MemorySourceConfig::try_new_exec(partitions, Arc::clone(&schema), None).unwrap();
    let plan: Arc<dyn ExecutionPlan> = Arc::new(DeltaWriteExec::new(
        input,
        WriteTarget { location: location.clone(), schema, marker: "m".to_owned(), target_file_bytes },
    ));
    let batches = collect(plan, context.task_ctx()).await.unwrap();
    DeltaWriteExec::decode("t", &batches).unwrap()
}

#[tokio::test]
async fn files_are_split_at_the_target_size_and_never_share_a_name() {
    let dir = TempDir::new().unwrap();
    let location = Location::parse(dir.path().to_str().unwrap()).unwrap();
    let rows: Vec<_> = (0..1000).map(|i| (Some(format!("{i}")), Some(i))).collect();
    let partitions = vec![vec![batch(&rows); 3], vec![batch(&rows); 2]];
    let files = write(&location, &partitions, 1).await;
    assert_eq!(files.len(), 5, "every batch fills a file of one byte");
    assert_eq!(files.iter().map(|f| f.rows).sum::<u64>(), 5000);
    let names: std::collections::BTreeSet<_> = files.iter().map(|f| &f.path).collect();
    assert_eq!(names.len(), 5);
    for file in &files {
        assert_eq!(std::fs::metadata(dir.path().join(&file.path)).unwrap().len(), file.size_bytes);
    }
}

#[tokio::test]
async fn no_rows_make_no_file() {
    let dir = TempDir::new().unwrap();
    let location = Location::parse(dir.path().to_str().unwrap()).unwrap();
    assert!(write(&location, &[vec![batch(&[])]], 1 << 20).await.is_empty());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn what_is_read_is_what_was_written_and_bounds_enclose_it(
        rows in proptest::collection::vec((proptest::option::of(".{0,40}"), proptest::option::of(any::<i64>())), 1..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = TempDir::new().unwrap();
            let location = Location::parse(dir.path().to_str().unwrap()).unwrap();
            let written = batch(&rows);
            let files = write(&location, &[vec![written.clone()]], 1 << 30).await;
            let stats: serde_json::Value = serde_json::from_str(&files[0].stats_json).unwrap();
            assert_eq!(stats["numRecords"], rows.len());
            assert_eq!(stats["nullCount"]["n"], rows.iter().filter(|(_, n)| n.is_none()).count());
            if let Some(min) = rows.iter().filter_map(|(_, n)| *n).min() {
                assert_eq!(stats["minValues"]["n"], min);
            }
            if let (Some(max), Some(bound)) = (rows.iter().filter_map(|(t, _)| t.as_deref()).max(), stats["maxValues"]["t"].as_str()) {
                assert!(bound >= max, "{bound:?} < {max:?}");
            }
            if let (Some(min), Some(bound)) = (rows.iter().filter_map(|(t, _)| t.as_deref()).min(), stats["minValues"]["t"].as_str()) {
                assert!(bound <= min, "{bound:?} > {min:?}");
            }
            let context = SessionContext::new();
            let table = FilesTable::of_staged(&location, &written.schema(), &files).unwrap();
            let read = context.read_table(Arc::new(table)).unwrap().collect().await.unwrap();
            let read = arrow::compute::concat_batches(&written.schema(), &read).unwrap();
            assert_eq!(read.columns(), written.columns());
        });
    }
}
