//! What type each bronze column has that a model uses: `contracts/bronze.toml` of a pack.

use std::collections::BTreeMap;

use datafusion::arrow::datatypes::DataType;
use goldsmith_sql::types::parse_spark_type;

use crate::error::{JobsError, Result};

/// Types by table and column, both in lower case.
#[derive(Debug, Clone, Default)]
pub struct BronzeContract {
    tables: BTreeMap<String, BTreeMap<String, DataType>>,
}

impl BronzeContract {
    /// Reads the contract in `text`, the content of `file`.
    ///
    /// # Errors
    /// [`JobsError::Contract`] if it is not a table of tables of Spark type names.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let refuse = |message: String| JobsError::Contract { file: file.to_owned(), message };
        let raw: BTreeMap<String, BTreeMap<String, String>> =
            toml::from_str(text).map_err(|e| refuse(e.to_string()))?;
        let mut tables = BTreeMap::new();
        for (table, columns) in raw {
            let mut types = BTreeMap::new();
            for (column, name) in columns {
                let data_type =
                    parse_spark_type(&name).map_err(|e| refuse(format!("{table}.{column}: {e}")))?;
                types.insert(column.to_lowercase(), data_type);
            }
            tables.insert(table.to_lowercase(), types);
        }
        Ok(Self { tables })
    }

    /// Adds `other`, column by column over this one.
    pub fn extend(&mut self, other: Self) {
        for (table, columns) in other.tables {
            self.tables.entry(table).or_default().extend(columns);
        }
    }

    /// Columns of `table` with their types; none if the contract does not speak of it.
    #[must_use]
    pub fn table(&self, table: &str) -> Option<&BTreeMap<String, DataType>> {
        self.tables.get(table)
    }
}
