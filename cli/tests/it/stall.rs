//! What waits for ever ends, says for what, and leaves everything as it was.

use crate::cluster::harness::Cluster;
use crate::common::{LakeLayout, Sandbox, block};

/// Ways to read the table that stands still: by the task that waits for rows, and by tasks of their own.
const STATEMENTS: [&str; 2] =
    ["SELECT * FROM retailaffiliation", "SELECT count(*) FROM retailaffiliation WHERE name = 'x'"];

#[test]
fn what_stands_still_ends_and_says_where() {
    let sandbox = Sandbox::published();
    block(&sandbox.path("bronze/retailaffiliation"));
    let text = sandbox.refused(&["refresh", "--full", "--stall-timeout", "2"], 1);
    assert!(text.contains("no counter of it moved for 2 s: it waits in "), "{text}");
    assert!(text.contains("\n  hint: run it again"), "{text}");
    assert!(!text.contains("External error"), "{text}");
    for statement in STATEMENTS {
        let text = sandbox.refused(&["query", statement, "--stall-timeout", "2"], 1);
        assert!(
            text.contains(
                "error: the statement failed\n  because: no counter of it moved for 2 s: it waits in "
            ),
            "{text}"
        );
    }
}

#[test]
fn what_stands_still_on_a_cluster_ends_says_where_and_is_counted() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    block(&sandbox.path("bronze/retailaffiliation"));
    let cluster = Cluster::start_with(&sandbox, 2, &["--small-job", "0", "--stall-timeout", "2"]);
    let url = cluster.url();
    let text = sandbox.refused(&["query", STATEMENTS[0], "--cluster", &url], 1);
    assert!(text.contains("moved for 2 s, twice: it waits for "), "{text}");
    let text = sandbox.refused(&["refresh", "--full", "--cluster", &url], 1);
    assert!(text.contains("moved for 2 s, twice: it waits for "), "{text}");
    let metrics = String::from_utf8(cluster.get("/metrics")).unwrap();
    let stalled = metrics.lines().find(|line| line.starts_with("goldsmith_jobs_stalled_total ")).unwrap();
    // Each was tried twice.
    assert_eq!(stalled, "goldsmith_jobs_stalled_total 4", "{metrics}");
}
