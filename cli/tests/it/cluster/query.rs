//! Statements on the cluster and here.

use std::fs;
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch};
use serde_json::{Value, json};

use super::harness::Cluster;
use crate::common::{AS_OF, LakeLayout, Sandbox, log, write_table};

/// Shapes that a distributed plan could get wrong: rows once per partition instead of once, joins that only one task may do,
/// orders and limits across partitions, nothing at all.
const STATEMENTS: [&str; 23] = [
    "SELECT count(*) AS n, sum(lineamount) AS s FROM salesline",
    "SELECT count(*) FROM salesline s LEFT ANTI JOIN salestable t ON s.salesid = t.salesid",
    "SELECT count(*) FROM salesline s LEFT SEMI JOIN salestable t ON s.salesid = t.salesid",
    "SELECT count(*) FROM salestable WHERE salesid NOT IN (SELECT salesid FROM salesline WHERE salesid IS NOT NULL)",
    "SELECT count(*) FROM salestable WHERE salesid NOT IN (SELECT salesid FROM salesline)",
    "SELECT (SELECT max(lineamount) FROM salesline) AS m, count(*) AS n FROM custtable",
    "SELECT dataareaid, count(*) AS n FROM salesline GROUP BY dataareaid ORDER BY n DESC, dataareaid",
    "SELECT DISTINCT dataareaid FROM salestable UNION SELECT dataareaid FROM custtable ORDER BY 1",
    "SELECT salesid, linenum FROM salesline ORDER BY lineamount DESC NULLS LAST, salesid, linenum LIMIT 7",
    "SELECT 1 AS one UNION ALL SELECT 2 UNION ALL SELECT count(*) FROM salesline ORDER BY 1",
    "SELECT count(*) FROM (SELECT salesid, row_number() OVER (PARTITION BY salesid ORDER BY linenum, recid) AS rn FROM salesline) WHERE rn = 1",
    "SELECT count(*) FROM salesline a CROSS JOIN (SELECT max(recid) AS m FROM salestable) b WHERE a.recid > b.m",
    "SELECT count(*) FROM salesline s FULL JOIN salestable t ON s.salesid = t.salesid AND s.dataareaid = t.dataareaid",
    "SELECT salesid FROM salesline WHERE 1 = 0",
    "SELECT count(*) AS n, count(s.salesid) AS m FROM (SELECT accountnum FROM custtable LIMIT 50) c LEFT JOIN salesline s ON s.lineamount > 1e12",
    "SELECT count(*) FROM (SELECT recid FROM custtable LIMIT 50) c WHERE NOT EXISTS (SELECT 1 FROM salesline s WHERE s.lineamount < c.recid - 1e12)",
    "SELECT count(*) FROM (SELECT recid FROM custtable LIMIT 50) c FULL JOIN salesline s ON s.lineamount > c.recid + 1e12",
    "SELECT count(*) FROM (SELECT salesid FROM salestable UNION ALL SELECT salesid FROM salesline) a WHERE salesid NOT IN (SELECT salesid FROM salestable WHERE salesid IS NOT NULL)",
    "SELECT count(*) AS n, count(s.salesid) AS m FROM (SELECT DISTINCT dataareaid FROM custtable) c LEFT JOIN salesline s ON c.dataareaid = s.dataareaid",
    "SELECT count(*) AS n, count(c.dataareaid) AS m FROM salesline s LEFT JOIN (SELECT DISTINCT dataareaid FROM custtable) c ON c.dataareaid = s.dataareaid",
    "SELECT count(*) AS n, sum(x.n) AS m FROM salesline s JOIN (SELECT salesid, count(*) AS n FROM salestable GROUP BY salesid) x ON x.salesid = s.salesid",
    "SELECT count(*) FROM (SELECT s.salesid FROM salesline s JOIN (SELECT max(recid) AS m FROM salestable) b ON s.recid > b.m UNION ALL SELECT c.accountnum FROM custtable c CROSS JOIN (SELECT 1 AS one) x UNION ALL SELECT t.salesid FROM (SELECT max(recid) AS m FROM custtable) b JOIN salestable t ON t.recid < b.m)",
    "SELECT count(*) FROM (SELECT a.accountnum FROM (SELECT accountnum FROM custtable LIMIT 3) a CROSS JOIN salestable t UNION ALL SELECT accountnum FROM custtable)",
];

