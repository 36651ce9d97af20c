//! What ends a refresh or a query, and with which exit code.

use std::time::Duration;

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::parquet::errors::ParquetError;
use goldsmith_executor::stall::Stalled;
use goldsmith_jobs::JobsError;
use goldsmith_lake::LakeError;
use goldsmith_lake::error::{Domain, StoreAnswer, store_answer};
use goldsmith_proto::cluster::v1::Cause;
use goldsmith_proto::id::{Layer, Version};
use goldsmith_sql::SqlError;
use goldsmith_sql::error::with_hint;
use goldsmith_sql::error::without_planner_words;
use thiserror::Error;

use crate::cluster::JobError;
use crate::refresh::RefreshReport;

/// Result of this crate.
pub type Result<T, E = SchedulerError> = std::result::Result<T, E>;

/// What a caller does about an error; the exit codes of the interface say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A blocking audit failed.
    Audit,
    /// What was given cannot be used: a table, a model, a statement, a configuration.
    Input,
    /// Another writer was faster.
    Race,
    /// Anything else: storage, memory, a fault of ours.
    Other,
}

/// A plan that gave no rows, or not all of them.
#[derive(Debug, Error)]
pub enum RunError {
    /// In this process.
    #[error(transparent)]
    Engine(DataFusionError),
    /// In this process, and nothing moved any more.
    #[error(transparent)]
    Stalled(Stalled),
    /// On a cluster.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<DataFusionError> for RunError {
    fn from(error: DataFusionError) -> Self {
        match error {
            DataFusionError::External(source) => match source.downcast::<Stalled>() {
                Ok(stalled) => Self::Stalled(*stalled),
                Err(source) => Self::Engine(DataFusionError::External(source)),
            },
            other => Self::Engine(other),
        }
    }
}

