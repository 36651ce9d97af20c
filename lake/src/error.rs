//! What can go wrong with tables and storage, and who has to hear of it.

use std::fmt;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use deltalake::DeltaTableError;
use goldsmith_proto::id::Version;
use parquet::errors::ParquetError;
use thiserror::Error;

use crate::connection::ValueError;
use crate::exec::read::Misread;
use crate::store::redact;

/// Result of this crate.
pub type Result<T, E = LakeError> = std::result::Result<T, E>;

/// Who can cure an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// What the user gave: a model, a configuration, a bronze table.
    User,
    /// The storage or the network.
    External,
    /// A fault of ours.
    Internal,
}

/// Why a data file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// It is not there.
    Missing,
    /// Its size is not the one that the log has.
    Size {
        /// Bytes on storage.
        found: u64,
        /// Bytes by the log.
        expected: u64,
    },
    /// Its footer is no parquet footer.
    Footer,
    /// Its footer can be read and its rows cannot.
    Rows,
    /// Its deletion vector, or the one in it, cannot be used.
    Vector(&'static str),
    /// One of its columns, or a value of one, is not what the log says.
    Misread(Misread),
    /// None of its columns has an id, by which the log wants them found.
    NoFieldIds,
}

impl FileFault {
    const fn hint(&self) -> &'static str {
        match self {
            Self::Missing => {
                "restore it; if VACUUM removed it with its version, read a newer version, or let the table's source \
                 write it anew"
            }
            Self::Size { .. } | Self::Footer | Self::Rows | Self::Vector(_) => {
                "restore it, or let the table's source write it anew"
            }
            Self::NoFieldIds => {
                "let its source write it with field ids, or give the table the column mapping `name`"
            }
            Self::Misread(_) => {
                "let its source write the file anew with the types that the log has, or give the table those of its files"
            }
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the file is missing"),
            Self::Size { found, expected } => {
                write!(f, "it has {found} bytes where the log says {expected}")
            }
            Self::Footer => f.write_str("it has no readable parquet footer"),
            Self::Rows => f.write_str("its rows cannot be decoded"),
            Self::Vector(reason) => write!(f, "its deletion vector cannot be used: {reason}"),
            Self::Misread(misread) => misread.fmt(f),
            Self::NoFieldIds => {
                f.write_str("its columns have no field ids, and the log finds columns by these")
            }
        }
    }
}

/// Why an entry of a log cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryFault {
    /// It is not there, and no checkpoint stands for it.
    Missing,
    /// The log begins later, and not with a checkpoint.
    NotBegun {
        /// The first version that is there.
        first: Version,
    },
    /// It has no bytes.
    Empty,
    /// It says two things of one file, or of the table.
    Twice {
        /// What is there twice.
        what: String,
    },
    /// One of its lines is no JSON.
    NoJson {
        /// The line, from 1.
        line: usize,
    },
}

impl fmt::Display for EntryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::NotBegun { first } => {
                write!(f, "is missing, and no checkpoint stands for it: the log begins at version {first}")
            }
            Self::Empty => f.write_str("has no bytes"),
            Self::Twice { what } => write!(f, "has {what} twice, and readers differ in which they take"),
            Self::NoJson { line } => write!(f, "is cut or no JSON in line {line}"),
        }
    }
}

/// Why a connection cannot be used.
#[derive(Debug, Error)]
pub enum ConnectionFault {
    /// This process has none of that name.
    #[error("the configuration of this process has no such connection")]
    Unknown,
    /// One of its values is not where it should be.
    #[error(transparent)]
    Value(ValueError),
    /// One of its values makes no sense.
    #[error("{0}")]
    Setting(String),
    /// The library refuses it.
    #[error("{}", redact(&chain(.0)))]
    Store(Box<object_store::Error>),
}

impl ConnectionFault {
    const fn hint(&self) -> &'static str {
        match self {
            Self::Unknown => "give every process, executors too, a file with the same [connections]",
            Self::Value(_) => "set it for this process; every process of a cluster needs it",
            Self::Setting(_) | Self::Store(_) => "correct [connections] of the configuration",
        }
    }
}

