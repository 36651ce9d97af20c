//! Registers the tables that one statement names, and plans it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::catalog::view::ViewTable;
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, ident};
use datafusion::physical_plan::ExecutionPlan;
use goldsmith_jobs::Model;
use goldsmith_lake::bronze::{BronzeColumns, DeletedRows, bronze_view, empty_view, plain_view};
use goldsmith_lake::{LakeError, TableSnapshot};
use goldsmith_proto::id::Layer;
use goldsmith_sql::SqlError;
use goldsmith_sql::parse::Query;
use goldsmith_sql::physical::physical_plan;
use goldsmith_sql::session::{SqlOptions, session_state};
use goldsmith_sql::spelling::{SpelledTable, fold};

use super::columns;
use crate::error::{Result, SchedulerError};
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;

/// Tables of one refresh or one statement.
#[derive(Debug)]
pub struct Catalog<'a> {
    lakehouse: &'a Lakehouse,
    inventory: &'a Inventory,
    as_of: DateTime<Utc>,
    /// Models by key as others read them, once that is known: staged files, a published version, or a view.
    models: BTreeMap<String, Arc<dyn TableProvider>>,
    /// Sizes of those that were set.
    set_bytes: BTreeMap<String, u64>,
    /// Bytes that models read which are built beside the next one.
    bytes_beside: u64,
    /// Keys of models that read as empty.
    skipped: BTreeSet<String>,
}

/// Compressed bytes that a plan reads, and that others read while it runs.
#[derive(Debug, Clone, Copy, Default)]
struct Input {
    bytes: u64,
    beside: u64,
}

/// A planned model or statement.
#[derive(Debug)]
pub struct Built {
    /// The session that it was planned in and runs in.
    pub state: SessionState,
    /// The plan, its columns under technical names.
    pub plan: LogicalPlan,
    /// Names of the columns as Spark gives them.
    pub names: Vec<String>,
    /// What it was planned from.
    source: Source,
}

/// A query and whose it is.
#[derive(Debug, Clone)]
struct Source {
    query: Query,
    /// Name, file and text of the model; nothing for a statement.
    model: Option<(String, String, String)>,
}

impl Source {
    fn failed(&self, source: SqlError) -> SchedulerError {
        let source = Box::new(source);
        match &self.model {
            Some((model, file, text)) => SchedulerError::ModelQuery {
                model: model.clone(),
                file: file.clone(),
                rendered: source.render(text),
                source,
            },
            None => SchedulerError::Statement { rendered: source.render(self.query.sql()), source },
        }
    }
}

impl Built {
    /// Columns of the result, under their names, all nullable.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        let fields: Vec<Field> = self
            .plan
            .schema()
            .fields()
            .iter()
            .zip(&self.names)
            .map(|(field, name)| Field::new(name, field.data_type().clone(), true))
            .collect();
        Arc::new(Schema::new(fields))
    }

    /// Plans the operators of `plan`: its own plan, or one over it.
    ///
    /// # Errors
    /// [`SchedulerError::ModelQuery`] or [`SchedulerError::Statement`] where there are none; [`SchedulerError::Run`] if a table
    /// cannot be scanned.
    pub async fn physical(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
        physical_plan(&self.state, &self.source.query, plan).await.map_err(|error| match error {
            SqlError::Plan { source } => SchedulerError::Run {
                what: self
                    .source
                    .model
                    .as_ref()
                    .map_or_else(|| "the statement".to_owned(), |(model, _, _)| format!("model `{model}`")),
                hint: "the cause names the table that cannot be read",
                source: Box::new((*source).into()),
            },
            other => self.source.failed(other),
        })
    }
}

impl<'a> Catalog<'a> {
    /// A catalog over `inventory` in which the clock stands at `as_of`.
    #[must_use]
    pub const fn new(lakehouse: &'a Lakehouse, inventory: &'a Inventory, as_of: DateTime<Utc>) -> Self {
        Self {
            lakehouse,
            inventory,
            as_of,
            models: BTreeMap::new(),
            set_bytes: BTreeMap::new(),
            bytes_beside: 0,
            skipped: BTreeSet::new(),
        }
    }

