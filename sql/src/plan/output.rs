//! Names of the columns that a query gives.

use std::collections::HashSet;

use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use super::scope::ScopeColumn;
use crate::error::{Result, SqlError};

/// Makes names unique: the second `a` becomes `a#2`.
pub(super) fn unique<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    names
        .into_iter()
        .map(|name| {
            let mut candidate = name.to_owned();
            let mut count = 1;
            while !taken.insert(candidate.clone()) {
                count += 1;
                candidate = format!("{name}#{count}");
            }
            candidate
        })
        .collect()
}

/// Gives a plan's columns their names in Spark, as far as they are unique, and no others.
pub(super) fn rename(plan: LogicalPlan, columns: &[&ScopeColumn]) -> Result<LogicalPlan> {
    let names = unique(columns.iter().map(|column| column.display.as_str()));
    let schema = plan.schema();
    let done = schema.fields().len() == names.len()
        && schema.iter().zip(&names).zip(columns).all(|(((qualifier, field), name), column)| {
            qualifier.is_none() && field.name() == name && column.column.name == *name
        });
    if done {
        return Ok(plan);
    }
    let exprs: Vec<Expr> = columns.iter().zip(&names).map(|(column, name)| column.expr().alias(name)).collect();
    LogicalPlanBuilder::from(plan).project(exprs).and_then(LogicalPlanBuilder::build).map_err(SqlError::plan)
}
