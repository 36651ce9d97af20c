//! What a person or a program sees. The answer goes to standard output, everything else to standard error.

pub(crate) mod check;
pub(crate) mod demo;
mod failure;
pub(crate) mod generate;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod refresh;
pub(crate) mod rows;
pub(crate) mod sample;
mod sink;
pub(crate) mod sources;
pub(crate) mod status;

use std::fmt::{self, Display};
use std::io::{ErrorKind, Write};
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

pub(crate) use self::sink::Sink;

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

/// Prints an error.
pub(crate) fn error(error: &anyhow::Error) {
    // Where nobody can be told there is nothing left to do.
    let _ = std::io::stderr().lock().write_all(failure::text(error).as_bytes());
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

/// Characters of a line: those of the terminal, or `otherwise` where there is none to read it on.
pub(crate) fn line_width(otherwise: usize) -> usize {
    comfy_table::Table::new().width().map_or(otherwise, |width| usize::from(width).clamp(60, 160))
}

/// Characters of a line that goes into a file or a pipe.
const PIPED: usize = 120;

/// Characters of a column of names: the longest, unless the line is too short for it beside `others`.
pub(crate) fn name_width<'a>(names: impl Iterator<Item = &'a str>, others: usize) -> usize {
    let longest = names.map(|name| name.chars().count()).max().unwrap_or(0);
    longest.min(line_width(PIPED).saturating_sub(others).max(20)).max(5)
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