    /// The versions that it is over.
    #[must_use]
    pub const fn inventory(&self) -> &'a Inventory {
        self.inventory
    }

    /// From now on, whoever reads the model of `key` reads `provider`, whose files have `size_bytes`. Its columns are in lower
    /// case.
    pub fn set_model(&mut self, key: &str, provider: Arc<dyn TableProvider>, size_bytes: u64) {
        self.models.insert(key.to_owned(), provider);
        self.set_bytes.insert(key.to_owned(), size_bytes);
    }

    /// From now on, whoever reads the model of `key` finds its columns and no row.
    pub fn skip(&mut self, key: &str) {
        self.skipped.insert(key.to_owned());
    }

    /// From now on, models are planned to be built while others read `bytes`.
    pub fn set_bytes_beside(&mut self, bytes: u64) {
        self.bytes_beside = bytes;
    }

    /// Plans a model.
    ///
    /// # Errors
    /// If a table that it reads does not fit, its query cannot be planned, or its columns are not those of a table.
    pub async fn model(&mut self, model: &Model) -> Result<Built> {
        let input = Input { bytes: self.input_bytes(model), beside: self.bytes_beside };
        let mut tables = Vec::new();
        for table in model.bronze_tables() {
            let provider = self.bronze_for(model, &table).await?;
            tables.push(("bronze".to_owned(), table, provider));
        }
        for (key, _) in model.model_tables() {
            let provider = self.provider(&key).await?;
            if let Some((schema, name)) = key.split_once('.') {
                tables.push((schema.to_owned(), name.to_owned(), provider));
            }
        }
        let source = Source {
            query: model.query().clone(),
            model: Some((model.display_name(), model.file().to_owned(), model.text().to_owned())),
        };
        let built = self.plan(source, tables, input).await?;
        columns::check(model, &built)?;
        Ok(built)
    }

    /// Plans a statement over all tables that it names.
    ///
    /// # Errors
    /// If a table is not there, or the statement cannot be planned.
    pub async fn statement(&mut self, query: &Query) -> Result<Built> {
        let mut tables = Vec::new();
        let mut input = Input::default();
        for table in query.tables() {
            let schema = table.schema.clone().unwrap_or_else(|| "bronze".to_owned());
            let key = format!("{schema}.{}", table.name);
            let provider = if schema == "bronze" {
                match self.inventory.bronze.get(&table.name) {
                    Some(snapshot) => {
                        input.bytes += snapshot.size_bytes();
                        plain_view(snapshot).await?
                    }
                    None => return Err(self.unknown(&table.name, (table.line, table.column)).await),
                }
            } else if self.lakehouse.pack.dag().get(&key).is_some()
                || self.inventory.published.contains_key(&key)
            {
                input.bytes += self.size_bytes(&key);
                self.provider(&key).await?
            } else {
                return Err(self.unknown(&key, (table.line, table.column)).await);
            };
            tables.push((schema, table.name, provider));
        }
        self.plan(Source { query: query.clone(), model: None }, tables, input).await
    }

    /// Compressed bytes of the files that the query of `model` reads: of bronze, of staged or published models, and through
    /// models that are parts of queries.
    pub(crate) fn input_bytes(&self, model: &Model) -> u64 {
        let bronze = model.bronze_tables().filter_map(|table| self.inventory.bronze.get(&table));
        let models = model.model_tables().map(|(key, _)| self.size_bytes(&key));
        bronze.map(|snapshot| snapshot.size_bytes()).sum::<u64>() + models.sum::<u64>()
    }

    /// Compressed bytes of the files that stand for the model of `key`.
    fn size_bytes(&self, key: &str) -> u64 {
        let published = || self.inventory.published.get(key).map(|p| p.snapshot.size_bytes());
        let inlined = || self.lakehouse.pack.dag().get(key).map(|below| self.input_bytes(below));
        self.set_bytes.get(key).copied().or_else(published).or_else(inlined).unwrap_or_default()
    }

    /// How others read the model of `key`: what was set, else the published version, else its own query as a view.
    async fn provider(&mut self, key: &str) -> Result<Arc<dyn TableProvider>> {
        if let Some(provider) = self.models.get(key) {
            return Ok(Arc::clone(provider));
        }
        let skipped = self.skipped.contains(key);
        let provider = match (self.inventory.published.get(key), self.lakehouse.pack.dag().get(key)) {
            (Some(published), _) if !skipped => plain_view(&published.snapshot).await?,
            (_, Some(model)) => {
                let model = model.clone();
                let built = Box::pin(self.model(&model)).await?;
                if skipped { Arc::new(EmptyTable::new(view(&built)?.schema())) } else { view(&built)? }
            }
            _ => Arc::new(EmptyTable::new(Arc::new(Schema::empty()))),
        };
        self.models.insert(key.to_owned(), Arc::clone(&provider));
        Ok(provider)
    }

    async fn bronze_for(&self, model: &Model, table: &str) -> Result<Arc<dyn TableProvider>> {
        let Some(snapshot) = self.inventory.bronze.get(table) else {
            return self.missing(model, table);
        };
        let columns = bronze_columns(self.lakehouse, model, table, Some(snapshot));
        bronze_view(snapshot, &columns, self.lakehouse.deleted_rows()).await.map_err(|source| {
            let line = match &source {
                LakeError::MissingColumn { column, .. } | LakeError::ColumnType { column, .. } => {
                    model.query().position_of(&column.to_lowercase()).map(|(line, _)| line)
                }
                _ => None,
            };
            SchedulerError::ModelInput {
                model: model.display_name(),
                file: model.file().to_owned(),
                line,
                source: Box::new(source),
            }
        })
    }

    /// A table that bronze does not have, as a model that may be without it reads it.
    fn missing(&self, model: &Model, table: &str) -> Result<Arc<dyn TableProvider>> {
        if !model.can_miss(table) {
            return Err(SchedulerError::MissingTable {
                table: table.to_owned(),
                location: self
                    .lakehouse
                    .layer(Layer::Bronze)
                    .map_or_else(|_| String::new(), ToString::to_string),
                nearest: goldsmith_jobs::variable::nearest(table, self.inventory.bronze_folders.iter()),
                models: vec![model.display_name()],
            });
        }
        let columns = bronze_columns(self.lakehouse, model, table, None);
        if columns.types.is_empty() {
            return Err(SchedulerError::UndeclaredTable {
                table: table.to_owned(),
                model: model.display_name(),
                file: model.file().to_owned(),
            });
        }
        Ok(empty_view(&columns.types))
    }

    async fn plan(
        &self,
        source: Source,
        tables: Vec<(String, String, Arc<dyn TableProvider>)>,
        input: Input,
    ) -> Result<Built> {
        let options = SqlOptions {
            as_of: self.as_of,
            target_partitions: self.lakehouse.partitions(input.bytes, input.beside).await,
            batch_size: None,
            distributed: self.lakehouse.cluster.is_some(),
            rules: self.lakehouse.rules(),
        };
        let state = session_state(options, Arc::clone(self.lakehouse.engine.runtime()));
        for (schema, name, provider) in tables {
            let reference = datafusion::common::TableReference::partial(schema, name.clone());
            let registered = state
                .schema_for_ref(reference)
                .and_then(|schema| schema.register_table(name.clone(), provider));
            registered.map_err(|source| LakeError::Plan { table: name, source: Arc::new(source) })?;
        }
        let planned =
            goldsmith_sql::plan::plan(&state, &source.query).map_err(|error| source.failed(error))?;
        Ok(Built { state, plan: planned.plan, names: planned.names, source })
    }

    async fn unknown(&self, name: &str, (line, column): (u64, u64)) -> SchedulerError {
        let mut known: Vec<String> = match &self.lakehouse.bronze {
            Some(bronze) => {
                bronze.tables(self.lakehouse.engine.stores()).await.unwrap_or_default().into_keys().collect()
            }
            None => Vec::new(),
        };
        known.extend(self.lakehouse.pack.dag().models().iter().map(Model::key));
        SchedulerError::UnknownTable {
            name: name.to_owned(),
            line,
            column,
            nearest: goldsmith_jobs::variable::nearest(name, known.iter()),
        }
    }
}

