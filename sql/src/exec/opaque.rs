//! Rows of which the engine is not told what it would misuse.

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, Statistics, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::CardinalityEffect;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
    StatisticsArgs,
};

/// The rows of its input, of which nothing is known but how they are spread: neither an order, nor that a column has one value,
/// nor, unless it is asked for, that two columns are equal. So sorts stay above it.
///
/// - **Shape:** that of the input
/// - **Memory:** none
/// - **Cancel:** safe to drop
#[derive(Debug)]
pub struct OpaqueExec {
    input: Arc<dyn ExecutionPlan>,
    tells_equal_columns: bool,
    properties: Arc<PlanProperties>,
}

impl OpaqueExec {
    /// Hides what is known of `input`, but for which of its columns are equal if `tells_equal_columns`: rows that are apart by one
    /// of them are apart by the other.
    ///
    /// # Errors
    /// If the columns are not those of `input`.
    pub fn try_new(input: Arc<dyn ExecutionPlan>, tells_equal_columns: bool) -> Result<Self> {
        let mut properties = opaque(&input, false);
        if tells_equal_columns {
            for class in input.equivalence_properties().eq_group().iter() {
                let mut columns = class.iter().filter(|expr| expr.is::<Column>());
                let Some(first) = columns.next() else { continue };
                for other in columns {
                    properties.eq_properties.add_equal_conditions(Arc::clone(first), Arc::clone(other))?;
                }
            }
        }
        Ok(Self { input, tells_equal_columns, properties: Arc::new(properties) })
    }

    /// Whether it is known which of its columns are equal.
    #[must_use]
    pub const fn tells_equal_columns(&self) -> bool {
        self.tells_equal_columns
    }
}

/// What is told of `input` where nothing is known of its rows but how they are spread and, if it stays, their order.
pub(crate) fn opaque(input: &Arc<dyn ExecutionPlan>, keeps_order: bool) -> PlanProperties {
    let mut known = EquivalenceProperties::new(input.schema());
    if let Some(order) = input.output_ordering().filter(|_| keeps_order) {
        known.add_ordering(order.clone());
    }
    PlanProperties::new(
        known,
        input.output_partitioning().clone(),
        input.pipeline_behavior(),
        input.boundedness(),
    )
}

impl DisplayAs for OpaqueExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpaqueExec")
    }
}

impl ExecutionPlan for OpaqueExec {
    fn name(&self) -> &'static str {
        "OpaqueExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Ok([input]) = <[_; 1]>::try_from(children) else {
            return internal_err!("OpaqueExec has one child");
        };
        Ok(Arc::new(Self::try_new(input, self.tells_equal_columns)?))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.input.execute(partition, context)
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        match inputs {
            [input] => Ok(Arc::new(input.as_ref().clone().to_inexact())),
            _ => internal_err!("OpaqueExec has one child"),
        }
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::Equal
    }
}