/// `error` and what caused it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut text = String::new();
    for cause in causes.map(ToString::to_string) {
        // Many errors say what their cause says.
        if !text.contains(&cause) {
            text += if text.is_empty() { "" } else { ": " };
            text += &cause;
        }
    }
    text
}

/// A failed operation on a table or on its storage.
#[derive(Debug, Error)]
pub enum LakeError {
    /// A URL or path that cannot be used.
    #[error(
        "`{text}` cannot be used as a location: {reason}; hint: docs/storage.md shows how places are written"
    )]
    Location {
        /// As it was given.
        text: String,
        /// Why not.
        reason: String,
    },
    /// A place in a storage account of which nothing says how to sign in there.
    #[error(
        "{location} is in a storage account, and no connection is named for it; hint: name one by `connection` beside its \
         `url`, or by --connection, and say in [connections.NAME] how to sign in"
    )]
    NoConnection {
        /// The place.
        location: String,
    },
    /// A connection that cannot be used.
    #[error("cannot open {location} by connection `{connection}`: {fault}; hint: {}", .fault.hint())]
    Connection {
        /// Its name.
        connection: String,
        /// The container.
        location: String,
        /// What is wrong with it.
        fault: ConnectionFault,
    },
    /// A table whose shortcut cannot be used.
    #[error(
        "`{table}` cannot be read: {reason}; hint: correct the list of shortcuts, or `shortcut_connections` in [bronze]"
    )]
    Shortcut {
        /// Name of the table.
        table: String,
        /// Why not.
        reason: String,
    },
    /// A folder that should hold a Delta table and does not.
    #[error(
        "`{table}` at {location} is not a Delta table: it has no `_delta_log` with a readable version; hint: {hint}"
    )]
    NotATable {
        /// Name of the table.
        table: String,
        /// Its folder.
        location: String,
        /// What to do.
        hint: &'static str,
    },
    /// A version that cannot be read.
    #[error(
        "cannot read the log of `{table}`{} at {location}; hint: {}",
        at_version(*.version),
        read_log_hint(.source)
    )]
    ReadLog {
        /// Name of the table.
        table: String,
        /// The version asked for, or the latest.
        version: Option<Version>,
        /// Its folder.
        location: String,
        /// Why.
        #[source]
        source: Box<DeltaTableError>,
    },
    /// A version that the log does not tell of.
    #[error(
        "`{table}` has no version {version}: its log tells of versions {first} to {last}; hint: name one of these"
    )]
    NoVersion {
        /// Name of the table.
        table: String,
        /// The version asked for.
        version: Version,
        /// The first one that can be read.
        first: Version,
        /// The last one.
        last: Version,
    },
    /// An entry that keeps a log from being read.
    #[error(
        "cannot read the log of `{table}` at {location}: the entry of version {entry} {fault}; hint: restore \
         `_delta_log/{:020}.json`, or link the table anew",
        .entry.get()
    )]
    LogEntry {
        /// Name of the table.
        table: String,
        /// Version that the entry makes.
        entry: Version,
        /// Folder of the table.
        location: String,
        /// What is wrong with it.
        fault: EntryFault,
    },
    /// A checkpoint that keeps a log from being read.
    #[error(
        "cannot read the log of `{table}` at version {version} at {location}: its checkpoint `_delta_log/{file}` cannot be read; \
         hint: restore it; if all entries before it are there, removing it is enough"
    )]
    Checkpoint {
        /// Name of the table.
        table: String,
        /// Version that was to be read.
        version: Version,
        /// Folder of the table.
        location: String,
        /// Name of the file.
        file: String,
        /// Why.
        #[source]
        source: Box<ParquetError>,
    },
    /// A file or folder in a log that other readers take for an entry.
    #[error(
        "cannot read the log of `{table}` at {location}: `_delta_log/{file}` is {}; hint: remove it, or give it the name \
         that its writer meant, of 20 digits",
        taken_for(*.version)
    )]
    MisnamedEntry {
        /// Name of the table.
        table: String,
        /// Folder of the table.
        location: String,
        /// Its name.
        file: String,
        /// The version that it is taken for, where that is one.
        version: Option<Version>,
    },
    /// A table that uses a feature which this reader does not know.
    #[error("cannot read `{table}` at version {version}: it uses {feature}; hint: {hint}")]
    Feature {
        /// Name of the table.
        table: String,
        /// Its version.
        version: Version,
        /// The feature.
        feature: String,
        /// What to do.
        hint: &'static str,
    },
    /// A column that the caller needs and the table does not have.
    #[error(
        "`{table}` at version {version} has no column `{column}`; hint: Dataverse exports new columns after \"Refresh \
         Fabric tables\"; or mark the column optional in the model header"
    )]
    MissingColumn {
        /// Name of the table.
        table: String,
        /// Its version.
        version: Version,
        /// The column.
        column: String,
    },
    /// A column whose type does not widen without loss to the one that the caller needs.
    #[error(
        "column `{column}` of `{table}` at version {version} is {found}, which does not widen to {expected} without loss; \
         hint: cast it where it is written, or change its type in the pack's contracts/bronze.toml"
    )]
    ColumnType {
        /// Name of the table.
        table: String,
        /// Its version.
        version: Version,
        /// The column.
        column: String,
        /// Type in the table.
        found: String,
        /// Type that the contract says.
        expected: String,
    },
    /// A folder that cannot be listed.
    #[error("cannot list {location}; hint: {}", store_hint(.source, "check that the folder exists and that it may be read"))]
    List {
        /// The folder.
        location: String,
        /// Why.
        #[source]
        source: Box<object_store::Error>,
    },
    /// A data file that cannot be read.
    #[error("cannot read {file} of `{table}` at version {version}: {fault}; hint: {}", .fault.hint())]
    DataFile {
        /// Name of the table.
        table: String,
        /// Its version.
        version: Version,
        /// The file, as the log has it.
        file: String,
        /// What is wrong with it.
        fault: FileFault,
        /// What the reader says, where it says more.
        #[source]
        source: Option<Box<ParquetError>>,
    },
    /// A data file that could not be written.
    #[error(
        "cannot write {file} in {location}; hint: check that the folder can be written and that there is room for it"
    )]
    WriteFile {
        /// Name of the file.
        file: String,
        /// Folder of the table.
        location: String,
        /// Why.
        #[source]
        source: ParquetError,
    },
    /// A commit that cannot be put into words.
    #[error("commit of `{table}` as version {version} cannot be encoded")]
    EncodeCommit {
        /// Name of the table.
        table: String,
        /// The version that it should have become.
        version: Version,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Two folders that are one table to Spark SQL, which takes no notice of case.
    #[error(
        "{location} holds `{first}` and `{second}`, whose names differ only in case; hint: remove or rename one of them"
    )]
    AmbiguousFolder {
        /// The folder above them.
        location: String,
        /// One.
        first: String,
        /// The other.
        second: String,
    },
    /// A table in the place of a gold table that goldsmith cannot add a version to.
    #[error(
        "`{table}` at version {version} was not made by goldsmith and cannot be continued: {reason}; hint: give gold \
         another folder; Customer Insights needs a full refresh then"
    )]
    ForeignTable {
        /// Name of the table.
        table: String,
        /// Its version.
        version: Version,
        /// What does not fit.
        reason: String,
    },
    /// A log entry that could not be written.
    #[error(
        "commit of `{table}` as version {version} failed; hint: nothing of it is visible, run the refresh again"
    )]
    Commit {
        /// Name of the table.
        table: String,
        /// The version that it should have become.
        version: Version,
        /// Why.
        #[source]
        source: Box<object_store::Error>,
    },
    /// A log entry of which nobody knows whether it was written.
    #[error(
        "commit of `{table}` as version {version} may or may not have been made: the storage gave no \
         certain answer; hint: run the refresh again, it looks at what is there"
    )]
    CommitUnknown {
        /// Name of the table.
        table: String,
        /// The version that it should have become.
        version: Version,
        /// Why.
        #[source]
        source: Box<object_store::Error>,
    },
    /// The mark of a running refresh.
    #[error(
        "cannot {action} {location}/_goldsmith, where running refreshes are marked; hint: {}",
        store_hint(.source, "check that the folder can be written and that there is room")
    )]
    Lease {
        /// What was tried.
        action: &'static str,
        /// The gold folder.
        location: String,
        /// Why.
        #[source]
        source: Box<object_store::Error>,
    },
    /// A staged file that could not be removed.
    #[error("cannot remove staged files of `{table}` at {location}")]
    RemoveStaged {
        /// Name of the table.
        table: String,
        /// Its folder.
        location: String,
        /// Why.
        #[source]
        source: Box<object_store::Error>,
    },
    /// A published table that a model would no longer fit.
    #[error(
        "`{table}` at version {version} has other columns than its model: {difference}; hint: a changed schema is \
         published only on request, because Customer Insights reads the whole table again; write it to another folder \
         or rename the model"
    )]
    SchemaChanged {
        /// Name of the table.
        table: String,
        /// Its version.
        version: Version,
        /// The first difference.
        difference: String,
    },
    /// A type that a gold table cannot hold.
    #[error(
        "column `{column}` of `{table}` has type {data_type}, which a Delta table cannot hold; hint: cast it in the model"
    )]
    UnsupportedType {
        /// Name of the table.
        table: String,
        /// The column.
        column: String,
        /// Its type.
        data_type: String,
    },
    /// What a write task reported cannot be understood.
    #[error("result of a write task of `{table}` cannot be decoded")]
    Decode {
        /// Name of the table.
        table: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A plan over tables that could not be built.
    #[error("cannot plan the scan of `{table}`")]
    Plan {
        /// Name of the table.
        table: String,
        /// Why.
        #[source]
        source: Arc<DataFusionError>,
    },
}

