//! A sandbox whose layers are in a storage account.

use std::fs;
use std::process::{Command, Output};

use goldsmith_testkit::account::azurite::Container;
use goldsmith_testkit::account::{ACCOUNT, Azurite};

use crate::common::{AS_OF, LakeLayout, Sandbox, TABLES, repository};

/// Account of the URLs; where it is, `endpoint` says.
pub(crate) const HOST: &str = "devstoreaccount1.dfs.core.windows.net";

/// Azurite with the small lake in one container; gold goes to another.
pub(crate) struct Account {
    pub(crate) azurite: Azurite,
    pub(crate) gold: Container,
}

impl Account {
    pub(crate) async fn start() -> Self {
        assert!(HOST.starts_with(ACCOUNT));
        let azurite = Azurite::start();
        let lake = azurite.container("lake").await;
        lake.upload(&repository().join("testdata/small/bronze"), "bronze").await;
        let gold = azurite.container("gold").await;
        Self { azurite, gold }
    }

    /// A sandbox over it: bronze by the connection `reader` whose section is `reader`, gold by `writer`.
    pub(crate) fn sandbox(&self, layout: LakeLayout, reader: &str, writer: &str) -> Sandbox {
        let sandbox = Sandbox::empty();
        let silver = match layout {
            LakeLayout::Simplified => String::new(),
            LakeLayout::Medallion => {
                format!("[silver]\nurl = \"abfss://lake@{HOST}/silver\"\nconnection = \"writer\"\n")
            }
        };
        let text = format!(
            "[bronze]\nurl = \"abfss://lake@{HOST}/bronze\"\nconnection = \"reader\"\n{silver}\
             [gold]\nurl = \"https://{HOST}/gold/ci\"\nconnection = \"writer\"\n\
             [pack.vars]\ndeleted_rows = \"reference\"\n\
             [connections.reader]\n{reader}\n[connections.writer]\n{writer}\n"
        );
        fs::write(sandbox.path("goldsmith.toml"), text).unwrap();
        sandbox
    }

    /// Both connections are an emulator at `endpoint`.
    pub(crate) fn sandbox_at(&self, layout: LakeLayout, endpoint: &str) -> Sandbox {
        let section = format!("auth = \"emulator\"\nendpoint = \"{endpoint}\"");
        self.sandbox(layout, &section, &section)
    }

    /// Asserts that gold is what the embedded engine makes of the same lake on a disk; returns the number of versions
    /// of each table.
    pub(crate) async fn assert_gold(&self, sandbox: &Sandbox, expected: &Sandbox, versions: usize) {
        let _ = fs::remove_dir_all(sandbox.path("gold"));
        self.gold.download("ci", &sandbox.path("gold")).await;
        for table in TABLES {
            let rows = sandbox.gold_rows(table, &["RowModifiedUtc"]);
            assert_eq!(rows, expected.gold_rows(table, &["RowModifiedUtc"]), "rows of {table}");
            let log = fs::read_dir(sandbox.path("gold").join(table).join("_delta_log")).unwrap().flatten();
            let entries =
                log.filter(|entry| entry.path().extension().is_some_and(|end| end == "json")).count();
            assert_eq!(entries, versions, "versions of {table}");
        }
    }
}

/// The same refresh on a local disk.
pub(crate) fn expected() -> Sandbox {
    Sandbox::published()
}

/// Runs the binary, in a thread of its own because the proxy lives in this process.
pub(crate) async fn run(sandbox: &Sandbox, args: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_goldsmith"));
    command.args(args).current_dir(sandbox.dir.path()).envs(env.iter().copied());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// A refresh that has to end well.
pub(crate) async fn refresh(sandbox: &Sandbox, more: &[&str], env: &[(&str, &str)]) -> serde_json::Value {
    let mut args = vec!["refresh", "--as-of", AS_OF, "--output", "json"];
    args.extend(more);
    let output = run(sandbox, &args, env).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
