//! Subqueries in expressions become joins.
//!
//! The engine's own rules for this answer some shapes and fail at others (outer joins inside of the subquery, conditions
//! other than equality), so a plan meets this rule first and theirs not at all. It uses nothing but plain joins and
//! aggregations, which the rest of the engine has to get right anyway.
//!
//! ```text
//!   EXISTS, IN as a conjunct        LEFT SEMI or LEFT ANTI JOIN
//!   EXISTS, IN below OR or CASE     LEFT JOIN with the keys for which it holds, and a test whether one was found
//!   a value                         LEFT JOIN (or CROSS JOIN) with the values by key
//! ```
//!
//! What a subquery reads of the query around it, the *correlated values*, are made columns of it by [`carry`].
//!
//! - **Source:** Neumann, Kemper, "Unnesting Arbitrary Queries", BTW 2015

mod carry;
mod groups;
mod outer;
mod place;
mod refusal;
mod repeat;
mod test;
mod value;

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::alias::AliasGenerator;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, Join, JoinType, LogicalPlan, LogicalPlanBuilder};

pub(crate) use self::carry::refused;
pub(crate) use self::outer::reads_outer;
use self::place::extended;
use self::refusal::{at, refuse, spans_of};
use crate::position::Position;

/// Makes joins of all subqueries of a plan, before the engine sees it: it would refuse many that it could not rewrite itself.
/// `position` is where the query begins.
pub(crate) fn decorrelated(plan: LogicalPlan, position: Position) -> Result<LogicalPlan> {
    Ok(at(&position.into(), without_subqueries(plan, &AliasGenerator::new()))?.data)
}

/// Rewrites a whole plan, innermost subqueries first.
fn without_subqueries(plan: LogicalPlan, names: &AliasGenerator) -> Result<Transformed<LogicalPlan>> {
    plan.transform_up(|node| {
        if holds_subquery(&node)? {
            // Whichever it is, if it is not known better.
            let spans = spans_of(&node.expressions());
            at(&spans, lowered(node, names)).map(Transformed::yes)
        } else {
            Ok(Transformed::no(node))
        }
    })
}

