//! What a stage knows of another.

use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, plan_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::ensure_requirements::EnsureRequirements;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, replace_children_if_necessary,
};

use crate::exec::opaque;

/// How often requirements are looked at again: what is added is a boundary itself.
const ROUNDS: usize = 4;

/// Adds the shuffles and sorts that were left out for what is known of rows beyond a shuffle.
///
/// The engine leaves out what equalities and constants make needless: rows with `a = b` that are apart by `a` are apart by `b`.
/// Where a plan is cut into stages, nothing of that is known behind the cut. There Ballista looks for requirements that are
/// not met, and mends them inside of the stage, where it is too late.
#[derive(Debug)]
pub(crate) struct StageRequirements(EnsureRequirements);

impl StageRequirements {
    pub(crate) fn new() -> Self {
        Self(EnsureRequirements::new())
    }
}

impl PhysicalOptimizerRule for StageRequirements {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut plan = plan;
        for _ in 0..ROUNDS {
            let cut = cut(plan)?;
            plan = cut.data;
            if !cut.transformed {
                return joined(plan);
            }
            plan = self.0.optimize(plan, config)?;
        }
        plan_err!("shuffles and sorts between stages make each other necessary, {ROUNDS} times over")
    }

    fn name(&self) -> &str {
        "StageRequirements"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Puts a [`Boundary`] below everything that ends a stage and has none yet.
fn cut(plan: Arc<dyn ExecutionPlan>) -> Result<Transformed<Arc<dyn ExecutionPlan>>> {
    plan.transform_up(|node| {
        if !ends_stage(&node) {
            return Ok(Transformed::no(node));
        }
        let input = Arc::clone(node.children()[0]);
        if input.is::<Boundary>() {
            return Ok(Transformed::no(node));
        }
        // Merging is what an order is kept for. Whoever else reads partitions of another stage is told of none.
        let keeps_order = node.is::<SortPreservingMergeExec>();
        let boundary = Arc::new(Boundary::new(input, keeps_order));
        replace_children_if_necessary(node, vec![boundary]).map(Transformed::yes)
    })
}

fn joined(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|node| {
        Ok(match node.downcast_ref::<Boundary>() {
            Some(boundary) => Transformed::yes(Arc::clone(&boundary.input)),
            None => Transformed::no(node),
        })
    })
    .data()
}

fn ends_stage(node: &Arc<dyn ExecutionPlan>) -> bool {
    node.downcast_ref::<RepartitionExec>()
        .is_some_and(|shuffle| matches!(shuffle.partitioning(), Partitioning::Hash(..)))
        || node.is::<CoalescePartitionsExec>()
        || node.is::<SortPreservingMergeExec>()
}

/// Rows of which nothing is known but how they are spread, and perhaps their order. It is in a plan only while the plan is looked at.
#[derive(Debug)]
struct Boundary {
    input: Arc<dyn ExecutionPlan>,
    /// Whether the order of rows within a partition is known as well: they are written as they come.
    keeps_order: bool,
    properties: Arc<PlanProperties>,
}

impl Boundary {
    fn new(input: Arc<dyn ExecutionPlan>, keeps_order: bool) -> Self {
        let properties = Arc::new(opaque(&input, keeps_order));
        Self { input, keeps_order, properties }
    }
}

impl DisplayAs for Boundary {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Boundary")
    }
}

impl ExecutionPlan for Boundary {
    fn name(&self) -> &'static str {
        "Boundary"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![self.keeps_order]
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
        let input = children.into_iter().next().unwrap_or_else(|| Arc::clone(&self.input));
        Ok(Arc::new(Self::new(input, self.keeps_order)))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.input.execute(partition, context)
    }
}
