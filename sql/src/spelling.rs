//! Tables that know how their source spells its columns.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

/// The one form in which names of columns, fields and tables are compared: without their case, as Spark compares them.
///
/// - **Source:** Spark, `spark.sql.caseSensitive = false`: `toLowerCase(Locale.ROOT)`
#[must_use]
pub fn fold(name: &str) -> String {
    name.to_lowercase()
}

/// A table whose columns are in lower case, as plans want them, with the spelling that `SELECT *` shows.
#[derive(Debug)]
pub struct SpelledTable {
    table: Arc<dyn TableProvider>,
    names: Vec<String>,
}

impl SpelledTable {
    /// Gives the columns of `table`, in order, the spelling `names`.
    #[must_use]
    pub fn wrap(table: Arc<dyn TableProvider>, names: Vec<String>) -> Arc<dyn TableProvider> {
        Arc::new(Self { table, names })
    }

    /// The table itself, which plans read.
    pub(crate) const fn table(&self) -> &Arc<dyn TableProvider> {
        &self.table
    }

    /// The spelling of the column at `index`.
    pub(crate) fn name(&self, index: usize) -> Option<&str> {
        self.names.get(index).map(String::as_str)
    }
}

#[async_trait]
impl TableProvider for SpelledTable {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        self.table.table_type()
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        _projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // The planner takes the table out before it makes a plan.
        Err(DataFusionError::Internal("a spelled table is planned, not scanned".to_owned()))
    }
}
