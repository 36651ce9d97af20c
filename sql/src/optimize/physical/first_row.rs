//! `row_number() = 1` without sorting.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, CastExpr, Column, Literal};
use datafusion::physical_expr::window::StandardWindowExpr;
use datafusion::physical_expr::{PhysicalExpr, conjunction, split_conjunction};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowUDFExpr};

use crate::exec::FirstRowExec;

/// Replaces the filter `row_number() = 1` and the window below it by a [`FirstRowExec`].
///
/// ```text
///   FilterExec: rn = 1 [AND …]           [FilterExec: …]
///     [ProjectionExec]                     [ProjectionExec]
///       BoundedWindowAggExec: row_number     ProjectionExec: columns, 1 AS rn
///         input                                FirstRowExec: key, order
///                                                input
/// ```
///
/// It runs before the engine adds sorts and shuffles, so nothing that the window would have needed is there yet.
#[derive(Debug)]
pub(crate) struct KeepFirstRow;

impl PhysicalOptimizerRule for KeepFirstRow {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            Ok(match rewritten(&node)? {
                Some(new) => Transformed::yes(new),
                None => Transformed::no(node),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "KeepFirstRow"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn rewritten(node: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(filter) = node.downcast_ref::<FilterExec>() else { return Ok(None) };
    // Between them the engine leaves a projection where the window's input has columns that nobody reads behind it.
    let between = filter.input().downcast_ref::<ProjectionExec>();
    let below = between.map_or(filter.input(), ProjectionExec::input);
    let Some(window) = below.downcast_ref::<BoundedWindowAggExec>() else { return Ok(None) };
    let [numbered] = window.window_expr() else { return Ok(None) };
    if !is_row_number(numbered.as_any().downcast_ref::<StandardWindowExpr>())
        || numbered.partition_by().is_empty()
        || filter.fetch().is_some()
    {
        return Ok(None);
    }
    let number = window.input().schema().fields().len();
    let is_number = |column: &Column| match between {
        None => column.index() == number,
        Some(between) => between
            .expr()
            .get(column.index())
            .and_then(|projected| projected.expr.downcast_ref::<Column>())
            .is_some_and(|projected| projected.index() == number),
    };
    let (found, others): (Vec<_>, Vec<_>) = split_conjunction(filter.predicate())
        .into_iter()
        .cloned()
        .partition(|condition| keeps_only_one(condition, &is_number));
    if found.is_empty() {
        return Ok(None);
    }
    let (keys, order) = (numbered.partition_by().to_vec(), numbered.order_by().to_vec());
    let first = Arc::new(FirstRowExec::new(Arc::clone(window.input()), keys, order));
    // Whoever reads the number above finds a 1 in its place.
    let fields = window.schema();
    let columns = fields.fields().iter().enumerate().map(|(index, field)| {
        let expr: Arc<dyn PhysicalExpr> = if index == number {
            Arc::new(Literal::new(ScalarValue::UInt64(Some(1))))
        } else {
            Arc::new(Column::new(field.name(), index))
        };
        ProjectionExpr { expr, alias: field.name().clone() }
    });
    let mut plan: Arc<dyn ExecutionPlan> = Arc::new(ProjectionExec::try_new(columns, first)?);
    if let Some(between) = between {
        plan = Arc::new(ProjectionExec::try_new(between.expr().to_vec(), plan)?);
    }
    if !others.is_empty() {
        plan = Arc::new(
            FilterExecBuilder::new(conjunction(others), plan)
                .with_default_selectivity(filter.default_selectivity())
                .build()?,
        );
    }
    if let Some(projection) = filter.projection() {
        let schema = plan.schema();
        let columns = projection.iter().map(|&index| {
            let name = schema.field(index).name();
            ProjectionExpr { expr: Arc::new(Column::new(name, index)), alias: name.clone() }
        });
        plan = Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), plan)?);
    }
    Ok(Some(plan))
}

fn is_row_number(window: Option<&StandardWindowExpr>) -> bool {
    let function = window.map(|window| window.get_standard_func_expr().as_any());
    function
        .and_then(|function| function.downcast_ref::<WindowUDFExpr>())
        .is_some_and(|function| function.fun().name() == "row_number")
}

/// Whether `condition` holds for the number 1 and no other, of those that the number's column may have (1, 2, …).
fn keeps_only_one(condition: &Arc<dyn PhysicalExpr>, is_number: &impl Fn(&Column) -> bool) -> bool {
    let Some(comparison) = condition.downcast_ref::<BinaryExpr>() else { return false };
    let sides = |column: &Arc<dyn PhysicalExpr>, literal: &Arc<dyn PhysicalExpr>| {
        reads(column, is_number).then(|| integer(literal)).flatten()
    };
    if let Some(bound) = sides(comparison.left(), comparison.right()) {
        return matches!((comparison.op(), bound), (Operator::Eq | Operator::LtEq, 1) | (Operator::Lt, 2));
    }
    let Some(bound) = sides(comparison.right(), comparison.left()) else { return false };
    matches!((comparison.op(), bound), (Operator::Eq | Operator::GtEq, 1) | (Operator::Gt, 2))
}

fn reads(expr: &Arc<dyn PhysicalExpr>, is_number: &impl Fn(&Column) -> bool) -> bool {
    // Spark's numbers are ints, the engine's unsigned bigints: 1 and 2 are the same in both.
    let inner = expr.downcast_ref::<CastExpr>().map_or(expr, CastExpr::expr);
    inner.downcast_ref::<Column>().is_some_and(is_number)
}

fn integer(expr: &Arc<dyn PhysicalExpr>) -> Option<i128> {
    match expr.downcast_ref::<Literal>()?.value() {
        ScalarValue::Int8(value) => value.map(Into::into),
        ScalarValue::Int16(value) => value.map(Into::into),
        ScalarValue::Int32(value) => value.map(Into::into),
        ScalarValue::Int64(value) => value.map(Into::into),
        ScalarValue::UInt64(value) => value.map(Into::into),
        _ => None,
    }
}
