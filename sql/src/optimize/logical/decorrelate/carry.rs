//! Makes the values that a subquery reads of the query around it columns of its result.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::alias::AliasGenerator;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Distinct, Expr, ExprSchemable, Join, JoinType, LogicalPlan, LogicalPlanBuilder,
    Operator, Union, Window, binary_expr,
};

use super::groups::{Groups, is_of_everything};
use super::outer::{Columns, Outer, reads_outer};
use super::refusal::refuse;
use super::repeat::is_repeatable;

/// A subquery that depends on nothing around it any more. Its rows for one combination of values are those in which the columns
/// have these values (nulls being equal); there may be rows for combinations that the query around it does not have.
#[derive(Debug)]
pub(super) struct Carried {
    pub(super) plan: LogicalPlan,
    /// Which column holds which value.
    pub(super) columns: Columns,
}

/// A subquery and the query around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'a> {
    /// What the subquery reads of the query around it.
    pub(super) outer: &'a Outer,
    /// The rows for which it is asked.
    pub(super) around: &'a LogicalPlan,
    /// Gives names to columns.
    pub(super) names: &'a AliasGenerator,
}

/// What in a subquery that depends on the query around it keeps it from being answered; none if nothing does.
pub(crate) fn refused(plan: &LogicalPlan) -> Option<&'static str> {
    let mut found = None;
    let walked = plan.apply(|node| {
        if !reads_outer(node) {
            return Ok(TreeNodeRecursion::Jump);
        }
        found = match node {
            // Which rows it takes would have to be told for every row around it.
            LogicalPlan::Limit(_) => Some("LIMIT or OFFSET"),
            LogicalPlan::Aggregate(Aggregate { group_expr, .. })
                if matches!(group_expr.as_slice(), [Expr::GroupingSet(_)]) =>
            {
                Some("ROLLUP, CUBE or GROUPING SETS")
            }
            LogicalPlan::Values(_) => Some("VALUES of its values"),
            _ => None,
        };
        Ok(if found.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    if walked.is_err() { Some("this construct") } else { found }
}

/// The condition that columns have the values of the query around.
pub(super) fn same_values(outer: &Outer, columns: &Columns) -> Result<Vec<Expr>> {
    columns
        .iter()
        .map(|(index, column)| Ok(null_safe(outer.outside(*index)?, Expr::Column(column.clone()))))
        .collect()
}

fn null_safe(one: Expr, other: Expr) -> Expr {
    binary_expr(one, Operator::IsNotDistinctFrom, other)
}

/// The condition that both sides of a join have the same values, of those that both carry.
fn agreeing(left: &Columns, right: &Columns) -> Vec<Expr> {
    let both = right.iter().filter_map(|(index, column)| Some((left.get(index)?, column)));
    both.map(|(one, other)| null_safe(Expr::Column(one.clone()), Expr::Column(other.clone()))).collect()
}

fn exprs_of(columns: &Columns) -> Vec<Expr> {
    columns.values().cloned().map(Expr::Column).collect()
}

impl Site<'_> {
    /// A name for a column that nobody else has.
    pub(super) fn fresh(&self) -> String {
        self.names.next("__outer")
    }

    /// Carries the values `wanted`, at least those that `plan` reads, through it.
    pub(super) fn carry(&self, plan: LogicalPlan, wanted: &BTreeSet<usize>) -> Result<Carried> {
        if wanted.is_empty() {
            return Ok(Carried { plan, columns: Columns::new() });
        }
        if self.outer.read_in(&plan)?.is_empty() {
            return self.beside(plan, wanted);
        }
        match plan {
            LogicalPlan::Filter(filter) => {
                self.filter(Arc::unwrap_or_clone(filter.input), filter.predicate, wanted)
            }
            LogicalPlan::Projection(projection) => {
                let below = self.carry(Arc::unwrap_or_clone(projection.input), wanted)?;
                let exprs = self.named(projection.expr, &below.columns)?;
                let exprs = exprs.into_iter().chain(exprs_of(&below.columns));
                let plan =
                    LogicalPlanBuilder::from(below.plan).project(exprs.collect::<Vec<_>>())?.build()?;
                Ok(Carried { plan, columns: below.columns })
            }
            LogicalPlan::SubqueryAlias(alias) => {
                let below = self.carry(Arc::unwrap_or_clone(alias.input), wanted)?;
                let plan = LogicalPlanBuilder::from(below.plan).alias(alias.alias.clone())?.build()?;
                let columns = below
                    .columns
                    .into_iter()
                    .map(|(index, column)| (index, Column::new(Some(alias.alias.clone()), column.name)));
                Ok(Carried { plan, columns: columns.collect() })
            }
            // A subquery has no order.
            LogicalPlan::Sort(sort) => self.carry(Arc::unwrap_or_clone(sort.input), wanted),
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let below = self.carry(Arc::unwrap_or_clone(input), wanted)?;
                let plan = LogicalPlanBuilder::from(below.plan).distinct()?.build()?;
                Ok(Carried { plan, columns: below.columns })
            }
            LogicalPlan::Aggregate(aggregate) if is_of_everything(&aggregate) => {
                self.aggregate_of_everything(aggregate, wanted)
            }
            LogicalPlan::Aggregate(aggregate) => self.aggregate(aggregate, wanted),
            LogicalPlan::Window(window) => self.window(window, wanted),
            LogicalPlan::Join(join) => self.join(join, wanted),
            LogicalPlan::Union(union) => self.union(union, wanted),
            LogicalPlan::Unnest(unnest) => {
                let below = self.carry(Arc::unwrap_or_clone(unnest.input), wanted)?;
                let plan = LogicalPlanBuilder::from(below.plan)
                    .unnest_columns_with_options(unnest.exec_columns, unnest.options)?
                    .build()?;
                Ok(Carried { plan, columns: below.columns })
            }
            LogicalPlan::Values(_) => refuse("a correlated subquery with VALUES of its values"),
            LogicalPlan::Limit(_) => refuse("a correlated subquery with LIMIT or OFFSET"),
            _ => refuse("a correlated subquery of this form"),
        }
    }

    fn named(&self, exprs: Vec<Expr>, columns: &Columns) -> Result<Vec<Expr>> {
        exprs.into_iter().map(|expr| self.outer.carried_named(expr, columns)).collect()
    }

    /// Puts every combination of the values that the query around has beside every row of `plan`, which reads none of them.
    fn beside(&self, plan: LogicalPlan, wanted: &BTreeSet<usize>) -> Result<Carried> {
        let domain = self.domain(wanted)?;
        if matches!(&plan, LogicalPlan::EmptyRelation(one) if one.produce_one_row) {
            return Ok(domain);
        }
        let plan = LogicalPlanBuilder::from(domain.plan).cross_join(plan)?.build()?;
        Ok(Carried { plan, columns: domain.columns })
    }

    /// All combinations of values that the query around has.
    fn domain(&self, wanted: &BTreeSet<usize>) -> Result<Carried> {
        let values = wanted.iter().map(|&index| self.outer.outside(index)).collect::<Result<Vec<_>>>()?;
        // The query around is run once more for them.
        if !is_repeatable(self.around, &values)? {
            return refuse(
                "a correlated subquery of this form over rows that are not the same each time they are computed",
            );
        }
        let mut columns = Columns::new();
        let mut exprs = Vec::new();
        for (&index, value) in wanted.iter().zip(values) {
            let name = self.fresh();
            exprs.push(value.alias(&name));
            columns.insert(index, Column::new_unqualified(name));
        }
        let plan = LogicalPlanBuilder::from(self.around.clone()).project(exprs)?.distinct()?.build()?;
        Ok(Carried { plan, columns })
    }

    /// Where the condition says of every value which expression of the rows below it equals, these expressions are the values.
    fn filter(&self, input: LogicalPlan, predicate: Expr, wanted: &BTreeSet<usize>) -> Result<Carried> {
        if self.outer.read_in(&input)?.is_empty() {
            let (mut sources, mut rest) = (Columns::new(), Vec::new());
            let mut exprs: Vec<Expr> = input.schema().columns().into_iter().map(Expr::Column).collect();
            for conjunct in split_conjunction_owned(predicate.clone()) {
                match self.equality(&conjunct, &input)? {
                    Some((index, expr)) if wanted.contains(&index) && !sources.contains_key(&index) => {
                        let name = self.fresh();
                        exprs.push(expr.alias(&name));
                        sources.insert(index, Column::new_unqualified(name));
                    }
                    _ => rest.push(conjunct),
                }
            }
            if sources.len() == wanted.len() {
                let rest = rest.into_iter().map(|conjunct| self.outer.carried(conjunct, &sources));
                let known = sources.values().map(|column| Ok(Expr::Column(column.clone()).is_not_null()));
                let conditions = rest.chain(known).collect::<Result<Vec<_>>>()?;
                let mut plan = LogicalPlanBuilder::from(input).project(exprs)?;
                if let Some(condition) = conjunction(conditions) {
                    plan = plan.filter(condition)?;
                }
                return Ok(Carried { plan: plan.build()?, columns: sources });
            }
        }
        let below = self.carry(input, wanted)?;
        let condition = self.outer.carried(predicate, &below.columns)?;
        let plan = LogicalPlanBuilder::from(below.plan).filter(condition)?.build()?;
        Ok(Carried { plan, columns: below.columns })
    }

    /// Reads `expression of the rows = value`, in either order.
    fn equality(&self, conjunct: &Expr, input: &LogicalPlan) -> Result<Option<(usize, Expr)>> {
        let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = conjunct else {
            return Ok(None);
        };
        for (value, expr) in [(left, right), (right, left)] {
            let Some(index) = self.outer.index(value) else { continue };
            if expr.contains_outer() || expr.is_volatile() || expr.column_refs().is_empty() {
                continue;
            }
            let data_type = expr.get_type(input.schema())?;
            if self.outer.outside(index)?.get_type(self.around.schema())? == data_type {
                return Ok(Some((index, Expr::clone(expr))));
            }
        }
        Ok(None)
    }

    fn aggregate(&self, aggregate: Aggregate, wanted: &BTreeSet<usize>) -> Result<Carried> {
        if matches!(aggregate.group_expr.as_slice(), [Expr::GroupingSet(_)]) {
            return refuse("a correlated subquery with sets of groups");
        }
        let below = self.carry(Arc::unwrap_or_clone(aggregate.input), wanted)?;
        let mut groups = self.named(aggregate.group_expr, &below.columns)?;
        groups.extend(exprs_of(&below.columns));
        let aggregates = self.named(aggregate.aggr_expr, &below.columns)?;
        let plan = Aggregate::try_new(Arc::new(below.plan), groups, aggregates)?;
        Ok(Carried { plan: LogicalPlan::Aggregate(plan), columns: below.columns })
    }

    /// An aggregation without groups has a row for every combination, also where it has nothing to aggregate.
    fn aggregate_of_everything(&self, aggregate: Aggregate, wanted: &BTreeSet<usize>) -> Result<Carried> {
        let names: Vec<Column> = aggregate.schema.columns();
        let groups = Groups::of(aggregate, self)?;
        let domain = self.domain(wanted)?;
        let same = agreeing(&domain.columns, &groups.columns);
        let plan = groups.beside(domain.plan, same)?;
        let values =
            names.into_iter().zip(&groups.values).map(|(name, value)| value.clone().alias(name.name));
        let exprs: Vec<Expr> = values.chain(exprs_of(&domain.columns)).collect();
        let plan = LogicalPlanBuilder::from(plan).project(exprs)?.build()?;
        Ok(Carried { plan, columns: domain.columns })
    }

    fn window(&self, window: Window, wanted: &BTreeSet<usize>) -> Result<Carried> {
        let below = self.carry(Arc::unwrap_or_clone(window.input), wanted)?;
        let mut exprs = Vec::with_capacity(window.window_expr.len());
        for expr in window.window_expr {
            let name = expr.schema_name().to_string();
            let mut expr = self.outer.carried(expr, &below.columns)?.unalias();
            let Expr::WindowFunction(function) = &mut expr else {
                return refuse("a correlated subquery with this window");
            };
            function.params.partition_by.extend(exprs_of(&below.columns));
            exprs.push(expr.alias_if_changed(name)?);
        }
        let plan = LogicalPlan::Window(Window::try_new(exprs, Arc::new(below.plan))?);
        Ok(Carried { plan, columns: below.columns })
    }

    fn join(&self, mut join: Join, wanted: &BTreeSet<usize>) -> Result<Carried> {
        let right_reads = self.outer.read_in(&join.right)?;
        // Rows of a side that is kept are kept for every combination.
        let (of_left, of_right) = match join.join_type {
            JoinType::Inner => {
                let left_reads = self.outer.read_in(&join.left)?;
                let of_left = wanted.difference(&right_reads).chain(&left_reads).copied().collect();
                (of_left, right_reads)
            }
            JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti => (wanted.clone(), right_reads),
            JoinType::Right => (self.outer.read_in(&join.left)?, wanted.clone()),
            JoinType::Full => (wanted.clone(), wanted.clone()),
            other => return refuse(format!("a correlated subquery with a {other} join")),
        };
        let left = self.carry(Arc::unwrap_or_clone(join.left), &of_left)?;
        let right = self.carry(Arc::unwrap_or_clone(join.right), &of_right)?;
        let columns = match join.join_type {
            JoinType::Inner => {
                right.columns.iter().chain(&left.columns).map(|(i, c)| (*i, c.clone())).collect()
            }
            JoinType::Right => right.columns.clone(),
            _ => left.columns.clone(),
        };
        let keys = std::mem::take(&mut join.on).into_iter().map(|(one, other)| one.eq(other));
        let own = keys.chain(join.filter).map(|condition| self.outer.carried(condition, &columns));
        let conditions: Vec<Expr> =
            own.chain(agreeing(&left.columns, &right.columns).into_iter().map(Ok)).collect::<Result<_>>()?;
        let left_plan = LogicalPlanBuilder::from(left.plan);
        let plan = if conditions.is_empty() && join.join_type == JoinType::Inner {
            left_plan.cross_join(right.plan)?.build()?
        } else {
            left_plan.join_on(right.plan, join.join_type, conditions)?.build()?
        };
        if join.join_type != JoinType::Full {
            return Ok(Carried { plan, columns });
        }
        // Of a row without a partner only one side has the values.
        let mut exprs: Vec<Expr> = join.schema.columns().into_iter().map(Expr::Column).collect();
        let mut both = Columns::new();
        for (index, one) in &left.columns {
            let name = self.fresh();
            let other = Expr::Column(right.columns[index].clone());
            let one = Expr::Column(one.clone());
            let value = datafusion::logical_expr::when(one.clone().is_not_null(), one).otherwise(other)?;
            exprs.push(value.alias(&name));
            both.insert(*index, Column::new_unqualified(name));
        }
        let plan = LogicalPlanBuilder::from(plan).project(exprs)?.build()?;
        Ok(Carried { plan, columns: both })
    }

    fn union(&self, union: Union, wanted: &BTreeSet<usize>) -> Result<Carried> {
        let names: Vec<(usize, String)> = wanted.iter().map(|&index| (index, self.fresh())).collect();
        let mut inputs = Vec::with_capacity(union.inputs.len());
        for input in union.inputs {
            let own = input.schema().columns();
            let below = self.carry(Arc::unwrap_or_clone(input), wanted)?;
            let values =
                names.iter().map(|(index, name)| Expr::Column(below.columns[index].clone()).alias(name));
            let exprs: Vec<Expr> = own.into_iter().map(Expr::Column).chain(values).collect();
            inputs.push(Arc::new(LogicalPlanBuilder::from(below.plan).project(exprs)?.build()?));
        }
        let plan = LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?);
        let columns = names.into_iter().map(|(index, name)| (index, Column::new_unqualified(name)));
        Ok(Carried { plan, columns: columns.collect() })
    }
}
