//! What a person or a program sees. The answer goes to standard output, everything else to standard error.

pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod refresh;
pub(crate) mod rows;

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

/// Prints `text`. A reader that has gone away (`| head`) is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// Prints one JSON document.
pub(crate) fn json(document: &impl Serialize) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(document)?))
}

/// The file, or standard output.
pub(crate) fn sink(path: Option<&Path>) -> anyhow::Result<Box<dyn Write + Send>> {
    Ok(match path {
        Some(path) => {
            let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            Box::new(BufWriter::new(file))
        }
        None => Box::new(BufWriter::new(std::io::stdout())),
    })
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
    use super::grouped;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let texts: Vec<_> = [0, 999, 1_000, 1_460_122].into_iter().map(grouped).collect();
        assert_eq!(texts, ["0", "999", "1,000", "1,460,122"]);
    }
}
