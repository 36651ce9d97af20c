//! EXISTS and IN: conditions that a subquery answers.

use datafusion::common::alias::AliasGenerator;
use datafusion::common::{Column, Result};
use datafusion::logical_expr::expr::{AggregateFunction, Exists, InSubquery};
use datafusion::logical_expr::utils::split_conjunction_owned;
use datafusion::logical_expr::{
    Distinct, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, Operator, Subquery, binary_expr, lit,
};

use super::carry::{Carried, Site, same_values};
use super::outer::{Columns, Outer, outside, reads_outer};
use super::place::extended;
use super::refusal::at;
use super::without_subqueries;
use crate::functions::aggregate::basic;

/// Keeps the rows of `plan` for which `conjunct` holds by a join; gives both back where that takes more than one.
pub(super) fn as_join(
    plan: LogicalPlan,
    conjunct: Expr,
    names: &AliasGenerator,
) -> Result<std::result::Result<LogicalPlan, (LogicalPlan, Expr)>> {
    let (test, flipped) = match conjunct {
        Expr::Not(inner) => (*inner, true),
        other => (other, false),
    };
    let back = |test: Expr| if flipped { Expr::Not(Box::new(test)) } else { test };
    match test {
        Expr::Exists(exists) if reads_outer(&exists.subquery.subquery) => {
            let kind = if exists.negated == flipped { JoinType::LeftSemi } else { JoinType::LeftAnti };
            let spans = exists.subquery.spans.clone();
            at(&spans, existing(plan, exists.subquery, kind, names)).map(Ok)
        }
        // What is not known is not kept, and so it is with NOT before it.
        Expr::InSubquery(test) if !flipped => {
            let (plan, value) = extended(plan, *test.expr, names)?;
            let spans = test.subquery.spans.clone();
            let keys = at(&spans, keys_of(&plan, test.subquery, names))?;
            let mut conditions = same_values(&keys.outer, &keys.carried.columns)?;
            conditions.push(binary_expr(value.clone(), Operator::Eq, Expr::Column(keys.key.clone())));
            let kind = if test.negated { JoinType::LeftAnti } else { JoinType::LeftSemi };
            let rows = keys.carried.plan.clone();
            let plan = LogicalPlanBuilder::from(plan).join_on(rows, kind, conditions)?.build()?;
            if !test.negated {
                return Ok(Ok(plan));
            }
            let (plan, unknown) = counted(plan, keys, names)?;
            LogicalPlanBuilder::from(plan).filter(unknown.excluded(value))?.build().map(Ok)
        }
        other => Ok(Err((plan, back(other)))),
    }
}

/// The rows of `plan` for which a subquery has a row, or has none.
fn existing(
    plan: LogicalPlan,
    subquery: Subquery,
    kind: JoinType,
    names: &AliasGenerator,
) -> Result<LogicalPlan> {
    let inner = lowered(subquery, names)?;
    let (rows, conditions) = match conditions_of(&inner) {
        Some((rows, conditions)) => {
            let conditions = conditions.into_iter().map(outside).collect::<Result<Vec<_>>>()?;
            (rows, conditions)
        }
        None => {
            let outer = Outer::of(&inner)?;
            let site = Site { outer: &outer, around: &plan, names };
            let carried = site.carry(inner, &outer.all())?;
            let columns = carried.columns.values().cloned().map(Expr::Column);
            let keys = LogicalPlanBuilder::from(carried.plan).project(columns)?.build()?;
            (keys, same_values(&outer, &carried.columns)?)
        }
    };
    LogicalPlanBuilder::from(plan).join_on(rows, kind, conditions)?.build()
}

/// Takes a subquery of which only the existence of rows is asked for `rows` and the conditions that depend on the query around
/// it; nothing where it depends on it elsewhere.
fn conditions_of(inner: &LogicalPlan) -> Option<(LogicalPlan, Vec<Expr>)> {
    let mut below = inner;
    loop {
        below = match below {
            LogicalPlan::Projection(projection) => &projection.input,
            LogicalPlan::Sort(sort) => &sort.input,
            LogicalPlan::Distinct(Distinct::All(input)) => input,
            _ => break,
        };
    }
    let mut conditions = Vec::new();
    while let LogicalPlan::Filter(filter) = below {
        conditions.extend(split_conjunction_owned(filter.predicate.clone()));
        below = &filter.input;
    }
    if conditions.is_empty() || reads_outer(below) {
        return None;
    }
    // What does not depend on the query around is asked before.
    let (asked, own): (Vec<_>, Vec<_>) = conditions.into_iter().partition(Expr::contains_outer);
    let mut rows = LogicalPlanBuilder::from(below.clone());
    for condition in own {
        rows = rows.filter(condition).ok()?;
    }
    rows.build().ok().filter(|_| !asked.is_empty()).map(|rows| (rows, asked))
}

