//! What can go wrong with tables and storage, and who has to hear of it.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use deltalake::DeltaTableError;
use goldsmith_proto::id::Version;
use thiserror::Error;

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

/// A failed operation on a table or on its storage.
#[derive(Debug, Error)]
pub enum LakeError {
    /// A URL or path that cannot be used.
    #[error(
        "`{text}` cannot be used as a location: {reason}; hint: give a path, or a URL such as file:///data/gold"
    )]
    Location {
        /// As it was given.
        text: String,
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
    #[error("cannot read the log of `{table}`{} at {location}", at_version(*.version))]
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
    #[error("`{table}` at version {version} has no column `{column}`")]
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
    #[error("cannot list {location}")]
    List {
        /// The folder.
        location: String,
        /// Why.
        #[source]
        source: Box<object_store::Error>,
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
    pub const fn domain(&self) -> Domain {
        match self {
            Self::Location { .. }
            | Self::NotATable { .. }
            | Self::ReadLog { .. }
            | Self::Feature { .. }
            | Self::MissingColumn { .. }
            | Self::ColumnType { .. }
            | Self::SchemaChanged { .. }
            | Self::UnsupportedType { .. } => Domain::User,
            Self::List { .. } | Self::Commit { .. } | Self::RemoveStaged { .. } => Domain::External,
            Self::Decode { .. } | Self::Plan { .. } => Domain::Internal,
        }
    }
}

fn at_version(version: Option<Version>) -> String {
    version.map_or_else(String::new, |v| format!(" at version {v}"))
}
