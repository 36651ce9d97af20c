//! Keys of joins.

use datafusion::common::tree_node::Transformed;
use datafusion::common::{NullEquality, Result};
use datafusion::logical_expr::utils::{
    can_hash, conjunction, find_valid_equijoin_key_pair, split_conjunction_owned,
};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Join, LogicalPlan, Operator};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// Takes the equalities of a join's condition for its keys, so that rows are found by them.
///
/// Whether nulls are equal is a property of all keys of a join together. The engine's own rule adds keys of one kind to those of
/// the other when it runs a second time, and rows with nulls come or go; here `=` and `<=>` never meet: the one that is there
/// first stays alone, and the others remain conditions.
#[derive(Debug, Default)]
pub(crate) struct ExtractJoinKeys;

impl OptimizerRule for ExtractJoinKeys {
    fn name(&self) -> &str {
        "extract_join_keys"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Join(mut join) = plan else { return Ok(Transformed::no(plan)) };
        let Some(filter) = join.filter.take() else { return Ok(Transformed::no(LogicalPlan::Join(join))) };
        let kinds: &[_] = match (join.on.is_empty(), join.null_equality) {
            (true, _) => &[NullEquality::NullEqualsNothing, NullEquality::NullEqualsNull],
            (false, NullEquality::NullEqualsNothing) => &[NullEquality::NullEqualsNothing],
            (false, NullEquality::NullEqualsNull) => &[NullEquality::NullEqualsNull],
        };
        let mut rest = split_conjunction_owned(filter);
        for kind in kinds {
            let (keys, others) = keys(rest, *kind, &join)?;
            rest = others;
            if !keys.is_empty() {
                join.on.extend(keys);
                join.null_equality = *kind;
                join.filter = conjunction(rest);
                return Ok(Transformed::yes(LogicalPlan::Join(join)));
            }
        }
        join.filter = conjunction(rest);
        Ok(Transformed::no(LogicalPlan::Join(join)))
    }
}

/// An expression of the left side, and the one of the right that it equals.
type Key = (Expr, Expr);

/// Keys of `join` that are among `conditions`, and the others.
fn keys(conditions: Vec<Expr>, kind: NullEquality, join: &Join) -> Result<(Vec<Key>, Vec<Expr>)> {
    let wanted = match kind {
        NullEquality::NullEqualsNothing => Operator::Eq,
        NullEquality::NullEqualsNull => Operator::IsNotDistinctFrom,
    };
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for condition in conditions {
        let pair = match &condition {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) if *op == wanted => {
                let (one, other) = (join.left.schema(), join.right.schema());
                find_valid_equijoin_key_pair(left, right, one, other)?
            }
            _ => None,
        };
        match pair {
            Some((one, other)) if can_hash(&one.get_type(join.left.schema())?) => found.push((one, other)),
            _ => others.push(condition),
        }
    }
    Ok((found, others))
}
