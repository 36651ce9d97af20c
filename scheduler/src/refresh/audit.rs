//! The audits of a model over what is staged.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use goldsmith_jobs::Model;
use goldsmith_jobs::audit::{Audit, Severity, of_model};
use goldsmith_sql::parse::Query;

use super::report::AuditReport;
use crate::catalog::{Built, Catalog};
use crate::cluster::Counters;
use crate::error::{Result, SchedulerError};
use crate::inventory::Inventory;
use crate::lakehouse::Lakehouse;
use crate::plan::{Mode, RefreshPlan};

/// An audit that is ready to run.
pub(super) struct PlannedAudit {
    audit: Audit,
    /// Its name for people.
    what: String,
    built: Built,
}

/// Plans the `wanted` audits of `model` over what is staged.
pub(super) async fn plan(
    lakehouse: &Lakehouse,
    catalog: &mut Catalog<'_>,
    inventory: &Inventory,
    plan: &RefreshPlan,
    model: &Model,
    wanted: impl Fn(&Audit) -> bool + Send,
) -> Result<Vec<PlannedAudit>> {
    let mut planned = Vec::new();
    let audits: Vec<Audit> = of_model(model).into_iter().filter(wanted).collect();
    for audit in audits {
        if audit.reads.as_ref().is_some_and(|table| !is_there(lakehouse, plan, inventory, table)) {
            continue;
        }
        let query = Query::parse(&audit.sql).map_err(|source| SchedulerError::Statement {
            rendered: source.render(&audit.sql),
            source: Box::new(source),
        })?;
        let what = format!("audit `{}` of `{}`", audit.name, model.display_name());
        planned.push(PlannedAudit { built: catalog.statement(&query).await?, audit, what });
    }
    Ok(planned)
}

impl PlannedAudit {
    /// Counts the rows that breach it.
    pub(super) async fn run(self, lakehouse: &Lakehouse) -> Result<AuditReport> {
        let Self { audit, what, built } = self;
        let failed = |source| SchedulerError::Run {
            what: what.clone(),
            hint: "nothing of this refresh is published",
            source: Box::new(source),
        };
        let plan = built.physical(&built.plan).await?;
        let batches =
            lakehouse.collect(&what, &built.state, plan, &Counters::default()).await.map_err(failed)?;
        let failed_rows = one_count(&batches).ok_or(SchedulerError::AuditAnswer { what })?;
        Ok(AuditReport { name: audit.name, severity: audit.severity, failed_rows })
    }
}

/// The one number that an audit's query yields.
fn one_count(batches: &[RecordBatch]) -> Option<u64> {
    let mut rows = batches.iter().filter(|batch| batch.num_rows() > 0);
    let (Some(batch), None) = (rows.next(), rows.next()) else { return None };
    let counts = batch.columns().first()?.as_primitive_opt::<Int64Type>()?;
    (counts.len() == 1 && counts.null_count() == 0).then(|| u64::try_from(counts.value(0)).ok())?
}

/// Whether the table that a foreign key points to is staged, unchanged, published, or a part of queries.
fn is_there(lakehouse: &Lakehouse, plan: &RefreshPlan, inventory: &Inventory, table: &str) -> bool {
    let is_inlined = |model: &Model| !lakehouse.is_materialised(model.layer());
    lakehouse.pack.dag().get(table).is_some_and(is_inlined)
        || plan.models.iter().any(|s| s.key == table && s.mode == Mode::Full)
        || inventory.published.contains_key(table)
}

/// Fails if a blocking audit found a row.
pub(super) fn check(plan: &RefreshPlan, audits: &BTreeMap<String, Vec<AuditReport>>) -> Result<()> {
    let name = |key: &String| {
        let step = plan.models.iter().find(|step| step.key == *key);
        step.map_or_else(|| key.clone(), |step| format!("{}.{}", step.layer, step.name))
    };
    let failed: Vec<String> = audits
        .iter()
        .flat_map(|(key, reports)| reports.iter().map(move |report| (key, report)))
        .filter(|(_, report)| report.severity == Severity::Block && report.failed_rows > 0)
        .map(|(key, report)| {
            format!("`{}`: {} fails for {} row(s)", name(key), report.name, report.failed_rows)
        })
        .collect();
    if failed.is_empty() { Ok(()) } else { Err(SchedulerError::Audit { failed, report: None }) }
}
