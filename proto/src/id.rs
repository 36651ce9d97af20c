//! Newtypes for the names and numbers that would otherwise be strings and integers.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// A name that is not a table's or a model's.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum IdError {
    /// The text is not the id of a refresh.
    #[error("`{text}` is not the id of a refresh; hint: `goldsmith history` lists them")]
    RefreshId {
        /// The refused text.
        text: String,
    },
    /// The text is not a name of a table.
    #[error(
        "`{name}` is not a table name; hint: it begins with a letter or `_` and holds letters, digits and `_`"
    )]
    TableName {
        /// The refused text.
        name: String,
    },
}

/// One bringing-up-to-date of gold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RefreshId(Uuid);

impl RefreshId {
    /// Makes a new id; ids sort by the time at which they were made.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// When the id was made; none if it was made by somebody else in another way.
    #[must_use]
    pub fn made_at(&self) -> Option<DateTime<Utc>> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
    }
}

impl FromStr for RefreshId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::from_str(text).map(Self).map_err(|_| IdError::RefreshId { text: text.to_owned() })
    }
}

impl fmt::Display for RefreshId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Commit number of a Delta table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(u64);

impl Version {
    /// The version that a table's first commit makes.
    pub const FIRST: Self = Self(0);

    /// Wraps a commit number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The commit number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The version after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Name of one table folder: a letter or `_` first, then letters, digits and `_`.
///
/// It is the only way in which a name becomes part of a URL, so it cannot hold a separator or a dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct TableName(String);

impl TableName {
    /// Checks `name`.
    ///
    /// # Errors
    /// [`IdError::TableName`] if it could not be a folder of its own.
    pub fn try_new(name: impl Into<String>) -> Result<Self, IdError> {
        let name = name.into();
        let mut chars = name.chars();
        let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if first && chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
            Ok(Self(name))
        } else {
            Err(IdError::TableName { name })
        }
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TableName {
    type Err = IdError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::try_new(s)
    }
}

/// The part of the lake in which a table lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// As the source systems leave it.
    Bronze,
    /// Standardised.
    Silver,
    /// Denormalised, read by the consumer.
    Gold,
}

impl Layer {
    /// The schema name by which SQL calls the layer.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_name_refuses_what_could_leave_its_folder() {
        for bad in ["", "1a", "a/b", "..", "a.b", "a b", "a%2fb", "é"] {
            assert_eq!(
                TableName::try_new(bad),
                Err(IdError::TableName { name: bad.to_owned() }),
                "{bad:?} must not name a table"
            );
        }
        for good in ["custtable", "profiles_Customer", "_x1"] {
            assert_eq!(TableName::try_new(good).map(|n| n.to_string()), Ok(good.to_owned()));
        }
    }

    #[test]
    fn refresh_ids_sort_by_time() {
        let first = RefreshId::generate();
        let second = RefreshId::generate();
        assert!(first < second);
    }
}
