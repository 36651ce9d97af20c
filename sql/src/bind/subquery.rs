//! Subqueries inside of expressions.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::Spans;
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Subquery};

use super::{Binder, Typed, negate, normalized};
use crate::coerce::compared;
use crate::error::{Result, SqlError};
use crate::functions::aggregate::single;
use crate::parse::ast::{Expr as Tree, QueryExpr};
use crate::plan::{Rel, bare};
use crate::position::Position;
use crate::types;

impl Binder<'_, '_, '_> {
    fn subquery(&mut self, query: &QueryExpr) -> Result<Rel> {
        self.planner.query(query, Some(self.scope))
    }

    pub(super) fn exists(&mut self, query: &QueryExpr, _position: Position) -> Result<Typed> {
        let Rel { plan, .. } = self.subquery(query)?;
        Ok(Typed::new(Expr::Exists(Exists::new(correlated(plan), false)), DataType::Boolean, "exists()"))
    }

    pub(super) fn in_query(
        &mut self,
        expr: &Tree,
        query: &QueryExpr,
        negated: bool,
        position: Position,
    ) -> Result<Typed> {
        let value = self.bind(expr)?;
        let rel = self.subquery(query)?;
        let columns = rel.scope.all(&[]);
        let [column] = columns.as_slice() else {
            return Err(SqlError::invalid("a subquery of IN gives one column", query.position));
        };
        let mismatch = || SqlError::Types {
            operation: "IN".to_owned(),
            types: format!("{} and {}", types::display(&value.data_type), types::display(&column.data_type)),
            position,
        };
        let both =
            compared(&value.data_type, &column.data_type).filter(types::is_orderable).ok_or_else(mismatch)?;
        let name = format!("({} IN (listquery()))", value.name);
        let value = normalized(value.cast_for(&both, "IN", position)?);
        let inner = normalized(
            Typed::new(column.expr(), column.data_type.clone(), "").cast_for(&both, "IN", position)?,
        );
        let output = self.planner.fresh("in");
        let plan = LogicalPlanBuilder::from(rel.plan)
            .project([inner.expr.alias(output)])
            .and_then(LogicalPlanBuilder::build)
            .map_err(SqlError::plan)?;
        let test = InSubquery::new(Box::new(value.expr), correlated(plan), false);
        let result = Typed::new(Expr::InSubquery(test), DataType::Boolean, name);
        Ok(if negated { negate(result) } else { result })
    }

    pub(super) fn scalar(&mut self, query: &QueryExpr, position: Position) -> Result<Typed> {
        let rel = self.subquery(query)?;
        let columns = rel.scope.all(&[]);
        let [column] = columns.as_slice() else {
            return Err(SqlError::invalid("a subquery that is a value gives one column", query.position));
        };
        let data_type = column.data_type.clone();
        let is_correlated = !rel.plan.all_out_ref_exprs().is_empty();
        let plan = if gives_one_row(&rel.plan) {
            rel.plan
        } else if is_correlated {
            return Err(SqlError::invalid(
                "a subquery that depends on the outer query must aggregate to one row to be a value",
                position,
            ));
        } else {
            // More than one row is an error, and it is noticed only while they come.
            let output = self.planner.fresh("single");
            LogicalPlanBuilder::from(rel.plan)
                .aggregate(Vec::<Expr>::new(), [single(column.expr()).alias(&output)])
                .and_then(|builder| builder.project([bare(&output)]))
                .and_then(LogicalPlanBuilder::build)
                .map_err(SqlError::plan)?
        };
        Ok(Typed::new(Expr::ScalarSubquery(correlated(plan)), data_type, "scalarsubquery()"))
    }
}

fn correlated(plan: LogicalPlan) -> Subquery {
    let outer_ref_columns = plan.all_out_ref_exprs();
    Subquery { subquery: Arc::new(plan), outer_ref_columns, spans: Spans::new() }
}

/// Tells whether a plan gives at most one row whatever it reads.
fn gives_one_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => gives_one_row(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => gives_one_row(&alias.input),
        LogicalPlan::Sort(sort) => gives_one_row(&sort.input),
        LogicalPlan::Filter(filter) => gives_one_row(&filter.input),
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        LogicalPlan::EmptyRelation(empty) => empty.produce_one_row,
        _ => false,
    }
}
