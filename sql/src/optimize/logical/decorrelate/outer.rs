//! What a subquery reads of the query around it.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::logical_expr::{Expr, LogicalPlan};

/// Whether a plan reads something of the query around it.
pub(crate) fn reads_outer(plan: &LogicalPlan) -> bool {
    let reads = plan.exists(|node| {
        let mut found = false;
        node.apply_expressions(|expr| {
            found |= expr.contains_outer();
            Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })?;
        Ok(found)
    });
    reads.unwrap_or(true)
}

/// The values of the query around a subquery that it reads, each once. What depends on nothing but outer columns is one value:
/// only so can it be recognised in `column = f(outer)`.
#[derive(Debug, Default)]
pub(super) struct Outer {
    values: Vec<Expr>,
}

/// Columns that carry values, by the index of the value.
pub(super) type Columns = BTreeMap<usize, Column>;

impl Outer {
    /// The values that `plan` reads.
    pub(super) fn of(plan: &LogicalPlan) -> Result<Self> {
        let mut values = Vec::new();
        plan.apply(|node| {
            node.apply_expressions(|expr| {
                visit(expr, &mut |value| {
                    if !values.contains(value) {
                        values.push(value.clone());
                    }
                })?;
                Ok(TreeNodeRecursion::Continue)
            })
        })?;
        Ok(Self { values })
    }

    /// Indices of all.
    pub(super) fn all(&self) -> BTreeSet<usize> {
        (0..self.values.len()).collect()
    }

    /// The `index`-th as the query around the subquery computes it.
    pub(super) fn outside(&self, index: usize) -> Result<Expr> {
        outside(self.values[index].clone())
    }

    /// Which one `expr` is as a whole.
    pub(super) fn index(&self, expr: &Expr) -> Option<usize> {
        self.values.iter().position(|value| value == expr)
    }

    /// Indices of those that an expression reads.
    pub(super) fn read_by(&self, expr: &Expr) -> Result<BTreeSet<usize>> {
        let mut all = BTreeSet::new();
        visit(expr, &mut |value| all.extend(self.index(value)))?;
        Ok(all)
    }

    /// Indices of those that a node reads, without its inputs.
    pub(super) fn read_at(&self, node: &LogicalPlan) -> Result<BTreeSet<usize>> {
        let mut all = BTreeSet::new();
        node.apply_expressions(|expr| {
            all.extend(self.read_by(expr)?);
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(all)
    }

    /// Indices of those that a whole plan reads.
    pub(super) fn read_in(&self, plan: &LogicalPlan) -> Result<BTreeSet<usize>> {
        let mut all = BTreeSet::new();
        plan.apply(|node| {
            all.extend(self.read_at(node)?);
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(all)
    }

    /// `expr` over the columns that carry its values.
    pub(super) fn carried(&self, expr: Expr, columns: &Columns) -> Result<Expr> {
        expr.transform_down(|inner| {
            if !is_value(&inner)? {
                return Ok(Transformed::no(inner));
            }
            match self.index(&inner).and_then(|index| columns.get(&index)) {
                Some(column) => {
                    Ok(Transformed::new(Expr::Column(column.clone()), true, TreeNodeRecursion::Jump))
                }
                None => Ok(Transformed::no(inner)),
            }
        })
        .data()
    }

    /// The same under the name that it had.
    pub(super) fn carried_named(&self, expr: Expr, columns: &Columns) -> Result<Expr> {
        let name = expr.schema_name().to_string();
        let carried = self.carried(expr.clone(), columns)?;
        if carried == expr { Ok(carried) } else { carried.alias_if_changed(name) }
    }
}

/// An expression of a subquery as the query around it computes it.
pub(super) fn outside(expr: Expr) -> Result<Expr> {
    expr.transform(|inner| {
        Ok(match inner {
            Expr::OuterReferenceColumn(_, column) => Transformed::yes(Expr::Column(column)),
            other => Transformed::no(other),
        })
    })
    .data()
}

/// Calls `found` with each of the largest parts that are values of the query around.
fn visit(expr: &Expr, found: &mut impl FnMut(&Expr)) -> Result<()> {
    expr.apply(|inner| {
        if is_value(inner)? {
            found(inner);
            return Ok(TreeNodeRecursion::Jump);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

/// Whether an expression depends on columns of the query around the subquery and on nothing else.
fn is_value(expr: &Expr) -> Result<bool> {
    if !expr.contains_outer() {
        return Ok(false);
    }
    let depends = expr.exists(|inner| {
        let else_ = matches!(
            inner,
            Expr::Column(_) | Expr::AggregateFunction(_) | Expr::WindowFunction(_) | Expr::Alias(_)
        );
        Ok(else_ || inner.is_volatile_node())
    })?;
    Ok(!depends)
}
