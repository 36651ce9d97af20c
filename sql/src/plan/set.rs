//! UNION, INTERSECT and EXCEPT.

use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Operator, Union, binary_expr};

use super::query::{build, project};
use super::{Planner, Rel, Scope, bare};
use crate::bind::{Typed, joined, row_number, whole_row};
use crate::coerce::common;
use crate::error::{Result, SqlError};
use crate::parse::ast::SetOp;
use crate::position::Position;
use crate::types;

impl Planner<'_> {
    pub(super) fn set_operation(
        &mut self,
        op: SetOp,
        all: bool,
        left: Rel,
        right: Rel,
        position: Position,
    ) -> Result<Rel> {
        // Only where rows are compared, the zeros become one.
        let compares = op != SetOp::Union || !all;
        let (left, right) = aligned(left, right, compares, position)?;
        if op == SetOp::Union {
            let inputs = vec![Arc::new(left.plan), Arc::new(right.plan)];
            let union = LogicalPlan::Union(Union::try_new_with_loose_types(inputs).map_err(SqlError::plan)?);
            if all {
                return Ok(Rel { plan: union, scope: left.scope });
            }
            comparable(&left.scope, position)?;
            let plan = build(LogicalPlanBuilder::from(union).distinct())?;
            return Ok(Rel { plan, scope: left.scope });
        }
        let names: Vec<String> = left.scope.columns.iter().map(|column| column.column.name.clone()).collect();
        comparable(&left.scope, position)?;
        let (mut keys, mut left_plan, mut right_plan) = (names, left.plan, right.plan);
        if all {
            // Bags: the n-th of equal rows on the left meets the n-th on the right.
            let number = self.fresh("n");
            left_plan = numbered(left_plan, &keys, &number)?;
            right_plan = numbered(right_plan, &keys, &number)?;
            keys.push(number);
        } else {
            left_plan = build(LogicalPlanBuilder::from(left_plan).distinct())?;
        }
        // The sides get names of their own, and nulls are equal here.
        let (left_name, right_name) = (self.relation_name("left_side"), self.relation_name("right_side"));
        let left_plan = build(LogicalPlanBuilder::from(left_plan).alias(left_name.as_str()))?;
        let right_plan = build(LogicalPlanBuilder::from(right_plan).alias(right_name.as_str()))?;
        let equal = keys.iter().map(|key| {
            binary_expr(column(&left_name, key), Operator::IsNotDistinctFrom, column(&right_name, key))
        });
        let kind = if op == SetOp::Intersect { JoinType::LeftSemi } else { JoinType::LeftAnti };
        let plan = build(LogicalPlanBuilder::from(left_plan).join_on(right_plan, kind, equal))?;
        let output =
            left.scope.columns.iter().map(|own| column(&left_name, &own.column.name).alias(&own.column.name));
        let plan = build(LogicalPlanBuilder::from(plan).project(output.collect::<Vec<_>>()))?;
        Ok(Rel { plan, scope: left.scope })
    }
}

/// Refuses columns whose values cannot be compared.
fn comparable(scope: &Scope, position: Position) -> Result<()> {
    let Some(column) = scope.columns.iter().find(|column| !types::is_orderable(&column.data_type)) else {
        return Ok(());
    };
    let name = format!(
        "comparing `{}` of the type {} in a set operation",
        column.display,
        types::display(&column.data_type)
    );
    Err(SqlError::unsupported(name, position))
}

fn column(relation: &str, name: &str) -> Expr {
    Expr::Column(datafusion::common::Column::new(Some(relation), name))
}

fn numbered(plan: LogicalPlan, keys: &[String], number: &str) -> Result<LogicalPlan> {
    let exprs: Vec<Expr> = keys.iter().map(|key| bare(key)).collect();
    let window = row_number(exprs.clone(), vec![whole_row()]);
    let position =
        Expr::Column(datafusion::common::Column::new_unqualified(window.schema_name().to_string()));
    let plan = LogicalPlanBuilder::window_plan(plan, [window]).map_err(SqlError::plan)?;
    let output = exprs.into_iter().chain([position.alias(number)]);
    build(LogicalPlanBuilder::from(plan).project(output.collect::<Vec<_>>()))
}

/// Gives both sides the same columns: the types that both widen to, the names of the left side.
fn aligned(left: Rel, right: Rel, compares: bool, position: Position) -> Result<(Rel, Rel)> {
    let (left_columns, right_columns) = (left.scope.all(&[]), right.scope.all(&[]));
    if left_columns.len() != right_columns.len() {
        return Err(SqlError::invalid(
            format!(
                "the sides of a set operation have {} and {} columns",
                left_columns.len(),
                right_columns.len()
            ),
            position,
        ));
    }
    let (mut left_items, mut right_items) = (Vec::new(), Vec::new());
    for (one, other) in left_columns.iter().zip(&right_columns) {
        let both = common(&one.data_type, &other.data_type, true).ok_or_else(|| SqlError::Types {
            operation: "a set operation".to_owned(),
            types: format!("{} and {}", types::display(&one.data_type), types::display(&other.data_type)),
            position,
        })?;
        for (column, items) in [(one, &mut left_items), (other, &mut right_items)] {
            let typed = Typed::new(column.expr(), column.data_type.clone(), "");
            let typed = Typed {
                span: joined(one.span, other.span),
                ..typed.cast_for(&both, "a set operation", position)?
            };
            let typed = if compares { crate::bind::normalized(typed) } else { typed };
            items.push((typed, one.display.clone()));
        }
    }
    Ok((project(left.plan, left_items)?, project(right.plan, right_items)?))
}
