//! Gold in an account is gold.

use std::fs;

use goldsmith_testkit::account::KEY;
use serde_json::{Value, json};

use super::harness::{Account, HOST, expected, refresh, run};
use crate::common::{LakeLayout, Sandbox, TABLES, repository};

async fn gold_equals(layout: LakeLayout) {
    let account = Account::start().await;
    let sandbox = account.sandbox_at(layout, &account.azurite.endpoint());
    refresh(&sandbox, &[], &[]).await;
    let expected = expected();
    account.assert_gold(&sandbox, &expected, 1).await;
    let again = refresh(&sandbox, &[], &[]).await;
    let modes: Vec<&Value> = again["models"].as_array().unwrap().iter().map(|model| &model["mode"]).collect();
    assert!(modes.iter().all(|mode| *mode == "unchanged"), "{modes:?}");
    account.assert_gold(&sandbox, &expected, 1).await;
    let left: Vec<String> = account.gold.keys("ci/_goldsmith").await;
    assert!(left.is_empty(), "{left:?}");
    let check = run(&sandbox, &["check", "--output", "json"], &[]).await;
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn gold_in_an_account_is_that_of_a_local_disk() {
    gold_equals(LakeLayout::Simplified).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gold_in_an_account_is_that_of_a_local_disk_with_silver_tables() {
    gold_equals(LakeLayout::Medallion).await;
}

/// A lakehouse of OneLake whose tables are shortcuts: to another lakehouse, to a storage account, and one that is no
/// shortcut.
#[tokio::test(flavor = "multi_thread")]
async fn tables_are_read_where_their_shortcuts_point() {
    let account = Account::start().await;
    let bronze = repository().join("testdata/small/bronze");
    let workspace = "cfafbeb1-8037-4d0c-896e-a46fb27ff229";
    let others = "5b218778-e7a5-4d73-8187-f10824047715";
    let own = account.azurite.container("own-workspace").await;
    let other = account.azurite.container(workspace).await;
    let storage = account.azurite.container("exports").await;
    for table in fs::read_dir(&bronze).unwrap() {
        let table = table.unwrap();
        let name = table.file_name().into_string().unwrap();
        match name.as_str() {
            "salesline" => other.upload(&table.path(), &format!("{others}/Tables/dbo/lines")).await,
            "custtable" => storage.upload(&table.path(), "d365/custtable").await,
            _ => own.upload(&table.path(), &format!("commerce.Lakehouse/Tables/{name}")).await,
        }
    }
    let sandbox = Sandbox::empty();
    let shortcuts = json!({"value": [
        {"path": "Tables", "name": "salesline", "target": {"type": "OneLake", "oneLake": {
            "workspaceId": workspace, "itemId": others, "path": "Tables/dbo/lines"}}},
        {"path": "Tables", "name": "custtable", "target": {"type": "AdlsGen2", "adlsGen2": {
            "location": format!("https://{HOST}"), "subpath": "/exports/d365/custtable",
            "connectionId": "91324db9-8cae-4d98-a7f7-c5a6b8a0d8ab"}}},
        {"path": "Tables", "name": "dirpartytable", "target": {"type": "Dataverse", "dataverse": {
            "environmentDomain": "https://org.crm.dynamics.com", "tableName": "dirpartytable",
            "deltaLakeFolder": "x", "connectionId": "of-dataverse"}}},
    ]});
    fs::write(sandbox.path("shortcuts.json"), shortcuts.to_string()).unwrap();
    let text = format!(
        "[bronze]\nurl = \"https://onelake.dfs.fabric.microsoft.com/own-workspace/commerce.Lakehouse/Tables\"\n\
         connection = \"fabric\"\nshortcuts = \"shortcuts.json\"\n\
         shortcut_connections = {{ \"91324db9-8cae-4d98-a7f7-c5a6b8a0d8ab\" = \"exports\" }}\n\
         [gold]\nurl = \"abfss://gold@onelake.dfs.fabric.microsoft.com/ci.Lakehouse/Files/ci\"\nconnection = \"fabric\"\n\
         [pack.vars]\ndeleted_rows = \"reference\"\n\
         [connections.fabric]\nauth = \"emulator\"\nendpoint = \"{endpoint}\"\n\
         [connections.exports]\nauth = \"account-key\"\naccount_key = \"env:EXPORTS\"\nendpoint = \"{endpoint}\"\n",
        endpoint = account.azurite.endpoint()
    );
    fs::write(sandbox.path("goldsmith.toml"), text).unwrap();
    refresh(&sandbox, &[], &[("EXPORTS", KEY)]).await;
    account.gold.download("ci.Lakehouse/Files/ci", &sandbox.path("gold")).await;
    let expected = expected();
    for table in TABLES {
        let rows = sandbox.gold_rows(table, &["RowModifiedUtc"]);
        assert_eq!(rows, expected.gold_rows(table, &["RowModifiedUtc"]), "rows of {table}");
    }
    // Each by its own connection: without the secret of one, its table is the one that cannot be read.
    let output = run(&sandbox, &["refresh"], &[]).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(error.contains("exports@") && error.contains("EXPORTS is not set"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_lake_is_written_to_an_account_and_refreshed_there() {
    let account = Account::start().await;
    let sandbox = account.sandbox_at(LakeLayout::Simplified, &account.azurite.endpoint());
    let config = std::fs::read_to_string(sandbox.path("goldsmith.toml")).unwrap();
    std::fs::write(sandbox.path("goldsmith.toml"), config.replace("lake@", "made@")).unwrap();
    let url = format!("abfss://made@{}/bronze", super::harness::HOST);
    for more in [&["--scale", "0.002"][..], &["--mutate", "--fraction", "0.01"]] {
        let mut args = vec!["generate", &url, "--connection", "writer", "--seed", "7"];
        args.extend(more);
        let made = run(&sandbox, &args, &[]).await;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let report = refresh(&sandbox, &[], &[]).await;
    let rows: u64 =
        report["models"].as_array().unwrap().iter().map(|m| m["rows_inserted"].as_u64().unwrap()).sum();
    assert!(rows > 1000, "{report}");
}
