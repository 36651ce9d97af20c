//! What can go wrong while a lake is made or changed.

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use goldsmith_lake::LakeError;
use goldsmith_lake::error::Domain;
use goldsmith_proto::id::{IdError, Version};
use parquet::errors::ParquetError;
use thiserror::Error;

/// Result of this crate.
pub type Result<T, E = SynthError> = std::result::Result<T, E>;

/// A lake that could not be made or changed.
#[derive(Debug, Error)]
pub enum SynthError {
    /// A table cannot be opened or committed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A new lake was asked for where something is.
    #[error(
        "{location} is not empty; hint: name a folder that is empty or does not exist, or add --mutate to change the lake \
         that is there"
    )]
    NotEmpty {
        /// The folder.
        location: String,
    },
    /// A change was asked for where no lake is.
    #[error(
        "there is no generated lake in {location}: it has no table `{table}`; hint: name the folder of the lake, or make \
         one without --mutate"
    )]
    NoLake {
        /// The folder.
        location: String,
        /// The first table that is missing.
        table: &'static str,
    },
    /// A scale or a fraction that means nothing.
    #[error("{what} cannot be {value}; hint: {hint}")]
    Option {
        /// Which option.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        hint: &'static str,
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
    /// Rows that could not be written.
    #[error(
        "cannot write rows of `{table}` to {location}; hint: nothing of this commit is visible, make room or another \
         folder"
    )]
    Write {
        /// Name of the table.
        table: String,
        /// Its folder.
        location: String,
        /// Why.
        #[source]
        source: Box<DataFusionError>,
    },
    /// A data file that could not be read.
    #[error("cannot read `{file}` of `{table}` at version {version}")]
    Read {
        /// Name of the table.
        table: String,
        /// Its version.
        version: Version,
        /// Path of the file in the log.
        file: String,
        /// Why.
        #[source]
        source: Box<ParquetError>,
    },
    /// A table of the lake without a column that a change needs.
    #[error(
        "`{table}` has no column `{column}` of type {expected}; hint: only lakes that `goldsmith generate` made can be \
         changed"
    )]
    Column {
        /// Name of the table.
        table: String,
        /// The column.
        column: String,
        /// Type that it should have.
        expected: &'static str,
    },
    /// Another writer was faster.
    #[error(
        "commit of `{table}` as version {version} lost to another writer; hint: what was committed before stays, run it \
         again"
    )]
    Conflict {
        /// Name of the table.
        table: String,
        /// The version that was lost.
        version: Version,
    },
    /// Columns that do not fit together: a fault of ours.
    #[error("rows of `{table}` cannot be put together")]
    Rows {
        /// Name of the table.
        table: String,
        /// Why.
        #[source]
        source: ArrowError,
    },
    /// The embedded list of columns cannot be used: a fault of ours.
    #[error("the embedded schema cannot be used: {reason}")]
    Schema {
        /// Why not.
        reason: String,
    },
    /// A table whose name is none: a fault of ours.
    #[error(transparent)]
    Name(#[from] IdError),
}

impl SynthError {
    /// Who can cure it.
    #[must_use]
    pub fn domain(&self) -> Domain {
        match self {
            Self::Lake(source) => source.domain(),
            Self::NotEmpty { .. }
            | Self::NoLake { .. }
            | Self::Option { .. }
            | Self::Column { .. }
            | Self::Read { .. } => Domain::User,
            Self::List { .. } | Self::Write { .. } | Self::Conflict { .. } => Domain::External,
            Self::Rows { .. } | Self::Schema { .. } | Self::Name(_) => Domain::Internal,
        }
    }
}
