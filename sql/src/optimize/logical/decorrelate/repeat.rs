//! Whether a plan gives the same values each time it runs over the same data.

use std::collections::HashSet;

use arrow::datatypes::DataType;
use datafusion::common::{Column, Result};
use datafusion::logical_expr::{Distinct, Expr, ExprSchemable, LogicalPlan};

/// Aggregations whose result does not depend on the order of rows; a sum of doubles does.
const ORDERLESS: [&str; 6] = ["count", "sum", "min", "max", "bool_and", "bool_or"];

/// Whether `values` over `plan` are the same set each time they are computed. Which rows a limit takes, what a window numbers, and
/// the last digits of a sum of doubles may differ; a column that nobody asks for does not matter.
pub(super) fn is_repeatable(plan: &LogicalPlan, values: &[Expr]) -> Result<bool> {
    if values.iter().any(Expr::is_volatile) {
        return Ok(false);
    }
    gives_same(plan, &columns_of(values))
}

fn columns_of<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> HashSet<Column> {
    exprs.into_iter().flat_map(Expr::column_refs).cloned().collect()
}

/// Whether the rows of `plan` are the same each time in these columns.
fn gives_same(plan: &LogicalPlan, wanted: &HashSet<Column>) -> Result<bool> {
    if plan.expressions().iter().any(Expr::is_volatile) {
        return Ok(false);
    }
    let with = |exprs: &[Expr]| wanted.iter().cloned().chain(columns_of(exprs)).collect::<HashSet<_>>();
    match plan {
        LogicalPlan::Limit(_) | LogicalPlan::Extension(_) => Ok(false),
        LogicalPlan::Projection(projection) => {
            let outputs = projection.schema.columns().into_iter().zip(&projection.expr);
            let read = outputs.filter(|(column, _)| is_among(wanted, column)).map(|(_, expr)| expr);
            gives_same(&projection.input, &columns_of(read))
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let outputs = alias.schema.columns().into_iter().zip(alias.input.schema().columns());
            let read = outputs.filter(|(column, _)| is_among(wanted, column)).map(|(_, inner)| inner);
            gives_same(&alias.input, &read.collect())
        }
        LogicalPlan::Window(window) => {
            let inputs = window.input.schema();
            if wanted.iter().any(|column| !inputs.has_column(column)) {
                return Ok(false);
            }
            gives_same(&window.input, wanted)
        }
        LogicalPlan::Aggregate(aggregate) => {
            let outputs = aggregate.schema.columns();
            let results = outputs.iter().zip(&aggregate.group_expr).count();
            let calls = outputs.iter().skip(results).zip(&aggregate.aggr_expr);
            let read: Vec<&Expr> =
                calls.filter(|(column, _)| is_among(wanted, column)).map(|(_, expr)| expr).collect();
            for expr in &read {
                let fractional =
                    matches!(expr.get_type(aggregate.input.schema())?, DataType::Float32 | DataType::Float64);
                if !is_orderless(expr, fractional) {
                    return Ok(false);
                }
            }
            gives_same(&aggregate.input, &columns_of(aggregate.group_expr.iter().chain(read)))
        }
        LogicalPlan::Distinct(Distinct::All(input)) => {
            gives_same(input, &input.schema().columns().into_iter().collect())
        }
        LogicalPlan::Union(union) => {
            // By place, whatever the inputs call them: all of them.
            for input in &union.inputs {
                if !gives_same(input, &input.schema().columns().into_iter().collect())? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        other => {
            let wanted = with(&other.expressions());
            for input in other.inputs() {
                let own = wanted.iter().filter(|column| input.schema().has_column(column)).cloned();
                if !gives_same(input, &own.collect())? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }
}

/// Columns without a relation may mean one of any.
fn is_among(wanted: &HashSet<Column>, column: &Column) -> bool {
    wanted.iter().any(|wanted| {
        wanted.name == column.name && (wanted.relation.is_none() || wanted.relation == column.relation)
    })
}

fn is_orderless(expr: &Expr, fractional: bool) -> bool {
    match expr {
        Expr::Alias(alias) => is_orderless(&alias.expr, fractional),
        Expr::AggregateFunction(function) => {
            let name = function.func.name();
            ORDERLESS.contains(&name) && (!fractional || name == "min" || name == "max")
        }
        _ => false,
    }
}