fn holds_subquery(node: &LogicalPlan) -> Result<bool> {
    let mut holds = false;
    node.apply_expressions(|expr| {
        holds |= has_subquery(expr)?;
        Ok(if holds { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(holds)
}

fn has_subquery(expr: &Expr) -> Result<bool> {
    expr.exists(|inner| Ok(matches!(inner, Expr::Exists(_) | Expr::InSubquery(_) | Expr::ScalarSubquery(_))))
}

/// Rewrites one node, whose inputs hold no subqueries any more.
fn lowered(node: LogicalPlan, names: &AliasGenerator) -> Result<LogicalPlan> {
    match node {
        LogicalPlan::Filter(filter) => {
            let input = Arc::unwrap_or_clone(filter.input);
            filtered(input, filter.predicate, names)
        }
        LogicalPlan::Join(join) => joined(join, names),
        LogicalPlan::Projection(_)
        | LogicalPlan::Aggregate(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Window(_) => over_one_input(node, names),
        LogicalPlan::Values(_) => refuse("a subquery in VALUES"),
        _ => refuse("a subquery in this place"),
    }
}

/// Keeps the rows of `input` for which `predicate` is true.
fn filtered(input: LogicalPlan, predicate: Expr, names: &AliasGenerator) -> Result<LogicalPlan> {
    let columns = input.schema().columns();
    let (tests, plain): (Vec<_>, Vec<_>) = split_conjunction_owned(predicate)
        .into_iter()
        .map(|conjunct| Ok((has_subquery(&conjunct)?, conjunct)))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .partition(|(holds, _)| *holds);
    let mut plan = input;
    if let Some(plain) = conjunction(plain.into_iter().map(|(_, conjunct)| conjunct)) {
        plan = LogicalPlanBuilder::from(plan).filter(plain)?.build()?;
    }
    for (_, conjunct) in tests {
        plan = match test::as_join(plan, conjunct, names)? {
            Ok(joined) => joined,
            Err((plan, conjunct)) => {
                let (plan, condition) = extended(plan, conjunct, names)?;
                LogicalPlanBuilder::from(plan).filter(condition)?.build()?
            }
        };
    }
    only(plan, columns)
}

/// `plan` with these columns and no others.
fn only(plan: LogicalPlan, columns: Vec<Column>) -> Result<LogicalPlan> {
    if plan.schema().columns() == columns {
        return Ok(plan);
    }
    LogicalPlanBuilder::from(plan).project(columns.into_iter().map(Expr::Column))?.build()
}

/// A join whose condition holds subqueries. Those of an inner join are asked behind it. Those of another join become columns
/// of the side whose rows they read.
fn joined(mut join: Join, names: &AliasGenerator) -> Result<LogicalPlan> {
    let Some(condition) = join.filter.take() else {
        return refuse("a subquery in the keys of a join");
    };
    let (asked, mut conditions) = split_conjunction_owned(condition)
        .into_iter()
        .map(|conjunct| Ok((has_subquery(&conjunct)?, conjunct)))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .partition::<Vec<_>, _>(|(holds, _)| *holds);
    if join.join_type == JoinType::Inner {
        join.filter = conjunction(conditions.into_iter().map(|(_, conjunct)| conjunct));
        let asked = conjunction(asked.into_iter().map(|(_, conjunct)| conjunct));
        let plan = LogicalPlan::Join(join);
        return match asked {
            Some(asked) => filtered(plan, asked, names),
            None => Ok(plan),
        };
    }
    let columns = join.schema.columns();
    let mut left = Arc::unwrap_or_clone(join.left);
    let mut right = Arc::unwrap_or_clone(join.right);
    for (_, conjunct) in asked {
        let read = read_by_subqueries(&conjunct)?;
        let reads_only = |side: &LogicalPlan| read.iter().all(|column| side.schema().has_column(column));
        let condition;
        if reads_only(&left) {
            (left, condition) = extended(left, conjunct, names)?;
        } else if reads_only(&right) {
            (right, condition) = extended(right, conjunct, names)?;
        } else {
            let kind = match join.join_type {
                JoinType::Left => "LEFT",
                JoinType::Right => "RIGHT",
                JoinType::Full => "FULL",
                JoinType::LeftSemi => "LEFT SEMI",
                JoinType::LeftAnti => "LEFT ANTI",
                _ => "",
            };
            let what = format!("a correlated subquery over both sides of a {kind} JOIN");
            return at(&spans_of(&[conjunct]), refuse(what));
        }
        conditions.push((false, condition));
    }
    let equal = join.on.into_iter().map(|(one, other)| one.eq(other));
    let on = equal.chain(conditions.into_iter().map(|(_, conjunct)| conjunct));
    let plan = LogicalPlanBuilder::from(left).join_on(right, join.join_type, on)?.build()?;
    only(plan, columns)
}

/// The columns of the rows around that the subqueries in `expr` are asked with.
fn read_by_subqueries(expr: &Expr) -> Result<HashSet<Column>> {
    let mut read = HashSet::new();
    expr.apply(|inner| {
        let subquery = match inner {
            Expr::Exists(test) => &test.subquery,
            Expr::InSubquery(test) => {
                read.extend(test.expr.column_refs().into_iter().cloned());
                &test.subquery
            }
            Expr::ScalarSubquery(subquery) => subquery,
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        for value in &subquery.outer_ref_columns {
            value.apply(|part| {
                if let Expr::OuterReferenceColumn(_, column) = part {
                    read.insert(column.clone());
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(read)
}

/// A node with one input, whose subqueries are values.
fn over_one_input(node: LogicalPlan, names: &AliasGenerator) -> Result<LogicalPlan> {
    let columns = node.schema().columns();
    let mut input = node.inputs().first().map(|input| LogicalPlan::clone(input)).unwrap_or_default();
    let keeps_name = !matches!(node, LogicalPlan::Sort(_));
    let mut exprs = Vec::new();
    for expr in node.expressions() {
        if !has_subquery(&expr)? {
            exprs.push(expr);
            continue;
        }
        let name = expr.schema_name().to_string();
        let (extended, expr) = extended(input, expr, names)?;
        input = extended;
        exprs.push(if keeps_name { expr.alias_if_changed(name)? } else { expr });
    }
    only(node.with_new_exprs(exprs, vec![input])?, columns)
}