#[test]
fn statements_answer_as_they_do_here() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let cluster = Cluster::start(&sandbox, 2);
    for statement in STATEMENTS {
        let here = sandbox.json(&["query", statement, "--as-of", AS_OF, "--output", "json"]);
        let url = cluster.url();
        let args = ["query", statement, "--as-of", AS_OF, "--output", "json", "--cluster", &url];
        assert_eq!(sandbox.json(&args), here, "{statement}");
    }
}

#[test]
fn what_is_wrong_with_a_statement_is_said_as_it_is_here() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    let cluster = Cluster::start(&sandbox, 1);
    let url = cluster.url();
    for statement in [
        "SELECT nothing FROM salesline",
        "SELECT 1 FROM nowhere",
        "SELEC 1",
        "SELECT 1 FROM gold.profiles_Customer",
    ] {
        let here = sandbox.failure(&["query", statement]);
        assert_eq!(sandbox.failure(&["query", statement, "--cluster", &url]), here, "{statement}");
    }
}

#[test]
fn a_scheduler_that_is_not_there_is_named() {
    let sandbox = Sandbox::empty();
    let (code, text) = sandbox.failure(&["query", "SELECT 1", "--cluster", "http://127.0.0.1:9"]);
    assert_eq!(code, 1);
    assert!(
        text.contains("cannot reach the scheduler at http://127.0.0.1:9") && text.contains("hint:"),
        "{text}"
    );
    let (code, text) = sandbox.failure(&["refresh", "--cluster", "http://127.0.0.1:9"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("cannot reach the scheduler") && text.contains("onnection refused"), "{text}");
    assert!(!text.contains("for 60 s"), "one that was never there is not waited for: {text}");
    for command in ["status", "history"] {
        let (code, text) = sandbox.failure(&[command, "--cluster", "http://127.0.0.1:9"]);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("cannot reach the scheduler at http://127.0.0.1:9"), "{text}");
        let (code, text) = sandbox.failure(&[command]);
        assert_eq!(code, 3, "without a gold folder there is nothing to tell of: {text}");
    }
}

#[test]
fn a_url_that_is_none_of_a_scheduler_is_wrong_usage() {
    let sandbox = Sandbox::empty();
    for url in ["127.0.0.1:9", "localhost:9", "https://127.0.0.1", "ftp://x:1", "http://x", "not a url", ""] {
        for args in [["status", "--cluster", url], ["executor", "--scheduler", url]] {
            let (code, text) = sandbox.failure(&args);
            assert_eq!(code, 64, "{args:?}: {text}");
            assert!(text.contains("https://HOST:PORT"), "{args:?}: {text}");
        }
    }
    let (code, text) = sandbox.failure(&["executor", "--scheduler", "https://127.0.0.1:9"]);
    assert!(code == 64 && text.contains("--tls DIR"), "{code} {text}");
    for command in ["demo", "check", "scheduler"] {
        let (code, text) = sandbox.failure(&[command, "--cluster", "http://127.0.0.1:9"]);
        assert_eq!(code, 64, "{command}: {text}");
        assert!(text.contains("leave out --cluster"), "{command}: {text}");
    }
}

/// The list of its files is longer than a message of gRPC may be by default.
#[test]
fn a_table_of_twenty_thousand_files_is_read() {
    const FILES: usize = 20_000;
    let bronze = tempfile::TempDir::new().unwrap();
    let table = bronze.path().join("many");
    let rows = RecordBatch::try_from_iter([("id", Arc::new(Int64Array::from(vec![1, 2])) as _)]).unwrap();
    write_table(&table, &rows, &json!({"minReaderVersion": 1, "minWriterVersion": 2}), &json!({}));
    let mut actions = log(&table).remove(0);
    let add = actions.pop().unwrap();
    actions.extend((0..FILES).map(|number| {
        let name = format!("part-{number:05}-{}.parquet", "0123456789abcdef".repeat(12));
        fs::hard_link(table.join("rows.parquet"), table.join(&name)).unwrap();
        let mut add = add.clone();
        add["add"]["path"] = name.into();
        add
    }));
    let text: String = actions.iter().map(|action: &Value| format!("{action}\n")).collect();
    fs::write(table.join("_delta_log/00000000000000000000.json"), text).unwrap();
    let sandbox = Sandbox::over(bronze.path(), LakeLayout::Simplified, "");
    // One core, so that all of them are in one task.
    let cluster = Cluster::start(&sandbox, 1);
    let url = cluster.url();
    let args = ["query", "SELECT count(*), sum(id) FROM many", "--output", "json", "--cluster", &url];
    assert_eq!(sandbox.json(&args)["rows"], json!([[2 * FILES, 3 * FILES]]));
}
