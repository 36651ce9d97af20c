//! The folder with the reference results of Spark, which is not part of the repository.

use std::io::Write;
use std::path::{Path, PathBuf};

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// The folder that `GOLDSMITH_GOLDEN` names. Where it names none, `what` is said not to be run.
///
/// # Panics
/// If the variable is set and the folder is not one with reference results: a test must not pass for that.
#[must_use]
pub fn golden(what: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the tests' own switch, documented in the README")]
    let Ok(folder) = std::env::var("GOLDSMITH_GOLDEN") else {
        // Not by a macro: what those print is shown only of tests that fail.
        let note =
            format!("not run: {what} (set GOLDSMITH_GOLDEN to the folder with the reference results)\n");
        let _ = std::io::stderr().write_all(note.as_bytes());
        return None;
    };
    // Tests run in the folder of their crate; a relative path is meant from the repository.
    let folder = repository().join(folder);
    assert!(folder.join("compare.py").is_file(), "GOLDSMITH_GOLDEN is not usable: {}", folder.display());
    Some(folder)
}
