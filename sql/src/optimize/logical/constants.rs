//! Expressions that depend on no row are computed once.

use std::sync::Arc;

use arrow::datatypes::Schema;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{BinaryExpr, ColumnarValue, EmptyRelation, Expr, LogicalPlan, Operator};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};
use datafusion::physical_expr::create_physical_expr;

/// Computes constants, and drops what they decide of AND and OR. Both keep the meaning of null: `true AND x` is `x` and
/// `false AND x` is false whatever `x` is.
#[derive(Debug, Default)]
pub(crate) struct FoldConstants;

impl OptimizerRule for FoldConstants {
    fn name(&self) -> &str {
        "fold_constants"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        // Rows of VALUES are what they are; joins need their keys as columns.
        if matches!(plan, LogicalPlan::Values(_) | LogicalPlan::TableScan(_)) {
            return Ok(Transformed::no(plan));
        }
        let names = NamePreserver::new(&plan);
        let folded = plan.map_expressions(|expr| {
            let name = names.save(&expr);
            Ok(folded(expr)?.update_data(|expr| name.restore(expr)))
        })?;
        folded.transform_data(without_constant_filter)
    }
}

/// A filter that keeps all rows, or none. Left to itself it would be moved below aggregations, which give a row of nothing.
fn without_constant_filter(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let LogicalPlan::Filter(filter) = &plan else { return Ok(Transformed::no(plan)) };
    match &filter.predicate {
        Expr::Literal(ScalarValue::Boolean(Some(true)), _) => {
            Ok(Transformed::yes(LogicalPlan::clone(&filter.input)))
        }
        Expr::Literal(..) => {
            let schema = Arc::clone(filter.input.schema());
            Ok(Transformed::yes(LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema })))
        }
        _ => Ok(Transformed::no(plan)),
    }
}

fn folded(expr: Expr) -> Result<Transformed<Expr>> {
    expr.transform_down_up(
        |inner| {
            // Its arguments are part of its meaning: `lag(x, 1)`, `first(x, true)`, groups and their sets.
            if matches!(inner, Expr::WindowFunction(_) | Expr::AggregateFunction(_) | Expr::GroupingSet(_)) {
                return Ok(Transformed::new(inner, false, TreeNodeRecursion::Jump));
            }
            match constant(&inner) {
                Some(value) => {
                    Ok(Transformed::new(Expr::Literal(value, None), true, TreeNodeRecursion::Jump))
                }
                None => Ok(Transformed::no(inner)),
            }
        },
        |inner| Ok(decided(inner)),
    )
}

/// Drops sides of AND and OR that are constant.
fn decided(expr: Expr) -> Transformed<Expr> {
    let Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right }) = expr else {
        return Transformed::no(expr);
    };
    let truth = |expr: &Expr| match expr {
        Expr::Literal(ScalarValue::Boolean(value), _) => *value,
        _ => None,
    };
    let neutral = op == Operator::And;
    match (truth(&left), truth(&right)) {
        (Some(value), _) => Transformed::yes(if value == neutral { *right } else { *left }),
        (_, Some(value)) => Transformed::yes(if value == neutral { *left } else { *right }),
        _ => Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })),
    }
}

/// The value of an expression that is the same in every row; nothing if it is not, is a literal already, or fails: then it
/// fails where a row asks for it.
pub(crate) fn constant(expr: &Expr) -> Option<ScalarValue> {
    if matches!(expr, Expr::Literal(..) | Expr::Alias(_)) || !is_constant(expr) {
        return None;
    }
    let schema = DFSchema::empty();
    let computed =
        create_physical_expr(expr, &schema, &ExecutionProps::new(), &PhysicalPlanningContext::default())
            .ok()?;
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let one = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &options).ok()?;
    match computed.evaluate(&one).ok()? {
        ColumnarValue::Scalar(value) => Some(value),
        ColumnarValue::Array(values) if values.len() == 1 => ScalarValue::try_from_array(&values, 0).ok(),
        ColumnarValue::Array(_) => None,
    }
}

fn is_constant(expr: &Expr) -> bool {
    let depends = expr.exists(|inner| {
        let depends = match inner {
            Expr::Column(_)
            | Expr::OuterReferenceColumn(..)
            | Expr::ScalarVariable(..)
            | Expr::Placeholder(_)
            | Expr::AggregateFunction(_)
            | Expr::WindowFunction(_)
            | Expr::GroupingSet(_)
            | Expr::Exists(_)
            | Expr::InSubquery(_)
            | Expr::ScalarSubquery(_)
            | Expr::Unnest(_) => true,
            #[expect(deprecated, reason = "as long as the engine has it, it is no constant")]
            Expr::Wildcard { .. } => true,
            // Lambdas have variables.
            Expr::HigherOrderFunction(_) | Expr::Lambda(_) | Expr::LambdaVariable(_) => true,
            other => other.is_volatile_node(),
        };
        Ok(depends)
    });
    matches!(depends, Ok(false))
}
