//! How many files may be open is not what the shell says.

use std::process::Command;

use crate::common::{AS_OF, LakeLayout, Sandbox};

#[test]
fn a_low_limit_of_open_files_is_raised() {
    let sandbox = Sandbox::small(LakeLayout::Simplified);
    // Fewer than the logs of all tables need at a time.
    let output = Command::new("sh")
        .args(["-c", "ulimit -Sn 14; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_goldsmith")])
        .args(["refresh", "--as-of", AS_OF])
        .current_dir(sandbox.dir.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
