//! Whether a plan gives the same values each time it runs over the same data.

use std::collections::HashSet;

use arrow::datatypes::DataType;
use datafusion::common::{Column, DFSchema, Result};
use datafusion::logical_expr::{Distinct, Expr, ExprSchemable, LogicalPlan, WindowFrameUnits};

use crate::types;

/// Aggregations whose result does not depend on the order of rows; a sum of doubles does.
const ORDERLESS: [&str; 6] = ["count", "sum", "min", "max", "bool_and", "bool_or"];

/// Window functions whose result is the same for rows that their order does not tell apart.
const ALIKE_FOR_PEERS: [&str; 4] = ["rank", "dense_rank", "percent_rank", "cume_dist"];

/// Whether `values` over `plan` are the same set each time they are computed. Which of the rows that an order does not tell apart
/// a limit takes, how a window numbers them, and the last digits of a sum of doubles may differ; a column that nobody asks for
/// does not matter.
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
        LogicalPlan::Extension(_) => Ok(false),
        LogicalPlan::Limit(limit) => takes_same(&limit.input, wanted),
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
            let mut read = with(&[]);
            read.retain(|column| window.input.schema().has_column(column));
            let inputs = read.clone();
            let results = window.schema.columns();
            let results = results.iter().skip(window.input.schema().fields().len()).zip(&window.window_expr);
            let mut keyed = 0;
            for (_, expr) in results.filter(|(column, _)| is_among(wanted, column)) {
                if !is_alike_for_peers(expr, window.input.schema())? {
                    // Two orders may tell rows that are alike apart in two ways.
                    keyed += 1;
                    if keyed > 1 || !orders_all(expr, &inputs, window.input.schema())? {
                        return Ok(false);
                    }
                }
                read.extend(expr.column_refs().into_iter().cloned());
            }
            gives_same(&window.input, &read)
        }
        LogicalPlan::Aggregate(aggregate) => {
            let outputs = aggregate.schema.columns();
            // Sets of groups are one expression of many columns.
            let groups = outputs.len() - aggregate.aggr_expr.len();
            let calls = outputs.iter().skip(groups).zip(&aggregate.aggr_expr);
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

/// Whether the first rows of `plan` are the same each time in these columns: those that are in order by all of them are.
fn takes_same(plan: &LogicalPlan, wanted: &HashSet<Column>) -> Result<bool> {
    if plan.expressions().iter().any(Expr::is_volatile) {
        return Ok(false);
    }
    match plan {
        LogicalPlan::Projection(projection) => {
            let outputs = projection.schema.columns().into_iter().zip(&projection.expr);
            let read = outputs.filter(|(column, _)| is_among(wanted, column)).map(|(_, expr)| expr);
            takes_same(&projection.input, &columns_of(read))
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let outputs = alias.schema.columns().into_iter().zip(alias.input.schema().columns());
            let read = outputs.filter(|(column, _)| is_among(wanted, column)).map(|(_, inner)| inner);
            takes_same(&alias.input, &read.collect())
        }
        LogicalPlan::Sort(sort) => {
            let keys = || sort.expr.iter().map(|key| &key.expr);
            let read = wanted.iter().cloned().chain(columns_of(keys())).collect();
            Ok(are_among(wanted, keys(), sort.input.schema())? && gives_same(&sort.input, &read)?)
        }
        _ => Ok(false),
    }
}

/// Whether each of the columns is one of the keys, by values that are told apart if they differ: doubles with two zeros are not.
fn are_among<'a>(
    columns: &HashSet<Column>,
    keys: impl Iterator<Item = &'a Expr>,
    schema: &DFSchema,
) -> Result<bool> {
    let keys: HashSet<&Column> = keys.filter_map(Expr::try_as_col).collect();
    for column in columns {
        let (relation, field) = schema.qualified_field_from_column(column)?;
        let full = Column::from((relation, field));
        if types::holds_fractional(field.data_type()) || !(keys.contains(column) || keys.contains(&full)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a window function has one result for all rows that its order does not tell apart.
fn is_alike_for_peers(expr: &Expr, schema: &DFSchema) -> Result<bool> {
    let fractional = expr.get_type(schema)?.is_floating();
    Ok(match expr {
        Expr::Alias(alias) => is_alike_for_peers(&alias.expr, schema)?,
        Expr::WindowFunction(call) => {
            let name = call.fun.name();
            let is_number = ALIKE_FOR_PEERS.contains(&name);
            let is_orderless = ORDERLESS.contains(&name) && (!fractional || name == "min" || name == "max");
            let frame = &call.params.window_frame;
            let is_whole = frame.start_bound.is_unbounded() && frame.end_bound.is_unbounded();
            is_number || (is_orderless && (is_whole || frame.units != WindowFrameUnits::Rows))
        }
        _ => false,
    })
}

/// Whether the order of a window function, within its partitions, is one by all of these columns and by what it reads.
fn orders_all(expr: &Expr, columns: &HashSet<Column>, schema: &DFSchema) -> Result<bool> {
    match expr {
        Expr::Alias(alias) => orders_all(&alias.expr, columns, schema),
        Expr::WindowFunction(call) => {
            let params = &call.params;
            let keys = params.partition_by.iter().chain(params.order_by.iter().map(|key| &key.expr));
            let all = columns.iter().cloned().chain(columns_of(&params.args)).collect();
            are_among(&all, keys, schema)
        }
        _ => Ok(false),
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
