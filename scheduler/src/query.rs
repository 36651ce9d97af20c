//! One read-only statement over the lake.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use futures::stream::{BoxStream, StreamExt};
use goldsmith_lake::snapshot::Found;
use goldsmith_lake::{Stores, TableSnapshot};
use goldsmith_proto::id::{Layer, Version};
use goldsmith_sql::parse::Query;

use crate::blame;
use crate::catalog::Catalog;
use crate::error::{Result, RunError, SchedulerError};
use crate::inventory::{Inventory, Published};
use crate::lakehouse::Lakehouse;

/// A running statement.
pub struct Rows {
    /// Columns as Spark names them; names may repeat.
    pub schema: SchemaRef,
    stream: BoxStream<'static, Result<RecordBatch, RunError>>,
    stores: Stores,
    tables: Vec<Arc<TableSnapshot>>,
}

impl Rows {
    /// The next rows; the columns have technical names there.
    ///
    /// # Errors
    /// [`SchedulerError::Lake`] with the data file that cannot be read, [`SchedulerError::Run`] for anything else.
    pub async fn next(&mut self) -> Option<Result<RecordBatch>> {
        match self.stream.next().await? {
            Ok(batch) => Some(Ok(batch)),
            Err(error) => Some(Err(blamed(&self.stores, &self.tables, error).await)),
        }
    }
}

fn failed(source: impl Into<RunError>) -> SchedulerError {
    SchedulerError::Run {
        what: "the statement".to_owned(),
        hint: "the cause names the table or the limit that it ran into",
        source: Box::new(source.into()),
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// Runs `sql`. Tables are read at their latest version, or at those that `at` names (`custtable`, `gold.x`).
///
/// # Errors
/// If the statement or a table that it names cannot be read.
pub async fn run(
    lakehouse: &Lakehouse,
    sql: &str,
    at: &BTreeMap<String, Version>,
    as_of: DateTime<Utc>,
) -> Result<Rows> {
    let query = Query::parse(sql).map_err(|source| SchedulerError::Statement {
        rendered: source.render(sql),
        source: Box::new(source),
    })?;
    let inventory = lakehouse.reading(Box::pin(inventory(lakehouse, &query, at))).await?;
    let mut catalog = Catalog::new(lakehouse, &inventory, as_of);
    let built = catalog.statement(&query).await?;
    let schema = built.schema();
    let plan = built.physical(&built.plan).await?;
    let (stores, tables) = (lakehouse.engine.stores().clone(), tables(&inventory));
    match lakehouse.stream("query", &built.state, plan).await {
        Ok(stream) => Ok(Rows { schema, stream, stores, tables }),
        Err(error) => Err(blamed(&stores, &tables, error).await),
    }
}

fn tables(inventory: &Inventory) -> Vec<Arc<TableSnapshot>> {
    let published = inventory.published.values().map(|published| &published.snapshot);
    inventory.bronze.values().chain(published).cloned().collect()
}

/// `error` with the data file that it may come from.
async fn blamed(stores: &Stores, tables: &[Arc<TableSnapshot>], error: RunError) -> SchedulerError {
    match blame::broken_file(stores, tables, &error).await {
        Some(broken) => broken.into(),
        None => failed(error),
    }
}

/// A table in the folder of its layer that no model of the pack makes.
async fn outside_of_pack(
    lakehouse: &Lakehouse,
    key: &str,
    at: &BTreeMap<String, Version>,
) -> Result<Option<TableSnapshot>> {
    let layer = |name: &str| [Layer::Silver, Layer::Gold].into_iter().find(|layer| layer.as_str() == name);
    let Some((layer, name)) = key.split_once('.').and_then(|(schema, name)| Some((layer(schema)?, name)))
    else {
        return Ok(None);
    };
    let Ok(root) = lakehouse.layer(layer) else { return Ok(None) };
    let stores = lakehouse.engine.stores();
    let Some(folder) = stores.folders(root).await?.remove(name) else { return Ok(None) };
    let location = stores.folder(root, &folder);
    let name = format!("{layer}.{folder}");
    match TableSnapshot::open(stores, &name, &location, at.get(key).copied()).await? {
        Found::Table(snapshot) => Ok(Some(*snapshot)),
        Found::Nothing => Ok(None),
    }
}

/// Pins what the statement names, and what the models that are inlined for it name.
async fn inventory(
    lakehouse: &Lakehouse,
    query: &Query,
    at: &BTreeMap<String, Version>,
) -> Result<Inventory> {
    let dag = lakehouse.pack.dag();
    let mut bronze = BTreeSet::new();
    let mut published = BTreeMap::new();
    let mut todo: Vec<String> = Vec::new();
    for table in query.tables() {
        match table.schema.as_deref() {
            None | Some("bronze") => {
                bronze.insert(table.name);
            }
            Some(schema) => todo.push(format!("{schema}.{}", table.name)),
        }
    }
    while let Some(key) = todo.pop() {
        let Some(model) = dag.get(&key) else {
            if let Some(snapshot) = outside_of_pack(lakehouse, &key, at).await? {
                published.insert(key, Published { snapshot: Arc::new(snapshot), note: None });
            }
            continue;
        };
        if lakehouse.is_materialised(model.layer()) {
            let root = lakehouse.layer(model.layer())?;
            let location = root.table(model.table_name());
            let name = format!("{}.{}", model.layer(), model.name());
            let version = at.get(&key).copied();
            let found = TableSnapshot::open(lakehouse.engine.stores(), &name, &location, version).await?;
            if let Found::Table(snapshot) = found {
                published.insert(key, Published { snapshot: Arc::new(*snapshot), note: None });
                continue;
            }
            return Err(SchedulerError::NotBuilt { name });
        }
        bronze.extend(model.bronze_tables());
        todo.extend(model.model_tables().map(|(key, _)| key));
    }
    let pins = |table: &String| bronze.contains(table) || published.contains_key(table);
    if let Some(table) = at.keys().find(|table| !pins(table)) {
        let reason = if dag.get(table).is_some_and(|model| !lakehouse.is_materialised(model.layer())) {
            "the model is inlined; hint: pin the bronze tables below it".to_owned()
        } else {
            let all: Vec<String> = bronze.iter().chain(published.keys()).cloned().collect();
            let nearest = goldsmith_jobs::variable::nearest(table, all.iter());
            let hint = match (nearest, all.as_slice()) {
                (Some(name), _) => format!("did you mean `{name}`?"),
                (None, []) => "it reads no table".to_owned(),
                (None, all) => format!("it reads {}", all.join(", ")),
            };
            format!("the statement does not read it; hint: {hint}")
        };
        return Err(SchedulerError::UnusedVersion { table: table.clone(), reason });
    }
    let (bronze, bronze_folders) = Inventory::bronze(lakehouse, bronze, at).await?;
    Ok(Inventory { bronze, bronze_folders, published })
}
