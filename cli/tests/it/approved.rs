//! Texts that a person has read and found good, beside the tests: what a command really says must be equal to them.
//!
//! `GOLDSMITH_APPROVE=1 cargo test -p goldsmith-cli` writes them anew; the diff is then to be read.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::common::Sandbox;

/// One file of texts.
pub(crate) struct Page {
    name: &'static str,
    text: String,
}

impl Page {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, text: String::new() }
    }

    /// Runs a command that must be refused with `code`, and adds what it says.
    pub(crate) fn refused(&mut self, title: &str, sandbox: &Sandbox, args: &[&str], code: i32) {
        let text = sandbox.refused(args, code);
        self.add(title, args, code, &text);
    }

    pub(crate) fn add(&mut self, title: &str, args: &[&str], code: i32, text: &str) {
        // Every error is one: what failed first, what to do last.
        assert!(
            text.starts_with("error: ") && text.lines().last().unwrap().starts_with("  hint: "),
            "{title}: {text}"
        );
        let args: Vec<String> = args
            .iter()
            .map(|arg| if arg.contains(' ') { format!("{arg:?}") } else { (*arg).to_owned() })
            .collect();
        writeln!(self.text, "# {title}\n$ goldsmith {}\n{text}exit {code}\n", args.join(" ")).unwrap();
    }

    /// Compares the page with the approved one.
    pub(crate) fn approve(self) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/it/approved")
            .join(format!("{}.txt", self.name));
        #[expect(clippy::disallowed_methods, reason = "a switch for whoever changes the texts")]
        if std::env::var("GOLDSMITH_APPROVE").is_ok() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &self.text).unwrap();
        }
        let approved = fs::read_to_string(&path).unwrap_or_default();
        let differs = approved.lines().zip(self.text.lines()).find(|(old, new)| old != new);
        assert!(approved == self.text, "{} differs at {differs:?}; found:\n{}", path.display(), self.text);
    }
}
