//! Queries: named queries, bodies, order and limit.

use arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{EmptyRelation, Expr, LogicalPlan, LogicalPlanBuilder};

use super::output::unique;
use super::{Planner, Rel, Scope, ScopeColumn};
use crate::bind::{Binder, Typed};
use crate::error::{Result, SqlError};
use crate::parse::ast::{
    Body, Cte, Expr as Tree, ExprKind, Literal, Name, Number, QueryExpr, RelationKind, SortItem,
};
use crate::position::Position;
use crate::types;

impl Planner<'_> {
    /// Plans a query. A subquery is given the names of the query around it.
    pub(crate) fn query(&mut self, query: &QueryExpr, outer: Option<&Scope>) -> Result<Rel> {
        let known = self.ctes.len();
        for cte in &query.ctes {
            let key = cte.name.key();
            if self.ctes.iter().any(|(name, _)| *name == key) {
                return Err(SqlError::invalid(
                    format!("the name `{}` is given to two queries of WITH", cte.name.text),
                    cte.name.position,
                ));
            }
            let rel = self.cte(cte, outer)?;
            self.ctes.push((key, rel));
        }
        let mut rel = match &query.body {
            Body::Select(select) => self.select(select, &query.order_by, outer)?,
            body => {
                let rel = self.body(body, outer)?;
                self.sort_output(rel, &query.order_by, outer)?
            }
        };
        self.ctes.truncate(known);
        let skip = self.row_count(query.offset.as_ref(), "OFFSET")?.unwrap_or(0);
        let fetch = self.row_count(query.limit.as_ref(), "LIMIT")?;
        if fetch == Some(0) {
            // The engine's operator for the first rows of an order cannot take none.
            let schema = std::sync::Arc::clone(rel.plan.schema());
            rel.plan = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema });
        } else if skip > 0 || fetch.is_some() {
            rel.plan = build(LogicalPlanBuilder::from(rel.plan).limit(skip, fetch))?;
        }
        Ok(rel)
    }

    fn cte(&mut self, cte: &Cte, outer: Option<&Scope>) -> Result<Rel> {
        let mut rel = self.query(&cte.query, outer)?;
        rename_columns(&mut rel.scope, &cte.columns, &cte.name.text, cte.name.position)?;
        Ok(rel)
    }

    pub(super) fn body(&mut self, body: &Body, outer: Option<&Scope>) -> Result<Rel> {
        match body {
            Body::Select(select) => self.select(select, &[], outer),
            Body::Nested(query) => self.query(query, outer),
            Body::Set { op, all, left, right, position } => {
                let left = self.body(left, outer)?;
                let right = self.body(right, outer)?;
                self.set_operation(*op, *all, left, right, *position)
            }
            Body::Relation(relation) => match &relation.kind {
                RelationKind::Values(_) | RelationKind::Table(_) => self.relation(relation, outer),
                _ => Err(SqlError::unsupported("this relation as a query", relation.position)),
            },
        }
    }

    /// Orders what a query gives, by what it gives.
    pub(super) fn sort_output(
        &mut self,
        rel: Rel,
        order_by: &[SortItem],
        outer: Option<&Scope>,
    ) -> Result<Rel> {
        if order_by.is_empty() {
            return Ok(rel);
        }
        let mut sorts = Vec::new();
        for item in order_by {
            let typed = match ordinal(&item.expr) {
                Some(index) => column_at(&rel.scope, index, item.expr.position)?,
                None => Binder::new(self, &rel.scope, outer).bind(&item.expr)?,
            };
            refuse_correlated(item, &typed, &[])?;
            sorts.extend(sort_key(item, typed)?);
        }
        Ok(Rel { plan: build(LogicalPlanBuilder::from(rel.plan).sort(sorts))?, scope: rel.scope })
    }

    fn row_count(&mut self, expr: Option<&Tree>, clause: &str) -> Result<Option<usize>> {
        let Some(expr) = expr else { return Ok(None) };
        let typed = Binder::new(self, &Scope::default(), None).bind(expr)?;
        let whole = typed.data_type != DataType::Int64;
        let count = crate::bind::evaluate(&typed).as_ref().and_then(Typed::integer).filter(|_| whole);
        let count = count.and_then(|count| usize::try_from(count).ok());
        count.map(Some).ok_or_else(|| {
            SqlError::invalid(format!("{clause} takes an int that is not negative"), expr.position)
        })
    }
}

/// Returns the position that a constant of an ORDER BY or GROUP BY means.
pub(super) fn ordinal(expr: &Tree) -> Option<i64> {
    match &expr.kind {
        ExprKind::Literal(Literal::Number(Number::Int(value))) => Some(i64::from(*value)),
        _ => None,
    }
}

