//! What can be wrong with a statement.

use datafusion::error::DataFusionError;
use thiserror::Error;

use crate::position::Position;

/// Result of this crate.
pub type Result<T, E = SqlError> = std::result::Result<T, E>;

/// Who can cure an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// Whoever wrote the statement.
    User,
    /// A fault of ours.
    Internal,
}

/// A text that is not Spark SQL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("syntax error at line {line}, column {column}: {message}")]
pub struct SyntaxError {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// What was expected and what was found.
    pub message: String,
}

impl SyntaxError {
    pub(crate) fn new(position: Position, message: impl Into<String>) -> Self {
        Self { line: position.line, column: position.column, message: message.into() }
    }

    /// Returns the message with the line that it is about and a caret below the place.
    #[must_use]
    pub fn render(&self, sql: &str) -> String {
        with_line(self.to_string(), Some(Position { line: self.line, column: self.column }), sql)
    }
}

/// A statement that cannot be planned.
#[derive(Debug, Error)]
pub enum SqlError {
    /// A text that is not Spark SQL.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// A statement that does something else than reading, or several statements.
    #[error(
        "only one read-only query is accepted (SELECT, WITH, VALUES or a set operation), not `{statement}`"
    )]
    NotAQuery {
        /// First words of the statement.
        statement: String,
    },
    /// A table that does not exist.
    #[error("there is no table `{name}` ({position})")]
    UnknownTable {
        /// Name as it was written.
        name: String,
        /// Where it is named.
        position: Position,
    },
    /// A column that does not exist.
    #[error("there is no column `{name}` ({position}){}", hint(.nearest.as_deref()))]
    UnknownColumn {
        /// Name as it was written.
        name: String,
        /// Where it is named.
        position: Position,
        /// The most similar column.
        nearest: Option<String>,
    },
    /// A name that several columns have.
    #[error("the column `{name}` is ambiguous ({position}); hint: put the table's alias before it")]
    AmbiguousColumn {
        /// Name as it was written.
        name: String,
        /// Where it is named.
        position: Position,
    },
    /// A function that is not on the list.
    #[error("function `{name}` is not supported ({position}){}", hint(.nearest.as_deref()))]
    UnknownFunction {
        /// Name as it was written.
        name: String,
        /// Where it is called.
        position: Position,
        /// The most similar function on the list.
        nearest: Option<String>,
    },
    /// A function that is called with arguments that it does not take.
    #[error("function `{function}` cannot be called like this: {reason} ({position})")]
    Arguments {
        /// Name of the function.
        function: String,
        /// What is wrong.
        reason: String,
        /// Where it is called.
        position: Position,
    },
    /// Values of types that do not go together.
    #[error("{operation} is not defined for {types} ({position}); hint: CAST one of them")]
    Types {
        /// The operation.
        operation: String,
        /// Types as Spark names them.
        types: String,
        /// Where it stands.
        position: Position,
    },
    /// A construct that is Spark SQL but not supported here.
    #[error("{what} is not supported ({position})")]
    Unsupported {
        /// The construct.
        what: String,
        /// Where it stands.
        position: Position,
    },
    /// A query that breaks a rule of SQL.
    #[error("{reason} ({position})")]
    Invalid {
        /// The rule.
        reason: String,
        /// Where it is broken.
        position: Position,
    },
    /// A text that names no type.
    #[error("`{text}` is not a type of Spark SQL that is supported")]
    UnknownType {
        /// The text.
        text: String,
    },
    /// A column whose type has no counterpart in Spark.
    #[error("column `{column}` has the type `{data_type}`, which has no counterpart in Spark SQL")]
    ColumnType {
        /// The column.
        column: String,
        /// Its type in Arrow's words.
        data_type: String,
    },
    /// A table that the catalog has and cannot open.
    #[error("cannot open the table `{table}`")]
    Catalog {
        /// Name of the table.
        table: String,
        /// Why.
        #[source]
        source: Box<DataFusionError>,
    },
    /// A construct for which the engine finds no operators.
    #[error(
        "`{what}` as it is written here is not supported ({position}); hint: write that query in another way"
    )]
    Unplannable {
        /// The clauses of the query.
        what: String,
        /// Where it begins.
        position: Position,
        /// What the engine says: for those who work on this crate. No text for people repeats it.
        engine: Box<DataFusionError>,
    },
    /// The engine refused the plan.
    #[error("cannot plan the query")]
    Plan {
        /// Why.
        #[source]
        source: Box<DataFusionError>,
    },
}

impl SqlError {
    /// Tells who can cure the error.
    #[must_use]
    pub const fn domain(&self) -> Domain {
        match self {
            Self::Plan { .. } => Domain::Internal,
            _ => Domain::User,
        }
    }

