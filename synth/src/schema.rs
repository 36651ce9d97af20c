//! Columns of the bronze tables, as wide as the source has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::Deserialize;

use crate::error::{Result, SynthError};

/// Columns that Link to Fabric adds to every table, spelt as it spells them.
const LINK: &str = "Id:s SinkCreatedOn:t SinkModifiedOn:t IsDelete:b versionnumber:i";

/// Columns that every table of Finance and Operations has; tables of Dataverse do not.
const FINANCE: &str = "recid:i dataareaid:s createddatetime:t modifieddatetime:t sysrowversion:i partition:i tableid:i \
                       createdby:s modifiedby:s recversion:i";

/// The one table of Dataverse.
pub(crate) const CONTACT: &str = "contact";

/// Kind of a column. Enums and record ids are integers, money and quantities decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Money,
    Time,
    Flag,
}

impl Kind {
    fn parse(letter: &str) -> Option<Self> {
        match letter {
            "s" => Some(Self::Text),
            "i" => Some(Self::Integer),
            "d" => Some(Self::Money),
            "t" => Some(Self::Time),
            "b" => Some(Self::Flag),
            _ => None,
        }
    }

    pub(crate) fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Money => DataType::Decimal128(32, 6),
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Flag => DataType::Boolean,
        }
    }
}

/// Columns of one table.
#[derive(Debug)]
pub(crate) struct TableSchema {
    pub(crate) name: String,
    /// Number of the table in the source.
    pub(crate) table_id: u32,
    pub(crate) columns: Vec<(String, Kind)>,
    pub(crate) arrow: SchemaRef,
}

impl TableSchema {
    /// Position of a column.
    pub(crate) fn find(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| name == column)
    }
}

#[derive(Deserialize)]
struct Written {
    table_id: u32,
    columns: String,
}

/// Reads the embedded schema: the tables by name.
pub(crate) fn load() -> Result<BTreeMap<String, Arc<TableSchema>>> {
    let fault = |reason: String| SynthError::Schema { reason };
    let text = include_str!("../schema/bronze.toml");
    let written: BTreeMap<String, Written> = toml::from_str(text).map_err(|e| fault(e.to_string()))?;
    let mut tables = BTreeMap::new();
    for (name, table) in written {
        let finance = if name == CONTACT { "" } else { FINANCE };
        let mut columns: Vec<(String, Kind)> = Vec::new();
        // The columns by which rows are found come first: statistics are kept for the first 32.
        for word in [LINK, finance, &table.columns].into_iter().flat_map(str::split_whitespace) {
            let (column, letter) = word.split_once(':').unwrap_or((word, ""));
            let kind =
                Kind::parse(letter).ok_or_else(|| fault(format!("`{word}` of `{name}` has no type")))?;
            if columns.iter().any(|(other, _)| other.eq_ignore_ascii_case(column)) {
                return Err(fault(format!("`{name}` has `{column}` twice")));
            }
            columns.push((column.to_owned(), kind));
        }
        let fields: Vec<Field> =
            columns.iter().map(|(column, kind)| Field::new(column, kind.data_type(), true)).collect();
        let arrow = Arc::new(Schema::new(fields));
        tables.insert(name.clone(), Arc::new(TableSchema { name, table_id: table.table_id, columns, arrow }));
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_as_wide_as_the_source_has_them() {
        let tables = load().unwrap();
        assert_eq!(tables.len(), 20);
        // 204 and 211 columns in the Common Data Model documents, of which `dataareaid` is one of the source's own.
        assert_eq!(tables["custtable"].columns.len(), 204 - 1 + 15);
        assert_eq!(tables["salesline"].columns.len(), 211 - 1 + 15);
        assert!(tables["contact"].find("recid").is_none() && tables["contact"].find("Id") == Some(0));
        let ids: std::collections::BTreeSet<u32> = tables.values().map(|t| t.table_id).collect();
        assert_eq!(ids.len(), 20, "a table's number is its own");
    }
}
