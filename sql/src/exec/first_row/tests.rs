use std::collections::BTreeMap;

use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::SortOptions;
use arrow::datatypes::Int64Type;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_expr::expressions::col;
use datafusion::physical_plan::collect;
use datafusion::prelude::{SessionConfig, SessionContext};
use proptest::prelude::*;

use super::*;

/// Two columns of the key, one of the order, and a number that tells rows apart.
type Row = (Option<i64>, Option<String>, Option<i64>, i64);

/// What a row is ordered by, and its number.
type Best = (Option<i64>, i64);

fn batch(rows: &[Row]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([
        ("a", Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()) as _, true),
        ("b", Arc::new(rows.iter().map(|row| row.1.clone()).collect::<StringArray>()) as _, true),
        ("by", Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>()) as _, true),
        ("id", Arc::new(rows.iter().map(|row| Some(row.3)).collect::<Int64Array>()) as _, true),
    ])
    .unwrap()
}

fn node(batches: &[RecordBatch]) -> FirstRowExec {
    let schema = batches[0].schema();
    let input = MemorySourceConfig::try_new_exec(&[batches.to_vec()], Arc::clone(&schema), None).unwrap();
    let keys = vec![col("a", &schema).unwrap(), col("b", &schema).unwrap()];
    let last = |nulls_first| SortOptions { descending: true, nulls_first };
    let order = [("by", last(false)), ("id", last(true))]
        .map(|(name, options)| PhysicalSortExpr::new(col(name, &schema).unwrap(), options));
    FirstRowExec::new(input, keys, order.to_vec())
}

/// Runs the node with so much memory; gives the ids of its rows and whether it had to sort.
fn run(batches: &[RecordBatch], memory_bytes: usize) -> (Vec<i64>, bool) {
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(memory_bytes)));
    let config = SessionConfig::new().with_batch_size(16).with_sort_spill_reservation_bytes(1 << 10);
    let context = SessionContext::new_with_config_rt(config, runtime.build_arc().unwrap());
    let node = Arc::new(node(batches));
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = tokio.block_on(collect(Arc::clone(&node) as _, context.task_ctx())).unwrap();
    let ids = found.iter().flat_map(|batch| batch.column(3).as_primitive::<Int64Type>().values().to_vec());
    let mut ids: Vec<i64> = ids.collect();
    ids.sort_unstable();
    assert_eq!(context.runtime_env().memory_pool.reserved(), 0, "all memory is given back");
    let metrics = node.metrics().unwrap();
    (ids, metrics.sum_by_name("sorted_for_lack_of_memory").is_some_and(|sorted| sorted.as_usize() > 0))
}

fn expected(rows: &[Row]) -> Vec<i64> {
    let mut first: BTreeMap<(Option<i64>, Option<&str>), Best> = BTreeMap::new();
    for (a, b, by, id) in rows {
        // None is the least of all, so the greatest is the first of a descending order with nulls last.
        let best = first.entry((*a, b.as_deref())).or_insert((*by, *id));
        *best = (*best).max((*by, *id));
    }
    let mut ids: Vec<i64> = first.into_values().map(|(_, id)| id).collect();
    ids.sort_unstable();
    ids
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row =
        (proptest::option::of(0_i64..6), proptest::option::of("[a-c]{0,2}"), proptest::option::of(-3_i64..3));
    proptest::collection::vec(row, 1..400)
        .prop_map(|rows| rows.into_iter().zip(0..).map(|((a, b, by), id)| (a, b, by, id)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_first_row_of_every_key_is_kept(rows in rows(), size in 1_usize..50) {
        let batches: Vec<RecordBatch> = rows.chunks(size).map(batch).collect();
        let (ids, sorted) = run(&batches, usize::MAX);
        prop_assert_eq!(ids, expected(&rows));
        prop_assert!(!sorted);
    }

    #[test]
    fn without_memory_the_same_rows_are_kept_by_a_sort(seed in any::<i64>()) {
        let rows: Vec<Row> = (0..4000_i64)
            .map(|id| {
                let mixed = (id ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.cast_signed()) >> 40;
                (Some(mixed % 700), Some(format!("key number {}", mixed % 3)), Some(mixed % 11), id)
            })
            .collect();
        let batches: Vec<RecordBatch> = rows.chunks(100).map(batch).collect();
        let (ids, sorted) = run(&batches, 200_000);
        prop_assert_eq!(ids, expected(&rows));
        prop_assert!(sorted, "the pool was meant to refuse");
    }
}