impl LakeError {
    /// Who can cure it.
    #[must_use]
    pub fn domain(&self) -> Domain {
        match self {
            Self::ReadLog { source, .. } if is_storage_failure(source) => Domain::External,
            Self::Location { .. }
            | Self::NoConnection { .. }
            | Self::Connection { .. }
            | Self::Shortcut { .. }
            | Self::NotATable { .. }
            | Self::ReadLog { .. }
            | Self::NoVersion { .. }
            | Self::LogEntry { .. }
            | Self::Checkpoint { .. }
            | Self::MisnamedEntry { .. }
            | Self::Feature { .. }
            | Self::DataFile { .. }
            | Self::MissingColumn { .. }
            | Self::ColumnType { .. }
            | Self::SchemaChanged { .. }
            | Self::AmbiguousFolder { .. }
            | Self::ForeignTable { .. }
            | Self::UnsupportedType { .. } => Domain::User,
            Self::List { .. }
            | Self::WriteFile { .. }
            | Self::Commit { .. }
            | Self::CommitUnknown { .. }
            | Self::Lease { .. }
            | Self::RemoveStaged { .. } => Domain::External,
            Self::EncodeCommit { .. } | Self::Decode { .. } | Self::Plan { .. } => Domain::Internal,
        }
    }
}

