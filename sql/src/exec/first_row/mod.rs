//! The node that keeps the first row of every key.

mod gather;
mod sorted;
#[cfg(test)]
mod tests;
mod wire;

use std::fmt;
use std::sync::Arc;

use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, Statistics, internal_err};
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{Distribution, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::execution_plan::{CardinalityEffect, EmissionType};
use datafusion::physical_plan::metrics::{
    BaselineMetrics, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, PlanProperties, StatisticsArgs, apply_expression_roots,
};
use futures::{StreamExt, TryStreamExt};

use self::gather::FirstRows;

/// Keeps, of all rows with the same key, the one that an order puts first: `row_number() OVER (PARTITION BY key ORDER BY
/// order) = 1` without sorting all rows.
///
/// ```text
///   input ──▶ rows in memory, one hash entry per key ──▶ batches without the rows that lost
///                    │ no memory left
///                    └──▶ sort by key and order (spills) ──▶ first row of each run
/// ```
///
/// - **Shape:** columns and partitions of the input; rows of a key are in one partition (the node asks for that)
/// - **Order:** none. Of rows that are equal in key and order, any one is kept
/// - **Memory:** the input's rows and 16 bytes a key, or what a sort is granted once the pool refuses more
/// - **Cancel:** safe to drop
#[derive(Debug, Clone)]
pub struct FirstRowExec {
    input: Arc<dyn ExecutionPlan>,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    /// Those of the keys that tell partitions apart.
    partition_keys: Vec<Arc<dyn PhysicalExpr>>,
    order: Vec<PhysicalSortExpr>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl FirstRowExec {
    /// Keeps the first row by `order` for each value of `keys`. Nulls are equal to each other, as in GROUP BY.
    #[must_use]
    pub fn new(
        input: Arc<dyn ExecutionPlan>,
        keys: Vec<Arc<dyn PhysicalExpr>>,
        order: Vec<PhysicalSortExpr>,
    ) -> Self {
        // Where memory runs out rows come in another order, so that of the input is not promised.
        let mut equivalences = input.equivalence_properties().clone();
        equivalences.clear_orderings();
        let properties = PlanProperties::new(
            equivalences,
            input.output_partitioning().clone(),
            EmissionType::Final,
            input.boundedness(),
        );
        let (partition_keys, metrics) = (keys.clone(), ExecutionPlanMetricsSet::new());
        Self { input, keys, partition_keys, order, properties: Arc::new(properties), metrics }
    }

    /// The same node, which asks for rows to be in one partition that have the same values of `partition_keys`: coarser
    /// partitions than its keys need, but the ones that a node above it needs. None unless all of them are keys.
    #[must_use]
    pub fn with_partition_keys(&self, partition_keys: &[Arc<dyn PhysicalExpr>]) -> Option<Self> {
        let are_keys = partition_keys.iter().all(|key| self.keys.contains(key));
        let partition_keys = partition_keys.to_vec();
        (are_keys && !partition_keys.is_empty()).then(|| Self { partition_keys, ..self.clone() })
    }
}

impl DisplayAs for FirstRowExec {
    fn fmt_as(&self, _t: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        let order: Vec<String> = self.order.iter().map(ToString::to_string).collect();
        write!(f, "FirstRowExec: key=[{}], order=[{}]", keys.join(", "), order.join(", "))?;
        if self.partition_keys != self.keys {
            let partition_keys: Vec<String> = self.partition_keys.iter().map(ToString::to_string).collect();
            write!(f, ", partitioned_by=[{}]", partition_keys.join(", "))?;
        }
        Ok(())
    }
}

impl ExecutionPlan for FirstRowExec {
    fn name(&self) -> &'static str {
        "FirstRowExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![Distribution::KeyPartitioned(self.partition_keys.clone())])
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        apply_expression_roots(self.keys.iter().chain(self.order.iter().map(|sort| &sort.expr)), f)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Ok([input]) = <[_; 1]>::try_from(children) else {
            return internal_err!("FirstRowExec has one child");
        };
        let new = Self::new(input, self.keys.clone(), self.order.clone());
        Ok(Arc::new(Self { partition_keys: self.partition_keys.clone(), ..new }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut input = self.input.execute(partition, Arc::clone(&context))?;
        let schema = self.schema();
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let spills = MetricBuilder::new(&self.metrics).counter("sorted_for_lack_of_memory", partition);
        let (keys, order) = (self.keys.clone(), self.order.clone());
        let own_schema = Arc::clone(&schema);
        let output = async move {
            let schema = own_schema;
            // Not before it is asked for rows: some pools divide what they have among all who may spill.
            let reservation = MemoryConsumer::new(format!("FirstRowExec[{partition}]"))
                .with_can_spill(true)
                .register(context.memory_pool());
            let mut rows = FirstRows::new(keys.clone(), order.clone(), reservation);
            while let Some(batch) = input.next().await.transpose()? {
                let timer = metrics.elapsed_compute().timer();
                let refused = rows.add(batch)?;
                drop(timer);
                if let Some(refused) = refused {
                    spills.add(1);
                    let unsorted = rows.into_batches().chain([Ok(refused)]);
                    let unsorted = futures::stream::iter(unsorted).chain(input);
                    return sorted::first_rows(schema, unsorted.boxed(), keys, order, &context);
                }
            }
            let output = futures::stream::iter(rows.into_first_rows())
                .inspect_ok(move |batch| metrics.record_output(batch.num_rows()));
            Ok(Box::pin(RecordBatchStreamAdapter::new(schema, output)) as SendableRecordBatchStream)
        };
        let output = futures::stream::once(output).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, output)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let mut statistics = Statistics::new_unknown(&self.schema());
        if let Some(input) = inputs.first() {
            // At most as many; most keys occur once.
            statistics.num_rows = input.num_rows.to_inexact();
            statistics.total_byte_size = match input.total_byte_size {
                Precision::Absent => Precision::Absent,
                known => known.to_inexact(),
            };
        }
        Ok(Arc::new(statistics))
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::LowerEqual
    }
}
