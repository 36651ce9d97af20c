//! Subqueries inside of expressions.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Subquery};

use super::{Binder, Place, Typed, normalized};
use crate::coerce::common;
use crate::error::{Result, SqlError};
use crate::functions::aggregate::single;
use crate::optimize;
use crate::parse::ast::{BinaryOp, Expr as Tree, ExprKind, QueryExpr};
use crate::plan::{Rel, bare};
use crate::position::Position;
use crate::types;

impl Binder<'_, '_, '_> {
    fn subquery(&mut self, query: &QueryExpr) -> Result<Rel> {
        self.planner.query(query, Some(self.scope))
    }

    pub(super) fn exists(&mut self, query: &QueryExpr, position: Position) -> Result<Typed> {
        if !self.filters {
            return Err(SqlError::unsupported(
                "`EXISTS (SELECT …)` anywhere but in SELECT, WHERE, HAVING and the ON of an inner join",
                position,
            ));
        }
        let Rel { plan, .. } = self.subquery(query)?;
        refuse(&plan, position)?;
        refuse_counted(&plan, false, position)?;
        Ok(Typed::new(
            Expr::Exists(Exists::new(correlated(plan, position), false)),
            DataType::Boolean,
            "exists()",
        ))
    }

    pub(super) fn in_query(
        &mut self,
        expr: &Tree,
        query: &QueryExpr,
        negated: bool,
        position: Position,
    ) -> Result<Typed> {
        if self.place == Place::Inside {
            return Err(SqlError::unsupported(
                "`IN (SELECT …)` anywhere but in WHERE, HAVING and the ON of an inner join, alone or with AND, OR, NOT and CASE, and in the conditions of CASE in SELECT,",
                position,
            ));
        }
        let value = self.at(Place::Inside, |binder| binder.bind(expr))?;
        let rel = self.subquery(query)?;
        refuse(&rel.plan, position)?;
        refuse_counted(&rel.plan, false, position)?;
        let columns = rel.scope.all(&[]);
        let [column] = columns.as_slice() else {
            return Err(SqlError::invalid("a subquery of IN gives one column", query.position));
        };
        let mismatch = || SqlError::Types {
            operation: "IN".to_owned(),
            types: format!("{} and {}", types::display(&value.data_type), types::display(&column.data_type)),
            position,
        };
        let both = common(&value.data_type, &column.data_type, true)
            .filter(types::is_orderable)
            .ok_or_else(mismatch)?;
        if negated && types::holds_fractional(&both) {
            // Spark takes the two zeros for different numbers here, and nowhere else.
            return Err(SqlError::unsupported(
                format!(
                    "`NOT IN (SELECT …)` with a {}, whose zeros Spark tells apart here,",
                    types::display(&both)
                ),
                position,
            ));
        }
        let name = format!("({} IN (listquery()))", value.name);
        // Spark knows the answer before it looks whether the subquery has rows.
        if is_null(&value.expr) {
            return Ok(Typed::new(Expr::Literal(ScalarValue::Boolean(None), None), DataType::Boolean, name));
        }
        let value = normalized(value.cast_for(&both, "IN", position)?);
        let inner = normalized(
            Typed::new(column.expr(), column.data_type.clone(), "").cast_for(&both, "IN", position)?,
        );
        let output = self.planner.fresh("in");
        let plan = LogicalPlanBuilder::from(rel.plan)
            .project([inner.expr.alias(&output)])
            .and_then(LogicalPlanBuilder::build)
            .map_err(SqlError::plan)?;
        let test = InSubquery::new(Box::new(value.expr), correlated(plan, position), negated);
        Ok(Typed::new(Expr::InSubquery(test), DataType::Boolean, name))
    }

    pub(super) fn scalar(&mut self, query: &QueryExpr, position: Position) -> Result<Typed> {
        let rel = self.subquery(query)?;
        let columns = rel.scope.all(&[]);
        let [column] = columns.as_slice() else {
            return Err(SqlError::invalid("a subquery that is a value gives one column", query.position));
        };
        let data_type = column.data_type.clone();
        let is_correlated = optimize::reads_outer(&rel.plan);
        refuse(&rel.plan, position)?;
        refuse_counted(&rel.plan, true, position)?;
        let plan = if gives_one_row(&rel.plan) {
            rel.plan
        } else if is_correlated {
            return Err(SqlError::unsupported(
                "a correlated subquery as a value that does not aggregate to one row without GROUP BY",
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
        Ok(Typed::new(Expr::ScalarSubquery(correlated(plan, position)), data_type, "scalarsubquery()"))
    }
}

/// Tells whether `IN (SELECT …)` is in a condition, in such a way that NOT reaches it.
pub(super) fn holds_test(tree: &Tree) -> bool {
    match &tree.kind {
        ExprKind::InQuery { .. } => true,
        ExprKind::Not(inner) => holds_test(inner),
        ExprKind::Binary(BinaryOp::And | BinaryOp::Or, left, right) => holds_test(left) || holds_test(right),
        _ => false,
    }
}

/// Negates a condition that [holds such a test](holds_test): NOT moves down to the tests, as in Spark.
pub(super) fn negated(tree: &Tree) -> Tree {
    let kind = match &tree.kind {
        ExprKind::InQuery { expr, query, negated } => {
            ExprKind::InQuery { expr: expr.clone(), query: query.clone(), negated: !negated }
        }
        ExprKind::Not(inner) => return Tree::clone(inner),
        ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
            let op = if *op == BinaryOp::And { BinaryOp::Or } else { BinaryOp::And };
            ExprKind::Binary(op, Box::new(negated(left)), Box::new(negated(right)))
        }
        _ => ExprKind::Not(Box::new(tree.clone())),
    };
    Tree { kind, position: tree.position }
}

/// Refuses correlated subqueries that cannot be made joins.
fn refuse(plan: &LogicalPlan, position: Position) -> Result<()> {
    match optimize::refused(plan) {
        None => Ok(()),
        Some(what) => Err(SqlError::unsupported(
            format!("{what} in a subquery that depends on the outer query"),
            position,
        )),
    }
}

/// Refuses what Spark 3.5 answers wrongly: it takes the one row that an aggregation of nothing gives for none. Where the
/// subquery `is_value`, it minds the row of the outermost aggregation.
fn refuse_counted(plan: &LogicalPlan, is_value: bool, position: Position) -> Result<()> {
    let is_counted = |node: &LogicalPlan| match node {
        LogicalPlan::Aggregate(aggregate) => {
            aggregate.group_expr.is_empty() && optimize::reads_outer(&aggregate.input)
        }
        _ => false,
    };
    let mut inner = plan;
    if is_value {
        while let LogicalPlan::Projection(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Filter(_) = inner
        {
            inner = inner.inputs()[0];
        }
        if let LogicalPlan::Aggregate(aggregate) = inner {
            inner = &aggregate.input;
        }
    }
    if inner.exists(|node| Ok(is_counted(node))).map_err(SqlError::plan)? {
        return Err(SqlError::unsupported(
            "an aggregation without GROUP BY of rows that depend on the outer query, whose row Spark 3.5 forgets where there are \
             none,",
            position,
        ));
    }
    Ok(())
}

/// Tells whether an expression is a null, of whatever type.
fn is_null(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(value, _) => value.is_null(),
        Expr::Cast(cast) => is_null(&cast.expr),
        _ => false,
    }
}

/// The subquery that is written at a place.
fn correlated(plan: LogicalPlan, position: Position) -> Subquery {
    let outer_ref_columns = plan.all_out_ref_exprs();
    Subquery { subquery: Arc::new(plan), outer_ref_columns, spans: position.into() }
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