/// What to do about the answer of a store, where it says enough.
fn store_hint(error: &(dyn std::error::Error + 'static), otherwise: &'static str) -> &'static str {
    let text = chain(error);
    let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if says(&["dns error", "failed to lookup address"]) {
        "check the name of the account in the URL, and the network"
    } else if says(&["AADSTS", "TokenRequest", "token request", "invalid_client", "Error performing token"]) {
        "Entra gave no token: check client, tenant and secret of the connection"
    } else if says(&["401 Unauthorized", "AuthenticationFailed", "InvalidAuthenticationInfo"]) {
        "the account does not know who asks: check key, signature or secret of the connection, and until when they are good"
    } else if says(&["403 Forbidden"]) {
        "the identity of the connection may not do that: it needs the role Storage Blob Data Reader to read, and Storage \
         Blob Data Contributor to write"
    } else {
        otherwise
    }
}

fn read_log_hint(error: &DeltaTableError) -> &'static str {
    if is_storage_failure(error) {
        store_hint(error, READ_HINT)
    } else {
        "the cause says what is missing or broken; restore it, or link the table anew"
    }
}

/// Where nothing more is known.
const READ_HINT: &str = "check that the folder is one, that it can be reached and that it may be read";

/// Whether a log could not be reached, rather than understood.
pub(crate) fn is_storage_failure(error: &DeltaTableError) -> bool {
    match error {
        DeltaTableError::ObjectStore { source } => may_pass(source),
        DeltaTableError::Io { .. } => true,
        DeltaTableError::KernelError(delta_kernel::Error::ObjectStore(source)) => may_pass(source),
        _ => false,
    }
}

