//! Places in the text of a statement.

use std::fmt;

use datafusion::common::{Location, Span, Spans};

/// A place in the text of a statement; line and column count from 1, columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
}

impl Position {
    /// The first character of a text.
    pub const START: Self = Self { line: 1, column: 1 };

    /// Returns the line that this place is on with a caret below it, or nothing if the text has no such line.
    #[must_use]
    pub fn render(self, sql: &str) -> Option<String> {
        let index = usize::try_from(self.line.checked_sub(1)?).ok()?;
        let line = sql.lines().nth(index)?;
        let number = self.line.to_string();
        let before = usize::try_from(self.column.saturating_sub(1)).ok()?;
        // Tabs are repeated, so that the caret stands below its character whatever their width.
        let indent: String = line.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        Some(format!("{number} | {line}\n{space} | {indent}^", space = " ".repeat(number.len())))
    }
}

impl From<Position> for Spans {
    /// How plans carry a place. The engine compares expressions without it.
    fn from(position: Position) -> Self {
        let start = Location { line: position.line, column: position.column };
        Self(vec![Span { start, end: start }])
    }
}

impl Position {
    /// The place that a plan carries.
    pub(crate) fn of(spans: &Spans) -> Option<Self> {
        spans.first().map(|Span { start, .. }| Self { line: start.line, column: start.column })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caret_stands_below_the_character() {
        let position = Position { line: 2, column: 8 };
        assert_eq!(position.render("a\nSELECT x\n").as_deref(), Some("2 | SELECT x\n  |        ^"));
        assert_eq!(Position { line: 9, column: 1 }.render("a"), None);
    }
}
