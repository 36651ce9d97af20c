//! Aggregations without groups in a subquery: one row for each combination of outer values, also where there is nothing to
//! aggregate.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::logical_expr::{
    Aggregate, EmptyRelation, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, when,
};

use super::carry::Site;
use super::outer::Columns;
use crate::functions::aggregate::basic;

/// Whether an aggregation gives one row whatever it reads.
pub(super) fn is_of_everything(aggregate: &Aggregate) -> bool {
    aggregate.group_expr.is_empty()
}

/// The aggregation with the values that it reads as groups, and what it gives without rows.
#[derive(Debug)]
pub(super) struct Groups {
    grouped: LogicalPlan,
    /// One row; nothing where the aggregation has one in any case.
    without_rows: Option<LogicalPlan>,
    /// Which column of the groups holds which outer value.
    pub(super) columns: Columns,
    /// What the aggregation gives, by its columns, over groups and that row.
    pub(super) values: Vec<Expr>,
}

impl Groups {
    pub(super) fn of(aggregate: Aggregate, site: &Site<'_>) -> Result<Self> {
        let wanted: BTreeSet<usize> = site.outer.read_in(&LogicalPlan::Aggregate(aggregate.clone()))?;
        if wanted.is_empty() {
            return Self::of_one(aggregate, site);
        }
        let schema = Arc::clone(aggregate.input.schema());
        let empty = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema });
        let below = site.carry(Arc::unwrap_or_clone(aggregate.input), &wanted)?;
        let present = site.fresh();
        let (mut found, mut absent, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for expr in aggregate.aggr_expr {
            let (one, other) = (site.fresh(), site.fresh());
            let expr = expr.unalias();
            found.push(site.outer.carried(expr.clone(), &below.columns)?.alias(&one));
            absent.push(without_values(expr)?.alias(&other));
            let is_there = bare(&present).is_not_null();
            values.push(when(is_there, bare(&one)).otherwise(bare(&other))?);
        }
        found.push(basic::rows().alias(&present));
        let groups: Vec<Expr> = below.columns.values().cloned().map(Expr::Column).collect();
        let grouped = Aggregate::try_new(Arc::new(below.plan), groups, found)?;
        let without_rows = Aggregate::try_new(Arc::new(empty), Vec::new(), absent)?;
        Ok(Self {
            grouped: LogicalPlan::Aggregate(grouped),
            without_rows: Some(LogicalPlan::Aggregate(without_rows)),
            columns: below.columns,
            values,
        })
    }

    /// It reads nothing of the query around.
    fn of_one(aggregate: Aggregate, site: &Site<'_>) -> Result<Self> {
        let (mut found, mut values) = (Vec::new(), Vec::new());
        for expr in aggregate.aggr_expr {
            let name = site.fresh();
            found.push(expr.unalias().alias(&name));
            values.push(bare(&name));
        }
        let grouped = LogicalPlan::Aggregate(Aggregate::try_new(aggregate.input, Vec::new(), found)?);
        Ok(Self { grouped, without_rows: None, columns: Columns::new(), values })
    }

    /// `plan` with the groups for which `same` holds, and the row without rows, beside each of its rows.
    pub(super) fn beside(&self, plan: LogicalPlan, same: Vec<Expr>) -> Result<LogicalPlan> {
        let grouped = self.grouped.clone();
        let Some(without_rows) = self.without_rows.clone() else {
            return LogicalPlanBuilder::from(grouped).cross_join(plan)?.build();
        };
        let found = LogicalPlanBuilder::from(plan).join_on(grouped, JoinType::Left, same)?.build()?;
        LogicalPlanBuilder::from(without_rows).cross_join(found)?.build()
    }
}

fn bare(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

/// `expr` where no row is read: whatever it takes from the query around does not matter.
fn without_values(expr: Expr) -> Result<Expr> {
    expr.transform(|inner| match inner {
        Expr::OuterReferenceColumn(field, _) => {
            Ok(Transformed::yes(Expr::Literal(ScalarValue::try_from(field.data_type())?, None)))
        }
        other => Ok(Transformed::no(other)),
    })
    .data()
}
