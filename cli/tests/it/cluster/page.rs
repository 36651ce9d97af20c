//! The page of the scheduler, as programs and as a browser see it.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::harness::{Cluster, wait_until};
use crate::common::{LakeLayout, Sandbox};

fn text(cluster: &Cluster<'_>, path: &str) -> String {
    String::from_utf8(cluster.get(path)).unwrap()
}

fn overview(cluster: &Cluster<'_>) -> Value {
    let answer = text(cluster, "/api/overview");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn a_refresh_is_seen_while_it_runs_and_after_it() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let cluster = Cluster::start(&sandbox, 2);
    assert!(text(&cluster, "/").contains("Nothing has been refreshed yet."));
    let mut client = cluster.refreshing();
    let (mut page, mut building) = (String::new(), false);
    wait_until("a model that is being built", || {
        let models = overview(&cluster)["running"][0]["models"].as_array().cloned().unwrap_or_default();
        building |= models.iter().any(|model| model["state"] == "building");
        page = text(&cluster, "/now");
        building && page.contains("A refresh is running.") || !client.is_running()
    });
    assert!(building, "the refresh ended before anything was seen of it");
    assert!(page.contains("gold.activities_Orders") && page.contains("models are staged"), "{page}");
    client.report();
    let mut after = Value::Null;
    wait_until("the page to have seen the tables", || {
        after = overview(&cluster);
        after["tables"].as_array().unwrap().iter().any(|table| table["version"] == 0)
    });
    assert_eq!(after["running"].as_array().unwrap().len(), 0);
    assert_eq!(after["history"]["refreshes"][0]["state"], "done");
    let tables = after["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 9);
    assert!(
        tables.iter().all(|table| table["version"] == 0 && table["committed_at"].is_string()),
        "{tables:?}"
    );
    let bronze = after["bronze"]["tables"].as_array().unwrap();
    assert!(
        bronze.iter().any(|table| table["name"] == "salesline" && table["version"].is_u64()),
        "{bronze:?}"
    );
    let metrics = text(&cluster, "/metrics");
    for line in ["goldsmith_refreshes_total{state=\"done\"} 1", "goldsmith_executors 2", "# EOF"] {
        assert!(metrics.contains(line), "{metrics}");
    }
    assert!(!metrics.contains("goldsmith_storage_read_bytes_total{kind=\"log\"} 0\n"), "{metrics}");
}

#[test]
fn a_failed_refresh_says_why() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    std::fs::remove_dir_all(sandbox.path("bronze/custtable")).unwrap();
    let cluster = Cluster::start(&sandbox, 1);
    assert!(!cluster.refreshing().wait().status.success());
    let page = text(&cluster, "/");
    assert!(page.contains("The last refresh failed.") && page.contains("custtable"), "{page}");
    assert!(text(&cluster, "/metrics").contains("goldsmith_refreshes_total{state=\"failed\"} 1"));
}

#[test]
fn only_names_of_this_machine_are_answered() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let cluster = Cluster::start(&sandbox, 0);
    let status = |answer: Vec<u8>| String::from_utf8(answer).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(status(cluster.get("/readyz")), "HTTP/1.1 200 OK");
    assert_eq!(status(cluster.get("/livez")), "HTTP/1.1 200 OK");
    assert_eq!(status(cluster.get("/nowhere")), "HTTP/1.1 404 Not Found");
    assert_eq!(status(cluster.get_as("/", "evil.example")), "HTTP/1.1 403 Forbidden");
    let page = text(&cluster, "/");
    assert!(page.contains("content-security-policy: default-src 'none'"), "{page}");
}

/// What a browser makes of the page: its own script asks again and puts the answer in place.
#[test]
fn a_browser_shows_the_page_and_keeps_it_up_to_date() {
    if std::env::var_os("GOLDSMITH_NO_BROWSER").is_some() {
        eprintln!("not run: GOLDSMITH_NO_BROWSER is set");
        return;
    }
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let cluster = Cluster::start(&sandbox, 1);
    cluster.refreshing().report();
    let picture = sandbox.path("page.png");
    let browser =
        ["chromium", "chromium-browser", "google-chrome"].iter().find(|name| on_path(name).is_some());
    let browser = browser.expect("a Chromium is needed; GOLDSMITH_NO_BROWSER=1 leaves this test out");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--dump-dom",
        ])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", sandbox.path("browser").display()))
        .arg(format!("--screenshot={}", picture.display()))
        .args(["--window-size=1280,1600", "--virtual-time-budget=7000"])
        .arg(format!("http://{}/", cluster.http_address()))
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&output.stdout);
    assert!(dom.contains("Published tables") && dom.contains("activities_Orders"), "{dom}");
    assert!(!dom.contains("does not answer"), "{dom}");
    // The script has asked at least once: what it puts in place says so.
    assert!(dom.contains("data-looks=\""), "{dom}");
    assert!(std::fs::metadata(&picture).is_ok_and(|picture| picture.len() > 20_000), "no picture");
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.exists())
}