/// A model that is part of the queries that read it: its plan under lower-case names.
///
/// # Errors
/// [`LakeError::Plan`] if two columns have one name.
pub(crate) fn view(built: &Built) -> Result<Arc<dyn TableProvider>> {
    let columns: Vec<_> = built
        .plan
        .schema()
        .fields()
        .iter()
        .zip(&built.names)
        .map(|(field, name)| ident(field.name()).alias(name.to_lowercase()))
        .collect();
    let plan = LogicalPlanBuilder::from(built.plan.clone())
        .project(columns)
        .and_then(LogicalPlanBuilder::build)
        .map_err(|source| LakeError::Plan { table: "view".to_owned(), source: Arc::new(source) })?;
    Ok(SpelledTable::wrap(Arc::new(ViewTable::new(plan, None)), built.names.clone()))
}

/// What the pack's contract and the model's header say of the columns that the model reads. Of a query with `*` those
/// that it names and those that `snapshot` has, without a snapshot all.
pub(crate) fn bronze_columns(
    lakehouse: &Lakehouse,
    model: &Model,
    table: &str,
    snapshot: Option<&TableSnapshot>,
) -> BronzeColumns {
    let query = model.query();
    let named = query.columns_named();
    let is_there = |column: &String| {
        snapshot.is_none_or(|s| s.schema().fields().iter().any(|field| fold(field.name()) == fold(column)))
    };
    let types: BTreeMap<String, DataType> = lakehouse
        .pack
        .contract()
        .table(table)
        .into_iter()
        .flatten()
        .filter(|(column, _)| named.contains(*column) || query.uses_wildcard() && is_there(column))
        .map(|(column, data_type)| (column.clone(), data_type.clone()))
        .collect();
    let of_table = |names: &[String]| -> Vec<String> {
        names
            .iter()
            .filter_map(|name| name.split_once('.'))
            .filter(|(owner, _)| fold(owner) == fold(table))
            .map(|(_, column)| column.to_owned())
            .collect()
    };
    // In the other setting the flag is found whatever its case.
    let exact = match lakehouse.deleted_rows() {
        DeletedRows::Keep => of_table(&model.header().exact_case),
        DeletedRows::Exclude => Vec::new(),
    };
    BronzeColumns {
        types,
        optional: of_table(&model.header().optional).iter().map(|c| c.to_lowercase()).collect(),
        exact_case: exact.into_iter().map(|c| (c.to_lowercase(), c)).collect(),
    }
}
