//! The lake of 1.47 million real retail lines against the reference result of Spark. It is made by the golden folder's own
//! script, so it runs only where `GOLDSMITH_GOLDEN` names that folder.

use std::path::{Path, PathBuf};
use std::process::Command;

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

#[test]
fn the_real_lake_equals_the_reference_in_both_layouts() {
    let Some(golden) = golden("the real lake against the reference result of Spark") else { return };
    let python = python(&golden);
    let bronze = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bronze-real");
    let complete = bronze.with_extension("complete");
    if !complete.exists() {
        if bronze.exists() {
            std::fs::remove_dir_all(&bronze).unwrap();
        }
        run(Command::new(&python)
            .arg(golden.join("make_bronze.py"))
            .args(["--real", "--seed", "1"])
            .arg(&bronze));
        let digest =
            run(Command::new(&python).arg(golden.join("make_bronze.py")).arg("--digest").arg(&bronze));
        let expected = std::fs::read_to_string(golden.join("bronze-real-seed1.digest")).unwrap();
        assert_eq!(
            digest.trim(),
            expected.trim(),
            "the lake is another one than the reference was made from"
        );
        std::fs::write(complete, "").unwrap();
    }
    for layout in [LakeLayout::Simplified, LakeLayout::Medallion] {
        let sandbox = Sandbox::over(&bronze, layout, "");
        let report = sandbox.refresh(&[]);
        assert_eq!(report["activities_Orders"]["rows_inserted"], 1_460_122);
        let files = report["activities_Orders"]["files_added"].as_u64().unwrap();
        let bytes = report["activities_Orders"]["bytes_written"].as_u64().unwrap();
        assert!(bytes / files >= 16_000_000, "{files} files of {bytes} bytes together");
        let compared = run(Command::new(&python)
            .arg(golden.join("compare.py"))
            .arg(golden.join("real"))
            .arg(sandbox.path("gold")));
        println!("{layout:?}: {compared}");
    }
}
