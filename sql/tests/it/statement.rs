//! Runs one statement the way the `query` command does.

use std::sync::Arc;

use chrono::DateTime;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::{collect, displayable};
use datafusion::prelude::SessionContext;
use goldsmith_sql::parse::Query;
use goldsmith_sql::plan::plan;
use goldsmith_sql::session::{SqlOptions, session_state};
use goldsmith_sql::{types::spark_type_name, value};
use serde_json::Value;

/// Types of the columns as Spark names them, and the rows.
pub(crate) type Answer = (Vec<String>, Vec<Vec<Value>>);

/// # Errors
/// The text of whatever went wrong.
pub(crate) fn run(sql: &str) -> Result<Answer, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let options = SqlOptions {
            as_of: DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default(),
            target_partitions: 2,
            batch_size: None,
        };
        let state = session_state(options, Arc::new(RuntimeEnv::default()));
        let query = Query::parse(sql).map_err(|e| e.to_string())?;
        let planned = plan(&state, &query).map_err(|e| e.to_string())?;
        let types = planned
            .plan
            .schema()
            .fields()
            .iter()
            .map(|field| spark_type_name(field.data_type()).map_err(|e| e.to_string()))
            .collect::<Result<Vec<_>, _>>()?;
        let physical = state.create_physical_plan(&planned.plan).await.map_err(|e| e.to_string())?;
        let shown = displayable(physical.as_ref()).one_line().to_string();
        let context = SessionContext::new_with_state(state);
        let batches = collect(physical, context.task_ctx()).await.map_err(|e| format!("{e}\n{shown}"))?;
        let rows = batches
            .iter()
            .flat_map(|batch| {
                (0..batch.num_rows())
                    .map(|row| batch.columns().iter().map(|column| value::to_json(column, row)).collect())
                    .collect::<Vec<Vec<Value>>>()
            })
            .collect();
        Ok((types, rows))
    })
}

/// Rows in an order that does not depend on who made them.
pub(crate) fn sorted(mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    rows.sort_by_cached_key(|row| serde_json::to_string(row).unwrap_or_default());
    rows
}
