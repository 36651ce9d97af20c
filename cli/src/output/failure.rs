//! An error for people: what failed, on what and why, what to do about it.

use goldsmith_sql::error::without_planner_words;

/// Separates what failed from what to do in the text of our errors.
const HINT: &str = "; hint: ";

/// The error and its causes:
///
/// ```text
/// error: what failed
///   on what, and the place in a query, where the message has these lines
///   because: cause: its cause
///   hint: what to do
/// ```
pub(super) fn text(error: &anyhow::Error) -> String {
    let mut messages: Vec<String> = Vec::new();
    for cause in error.chain() {
        let message = without_planner_words(&cause.to_string());
        // Some libraries repeat their cause in their own text.
        if !messages.iter().any(|earlier| earlier.contains(&message)) {
            messages.push(message);
        }
    }
    let mut messages = messages.iter().map(|message| Message::split(message));
    let first = messages.next().unwrap_or_default();
    let (causes, hints): (Vec<&str>, Vec<Option<&str>>) = messages.map(|m| (m.what, m.hint)).unzip();

    let mut text = String::new();
    let mut lines = first.what.lines().chain(first.rest.lines());
    text.push_str(&format!("error: {}\n", lines.next().unwrap_or_default()));
    for line in lines {
        text.push_str(&format!("  {line}\n"));
    }
    if !causes.is_empty() {
        let causes = causes.join(": ");
        text.push_str(&format!("  because: {}\n", causes.lines().collect::<Vec<_>>().join(" ")));
    }
    // The outermost error knows best what the whole of it needs.
    if let Some(hint) = first.hint.or_else(|| hints.into_iter().flatten().next()) {
        text.push_str(&format!("  hint: {hint}\n"));
    }
    text
}

/// One message of a chain.
#[derive(Default)]
struct Message<'a> {
    what: &'a str,
    hint: Option<&'a str>,
    /// Lines after the one with the hint: they show the place.
    rest: &'a str,
}

impl<'a> Message<'a> {
    fn split(message: &'a str) -> Self {
        match message.split_once(HINT) {
            Some((what, hint)) => {
                let (hint, rest) = hint.split_once('\n').unwrap_or((hint, ""));
                Self { what, hint: Some(hint), rest }
            }
            None => Self { what: message, hint: None, rest: "" },
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::text;

    #[test]
    fn causes_share_a_line_and_are_not_repeated() {
        let error = anyhow!("No space left on device")
            .context("cannot write a: No space left on device; hint: make room")
            .context("model `m` failed");
        assert_eq!(
            text(&error),
            "error: model `m` failed\n  because: cannot write a: No space left on device\n  hint: make room\n"
        );
    }

    #[test]
    fn the_place_stands_before_the_hint() {
        let error = anyhow!(
            "cannot read it (a.sql)\nunknown `x`; hint: did you mean `y`?\n1 | SELECT x\n  |        ^"
        );
        assert_eq!(
            text(&error),
            "error: cannot read it (a.sql)\n  unknown `x`\n  1 | SELECT x\n    |        ^\n  hint: did you mean `y`?\n"
        );
    }
}