/// A refresh, a plan or a query that did not end well.
#[derive(Debug, Error)]
pub enum SchedulerError {
    /// The configuration does not say where a layer is.
    #[error("the configuration names no {layer} folder; hint: add [{layer}] with a `url` to goldsmith.toml")]
    NoLayer {
        /// The layer.
        layer: Layer,
    },
    /// Two layers in one folder.
    #[error(
        "the {first} and the {second} folder lie in one another; hint: give each layer a folder of its own"
    )]
    Overlap {
        /// A layer.
        first: Layer,
        /// Another.
        second: Layer,
    },
    /// A bronze folder without a table.
    #[error("there is no table in {location}; hint: name the folder that holds one folder per bronze table")]
    NoBronze {
        /// The folder.
        location: String,
    },
    /// A gold folder without a table.
    #[error(
        "there is no table in {location}; hint: check that the folder is there, and name the one that holds a folder per table"
    )]
    NoGold {
        /// The folder.
        location: String,
    },
    /// A version that was asked for of a table that the statement does not read.
    #[error("`--at {table}` pins nothing: {reason}")]
    UnusedVersion {
        /// The table.
        table: String,
        /// Why not.
        reason: String,
    },
    /// A name of a column that a Delta table cannot have.
    #[error(
        "model `{model}` gives the column `{column}`, a name that a Delta table cannot have ({file}); hint: give it an \
         alias without spaces and without ,;{{}}()="
    )]
    ColumnName {
        /// The model.
        model: String,
        /// Its file.
        file: String,
        /// The column.
        column: String,
    },
    /// An audit whose answer is no number.
    #[error("{what} gave no number; hint: this is a fault of goldsmith, please report it")]
    AuditAnswer {
        /// The audit.
        what: String,
    },
    /// The pack cannot be used.
    #[error(transparent)]
    Pack(#[from] JobsError),
    /// A table cannot be read or written.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A statement cannot be read or planned.
    #[error("the statement cannot be read\n{}", with_hint(.rendered))]
    Statement {
        /// The message with the line and a caret.
        rendered: String,
        /// The cause.
        #[source]
        source: Box<SqlError>,
    },
    /// A table that a statement names is nowhere.
    #[error("there is no table `{name}` (line {line}, column {column}){}; hint: bronze tables are named as they are, others as silver.x and gold.x", nearest_text(.nearest.as_deref()))]
    UnknownTable {
        /// The name.
        name: String,
        /// Line in the statement, from 1.
        line: u64,
        /// Column in the line, from 1.
        column: u64,
        /// The most similar table.
        nearest: Option<String>,
    },
    /// A model's table that no refresh has made yet.
    #[error("`{name}` has not been built yet; hint: run `goldsmith refresh`")]
    NotBuilt {
        /// The table.
        name: String,
    },
    /// A bronze table that the pack cannot do without.
    #[error("bronze has no table `{table}`{}; hint: {}add it to the link or the shortcuts of {location}", needed_by(.models), .nearest.as_ref().map_or_else(String::new, |name| format!("did you mean `{name}`? or ")))]
    MissingTable {
        /// The table.
        table: String,
        /// The most similar one that is there.
        nearest: Option<String>,
        /// Folder of bronze.
        location: String,
        /// Models that need it.
        models: Vec<String>,
    },
    /// A table that may be missing, is, and of which nobody says what columns it would have.
    #[error(
        "bronze has no table `{table}`, which model `{model}` may be without ({file}), and nothing says which columns it \
         would have; hint: add the columns and their types to contracts/bronze.toml of the pack"
    )]
    UndeclaredTable {
        /// The table.
        table: String,
        /// The model.
        model: String,
        /// Its file.
        file: String,
    },
    /// A model does not fit the tables that it reads.
    #[error("{source}\nmodel `{model}` needs it ({file}{})", at_line(*.line))]
    ModelInput {
        /// The model.
        model: String,
        /// Its file.
        file: String,
        /// Line in the file.
        line: Option<u64>,
        /// What does not fit.
        #[source]
        source: Box<LakeError>,
    },
    /// A model's query cannot be planned.
    #[error("model `{model}` cannot be planned ({file})\n{}", with_hint(.rendered))]
    ModelQuery {
        /// The model.
        model: String,
        /// Its file.
        file: String,
        /// The message with the line and a caret.
        rendered: String,
        /// The cause.
        #[source]
        source: Box<SqlError>,
    },
    /// A header that names what its query does not give.
    #[error(
        "the header of model `{model}` names the column `{column}`, which its query does not give ({file}); hint: {key} lists columns of the result"
    )]
    HeaderColumn {
        /// The model.
        model: String,
        /// Its file.
        file: String,
        /// The column.
        column: String,
        /// The header's key.
        key: &'static str,
    },
    /// Two columns of one name in a table.
    #[error("model `{model}` gives the column `{column}` twice ({file}); hint: give one of them an alias")]
    DuplicateColumn {
        /// The model.
        model: String,
        /// Its file.
        file: String,
        /// The column.
        column: String,
    },
    /// A model that was asked for and is not in the pack.
    #[error("there is no gold model `{name}` in the pack; hint: {}", .nearest.as_deref().map_or_else(|| "`goldsmith plan` lists them".to_owned(), |name| format!("did you mean `{name}`?")))]
    UnknownModel {
        /// The name.
        name: String,
        /// The most similar one.
        nearest: Option<String>,
    },
    /// A query that failed while it ran.
    #[error("{what} failed{}", hint_unless_said(.hint, .source))]
    Run {
        /// What ran: a model, an audit, the statement.
        what: String,
        /// What to do.
        hint: &'static str,
        /// The cause.
        #[source]
        source: Box<RunError>,
    },
    /// Blocking audits failed.
    #[error("{} blocking audit(s) failed, gold stays as it is\n{}; hint: look at the rows with `goldsmith query`, correct them where they come from, and refresh again", .failed.len(), .failed.join("\n"))]
    Audit {
        /// One line each.
        failed: Vec<String>,
        /// The refresh up to there, with the outcome of all audits.
        report: Option<Box<RefreshReport>>,
    },
    /// Another writer published a version first.
    #[error("commit of `{table}` as version {version} lost to another writer{}; hint: run the refresh again, it plans from the new version", committed_text(.committed))]
    Conflict {
        /// The table.
        table: String,
        /// The version that was lost.
        version: Version,
        /// Tables that this refresh had committed before.
        committed: Vec<String>,
    },
    /// A commit that failed after others had been made.
    #[error("commit of `{table}` failed after {} had been committed and before {}; hint: run the refresh again, it completes what is missing", list_or_none(.committed), list_or_none(.missing))]
    PartlyCommitted {
        /// The table.
        table: String,
        /// Tables that stand at their new version.
        committed: Vec<String>,
        /// Tables that stand at their old one.
        missing: Vec<String>,
        /// The cause.
        #[source]
        source: Box<LakeError>,
    },
    /// A storage that did not answer.
    #[error(
        "cannot read the logs of the tables: storage answered nothing for {} s{}; hint: check that it can be reached, and run it again",
        waited.as_secs(),
        path.as_ref().map(|path| format!(", asked for `{path}`")).unwrap_or_default()
    )]
    StorageStalled {
        /// For how long.
        waited: Duration,
        /// Which object or folder was asked for, below its container or disk.
        path: Option<String>,
    },
    /// A signal ended it before anything was committed.
    #[error(
        "interrupted before the first gold commit: gold stays as it is and the staged files are removed; hint: run it again"
    )]
    Interrupted,
    /// The process or its storage stood still for so long that another refresh may have removed what it staged.
    #[error(
        "this refresh, or its storage, stood still for more than {} s, so others may have taken its files for abandoned and \
         removed them: it ends{}; hint: run it again when the storage can be reached",
        valid.as_secs(),
        committed_text(.committed)
    )]
    LeaseExpired {
        /// For how long others take it to be alive.
        valid: std::time::Duration,
        /// Tables that it had published.
        committed: Vec<String>,
    },
    /// A fault of ours.
    #[error(
        "the refresh ended in a panic ({message}); hint: please report it; gold is at versions that are complete"
    )]
    Panicked {
        /// What it said.
        message: String,
    },
}

