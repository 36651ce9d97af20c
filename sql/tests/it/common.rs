//! Runs statements.

use std::sync::Arc;

use chrono::{DateTime, TimeZone, Utc};
use datafusion::arrow::array::RecordBatch;
use datafusion::execution::SessionState;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::collect;
use goldsmith_sql::optimize::RuleSet;
use goldsmith_sql::parse::Query;
use goldsmith_sql::plan::{PlannedQuery, plan};
use goldsmith_sql::session::{SqlOptions, session_state};
use goldsmith_sql::{types, value};
use serde_json::{Value, json};

/// The time that statements see.
pub(crate) fn as_of() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap()
}

pub(crate) fn session() -> SessionState {
    session_with(RuleSet::default())
}

/// A session with rules of choice.
pub(crate) fn session_with(rules: RuleSet) -> SessionState {
    let options =
        SqlOptions { as_of: as_of(), target_partitions: 2, batch_size: None, distributed: false, rules };
    session_state(options, Arc::new(RuntimeEnv::default()))
}

/// An answer: names and types, and rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) schema: Vec<(String, String)>,
    pub(crate) rows: Vec<Value>,
}

pub(crate) async fn answer(state: &SessionState, sql: &str) -> Result<Answer, String> {
    answer_of(state, sql, |plan| plan).await
}

/// The answer of what `change` makes of the plan, before any rule has seen it.
pub(crate) async fn answer_of(
    state: &SessionState,
    sql: &str,
    change: impl FnOnce(LogicalPlan) -> LogicalPlan,
) -> Result<Answer, String> {
    let query = Query::parse(sql).map_err(|error| error.render(sql))?;
    let PlannedQuery { plan, names } =
        plan(state, &query).map_err(|error| chain(&error, &error.render(sql)))?;
    let (types, batches) = run(state, &change(plan)).await?;
    let mut rows = Vec::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            rows.push(json!(
                batch.columns().iter().map(|column| value::to_json(column, row)).collect::<Vec<_>>()
            ));
        }
    }
    Ok(Answer { schema: names.into_iter().zip(types).collect(), rows })
}

fn chain(error: &dyn std::error::Error, first: &str) -> String {
    let mut text = first.to_owned();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(&format!(": {inner}"));
        source = inner.source();
    }
    text
}

pub(crate) async fn run(
    state: &SessionState,
    plan: &LogicalPlan,
) -> Result<(Vec<String>, Vec<RecordBatch>), String> {
    let types = plan.schema().fields().iter().map(|field| types::spark_type_name(field.data_type()));
    let types = types.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let optimized = state.optimize(plan).map_err(|error| error.to_string())?;
    let physical = state
        .query_planner()
        .create_physical_plan(&optimized, state)
        .await
        .map_err(|error| error.to_string())?;
    let batches = collect(physical, state.task_ctx()).await.map_err(|error| error.to_string())?;
    Ok((types, batches))
}
