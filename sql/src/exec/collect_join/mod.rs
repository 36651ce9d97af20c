//! Joins that read a side whole, in plans that are cut into stages.

mod wire;

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{JoinType, Result, Statistics};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{Distribution, PhysicalExpr};
use datafusion::physical_plan::execution_plan::CardinalityEffect;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, InputDistributionRequirements, PlanProperties,
    StatisticsArgs, replace_children_if_necessary,
};
use goldsmith_proto::plan::v1::collect_join::Side;

/// A join of the engine that reads its left side, or both, whole, in every task that does a part of it.
///
/// ```text
///   left ──▶ one stage ──▶ all of its rows ──▶ hash table of each task ──▶ rows of the task's partitions of the right
/// ```
///
/// The join itself is the engine's. It has another name here because Ballista turns joins that collect their left side back
/// into joins of hashed partitions after everything above them was planned, and lets tasks do joins apart from each other
/// that have to know of all rows of the right side.
///
/// - **Shape:** that of the join; partitions and order of the right side, or one partition where both are collected
/// - **Memory:** the left side, in every task
/// - **Cancel:** safe to drop
#[derive(Debug, Clone)]
pub struct CollectJoinExec {
    join: Arc<dyn ExecutionPlan>,
    collects: Side,
}

impl CollectJoinExec {
    /// `join`, of which every task reads the whole left side and partitions of the right one.
    ///
    /// It has to be of a [type](Self::is_decided_on_the_right) for which that is enough.
    pub(crate) fn left(join: Arc<dyn ExecutionPlan>) -> Self {
        Self { join, collects: Side::Left }
    }

    /// `join`, done by one task.
    pub(crate) fn both(join: Arc<dyn ExecutionPlan>) -> Self {
        Self { join, collects: Side::Both }
    }

    /// Whether all rows of such a join come of a row of the right side. Of other types every task would give the rows of the
    /// left side that its own partitions have no match for.
    #[must_use]
    pub(crate) const fn is_decided_on_the_right(join_type: JoinType) -> bool {
        use JoinType::{Inner, Right, RightAnti, RightMark, RightSemi};
        matches!(join_type, Inner | Right | RightSemi | RightAnti | RightMark)
    }
}

impl DisplayAs for CollectJoinExec {
    fn fmt_as(&self, t: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.collects {
            Side::Left => "left",
            Side::Both => "both",
        };
        write!(f, "CollectJoinExec: collects={side}, ")?;
        self.join.fmt_as(t, f)
    }
}

impl ExecutionPlan for CollectJoinExec {
    fn name(&self) -> &'static str {
        "CollectJoinExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.join.properties()
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        // Also what tells Ballista to give all of a side to every task.
        let right = match self.collects {
            Side::Left => Distribution::UnspecifiedDistribution,
            Side::Both => Distribution::SinglePartition,
        };
        InputDistributionRequirements::new(vec![Distribution::SinglePartition, right])
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        self.join.maintains_input_order()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.join.children()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.join.apply_expressions(f)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let join = replace_children_if_necessary(Arc::clone(&self.join), children)?;
        Ok(Arc::new(Self { join, collects: self.collects }))
    }

    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        let join = Arc::clone(&self.join).reset_state()?;
        Ok(Arc::new(Self { join, collects: self.collects }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.join.execute(partition, context)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        self.join.metrics()
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        self.join.child_stats_requests(partition)
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        self.join.statistics_from_inputs(inputs, args)
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        self.join.cardinality_effect()
    }
}
