//! Which columns a row of ROLLUP, CUBE or GROUPING SETS has summed over.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::functions_aggregate::grouping::grouping_udaf;
use datafusion::logical_expr::expr::{AggregateFunction, Cast};
use datafusion::logical_expr::{Aggregate, Expr, Operator, binary_expr};

use super::basic::call;
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::error::{Result, SqlError};
use crate::functions::{AggregateOptions, Bind, Function, Params};
use crate::plan::bare;
use crate::position::Position;

/// The engine's column: a bit for each key that is summed over, the last key lowest.
pub(crate) const GROUPING_ID: &str = Aggregate::INTERNAL_GROUPING_ID;

pub(super) const TABLE: &[Function] = &[
    Function::new(
        "grouping",
        Bind::Aggregate(Params::of(&[Kind::Any]), |site, options| mark(site, options, DataType::Int8)),
        "1 if the row sums over the column, else 0",
    ),
    Function::new(
        "grouping_id",
        Bind::Aggregate(Params::of(&[]), |site, options| mark(site, options, DataType::Int64)),
        "A bit for each column that the row sums over",
    ),
];

/// A mark in the expression, which the aggregation replaces.
fn mark(site: Site, options: AggregateOptions, data_type: DataType) -> Result<Typed> {
    if options.distinct || options.filter.is_some() {
        return Err(site.wrong("it takes no DISTINCT and no FILTER"));
    }
    let name = site.column_name();
    let args = site.args.into_iter().map(|arg| arg.expr).collect();
    Ok(Typed::new(call(grouping_udaf(), args, AggregateOptions::default()), data_type, name))
}

/// Tells whether an expression is such a mark.
pub(crate) fn is_call(expr: &Expr) -> bool {
    matches!(expr, Expr::AggregateFunction(AggregateFunction { func, .. }) if func.name() == grouping_udaf().name())
}

/// Replaces a mark by what it means.
pub(crate) fn rewrite(call: &Expr, groups: &[Typed]) -> Result<Expr> {
    let Expr::AggregateFunction(AggregateFunction { params, .. }) = call else { return Ok(call.clone()) };
    let id = Expr::Cast(Cast::new(Box::new(bare(GROUPING_ID)), DataType::Int64));
    let Some(column) = params.args.first() else { return Ok(id) };
    let index = groups
        .iter()
        .position(|group| group.expr == *column)
        .ok_or_else(|| SqlError::invalid("grouping takes a column of GROUP BY", Position::START))?;
    let long = |value: usize| Expr::Literal(ScalarValue::Int64(i64::try_from(value).ok()), None);
    let shifted = binary_expr(id, Operator::BitwiseShiftRight, long(groups.len() - 1 - index));
    let bit = binary_expr(shifted, Operator::BitwiseAnd, long(1));
    Ok(Expr::Cast(Cast::new(Box::new(bit), DataType::Int8)))
}