/// Whether it may go better another time: not where a name is none that a store has.
const fn may_pass(error: &object_store::Error) -> bool {
    !matches!(error, object_store::Error::NotFound { .. } | object_store::Error::InvalidPath { .. })
}

fn taken_for(version: Option<Version>) -> String {
    match version {
        Some(version) => format!("no entry, and Spark takes it for that of version {version}"),
        None => "named like an entry, by a number that no version has".to_owned(),
    }
}

fn at_version(version: Option<Version>) -> String {
    version.map_or_else(String::new, |v| format!(" at version {v}"))
}

/// What a store answered when the footer of a file was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreAnswer {
    /// There is no such file.
    NotThere,
    /// It could not be reached, or failed; it may go better another time.
    Failed,
    /// It says no.
    Refused,
}

/// What the store answered, where `error` is all that the engine has left of it: of an error that comes while it reads the
/// footer of a file it keeps the text alone (datafusion-datasource-parquet 55, `reader.rs`).
#[must_use]
pub fn store_answer(error: &ParquetError) -> Option<StoreAnswer> {
    let ParquetError::General(text) = error else { return None };
    let rest = text.strip_prefix("Failed to fetch metadata for file ")?;
    let (_, answer) = rest.split_once(": Object Store error: ")?;
    // The file is shorter than its log says: no fault of the store. (416 is how HTTP says it.)
    let shorter = ["Requested range was invalid", "Out of range of file ", " 416 "];
    if shorter.iter().any(|part| answer.contains(part)) {
        return None;
    }
    Some(if answer.starts_with("Generic ") || answer.starts_with("Error joining ") {
        StoreAnswer::Failed
    } else if answer.starts_with("Object at location ") && answer.contains(" not found: ") {
        StoreAnswer::NotThere
    } else {
        StoreAnswer::Refused
    })
}

#[cfg(test)]
mod tests {
    use object_store::Error as Store;

    use super::*;

    #[test]
    fn the_answer_of_a_store_is_read_from_what_the_engine_leaves_of_it() {
        let as_engine = |error: Store| {
            let error = DataFusionError::ObjectStore(Box::new(error));
            ParquetError::General(format!("Failed to fetch metadata for file a/b: c.parquet: {error}"))
        };
        let path = || "a/b: c.parquet".to_owned();
        let generic = Store::Generic { store: "azure", source: "503".into() };
        let gone = Store::NotFound { path: path(), source: "404".into() };
        let denied = Store::PermissionDenied { path: path(), source: "403".into() };
        assert_eq!(store_answer(&as_engine(generic)), Some(StoreAnswer::Failed));
        assert_eq!(store_answer(&as_engine(gone)), Some(StoreAnswer::NotThere));
        assert_eq!(store_answer(&as_engine(denied)), Some(StoreAnswer::Refused));
        for text in ["Requested range was invalid", "Out of range of file a, expected: 4062, actual: 4000"] {
            let short = Store::Generic { store: "LocalFileSystem", source: text.into() };
            assert_eq!(store_answer(&as_engine(short)), None);
        }
        assert_eq!(store_answer(&ParquetError::General("bad page".to_owned())), None);
        assert_eq!(store_answer(&ParquetError::EOF("bad page".to_owned())), None);
    }
}
