//! The engine in this process, with rules of choice.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::DateTime;
use datafusion::catalog::TableProvider;
use datafusion::error::DataFusionError;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::collect;
use futures::FutureExt;
use goldsmith_lake::bronze::plain_view;
use goldsmith_lake::{Location, Stores, TableSnapshot};
use goldsmith_sql::optimize::RuleSet;
use goldsmith_sql::parse::Query as Parsed;
use goldsmith_sql::physical::physical_plan;
use goldsmith_sql::plan::plan;
use goldsmith_sql::session::{SqlOptions, session_state};
use goldsmith_sql::{SqlError, value};

use crate::answer::Answer;
use crate::statement::{Dialect, Query, text};
use crate::table::Table;

/// Tables of a lake, ready to be read.
#[derive(Debug)]
pub struct Embedded {
    tables: Vec<(String, Arc<dyn TableProvider>)>,
}

impl Embedded {
    /// Opens tables that were written below `lake`.
    ///
    /// # Errors
    /// If one cannot be read.
    pub async fn open(lake: &Path, tables: &[Table]) -> Result<Self> {
        let stores = Stores::default();
        let mut open = Vec::new();
        for table in tables {
            let name = &table.columns.name;
            let folder = lake.join(name);
            let location = Location::parse(folder.to_str().context("the folder has no name in UTF-8")?)?;
            let snapshot = TableSnapshot::require(&stores, name, &location, None).await?;
            open.push((name.clone(), plain_view(&snapshot).await?));
        }
        Ok(Self { tables: open })
    }

    /// Answers with these rules and so many partitions.
    pub async fn answer(&self, query: &Query, rules: RuleSet, target_partitions: usize) -> Answer {
        let answered = AssertUnwindSafe(self.run(query, rules, target_partitions)).catch_unwind().await;
        answered.unwrap_or_else(|_| Answer::Failed("panicked".to_owned()))
    }

    async fn run(&self, query: &Query, rules: RuleSet, target_partitions: usize) -> Answer {
        let options = SqlOptions {
            as_of: DateTime::UNIX_EPOCH,
            target_partitions,
            batch_size: Some(2),
            distributed: false,
            rules,
        };
        let state = session_state(options, Arc::new(RuntimeEnv::default()));
        let sql = text(query, Dialect::Spark);
        let refused = |error: SqlError| match error {
            SqlError::Unplannable { ref engine, .. } => Answer::Failed(format!("no plan: {engine}")),
            SqlError::Plan { source } => Answer::Failed(format!("no plan: {source}")),
            other => Answer::Refused(other.to_string()),
        };
        for (name, provider) in &self.tables {
            let schema = state.catalog_list().catalog("goldsmith").and_then(|c| c.schema("bronze"));
            if let Some(schema) = schema
                && let Err(error) = schema.register_table(name.clone(), Arc::clone(provider))
            {
                return Answer::Failed(error.to_string());
            }
        }
        let parsed = match Parsed::parse(&sql) {
            Ok(parsed) => parsed,
            Err(error) => return refused(error),
        };
        let planned = match plan(&state, &parsed) {
            Ok(planned) => planned,
            Err(error) => return refused(error),
        };
        let physical = match physical_plan(&state, &parsed, &planned.plan).await {
            Ok(physical) => physical,
            Err(error) => return refused(error),
        };
        let failed = |error: DataFusionError| Answer::Failed(error.to_string());
        let batches = match collect(physical, state.task_ctx()).await {
            Ok(batches) => batches,
            Err(error) => return failed(error),
        };
        let rows = batches.iter().flat_map(|batch| {
            (0..batch.num_rows()).map(move |row| {
                batch.columns().iter().map(|column| value::to_json(column, row)).collect::<Vec<_>>()
            })
        });
        Answer::of(query, rows.collect())
    }
}
