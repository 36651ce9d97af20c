//! Storage that misbehaves: what a retry can cure is cured, unaided; what it cannot ends with an error and no commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use goldsmith_testkit::account::{AccountProxy, Asked, HttpFault};

use super::harness::{Account, expected, refresh, run};
use crate::cluster::harness::Cluster;
use crate::common::LakeLayout;

type Script = Arc<dyn Fn(&Asked) -> Option<HttpFault> + Send + Sync>;

/// What it is, the requests that it hits, how they are answered, and what the error has to say.
type Incurable = (&'static str, fn(&Asked) -> bool, u16, &'static str);

/// `fault` for one request in `every`, in a way that a repeated request is not hit for ever.
fn every(every: u64, fault: HttpFault) -> Script {
    Arc::new(move |asked| asked.number.is_multiple_of(every).then(|| fault.clone()))
}

/// `fault` for the first `count` requests that are meant.
fn first(count: u64, is_meant: fn(&Asked) -> bool, fault: HttpFault) -> Script {
    let hit = AtomicU64::new(0);
    Arc::new(move |asked| {
        (is_meant(asked) && hit.fetch_add(1, Ordering::SeqCst) < count).then(|| fault.clone())
    })
}

fn curable() -> Vec<(&'static str, Script)> {
    let is_read = |asked: &Asked| asked.method == http::Method::GET && asked.path.ends_with(".parquet");
    let is_data_write = |asked: &Asked| asked.method == http::Method::PUT && asked.path.ends_with(".parquet");
    let commits = Asked::commits;
    vec![
        ("late answers", every(7, HttpFault::Delay(Duration::from_millis(60)))),
        ("broken connections", every(9, HttpFault::Reset)),
        ("answers that are lost", every(11, HttpFault::AnswerLost)),
        ("answers that are cut off", first(5, is_read, HttpFault::Cut)),
        ("500", every(8, HttpFault::Status(500, None))),
        ("503 with a wish for time", every(20, HttpFault::Status(503, Some(1)))),
        ("429 with a wish for time", every(20, HttpFault::Status(429, Some(1)))),
        (
            "files that are written and answered with 500",
            first(6, is_data_write, HttpFault::DoneButStatus(500)),
        ),
        ("commits that are made and answered with 500", first(4, commits, HttpFault::DoneButStatus(500))),
        ("commits that are made and answered with 412", first(4, commits, HttpFault::DoneButStatus(412))),
        ("commits whose answers are lost", first(4, commits, HttpFault::AnswerLost)),
        ("commits whose connections break", first(4, commits, HttpFault::Reset)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_retry_can_cure_is_cured() {
    let expected = expected();
    for (name, script) in curable() {
        let account = Account::start().await;
        let proxy = AccountProxy::start(&account.azurite, move |asked| script(asked)).await;
        let sandbox = account.sandbox_at(LakeLayout::Simplified, &proxy.endpoint());
        let output = run(&sandbox, &["refresh", "--as-of", crate::common::AS_OF], &[]).await;
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(proxy.faults() > 0, "{name}: nothing was hit");
        account.assert_gold(&sandbox, &expected, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_retry_can_cure_is_cured_on_a_cluster() {
    let expected = expected();
    for (name, script) in curable() {
        let account = Account::start().await;
        let proxy = AccountProxy::start(&account.azurite, move |asked| script(asked)).await;
        let sandbox = account.sandbox_at(LakeLayout::Simplified, &proxy.endpoint());
        tokio::task::block_in_place(|| {
            let cluster = Cluster::start(&sandbox, 2);
            let output = cluster.refreshing().wait();
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        });
        assert!(proxy.faults() > 0, "{name}: nothing was hit");
        account.assert_gold(&sandbox, &expected, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_retry_can_cure_ends_with_an_error_and_no_commit() {
    let is_read = |asked: &Asked| asked.path.ends_with(".parquet") && asked.method == http::Method::GET;
    let is_data_write = |asked: &Asked| asked.path.ends_with(".parquet") && asked.method == http::Method::PUT;
    let is_entry = |asked: &Asked| asked.path.contains("/_delta_log/0") && asked.method == http::Method::GET;
    let cases: [Incurable; 4] = [
        ("data that may not be read", is_read, 403, "403"),
        ("files that may not be written", is_data_write, 403, "403"),
        ("logs that may not be read", is_entry, 403, "cannot read the log"),
        ("data that is not there", is_read, 404, "not found"),
    ];
    for (name, is_meant, status, part) in cases {
        let account = Account::start().await;
        let script = first(u64::MAX, is_meant, HttpFault::Status(status, None));
        let proxy = AccountProxy::start(&account.azurite, move |asked| script(asked)).await;
        let sandbox = account.sandbox_at(LakeLayout::Simplified, &proxy.endpoint());
        let output = run(&sandbox, &["refresh", "--as-of", crate::common::AS_OF], &[]).await;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(part), "{name}: {text}");
        assert!(text.contains("hint: "), "{name}: {text}");
        let left = account.gold.keys("ci").await;
        assert!(!left.iter().any(|key| key.contains("_delta_log")), "{name}: {left:?}");
        assert!(!left.iter().any(|key| key.ends_with(".parquet")), "{name} leaves staged files: {left:?}");
        // Nothing stands in the way of the next one.
        let cured = account.sandbox_at(LakeLayout::Simplified, &account.azurite.endpoint());
        refresh(&cured, &[], &[]).await;
        account.assert_gold(&cured, &expected(), 1).await;
    }
}
