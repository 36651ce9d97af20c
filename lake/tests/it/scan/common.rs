//! Plans queries over one table, sends the plans through the wire and runs them.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::DateTime;
use datafusion::catalog::TableProvider;
use datafusion::datasource::physical_plan::{FileScanConfig, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::SessionState;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, ExecutionPlan, ReplaceChildrenOptions, collect, displayable,
};
use datafusion_proto::bytes::{
    physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec,
};
use datafusion_proto::physical_plan::DefaultPhysicalExtensionCodec;
use goldsmith_lake::TableSnapshot;
use goldsmith_lake::bronze::plain_view;
use goldsmith_lake::codec::PlanCodec;
use goldsmith_lake::exec::as_planned;
use goldsmith_sql::optimize::RuleSet;
use goldsmith_sql::parse::Query;
use goldsmith_sql::plan::plan;
use goldsmith_sql::session::{SqlOptions, session_state};

pub(crate) fn session(target_partitions: usize) -> SessionState {
    let runtime = Arc::new(RuntimeEnv::default());
    session_state(
        SqlOptions {
            as_of: DateTime::UNIX_EPOCH,
            target_partitions,
            batch_size: None,
            distributed: false,
            rules: RuleSet::default(),
        },
        runtime,
    )
}

/// The plan of `sql`, which calls the table `t`.
pub(crate) async fn planned(
    state: &SessionState,
    snapshot: &TableSnapshot,
    sql: &str,
) -> Result<Arc<dyn ExecutionPlan>, String> {
    let table = plain_view(snapshot).await.map_err(|error| error.to_string())?;
    let schema = state.catalog_list().catalog("goldsmith").unwrap().schema("bronze").unwrap();
    schema.deregister_table("t").unwrap();
    schema.register_table("t".to_owned(), table).unwrap();
    let query = Query::parse(sql).map_err(|error| error.render(sql))?;
    let planned = plan(state, &query).map_err(|error| error.render(sql))?;
    let optimized = state.optimize(&planned.plan).map_err(|error| error.to_string())?;
    state.query_planner().create_physical_plan(&optimized, state).await.map_err(|error| error.to_string())
}

/// The plan as an executor gets it.
pub(crate) fn sent(state: &SessionState, plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    let codec = PlanCodec::new(Arc::new(DefaultPhysicalExtensionCodec {}));
    let bytes = physical_plan_to_bytes_with_extension_codec(plan, &codec).unwrap();
    let plan = physical_plan_from_bytes_with_extension_codec(&bytes, &state.task_ctx(), &codec).unwrap();
    as_planned(plan, &state.task_ctx().runtime_env()).unwrap()
}

/// Sorted rows as text.
pub(crate) async fn rows(state: &SessionState, plan: Arc<dyn ExecutionPlan>) -> Result<Vec<String>, String> {
    let batches = collect(plan, state.task_ctx()).await.map_err(|error| error.to_string())?;
    Ok(text(&batches))
}

pub(crate) fn text(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::default().with_null("null");
    let mut rows: Vec<String> = Vec::new();
    for batch in batches {
        let columns: Vec<_> =
            batch.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
        rows.extend((0..batch.num_rows()).map(|row| {
            columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join("|")
        }));
    }
    rows.sort();
    rows
}

/// What `sql` gives over all ways in which its plan can run: here and sent, whole and in slices. They must not differ.
pub(crate) async fn answers(snapshot: &TableSnapshot, sql: &str) -> Result<Vec<String>, String> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for partitions in [1, 3] {
        let state = session(partitions);
        let plan = planned(&state, snapshot, sql).await?;
        assert_leaves(&plan);
        // Before it runs: filters that a plan learns while it runs are sent with it.
        let sent = sent(&state, Arc::clone(&plan));
        assert_leaves(&sent);
        all.push((format!("{partitions} partitions"), rows(&state, plan).await?));
        all.push((format!("{partitions} partitions, sent"), rows(&state, sent).await?));
    }
    let (_, first) = all[0].clone();
    for (way, rows) in all {
        assert_eq!(rows, first, "{sql} with {way}");
    }
    Ok(first)
}

/// Rows of the bare scan of `table`, run as a cluster does: each file group by a plan of its own that has only this one.
pub(crate) async fn sliced(state: &SessionState, table: &dyn TableProvider) -> Vec<String> {
    let plan = table.scan(state, None, &[], None).await.unwrap();
    let groups = plan.properties().output_partitioning().partition_count();
    let mut batches = Vec::new();
    for group in 0..groups {
        let slice = sent(state, slice(Arc::clone(&plan), group));
        assert_eq!(slice.properties().output_partitioning().partition_count(), 1);
        batches.extend(collect(slice, state.task_ctx()).await.unwrap());
    }
    text(&batches)
}

fn slice(plan: Arc<dyn ExecutionPlan>, group: usize) -> Arc<dyn ExecutionPlan> {
    if let Some(scan) = file_scan(&plan) {
        let groups = vec![scan.file_groups[group].clone()];
        let scan = FileScanConfigBuilder::from(scan.clone()).with_file_groups(groups).build();
        return DataSourceExec::from_data_source(scan);
    }
    let children = plan.children().into_iter().map(|child| slice(Arc::clone(child), group)).collect();
    plan.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute)).unwrap()
}

pub(crate) fn file_scan(plan: &Arc<dyn ExecutionPlan>) -> Option<&FileScanConfig> {
    plan.downcast_ref::<DataSourceExec>()?.data_source().downcast_ref()
}

/// A cluster slices only these leaves; of any other every task would read all.
pub(crate) fn assert_leaves(plan: &Arc<dyn ExecutionPlan>) {
    let children = plan.children();
    let is_leaf_of_a_cluster =
        file_scan(plan).is_some() || ["EmptyExec", "PlaceholderRowExec"].contains(&plan.name());
    assert!(!children.is_empty() || is_leaf_of_a_cluster, "{}", displayable(plan.as_ref()).indent(true));
    children.into_iter().for_each(assert_leaves);
}
