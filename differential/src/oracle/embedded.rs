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
use serde_json::Value;

use crate::answer::Answer;
use crate::statement::{Dialect, Query, text};

/// How a statement is run.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// How many partitions plans aim at.
    pub partitions: usize,
    /// Whether rows are left out while a file is decoded, as they are where deletions are looked for, and not behind it.
    pub filters_files: bool,
}

impl Way {
    /// In a single partition.
    pub const PLAIN: Self = Self { partitions: 1, filters_files: false };
}

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
    pub async fn open(lake: &Path, tables: &[&str]) -> Result<Self> {
        let stores = Stores::default();
        let mut open = Vec::new();
        for &name in tables {
            let folder = lake.join(name);
            let location = Location::parse(folder.to_str().context("the folder has no name in UTF-8")?)?;
            let snapshot = TableSnapshot::require(&stores, name, &location, None).await?;
            open.push((name.to_owned(), plain_view(&snapshot).await?));
        }
        Ok(Self { tables: open })
    }

    /// Answers with these rules, in this way.
    pub async fn answer(&self, query: &Query, rules: RuleSet, way: Way) -> Answer {
        let sql = text(query, Dialect::Spark);
        match AssertUnwindSafe(self.rows(&sql, rules, way)).catch_unwind().await {
            Ok(Ok(rows)) => Answer::of(query, rows),
            Ok(Err(other)) => other,
            Err(_) => Answer::Failed("panicked".to_owned()),
        }
    }

    /// Rows of a statement; else what became of it.
    ///
    /// # Errors
    /// A refusal, or a failure.
    pub async fn rows(&self, sql: &str, rules: RuleSet, way: Way) -> Result<Vec<Vec<Value>>, Answer> {
        let options = SqlOptions {
            as_of: DateTime::UNIX_EPOCH,
            target_partitions: way.partitions,
            batch_size: Some(2),
            distributed: false,
            rules,
        };
        let mut state = session_state(options, Arc::new(RuntimeEnv::default()));
        state.config_mut().options_mut().execution.parquet.pushdown_filters = way.filters_files;
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
                return Err(Answer::Failed(error.to_string()));
            }
        }
        let parsed = Parsed::parse(sql).map_err(refused)?;
        let planned = plan(&state, &parsed).map_err(refused)?;
        let physical = physical_plan(&state, &parsed, &planned.plan).await.map_err(refused)?;
        let failed = |error: DataFusionError| Answer::Failed(error.to_string());
        let batches = collect(physical, state.task_ctx()).await.map_err(failed)?;
        let rows = batches.iter().flat_map(|batch| {
            (0..batch.num_rows()).map(move |row| {
                batch.columns().iter().map(|column| value::to_json(column, row)).collect::<Vec<_>>()
            })
        });
        Ok(rows.collect())
    }
}
