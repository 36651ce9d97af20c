//! The tables of another writer, in every way in which a plan can run.

use std::path::Path;
use std::process::Command;

use goldsmith_lake::snapshot::TableSnapshot;
use goldsmith_lake::{LakeError, Location, Stores};
use goldsmith_proto::id::Version;
use goldsmith_testkit::golden::golden;
use serde_json::Value;

use super::common::answers;

async fn open(folder: &Path, case: &Value, version: Option<u64>) -> Result<TableSnapshot, LakeError> {
    let table = folder.join(case["table"].as_str().unwrap_or("table"));
    let location = Location::parse(table.to_str().unwrap()).unwrap();
    TableSnapshot::require(&Stores::default(), "t", &location, version.map(Version::new)).await
}

/// Asks a table and says whether it answered; if not, it must be allowed to.
async fn asked(folder: &Path, case: &Value, version: Option<u64>, sql: &str, expected: &Value) -> bool {
    let rows = match open(folder, case, version).await {
        Ok(snapshot) => answers(&snapshot, sql).await,
        Err(error) => Err(error.to_string()),
    };
    let what = format!("{} {version:?}: {sql}", case["name"]);
    match rows {
        Ok(rows) => assert_eq!(rows.len() as u64, expected.as_u64().unwrap_or(u64::MAX), "{what}"),
        Err(error) => {
            assert!(case["must"].as_str().unwrap().contains("refuse"), "{what}: {error}");
            return false;
        }
    }
    true
}

#[tokio::test]
async fn plans_over_every_table_of_the_archive_can_be_sent_and_give_the_same_rows() {
    let Some(golden) = golden("plans over the tables of another writer") else { return };
    let folder = tempfile::TempDir::new().unwrap();
    let archive = golden.join("delta_tables.tar.gz");
    let unpacked = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(folder.path()).status().unwrap();
    assert!(unpacked.success());
    let mut answered = 0;
    for case in std::fs::read_dir(folder.path()).unwrap() {
        let folder = case.unwrap().path();
        let case: Value = serde_json::from_slice(&std::fs::read(folder.join("case.json")).unwrap()).unwrap();
        let list = |key: &str| case[key].as_array().cloned().unwrap_or_default();
        for version in list("versions").iter().filter(|version| version["file"].is_string()) {
            let sql = "SELECT * FROM t";
            let number = version["version"].as_u64();
            answered += usize::from(asked(&folder, &case, number, sql, &version["rows"]).await);
        }
        for filter in list("filters") {
            let sql = format!("SELECT * FROM t WHERE {}", filter["where"].as_str().unwrap());
            answered += usize::from(asked(&folder, &case, None, &sql, &filter["rows"]).await);
        }
    }
    assert!(answered > 200, "{answered} answers");
}