    /// Returns where in the statement the error is, if it is at one place.
    #[must_use]
    pub const fn position(&self) -> Option<Position> {
        match self {
            Self::Syntax(error) => Some(Position { line: error.line, column: error.column }),
            Self::UnknownTable { position, .. }
            | Self::UnknownColumn { position, .. }
            | Self::AmbiguousColumn { position, .. }
            | Self::UnknownFunction { position, .. }
            | Self::Arguments { position, .. }
            | Self::Types { position, .. }
            | Self::Unsupported { position, .. }
            | Self::Unplannable { position, .. }
            | Self::Invalid { position, .. } => Some(*position),
            _ => None,
        }
    }

    /// Returns the message with the line of the statement that it is about and a caret below the place.
    #[must_use]
    pub fn render(&self, sql: &str) -> String {
        with_line(self.to_string(), self.position(), sql)
    }

    pub(crate) fn plan(source: DataFusionError) -> Self {
        match source.find_root() {
            // An error of ours that passed through the engine keeps its type.
            DataFusionError::External(_) => match unwrap_external(source) {
                Ok(own) => *own,
                Err(source) => Self::Plan { source: Box::new(source) },
            },
            _ => Self::Plan { source: Box::new(source) },
        }
    }

    pub(crate) fn unsupported(what: impl Into<String>, position: Position) -> Self {
        Self::Unsupported { what: what.into(), position }
    }

    pub(crate) fn invalid(reason: impl Into<String>, position: Position) -> Self {
        Self::Invalid { reason: reason.into(), position }
    }

    pub(crate) fn arguments(function: &str, reason: impl Into<String>, position: Position) -> Self {
        Self::Arguments { function: function.to_owned(), reason: reason.into(), position }
    }
}

fn unwrap_external(error: DataFusionError) -> std::result::Result<Box<SqlError>, DataFusionError> {
    match error {
        DataFusionError::External(inner) => inner.downcast::<SqlError>().map_err(DataFusionError::External),
        DataFusionError::Context(_, inner) => unwrap_external(*inner),
        other => Err(other),
    }
}

/// Returns a rendered message that says what to do: it does already, or it shows the place to look at.
#[must_use]
pub fn with_hint(rendered: &str) -> String {
    if rendered.contains("; hint: ") {
        return rendered.to_owned();
    }
    match rendered.split_once('\n') {
        Some((message, place)) => format!("{message}; hint: correct it at the caret\n{place}"),
        None => format!("{rendered}; hint: rewrite that part of the query"),
    }
}

/// How messages of the engine begin, before what they say.
const KINDS: [&str; 4] = ["DataFusion error: ", "External error: ", "Execution error: ", "Arrow error: "];

/// A message of the engine in words for people: what its planner calls its own steps, and whom it asks for a report, is left
/// out.
#[must_use]
pub fn without_planner_words(message: &str) -> String {
    let mut text = message;
    // Which of the engine's kinds of error it is tells a reader nothing.
    while let Some(rest) = KINDS.iter().find_map(|kind| text.strip_prefix(kind)) {
        text = rest;
    }
    // Libraries add where in their code it came from, if RUST_BACKTRACE is set.
    for plea in ["This issue was likely caused by", "This was likely caused by", "\n\nbacktrace:", "\n   0: "]
    {
        text = text.split(plea).next().unwrap_or_default().trim_end();
    }
    let mut plain = text.replace("Internal error: ", "a fault in the engine: ");
    while let Some((before, rest)) = plain.split_once("Optimizer rule '") {
        let after = rest.split_once('\'').map_or("", |(_, after)| after);
        let after = after.trim_start_matches(" failed").trim_start_matches(" caused by").trim_start();
        plain = format!("{before}{after}");
    }
    plain
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; hint: did you mean `{nearest}`?")).unwrap_or_default()
}

fn with_line(message: String, position: Option<Position>, sql: &str) -> String {
    match position.and_then(|position| position.render(sql)) {
        Some(line) => format!("{message}\n{line}"),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::without_planner_words;

    #[test]
    fn the_planner_is_not_quoted() {
        let text = "Internal error: x is no y.\nThis issue was likely caused by a bug in DataFusion's code. Please help us";
        assert_eq!(without_planner_words(text), "a fault in the engine: x is no y.");
        let text = "Optimizer rule 'push_down' failed caused by Schema error: a is twice";
        assert_eq!(without_planner_words(text), "Schema error: a is twice");
        assert_eq!(without_planner_words("Divide by zero"), "Divide by zero");
        let text = "no JSON\n   0: std::backtrace::capture\n             at lib.rs:3";
        assert_eq!(without_planner_words(text), "no JSON");
        assert_eq!(without_planner_words("External error: Execution error: no zone 'X'"), "no zone 'X'");
        assert_eq!(without_planner_words("DataFusion error: Execution error: no zone 'X'"), "no zone 'X'");
        assert_eq!(without_planner_words("Arrow error: External error: no zone 'X'"), "no zone 'X'");
    }
}
