//! What can be said of a table's key, by counting.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::common::TableReference;
use datafusion::error::DataFusionError;
use goldsmith_lake::bronze::plain_view;
use goldsmith_lake::{LakeError, TableSnapshot};
use goldsmith_sql::optimize::RuleSet;
use goldsmith_sql::parse::Query;
use goldsmith_sql::physical::physical_plan;
use goldsmith_sql::session::{SqlOptions, session_state};
use goldsmith_sql::spelling::fold;

use super::facts::DeclaredKey;
use crate::error::{Result, SchedulerError};
use crate::lakehouse::Lakehouse;

/// Types that Customer Insights takes as a key, as the log names them.
const KEY_TYPES: [&str; 5] = ["string", "byte", "short", "integer", "long"];

/// Duplicated keys that are shown.
const EXAMPLES: usize = 3;

/// Columns that are tried where nobody says which one is the key.
const CANDIDATES: usize = 32;

/// The key of a table, and what its rows say of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum KeyFacts {
    /// Nobody looked: the table cannot be read, or is not meant for Customer Insights.
    #[default]
    NotLookedAt,
    /// The declared key has a column that is not there.
    Missing {
        /// The column.
        column: String,
    },
    /// The declared key has several columns.
    Composite {
        /// The columns.
        columns: Vec<String>,
    },
    /// The declared key is one column of a type that no key can have.
    WrongType {
        /// The column.
        column: String,
        /// Its type.
        data_type: String,
    },
    /// The declared key is one column of a right type.
    Counted {
        /// The column.
        column: String,
        /// Rows in which it is null.
        null_rows: u64,
        /// Values that occur more than once.
        repeated: u64,
        /// Some of them.
        examples: Vec<String>,
    },
    /// No key is declared; these columns could be one.
    Candidates {
        /// The columns: never null, never twice.
        columns: Vec<String>,
    },
}

/// Whether a key may have this type.
pub(super) fn is_key_type(data_type: &str) -> bool {
    KEY_TYPES.contains(&data_type)
}

/// # Errors
/// If the rows cannot be read.
pub(super) async fn find(
    lakehouse: &Lakehouse,
    snapshot: &TableSnapshot,
    columns: &[(String, String)],
    declared: DeclaredKey,
) -> Result<KeyFacts> {
    let declared = match declared {
        DeclaredKey::NotForCustomerInsights => return Ok(KeyFacts::NotLookedAt),
        DeclaredKey::Unknown => return candidates(lakehouse, snapshot, columns).await,
        DeclaredKey::Columns(declared) => declared,
    };
    let find = |name: &String| columns.iter().find(|(column, _)| fold(column) == fold(name));
    if let Some(column) = declared.iter().find(|name| find(name).is_none()) {
        return Ok(KeyFacts::Missing { column: column.clone() });
    }
    match declared.iter().filter_map(find).collect::<Vec<_>>().as_slice() {
        [(column, data_type)] if !is_key_type(data_type) => {
            Ok(KeyFacts::WrongType { column: column.clone(), data_type: data_type.clone() })
        }
        [(column, _)] => count(lakehouse, snapshot, column).await,
        _ => Ok(KeyFacts::Composite { columns: declared }),
    }
}

async fn count(lakehouse: &Lakehouse, snapshot: &TableSnapshot, column: &str) -> Result<KeyFacts> {
    let quoted = quote(column);
    let counted =
        rows(lakehouse, snapshot, &format!("SELECT count(*) - count({quoted}) AS n FROM gold.t")).await?;
    let repeated = rows(
        lakehouse,
        snapshot,
        &format!(
            "SELECT count(*) OVER () AS n, {quoted} AS k FROM gold.t WHERE {quoted} IS NOT NULL \
             GROUP BY {quoted} HAVING count(*) > 1 ORDER BY k LIMIT {EXAMPLES}"
        ),
    )
    .await?;
    let first = |rows: &[Vec<String>]| rows.first().and_then(|row| row.first()?.parse().ok()).unwrap_or(0);
    Ok(KeyFacts::Counted {
        column: column.to_owned(),
        null_rows: first(&counted),
        repeated: first(&repeated),
        examples: repeated.into_iter().filter_map(|row| row.into_iter().nth(1)).collect(),
    })
}

async fn candidates(
    lakehouse: &Lakehouse,
    snapshot: &TableSnapshot,
    columns: &[(String, String)],
) -> Result<KeyFacts> {
    let possible: Vec<&String> = columns
        .iter()
        .filter(|(_, data_type)| is_key_type(data_type))
        .map(|(name, _)| name)
        .take(CANDIDATES)
        .collect();
    let counts: Vec<String> = possible
        .iter()
        .map(|name| format!("CAST(count(DISTINCT {0}) = count(*) AS INT)", quote(name)))
        .collect();
    if counts.is_empty() {
        return Ok(KeyFacts::Candidates { columns: Vec::new() });
    }
    let found = rows(lakehouse, snapshot, &format!("SELECT {} FROM gold.t", counts.join(", "))).await?;
    let unique = found.into_iter().next().unwrap_or_default();
    let columns = possible.into_iter().zip(unique).filter(|(_, is_unique)| is_unique == "1");
    Ok(KeyFacts::Candidates { columns: columns.map(|(name, _)| name.clone()).collect() })
}

fn quote(column: &str) -> String {
    format!("`{}`", column.replace('`', "``"))
}

/// Runs one statement over the table as `gold.t`; values as text.
async fn rows(lakehouse: &Lakehouse, snapshot: &TableSnapshot, sql: &str) -> Result<Vec<Vec<String>>> {
    let failed = |source: DataFusionError| SchedulerError::Run {
        what: format!("reading the key of `{}` at version {}", snapshot.name(), snapshot.version()),
        hint: "the cause names the file",
        source: Box::new(source.into()),
    };
    let statement = |source: goldsmith_sql::SqlError| SchedulerError::Statement {
        rendered: source.render(sql),
        source: Box::new(source),
    };
    let options = SqlOptions {
        as_of: chrono::DateTime::UNIX_EPOCH,
        target_partitions: lakehouse.engine.options().threads.get(),
        batch_size: None,
        distributed: false,
        rules: RuleSet::default(),
    };
    let state = session_state(options, Arc::clone(lakehouse.engine.runtime()));
    let provider = plain_view(snapshot).await?;
    state
        .schema_for_ref(TableReference::partial("gold", "t"))
        .and_then(|schema| schema.register_table("t".to_owned(), provider))
        .map_err(|source| LakeError::Plan { table: snapshot.name().to_owned(), source: Arc::new(source) })?;
    let query = Query::parse(sql).map_err(statement)?;
    let planned = goldsmith_sql::plan::plan(&state, &query).map_err(statement)?;
    let physical = physical_plan(&state, &query, &planned.plan).await.map_err(statement)?;
    let batches = lakehouse.engine.collect(&state, physical).await.map_err(failed)?;
    let mut all = Vec::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let values = batch.columns().iter().map(|column| {
                if column.is_null(row) {
                    return Ok(String::new());
                }
                match column.as_primitive_opt::<Int64Type>() {
                    Some(numbers) => Ok(numbers.value(row).to_string()),
                    None => array_value_to_string(column, row),
                }
            });
            let values: std::result::Result<Vec<String>, _> = values.collect();
            all.push(values.map_err(|source| failed(source.into()))?);
        }
    }
    Ok(all)
}
