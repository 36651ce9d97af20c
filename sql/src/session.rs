//! Sessions: settings, catalog and functions that planning and execution share.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
    MemorySchemaProvider,
};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;

use crate::optimize::{RuleSet, Standing};
use crate::{functions, optimize};

/// The only catalog.
pub const CATALOG: &str = "goldsmith";
/// The schema of tables that are named without one.
pub const DEFAULT_SCHEMA: &str = "bronze";
/// All schemas.
pub const SCHEMAS: [&str; 3] = [DEFAULT_SCHEMA, "silver", "gold"];

/// Bytes, and where these are not known rows, up to which a join gathers its build side in one partition.
const COLLECTED_BUILD_BYTES: usize = 64 << 20;
const COLLECTED_BUILD_ROWS: usize = 1 << 20;
/// The same where every task gathers it.
const BROADCAST_BUILD_BYTES: usize = 32 << 20;
const BROADCAST_BUILD_ROWS: usize = 1 << 18;

/// What a session is made with.
#[derive(Debug, Clone)]
pub struct SqlOptions {
    /// What `current_timestamp()` and `current_date()` mean, in every plan of the session and on every executor.
    pub as_of: DateTime<Utc>,
    /// How many partitions a plan aims at.
    pub target_partitions: usize,
    /// Rows of a batch; nothing for the engine's own default.
    pub batch_size: Option<usize>,
    /// Whether plans are cut into stages that run apart from each other.
    pub distributed: bool,
    /// Which rewrites plans go through; tests compare some with others.
    pub rules: RuleSet,
}

/// The pinned time of a session.
#[derive(Debug)]
struct PinnedTime(i64);

/// The rules of a session, for what is done before any of them.
#[derive(Debug)]
struct Chosen(RuleSet);

/// Makes a session that [`crate::plan::plan`] can plan with and that can run what it planned.
///
/// - **Catalog:** `goldsmith` with the schemas `bronze` (the default), `silver` and `gold`, each a
///   `MemorySchemaProvider`; callers register their tables there under lower-case names
/// - **Functions:** those that plans of this crate name, and no others
/// - **Units:** timestamps are microseconds in UTC, which is the session's zone
#[must_use]
pub fn session_state(options: SqlOptions, runtime: Arc<RuntimeEnv>) -> SessionState {
    let pinned = PinnedTime(options.as_of.timestamp_micros());
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema(CATALOG, DEFAULT_SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false)
        .with_target_partitions(options.target_partitions.max(1))
        .with_extension(Arc::new(pinned))
        .with_extension(Arc::new(Chosen(options.rules.clone())));
    if let Some(rows) = options.batch_size {
        config = config.with_batch_size(rows.max(1));
    }
    let settings = config.options_mut();
    settings.execution.time_zone = Some("UTC".to_owned());
    settings.execution.parquet.schema_force_view_types = false;
    settings.execution.parquet.coerce_int96 = Some("us".to_owned());
    settings.sql_parser.map_string_types_to_utf8view = false;
    settings.optimizer.prefer_hash_join = true;
    // Of `x IS TRUE` the two planners say differently whether it may be null; both give the same values.
    settings.execution.skip_physical_aggregate_schema_check = true;
    // What one part of a plan tells another while both run is bound to columns by their names, and does not reach another
    // process. Only who tries the rule that passes it on needs it.
    let tells = options.rules.runs("FilterPushdown(Post)", Standing::Off) && !options.distributed;
    settings.optimizer.enable_dynamic_filter_pushdown = tells;
    settings.optimizer.enable_join_dynamic_filter_pushdown = tells;
    settings.optimizer.enable_topk_dynamic_filter_pushdown = tells;
    settings.optimizer.enable_aggregate_dynamic_filter_pushdown = tells;
    settings.optimizer.enable_physical_uncorrelated_scalar_subquery = false;
    // Most filters of models leave most rows; taken for selective, as by default, they would put the largest tables into
    // memory.
    settings.optimizer.default_filter_selectivity = 100;
    // A build side of this size is gathered once: cheaper than moving all rows of the other side to their partition.
    settings.optimizer.hash_join_single_partition_threshold = COLLECTED_BUILD_BYTES;
    settings.optimizer.hash_join_single_partition_threshold_rows = COLLECTED_BUILD_ROWS;
    if options.distributed {
        settings.optimizer.enable_round_robin_repartition = false;
        // Every task gathers it for itself, and all of them share the memory of an executor.
        settings.optimizer.hash_join_single_partition_threshold = BROADCAST_BUILD_BYTES;
        settings.optimizer.hash_join_single_partition_threshold_rows = BROADCAST_BUILD_ROWS;
    }
    SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_catalog_list(catalogs())
        .with_scalar_functions(functions::scalar_udfs())
        .with_higher_order_functions(functions::higher_order_udfs())
        .with_aggregate_functions(functions::aggregate_udfs())
        .with_window_functions(functions::window_udfs())
        .with_optimizer_rules(optimize::logical_rules(&options.rules))
        .with_physical_optimizer_rules(optimize::physical_rules(&options.rules, options.distributed))
        .with_table_factories(HashMap::new())
        .build()
}

fn catalogs() -> Arc<dyn CatalogProviderList> {
    let catalog = MemoryCatalogProvider::new();
    for schema in SCHEMAS {
        // Only an unknown kind of catalog refuses schemas.
        let _ = catalog.register_schema(schema, Arc::new(MemorySchemaProvider::new()));
    }
    let list = MemoryCatalogProviderList::new();
    let _ = list.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
    Arc::new(list)
}

/// Whether plans of a session have their subqueries made joins.
pub(crate) fn decorrelates(state: &SessionState) -> bool {
    state.config().get_extension::<Chosen>().is_none_or(|chosen| chosen.0.decorrelates())
}

/// Returns the pinned time of a session in microseconds; nothing for a session that was made elsewhere.
pub(crate) fn as_of(state: &SessionState) -> Option<i64> {
    state.config().get_extension::<PinnedTime>().map(|pinned| pinned.0)
}
