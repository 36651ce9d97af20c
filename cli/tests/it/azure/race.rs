//! Lost races for a version, as Azure and as Azurite answer them.

use goldsmith_testkit::account::{AccountProxy, HttpFault};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::harness::{Account, expected, refresh};
use crate::common::{LakeLayout, Sandbox};

const TABLE: &str = "supporting_Channels";

/// Somebody else makes version 1 just before the refresh would, which is answered with `status`.
async fn another_writer_is_faster(status: u16) {
    let account = Account::start().await;
    let sandbox = account.sandbox_at(LakeLayout::Simplified, &account.azurite.endpoint());
    refresh(&sandbox, &[], &[]).await;
    let gold = account.gold.clone();
    let foreign = Sandbox::empty();
    std::fs::write(
        foreign.path("00000000000000000001.json"),
        "{\"commitInfo\":{\"timestamp\":1767225600000,\"operation\":\"VACUUM END\"}}\n",
    )
    .unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let was_done = Arc::clone(&done);
    let proxy = AccountProxy::start(&account.azurite, move |asked| {
        if !asked.commits() || !asked.path.contains(TABLE) || done.swap(true, Ordering::SeqCst) {
            return None;
        }
        let putting = gold.upload(foreign.dir.path(), "ci/supporting_Channels/_delta_log");
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(putting));
        Some(HttpFault::DoneButStatus(status))
    })
    .await;
    let sandbox = account.sandbox_at(LakeLayout::Simplified, &proxy.endpoint());
    let report = refresh(&sandbox, &["--full"], &[]).await;
    assert!(was_done.load(Ordering::SeqCst), "no commit was raced for");
    let models = report["models"].as_array().unwrap();
    let raced = models.iter().find(|model| model["name"] == TABLE).unwrap();
    assert_eq!(raced["version_after"], 2, "{raced}");
    account.gold.download("ci", &sandbox.path("gold")).await;
    let rows = sandbox.gold_rows(TABLE, &["RowModifiedUtc"]);
    assert_eq!(rows, expected().gold_rows(TABLE, &["RowModifiedUtc"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_race_that_is_answered_with_412_is_planned_again() {
    another_writer_is_faster(412).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_race_that_is_answered_with_409_is_planned_again() {
    another_writer_is_faster(409).await;
}
