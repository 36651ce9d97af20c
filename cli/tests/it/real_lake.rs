//! The lake of 1.47 million real retail lines against the reference result of Spark. It is made by the golden folder's own
//! script, so it runs only where `GOLDSMITH_GOLDEN` names that folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use goldsmith_testkit::account::Azurite;

use crate::azure::harness::{self, Account};
use crate::common::{LakeLayout, Sandbox, golden};

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{text}");
    text
}

/// A Python with what the scripts need, made once per build directory.
fn python(golden: &Path) -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden-venv");
    let python = home.join("bin/python");
    let done = home.join("complete");
    if !done.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
        run(Command::new(&python)
            .args(["-m", "pip", "install", "-q", "-r"])
            .arg(golden.join("requirements.txt")));
        std::fs::write(done, "").unwrap();
    }
    python
}

/// The lake and a Python that compares gold of it, made once for all tests.
struct Real {
    golden: PathBuf,
    python: PathBuf,
    bronze: PathBuf,
}

impl Real {
    fn get() -> Option<&'static Self> {
        static REAL: OnceLock<Option<Real>> = OnceLock::new();
        REAL.get_or_init(Self::make).as_ref()
    }

    fn make() -> Option<Self> {
        let golden = golden("the real lake against the reference result of Spark")?;
        let python = python(&golden);
        let bronze = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bronze-real");
        let complete = bronze.with_extension("complete");
        if !complete.exists() {
            if bronze.exists() {
                std::fs::remove_dir_all(&bronze).unwrap();
            }
            let script = golden.join("make_bronze.py");
            run(Command::new(&python).arg(&script).args(["--real", "--seed", "1"]).arg(&bronze));
            let digest = run(Command::new(&python).arg(&script).arg("--digest").arg(&bronze));
            let expected = std::fs::read_to_string(golden.join("bronze-real-seed1.digest")).unwrap();
            assert_eq!(
                digest.trim(),
                expected.trim(),
                "the lake is another one than the reference was made from"
            );
            std::fs::write(complete, "").unwrap();
        }
        Some(Self { golden, python, bronze })
    }

    /// Every row of the gold in `folder` is that of the reference.
    fn compare(&self, what: &str, folder: &Path) {
        let mut compare = Command::new(&self.python);
        compare.arg(self.golden.join("compare.py")).arg(self.golden.join("real")).arg(folder);
        println!("{what}: {}", run(&mut compare));
    }
}

#[test]
fn the_real_lake_equals_the_reference_in_both_layouts() {
    let Some(real) = Real::get() else { return };
    for layout in [LakeLayout::Simplified, LakeLayout::Medallion] {
        let sandbox = Sandbox::over(&real.bronze, layout, "");
        let report = sandbox.refresh(&[]);
        assert_eq!(report["activities_Orders"]["rows_inserted"], 1_460_122);
        let files = report["activities_Orders"]["files_added"].as_u64().unwrap();
        let bytes = report["activities_Orders"]["bytes_written"].as_u64().unwrap();
        assert!(bytes / files >= 16_000_000, "{files} files of {bytes} bytes together");
        real.compare(&format!("{layout:?}"), &sandbox.path("gold"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_lake_in_an_account_equals_the_reference() {
    let Some(real) = tokio::task::block_in_place(Real::get) else { return };
    let azurite = Azurite::start();
    azurite.container("lake").await.upload(&real.bronze, "bronze").await;
    let account = Account { gold: azurite.container("gold").await, azurite };
    let sandbox = account.sandbox_at(LakeLayout::Simplified, &account.azurite.endpoint());
    harness::refresh(&sandbox, &[], &[]).await;
    account.gold.download("ci", &sandbox.path("gold")).await;
    tokio::task::block_in_place(|| real.compare("in an account", &sandbox.path("gold")));
}
