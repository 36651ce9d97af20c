//! Aggregations: groups and aggregate functions become columns.

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::GroupingSet;
use datafusion::logical_expr::utils::{find_aggregate_exprs, find_window_exprs};
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, LogicalPlanBuilder};

use super::query::build;
use super::select::Groups;
use super::{Planner, bare};
use crate::bind::{evaluate, normalized, same};
use crate::error::{Result, SqlError};
use crate::functions::aggregate::basic;
use crate::functions::aggregate::grouping::{self, GROUPING_ID};
use crate::position::Position;

/// Returns the aggregate functions of expressions, each once; those inside of window functions as well.
pub(super) fn aggregates_in<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> Vec<Expr> {
    find_aggregate_exprs(exprs)
}

/// Returns the window functions of expressions, each once.
pub(super) fn windows_in<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> Vec<Expr> {
    find_window_exprs(exprs.into_iter().cloned().collect::<Vec<_>>().as_slice())
}

/// Replaces expressions by the columns that hold them.
pub(super) struct Rewrite {
    replacements: Vec<(Expr, Expr)>,
}

impl Rewrite {
    pub(super) fn of_windows(windows: &[Expr]) -> Self {
        let column = |window: &Expr| Expr::Column(Column::new_unqualified(window.schema_name().to_string()));
        Self { replacements: windows.iter().map(|window| (window.clone(), column(window))).collect() }
    }

    /// Columns that hold what is computed below.
    pub(super) const fn of(replacements: Vec<(Expr, Expr)>) -> Self {
        Self { replacements }
    }

    pub(super) fn apply(&self, expr: &mut Expr) -> Result<()> {
        let rewritten = std::mem::take(expr)
            .transform_down(|inner| {
                Ok(match self.replacements.iter().find(|(from, _)| same(from, &inner)) {
                    Some((_, to)) => Transformed::new(to.clone(), true, TreeNodeRecursion::Jump),
                    None => Transformed::no(inner),
                })
            })
            .data();
        *expr = rewritten.map_err(SqlError::plan)?;
        Ok(())
    }

    /// Returns a column that none of the replacements gives.
    pub(super) fn stray_column(&self, expr: &Expr) -> Option<Column> {
        let mut stray = None;
        let walked = expr.apply(|inner| {
            if self.replacements.iter().any(|(_, to)| to == inner) {
                return Ok(TreeNodeRecursion::Jump);
            }
            if let Expr::Column(column) = inner {
                stray = Some(column.clone());
                return Ok(TreeNodeRecursion::Stop);
            }
            Ok(TreeNodeRecursion::Continue)
        });
        walked.ok().and(stray)
    }
}

impl Planner<'_> {
    pub(super) fn aggregate(
        &mut self,
        plan: LogicalPlan,
        groups: Groups,
        aggregates: Vec<Expr>,
        position: Position,
    ) -> Result<(LogicalPlan, Rewrite)> {
        let mut replacements = Vec::new();
        let mut columns = Vec::new();
        let mut plan = plan;
        let with_sets = !groups.sets.is_empty();
        let mut computed = Vec::new();
        for typed in &groups.exprs {
            let from = typed.expr.clone();
            let key = normalized(typed.clone()).expr;
            // Sets take columns only, so what is computed is projected first. A column may be aggregated as well, so
            // that its group has a name of its own there.
            if with_sets || !matches!(key, Expr::Column(_)) {
                let name = self.fresh("group");
                if with_sets {
                    computed.push(key.alias(&name));
                    columns.push(bare(&name));
                } else {
                    columns.push(key.alias(&name));
                }
                // A constant is the same in every group, and its zero keeps the sign that it has.
                let constant = !with_sets && evaluate(typed).is_some();
                let to = if constant { from.clone() } else { bare(&name) };
                replacements.push((from, to));
            } else {
                replacements.push((from, key.clone()));
                columns.push(key);
            }
        }
        if !computed.is_empty() {
            let all = plan.schema().columns().into_iter().map(Expr::Column).chain(computed);
            plan = build(LogicalPlanBuilder::from(plan).project(all.collect::<Vec<_>>()))?;
        }
        let (grouping_calls, aggregates): (Vec<Expr>, Vec<Expr>) =
            aggregates.into_iter().partition(grouping::is_call);
        if !grouping_calls.is_empty() && !with_sets {
            return Err(SqlError::unsupported(
                "grouping and grouping_id without ROLLUP, CUBE or GROUPING SETS",
                position,
            ));
        }
        for call in grouping_calls {
            let to = grouping::rewrite(&call, &groups.exprs)?;
            replacements.push((call, to));
        }
        let mut named = Vec::with_capacity(aggregates.len());
        for aggregate in aggregates {
            let name = self.fresh("agg");
            replacements.push((aggregate.clone(), bare(&name)));
            named.push(aggregate.alias(name));
        }
        let over_nothing =
            groups.plain.is_empty() && groups.sets.iter().all(|sets| sets.iter().any(Vec::is_empty));
        let counted = (with_sets && over_nothing).then(|| self.fresh("rows"));
        named.extend(counted.as_ref().map(|name| basic::rows().alias(name)));
        let keys = if with_sets {
            vec![Expr::GroupingSet(GroupingSet::GroupingSets(grouping_sets(&groups, &columns)))]
        } else {
            columns
        };
        let plan = Aggregate::try_new(std::sync::Arc::new(plan), keys, named)
            .map(LogicalPlan::Aggregate)
            .map_err(SqlError::plan)?;
        debug_assert!(!with_sets || plan.schema().has_column_with_unqualified_name(GROUPING_ID));
        // Of no rows at all Spark makes no groups here, the engine the one that sums over everything.
        let plan = match counted {
            Some(name) => {
                let zero = Expr::Literal(ScalarValue::Int64(Some(0)), None);
                build(LogicalPlanBuilder::from(plan).filter(bare(&name).gt(zero)))?
            }
            None => plan,
        };
        Ok((plan, Rewrite { replacements }))
    }
}

/// Combines plain columns and all the lists of sets: every combination is a set.
fn grouping_sets(groups: &Groups, columns: &[Expr]) -> Vec<Vec<Expr>> {
    let mut combined: Vec<Vec<usize>> = vec![groups.plain.clone()];
    for sets in &groups.sets {
        combined = combined
            .iter()
            .flat_map(|before| {
                sets.iter().map(move |set| before.iter().chain(set).copied().collect::<Vec<usize>>())
            })
            .collect();
    }
    combined
        .into_iter()
        .map(|mut set| {
            set.sort_unstable();
            set.dedup();
            set.into_iter().map(|index| columns[index].clone()).collect()
        })
        .collect()
}