/// Returns the index that a position from 1 means.
pub(super) fn index_of(ordinal: i64, count: usize, position: Position) -> Result<usize> {
    usize::try_from(ordinal - 1).ok().filter(|index| *index < count).ok_or_else(|| {
        SqlError::invalid(
            format!("position {ordinal} is not in the SELECT list, which has {count} items"),
            position,
        )
    })
}

fn column_at(scope: &Scope, ordinal: i64, position: Position) -> Result<Typed> {
    let visible = scope.all(&[]);
    let column = visible[index_of(ordinal, visible.len(), position)?];
    Ok(Typed::new(column.expr(), column.data_type.clone(), column.display.clone()))
}

/// Makes the keys of an item of an order: nulls where Spark has them, equal numbers with equal bits.
///
/// Nulls inside of arrays and structs are smaller than anything else wherever the others stand, and the engine puts all of
/// them in one place. So the others get a key of their own where they are not the smallest.
pub(crate) fn sort_key(item: &SortItem, typed: Typed) -> Result<Vec<Sort>> {
    if !types::is_orderable(&typed.data_type) {
        return Err(SqlError::Types {
            operation: "ORDER BY".to_owned(),
            types: types::display(&typed.data_type),
            position: item.expr.position,
        });
    }
    let (ascending, nulls_first) = (!item.descending, item.nulls_come_first());
    let nested = !types::is_atomic(&typed.data_type);
    let key = crate::bind::normalized(typed).expr;
    if nested && ascending != nulls_first {
        let is_null = Expr::IsNull(Box::new(key.clone()));
        return Ok(vec![Sort::new(is_null, !nulls_first, true), Sort::new(key, ascending, ascending)]);
    }
    Ok(vec![Sort::new(key, ascending, nulls_first)])
}

/// Refuses a subquery that depends on the rows that are ordered by it, unless it is among the `selected`: those are computed
/// for the row already. Spark has no plan for one either.
pub(crate) fn refuse_correlated(item: &SortItem, key: &Typed, selected: &[&Expr]) -> Result<()> {
    let mut depends = false;
    let walked = key.expr.apply(|inner| {
        if selected.contains(&inner) {
            return Ok(TreeNodeRecursion::Jump);
        }
        depends |= match inner {
            Expr::ScalarSubquery(query) => !query.outer_ref_columns.is_empty(),
            Expr::Exists(test) => !test.subquery.outer_ref_columns.is_empty(),
            Expr::InSubquery(test) => !test.subquery.outer_ref_columns.is_empty(),
            _ => false,
        };
        Ok(TreeNodeRecursion::Continue)
    });
    walked.map_err(SqlError::plan)?;
    if depends {
        return Err(SqlError::unsupported(
            "a subquery in ORDER BY that depends on the outer query",
            item.expr.position,
        ));
    }
    Ok(())
}

/// Gives the visible columns of a scope other names, if there are any.
pub(super) fn rename_columns(
    scope: &mut Scope,
    names: &[Name],
    relation: &str,
    position: Position,
) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    scope.columns.retain(|column| !column.hidden);
    if names.len() != scope.columns.len() {
        return Err(SqlError::invalid(
            format!("`{relation}` has {} columns and is given {} names", scope.columns.len(), names.len()),
            position,
        ));
    }
    for (column, name) in scope.columns.iter_mut().zip(names) {
        column.key = name.key();
        column.display = name.text.clone();
    }
    Ok(())
}

/// Projects expressions and describes them as a scope without qualifiers.
pub(super) fn project(plan: LogicalPlan, items: Vec<(Typed, String)>) -> Result<Rel> {
    let names = unique(items.iter().map(|(_, display)| display.as_str()));
    let mut exprs: Vec<Expr> = Vec::with_capacity(items.len());
    let mut columns = Vec::with_capacity(items.len());
    for ((typed, display), name) in items.into_iter().zip(names) {
        columns.push(ScopeColumn {
            qualifier: Vec::new(),
            key: display.to_lowercase(),
            display,
            column: Column::new_unqualified(&name),
            data_type: typed.data_type,
            hidden: false,
            span: typed.span,
            unusable: false,
        });
        exprs.push(typed.expr.alias(name));
    }
    let plan = build(LogicalPlanBuilder::from(plan).project(exprs))?;
    Ok(Rel { plan, scope: Scope { columns } })
}

/// Finishes a plan.
pub(super) fn build(builder: datafusion::common::Result<LogicalPlanBuilder>) -> Result<LogicalPlan> {
    builder.and_then(LogicalPlanBuilder::build).map_err(SqlError::plan)
}
