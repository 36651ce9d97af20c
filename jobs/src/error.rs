//! What can be wrong with a pack of models.

use std::path::PathBuf;

use goldsmith_sql::SqlError;
use goldsmith_sql::error::with_hint;
use thiserror::Error;

/// Result of this crate.
pub type Result<T, E = JobsError> = std::result::Result<T, E>;

/// A pack that cannot be used. All of them are for whoever wrote it.
#[derive(Debug, Error)]
pub enum JobsError {
    /// A pack that is neither built in nor a folder.
    #[error("there is no pack `{path}`; hint: `builtin:commerce`, or a folder that holds .sql files")]
    UnknownPack {
        /// As it was given.
        path: String,
    },
    /// A folder or file that cannot be read.
    #[error("cannot read {path}; hint: check that it exists and that it may be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A folder without models.
    #[error("the pack `{path}` holds no model; hint: every .sql file below it is one")]
    Empty {
        /// The folder.
        path: String,
    },
    /// A header that is not TOML or holds what a header does not have.
    #[error(
        "the header of model `{model}` cannot be used ({file}:{line}): {message}; hint: leading `--` lines are TOML with the \
         keys of docs/models.md; put other comments below the first line of SQL"
    )]
    Header {
        /// Name of the model.
        model: String,
        /// Its file.
        file: String,
        /// Line in the file.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A variable that nothing defines.
    #[error("the variable `${{{variable}}}` has no value ({file}:{line}); hint: {}set it under [pack.vars]", did_you_mean(.nearest.as_deref()))]
    Variable {
        /// Name of the variable.
        variable: String,
        /// The file that uses it.
        file: String,
        /// Line in the file.
        line: usize,
        /// The most similar one that is defined.
        nearest: Option<String>,
    },
    /// A value for a variable that no model uses and that is called almost like one.
    #[error(
        "no model uses the variable `{variable}`; hint: did you mean `{nearest}`? otherwise remove it from [pack.vars]"
    )]
    MisspeltVariable {
        /// Name of the variable.
        variable: String,
        /// The most similar one that is used.
        nearest: String,
    },
    /// A variable whose value has no form in SQL.
    #[error("the variable `{variable}` cannot be used: {reason}; hint: correct it under [pack.vars]")]
    VariableValue {
        /// Name of the variable.
        variable: String,
        /// Why not.
        reason: String,
    },
    /// A query that is not Spark SQL.
    #[error("the query of model `{model}` cannot be read ({file})\n{}", with_hint(.rendered))]
    Query {
        /// Name of the model.
        model: String,
        /// Its file.
        file: String,
        /// The message with the line and a caret.
        rendered: String,
        /// The cause.
        #[source]
        source: Box<SqlError>,
    },
    /// Two models of one name.
    #[error("model `{model}` is defined twice: {first} and {second}; hint: rename one")]
    Duplicate {
        /// The name with its layer.
        model: String,
        /// A file.
        first: String,
        /// Another.
        second: String,
    },
    /// A model that reads one that is not there.
    #[error("model `{model}` reads `{missing}`, which no model makes ({file}:{line}); hint: {}", did_you_mean_or(.nearest.as_deref(), "correct the name, or add a model of that name to the pack"))]
    UnknownModel {
        /// The reading model.
        model: String,
        /// What it reads.
        missing: String,
        /// Its file.
        file: String,
        /// Line in the file.
        line: u64,
        /// The most similar model.
        nearest: Option<String>,
    },
    /// Models that read each other.
    #[error("models read each other in a circle: {}; hint: break it at one of them", .models.join(" → "))]
    Cycle {
        /// The circle, its first model repeated at the end.
        models: Vec<String>,
    },
    /// A contract that cannot be read.
    #[error(
        "the contract {file} cannot be read: {message}; hint: it is TOML, `[table]` and lines of `column = \"spark type\"`"
    )]
    Contract {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
}

fn did_you_mean(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("did you mean `{name}`? or "))
}

fn did_you_mean_or(name: Option<&str>, otherwise: &str) -> String {
    name.map_or_else(|| otherwise.to_owned(), |name| format!("did you mean `{name}`?"))
}
