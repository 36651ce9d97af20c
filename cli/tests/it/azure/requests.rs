//! What a refresh asks of storage.

use std::collections::BTreeMap;
use std::sync::Arc;

use goldsmith_testkit::account::{AccountProxy, Asked};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use serde_json::json;

use super::harness::{Account, refresh, run};
use crate::common::{LakeLayout, Sandbox, write_table};

/// The table that a request is for.
fn table(asked: &Asked) -> String {
    let prefix = asked.query.split('&').find_map(|pair| pair.strip_prefix("prefix=")).unwrap_or_default();
    let path = if asked.lists() { prefix.replace("%2F", "/") } else { asked.path.clone() };
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let at = names.iter().position(|name| *name == "_delta_log").unwrap_or(names.len());
    names[..at].last().copied().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_table_costs_one_listing_and_one_read_for_each_entry() {
    let account = Account::start().await;
    let proxy = AccountProxy::start(&account.azurite, |_| None).await;
    let sandbox = account.sandbox_at(LakeLayout::Simplified, &proxy.endpoint());
    refresh(&sandbox, &[], &[]).await;
    proxy.forget();
    // Nothing has changed: what is left is finding that out.
    refresh(&sandbox, &[], &[]).await;
    let mut lists: BTreeMap<String, usize> = BTreeMap::new();
    let mut reads: BTreeMap<String, usize> = BTreeMap::new();
    for asked in proxy.seen() {
        let is_log = asked.path.contains("_delta_log") || asked.query.contains("_delta_log");
        assert!(
            !asked.path.ends_with(".parquet"),
            "data was read though nothing had changed: {}",
            asked.path
        );
        if is_log {
            let (counts, key) =
                if asked.lists() { (&mut lists, table(&asked)) } else { (&mut reads, asked.path) };
            *counts.entry(key).or_default() += 1;
        }
    }
    assert!(lists.len() > 20, "{lists:?}");
    for (table, count) in &lists {
        assert_eq!(*count, 1, "listings of the log of {table}");
    }
    for (path, count) in &reads {
        assert_eq!(*count, 1, "reads of {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_reads_only_the_columns_that_it_uses() {
    let account = Account::start().await;
    // A column of four megabytes between two small ones.
    let wide = Sandbox::empty();
    let count = 4096_u32;
    let small = || Arc::new(Int64Array::from_iter_values(0..i64::from(count))) as ArrayRef;
    let noise = (0..count).map(|row| {
        let words =
            (0..16_u32).map(|word| format!("{:016x}{:016x}", row.wrapping_mul(word), row ^ (word << 20)));
        words.collect::<Vec<_>>().join(" ").repeat(2)
    });
    let large: ArrayRef = Arc::new(StringArray::from_iter_values(noise));
    let rows = RecordBatch::try_from_iter([("first", small()), ("wide", large), ("last", small())]).unwrap();
    let protocol = json!({"minReaderVersion": 1, "minWriterVersion": 2});
    write_table(&wide.path("bronze/wide"), &rows, &protocol, &json!({}));
    account.azurite.container("lake").await.upload(&wide.path("bronze/wide"), "bronze/wide").await;
    let proxy = AccountProxy::start(&account.azurite, |_| None).await;
    let sandbox = account.sandbox_at(LakeLayout::Simplified, &proxy.endpoint());
    let bytes = |sql: &'static str| {
        let (sandbox, proxy) = (&sandbox, &proxy);
        async move {
            proxy.forget();
            let output = run(sandbox, &["query", sql, "--output", "json"], &[]).await;
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            proxy
                .seen()
                .iter()
                .filter(|asked| asked.path.ends_with(".parquet"))
                .map(|asked| asked.answered)
                .sum::<u64>()
        }
    };
    let one = bytes("SELECT max(`last`) FROM wide").await;
    let all = bytes("SELECT max(wide) FROM wide").await;
    assert!(one > 0 && one * 4 < all, "one column: {one} bytes, all: {all}");
}
