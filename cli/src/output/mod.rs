//! What a person or a program sees. The answer goes to standard output, everything else to standard error.

pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod generate;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod refresh;
pub(crate) mod rows;
pub(crate) mod sample;
pub(crate) mod sources;

use std::fmt::{self, Display};
use std::io::{BufWriter, ErrorKind, Stdout, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use tempfile::NamedTempFile;

/// Prints `text`. A reader that has gone away (`| head`) is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Prints one JSON document.
pub(crate) fn json(document: &impl Serialize) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(document)?))
}

/// A file that appears when it is whole, or standard output.
pub(crate) enum Sink {
    File { file: BufWriter<NamedTempFile>, path: PathBuf },
    Stdout(BufWriter<Stdout>),
}

impl Sink {
    /// Opens `path`, or standard output without one.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::Stdout(BufWriter::new(std::io::stdout()))) };
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = whole_file(folder).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self::File { file: BufWriter::new(file), path: path.to_owned() })
    }

    /// Makes what was written visible.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::File { file, path } => {
                let failed = || format!("cannot write {}", path.display());
                let file =
                    file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(failed)?;
                file.persist(&path).with_context(failed)?;
                Ok(())
            }
            Self::Stdout(mut stdout) => stdout.flush().context("cannot write to standard output"),
        }
    }
}

/// A file that gets its name later, with the permissions of any other new file.
fn whole_file(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::File { file, .. } => file.write(bytes),
            Self::Stdout(stdout) => stdout.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::File { file, .. } => file.flush(),
            Self::Stdout(stdout) => stdout.flush(),
        }
    }
}

/// Prints an error: what failed, on what, why, and on a line of its own what to do.
pub(crate) fn error(error: &anyhow::Error) {
    let mut text = String::new();
    let mut hints = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for cause in error.chain() {
        let message = cause.to_string();
        // Some libraries repeat their cause in their own text.
        if seen.iter().any(|earlier| earlier.contains(&message)) {
            continue;
        }
        let (what, hint) = match message.split_once("; hint: ") {
            Some((what, hint)) => (what.to_owned(), Some(hint.to_owned())),
            None => (message.clone(), None),
        };
        let label = if seen.is_empty() { "error: " } else { "  because: " };
        text.push_str(&format!("{label}{what}\n"));
        // The lines after a hint belong to the message.
        if let Some(hint) = hint {
            let (first, rest) = hint.split_once('\n').unwrap_or((&hint, ""));
            hints.push(first.to_owned());
            if !rest.is_empty() {
                text.push_str(rest);
                text.push('\n');
            }
        }
        seen.push(message);
    }
    for hint in hints {
        text.push_str(&format!("  hint: {hint}\n"));
    }
    // Where nobody can be told there is nothing left to do.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// A word of a command that can be pasted into a shell.
pub(crate) struct Shell<S>(pub(crate) S);

impl Shell<String> {
    /// The program as it was called.
    pub(crate) fn program() -> Self {
        Self(std::env::args().next().unwrap_or_else(|| "goldsmith".to_owned()))
    }
}

impl<S: AsRef<str>> Display for Shell<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.0.as_ref();
        let is_plain = |c: char| c.is_alphanumeric() || "_-./:=,+@%".contains(c);
        if !word.is_empty() && word.chars().all(is_plain) {
            f.write_str(word)
        } else {
            write!(f, "'{}'", word.replace('\'', r"'\''"))
        }
    }
}

/// `1.2 s`
pub(crate) fn seconds(elapsed_ms: u64) -> String {
    format!("{:.1} s", Duration::from_millis(elapsed_ms).as_secs_f64())
}

/// `1 table`, `2 tables`.
pub(crate) fn counted(number: u64, word: &str) -> String {
    format!("{} {word}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// Digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Shell, grouped};

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let texts: Vec<_> = [0, 999, 1_000, 1_460_122].into_iter().map(grouped).collect();
        assert_eq!(texts, ["0", "999", "1,000", "1,460,122"]);
    }

    #[test]
    fn words_of_a_command_are_quoted_where_a_shell_would_cut_them() {
        let words = ["lake", "./my lake", "o'clock", "", "s3://a/b?c"].map(|word| Shell(word).to_string());
        assert_eq!(words, ["lake", "'./my lake'", r"'o'\''clock'", "''", "'s3://a/b?c'"]);
    }
}