impl SchedulerError {
    /// What the caller does about it.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::NoLayer { .. }
            | Self::Overlap { .. }
            | Self::NoGold { .. }
            | Self::NoBronze { .. }
            | Self::UnusedVersion { .. }
            | Self::ColumnName { .. }
            | Self::Pack(_)
            | Self::Statement { .. }
            | Self::UnknownTable { .. }
            | Self::NotBuilt { .. }
            | Self::MissingTable { .. }
            | Self::UndeclaredTable { .. }
            | Self::ModelQuery { .. }
            | Self::HeaderColumn { .. }
            | Self::DuplicateColumn { .. }
            | Self::UnknownModel { .. } => Failure::Input,
            Self::ModelInput { source, .. } => lake_failure(source),
            Self::Lake(error) => lake_failure(error),
            Self::Run { source, .. } => run_failure(source),
            Self::Audit { .. } => Failure::Audit,
            Self::Conflict { .. } => Failure::Race,
            Self::PartlyCommitted { .. }
            | Self::AuditAnswer { .. }
            | Self::Interrupted
            | Self::StorageStalled { .. }
            | Self::LeaseExpired { .. }
            | Self::Panicked { .. } => Failure::Other,
        }
    }
}

fn lake_failure(error: &LakeError) -> Failure {
    match error.domain() {
        Domain::User => Failure::Input,
        Domain::External | Domain::Internal => Failure::Other,
    }
}

/// A file that cannot be decoded or is gone is unusable input; a full disk or too little memory is not.
fn run_failure(error: &RunError) -> Failure {
    let error = match error {
        RunError::Job(JobError::Failed(failure)) => {
            return match failure.cause() {
                Cause::File | Cause::FileGone | Cause::Configuration => Failure::Input,
                _ => Failure::Other,
            };
        }
        RunError::Job(_) | RunError::Stalled(_) => return Failure::Other,
        RunError::Engine(error) => error,
    };
    match error.find_root() {
        // What spills fails as an error of arrow.
        DataFusionError::ArrowError(source, _) if matches!(source.as_ref(), ArrowError::IoError(..)) => {
            Failure::Other
        }
        DataFusionError::ParquetError(source) => match source.as_ref() {
            // What the storage says of a file is no fault of the file, unless it is not there.
            ParquetError::External(source) => {
                match source.downcast_ref::<datafusion::object_store::Error>() {
                    Some(datafusion::object_store::Error::NotFound { .. }) => Failure::Input,
                    Some(_) => Failure::Other,
                    None if source.is::<std::io::Error>() => Failure::Other,
                    None => Failure::Input,
                }
            }
            error => match store_answer(error) {
                Some(StoreAnswer::Failed | StoreAnswer::Refused) => Failure::Other,
                Some(StoreAnswer::NotThere) | None => Failure::Input,
            },
        },
        DataFusionError::ArrowError(..) => Failure::Input,
        DataFusionError::ObjectStore(source)
            if matches!(source.as_ref(), datafusion::object_store::Error::NotFound { .. }) =>
        {
            Failure::Input
        }
        _ => Failure::Other,
    }
}

/// A cause that says what to do knows better.
fn hint_unless_said(hint: &str, source: &RunError) -> String {
    let mut cause: Option<&dyn std::error::Error> = Some(source);
    while let Some(error) = cause {
        if error.to_string().contains("; hint: ") {
            return String::new();
        }
        cause = error.source();
    }
    format!("; hint: {hint}")
}

fn nearest_text(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!(", did you mean `{name}`?"))
}

fn needed_by(models: &[String]) -> String {
    match models {
        [] => String::new(),
        [model] => format!(", which `{model}` needs"),
        models => format!(", which `{}` need", models.join("`, `")),
    }
}

fn at_line(line: Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}

fn committed_text(committed: &[String]) -> String {
    if committed.is_empty() {
        ", nothing was published".to_owned()
    } else {
        format!(" after {} had been committed", committed.join(", "))
    }
}

fn list_or_none(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// An error with its causes on one line, without its hint.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = without_planner_words(&error.to_string());
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = without_planner_words(&cause.to_string());
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text.split("; hint: ").next().unwrap_or_default().to_owned()
}