/// Makes the answer of EXISTS a part of an expression.
pub(super) fn exists_beside(
    plan: LogicalPlan,
    exists: Exists,
    names: &AliasGenerator,
) -> Result<(LogicalPlan, Expr)> {
    let inner = lowered(exists.subquery, names)?;
    let count = names.next("__rows");
    let counted = || basic::rows().alias(&count);
    if !reads_outer(&inner) {
        let rows = LogicalPlanBuilder::from(inner).aggregate(Vec::<Expr>::new(), [counted()])?.build()?;
        let plan = LogicalPlanBuilder::from(rows).cross_join(plan)?.build()?;
        let none = bare(&count).eq(lit(0_i64));
        return Ok((plan, if exists.negated { none } else { Expr::Not(Box::new(none)) }));
    }
    let outer = Outer::of(&inner)?;
    let site = Site { outer: &outer, around: &plan, names };
    let carried = site.carry(inner, &outer.all())?;
    let groups: Vec<Expr> = carried.columns.values().cloned().map(Expr::Column).collect();
    let keys = LogicalPlanBuilder::from(carried.plan).aggregate(groups, [counted()])?.build()?;
    let same = same_values(&outer, &carried.columns)?;
    let plan = LogicalPlanBuilder::from(plan).join_on(keys, JoinType::Left, same)?.build()?;
    let there = bare(&count).is_not_null();
    Ok((plan, if exists.negated { Expr::Not(Box::new(there)) } else { there }))
}

/// Makes the answer of IN a part of an expression in which what is not known counts as false.
pub(super) fn in_beside(
    plan: LogicalPlan,
    test: InSubquery,
    names: &AliasGenerator,
) -> Result<(LogicalPlan, Expr)> {
    let (plan, value) = extended(plan, *test.expr, names)?;
    let keys = keys_of(&plan, test.subquery, names)?;
    let count = names.next("__rows");
    let (values, columns) = renamed(&keys.carried.columns, names);
    let groups = std::iter::once(Expr::Column(keys.key.clone())).chain(values);
    let distinct = LogicalPlanBuilder::from(keys.carried.plan.clone())
        .aggregate(groups, [basic::rows().alias(&count)])?
        .build()?;
    let mut conditions = same_values(&keys.outer, &columns)?;
    conditions.push(binary_expr(value.clone(), Operator::Eq, Expr::Column(keys.key.clone())));
    let plan = LogicalPlanBuilder::from(plan).join_on(distinct, JoinType::Left, conditions)?.build()?;
    let found = bare(&count).is_not_null();
    if !test.negated {
        return Ok((plan, found));
    }
    let (plan, unknown) = counted(plan, keys, names)?;
    Ok((plan, unknown.excluded(value).and(Expr::Not(Box::new(found)))))
}

/// Columns that count the values which a row is compared with.
struct Counted {
    all: String,
    nulls: String,
}

impl Counted {
    /// NOT IN is true where nothing is equal, and nothing could be: no value is null, unless there is nothing to compare with.
    fn excluded(&self, value: Expr) -> Expr {
        let (all, nulls) = (bare(&self.all), bare(&self.nulls));
        let nothing = all.clone().is_null().or(all.eq(lit(0_i64)));
        nothing.or(value.is_not_null().and(nulls.eq(lit(0_i64))))
    }
}

/// Puts the counts of the values of a subquery beside the rows of `plan`.
fn counted(plan: LogicalPlan, keys: Keys, names: &AliasGenerator) -> Result<(LogicalPlan, Counted)> {
    let counted = Counted { all: names.next("__rows"), nulls: names.next("__rows") };
    let mut of_null = basic::rows();
    if let Expr::AggregateFunction(AggregateFunction { params, .. }) = &mut of_null {
        params.filter = Some(Box::new(Expr::Column(keys.key).is_null()));
    }
    let (groups, columns) = renamed(&keys.carried.columns, names);
    let counts = LogicalPlanBuilder::from(keys.carried.plan)
        .aggregate(groups, [basic::rows().alias(&counted.all), of_null.alias(&counted.nulls)])?
        .build()?;
    let plan = if columns.is_empty() {
        LogicalPlanBuilder::from(counts).cross_join(plan)?.build()?
    } else {
        let same = same_values(&keys.outer, &columns)?;
        LogicalPlanBuilder::from(plan).join_on(counts, JoinType::Left, same)?.build()?
    };
    Ok((plan, counted))
}

/// The same columns under names of their own: what is read twice stands twice beside the same rows.
fn renamed(columns: &Columns, names: &AliasGenerator) -> (Vec<Expr>, Columns) {
    let mut exprs = Vec::with_capacity(columns.len());
    let mut renamed = Columns::new();
    for (index, column) in columns {
        let name = names.next("__outer");
        exprs.push(Expr::Column(column.clone()).alias(&name));
        renamed.insert(*index, Column::new_unqualified(name));
    }
    (exprs, renamed)
}

/// The values that a subquery of IN gives.
struct Keys {
    outer: Outer,
    /// One column, and those of outer values.
    carried: Carried,
    key: Column,
}

fn keys_of(around: &LogicalPlan, subquery: Subquery, names: &AliasGenerator) -> Result<Keys> {
    let inner = lowered(subquery, names)?;
    let [column] = inner.schema().columns().try_into().unwrap_or_else(|_| [Column::new_unqualified("")]);
    let outer = Outer::of(&inner)?;
    let carried = Site { outer: &outer, around, names }.carry(inner, &outer.all())?;
    let key = names.next("__key");
    let values = carried.columns.values().cloned().map(Expr::Column);
    let exprs = std::iter::once(Expr::Column(column).alias(&key)).chain(values);
    let plan = LogicalPlanBuilder::from(carried.plan).project(exprs.collect::<Vec<_>>())?.build()?;
    let carried = Carried { plan, columns: carried.columns };
    Ok(Keys { outer, carried, key: Column::new_unqualified(key) })
}

fn lowered(subquery: Subquery, names: &AliasGenerator) -> Result<LogicalPlan> {
    Ok(without_subqueries(std::sync::Arc::unwrap_or_clone(subquery.subquery), names)?.data)
}

fn bare(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
