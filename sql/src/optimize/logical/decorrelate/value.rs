//! Subqueries that stand for a value.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::alias::AliasGenerator;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Column, Result};
use datafusion::logical_expr::{Aggregate, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, Subquery};

use super::carry::{Site, same_values};
use super::groups::{Groups, is_of_everything};
use super::outer::{Outer, outside};
use super::without_subqueries;
use crate::functions::aggregate::single;

/// Puts the value of a subquery, which has at most one row for each row around it, beside the rows of `plan`.
pub(super) fn value_beside(
    plan: LogicalPlan,
    subquery: Subquery,
    names: &AliasGenerator,
) -> Result<(LogicalPlan, Expr)> {
    let inner = without_subqueries(Arc::unwrap_or_clone(subquery.subquery), names)?.data;
    let [column] = inner.schema().columns().try_into().unwrap_or_else(|_| [Column::new_unqualified("")]);
    let outer = Outer::of(&inner)?;
    let site = Site { outer: &outer, around: &plan, names };
    if let Some(aggregate) = aggregate_below(&inner) {
        let outputs = aggregate.schema.columns();
        let groups = Groups::of(aggregate.clone(), &site)?;
        let values = outputs.into_iter().zip(groups.values.clone()).collect();
        let value = outside(computed(&inner, values)?.remove(&column).unwrap_or(Expr::Column(column)))?;
        let same = same_values(&outer, &groups.columns)?;
        return Ok((groups.beside(plan, same)?, value));
    }
    let name = names.next("__value");
    if outer.all().is_empty() {
        // Null where there is no row.
        let one = LogicalPlanBuilder::from(inner)
            .aggregate(Vec::<Expr>::new(), [single(Expr::Column(column)).alias(&name)])?
            .build()?;
        let plan = LogicalPlanBuilder::from(one).cross_join(plan)?.build()?;
        return Ok((plan, Expr::Column(Column::new_unqualified(name))));
    }
    let carried = site.carry(inner, &outer.all())?;
    let values = carried.columns.values().cloned().map(Expr::Column);
    let exprs = std::iter::once(Expr::Column(column).alias(&name)).chain(values);
    let keyed = LogicalPlanBuilder::from(carried.plan).project(exprs.collect::<Vec<_>>())?.build()?;
    let same = same_values(&outer, &carried.columns)?;
    let plan = LogicalPlanBuilder::from(plan).join_on(keyed, JoinType::Left, same)?.build()?;
    Ok((plan, Expr::Column(Column::new_unqualified(name))))
}

/// The aggregation of which a subquery computes its one row, and nothing but computes.
fn aggregate_below(plan: &LogicalPlan) -> Option<&Aggregate> {
    match plan {
        LogicalPlan::Projection(projection) => aggregate_below(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => aggregate_below(&alias.input),
        LogicalPlan::Sort(sort) => aggregate_below(&sort.input),
        LogicalPlan::Aggregate(aggregate) if is_of_everything(aggregate) => Some(aggregate),
        _ => None,
    }
}

/// The columns of `plan` over the columns of the aggregation below it, whose values these are.
fn computed(plan: &LogicalPlan, values: HashMap<Column, Expr>) -> Result<HashMap<Column, Expr>> {
    match plan {
        LogicalPlan::Projection(projection) => {
            let below = computed(&projection.input, values)?;
            let columns = projection.schema.columns().into_iter().zip(&projection.expr);
            columns.map(|(column, expr)| Ok((column, over(expr.clone().unalias(), &below)?))).collect()
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let mut below = computed(&alias.input, values)?;
            let columns = alias.schema.columns().into_iter().zip(alias.input.schema().columns());
            Ok(columns.filter_map(|(column, inner)| Some((column, below.remove(&inner)?))).collect())
        }
        LogicalPlan::Sort(sort) => computed(&sort.input, values),
        _ => Ok(values),
    }
}

fn over(expr: Expr, below: &HashMap<Column, Expr>) -> Result<Expr> {
    expr.transform_up(|inner| {
        Ok(match inner {
            Expr::Column(column) => match below.get(&column) {
                Some(value) => Transformed::yes(value.clone()),
                None => Transformed::no(Expr::Column(column)),
            },
            other => Transformed::no(other),
        })
    })
    .data()
}
