//! The registry of plan nodes that travel: the scheduler and every executor use this one.
//!
//! A node's own encoding stands beside the node.

use std::sync::Arc;

use datafusion::common::{Result as DfResult, internal_datafusion_err};
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::ScalarUDF;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use goldsmith_proto::plan::v1::plan_node::Node;
use goldsmith_proto::plan::v1::{Opaque, PlanNode};
use goldsmith_sql::exec::{CollectJoinExec, FirstRowExec, OpaqueExec};
use prost::Message;

use crate::exec::read::{RENAME_FIELDS, rename_fields};
use crate::exec::{DeltaReadExec, DeltaWriteExec};

/// First byte of a node of ours.
const OURS: u8 = 1;
/// First byte of any other.
const OTHER: u8 = 0;

/// Encodes the nodes of goldsmith, and leaves all others to another codec. Functions travel by their names, which are those
/// of the registry that scheduler and executors share.
#[derive(Debug)]
pub struct PlanCodec {
    /// For the nodes of the engine that distributes plans.
    other: Arc<dyn PhysicalExtensionCodec>,
}

impl PlanCodec {
    /// A codec that leaves what it does not know to `other`.
    #[must_use]
    pub fn new(other: Arc<dyn PhysicalExtensionCodec>) -> Self {
        Self { other }
    }
}

impl PhysicalExtensionCodec for PlanCodec {
    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        buf: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> DfResult<()> {
        let ours = if let Some(write) = node.downcast_ref::<DeltaWriteExec>() {
            Node::DeltaWrite(write.to_proto())
        } else if let Some(read) = node.downcast_ref::<DeltaReadExec>() {
            Node::DeltaRead(read.to_proto())
        } else if let Some(first) = node.downcast_ref::<FirstRowExec>() {
            Node::FirstRow(first.to_proto(self, converter)?)
        } else if let Some(join) = node.downcast_ref::<CollectJoinExec>() {
            Node::CollectJoin(join.to_proto(self, converter)?)
        } else if let Some(opaque) = node.downcast_ref::<OpaqueExec>() {
            Node::Opaque(Opaque { equal_columns: opaque.tells_equal_columns() })
        } else {
            buf.push(OTHER);
            return self.other.try_encode(node, buf, converter);
        };
        buf.push(OURS);
        PlanNode { node: Some(ours) }.encode(buf).map_err(|error| DataFusionError::External(Box::new(error)))
    }

    fn try_decode(
        &self,
        buf: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let node = match buf {
            [OURS, node @ ..] => PlanNode::decode(node),
            [OTHER, node @ ..] => return self.other.try_decode(node, inputs, context, converter),
            _ => return Err(internal_datafusion_err!("a plan node that no goldsmith encoded")),
        };
        let node = node.map_err(|error| DataFusionError::External(Box::new(error)))?.node;
        let input = || match inputs {
            [input] => Ok(Arc::clone(input)),
            _ => Err(internal_datafusion_err!("the node has one input and came with {}", inputs.len())),
        };
        Ok(match node {
            Some(Node::DeltaWrite(write)) => Arc::new(DeltaWriteExec::from_proto(write, input()?)?),
            Some(Node::DeltaRead(read)) => Arc::new(DeltaReadExec::from_proto(read, input()?)?),
            Some(Node::FirstRow(first)) => {
                Arc::new(FirstRowExec::from_proto(&first, input()?, context, self, converter)?)
            }
            Some(Node::CollectJoin(join)) => {
                let inputs = inputs.to_vec();
                Arc::new(CollectJoinExec::from_proto(&join, inputs, context, self, converter)?)
            }
            Some(Node::Opaque(Opaque { equal_columns })) => {
                Arc::new(OpaqueExec::try_new(input()?, equal_columns)?)
            }
            None => return Err(internal_datafusion_err!("a plan node of another version of goldsmith")),
        })
    }

    fn try_decode_udf(&self, name: &str, buf: &[u8]) -> DfResult<Arc<ScalarUDF>> {
        if name == RENAME_FIELDS { Ok(rename_fields()) } else { self.other.try_decode_udf(name, buf) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use datafusion::execution::runtime_env::RuntimeEnv;
    use datafusion::physical_plan::displayable;
    use datafusion_proto::physical_plan::{AsExecutionPlan, DefaultPhysicalExtensionCodec};
    use datafusion_proto::protobuf::PhysicalPlanNode;
    use goldsmith_sql::optimize::RuleSet;
    use goldsmith_sql::parse::Query;
    use goldsmith_sql::session::{SqlOptions, session_state};

    use super::*;

    #[tokio::test]
    async fn nodes_of_sql_come_back_as_they_were() {
        let options = SqlOptions {
            as_of: DateTime::UNIX_EPOCH,
            target_partitions: 3,
            batch_size: Some(1),
            distributed: true,
            rules: RuleSet::default(),
        };
        let state = session_state(options, Arc::new(RuntimeEnv::default()));
        let rows = "VALUES (1, 'a', 2), (1, 'b', 3), (2, 'c', NULL) AS t(k, v, w)";
        let first =
            format!("SELECT k, v, w, row_number() OVER (PARTITION BY k, w ORDER BY v DESC) AS n FROM {rows}");
        for (sql, nodes) in [
            (format!("SELECT upper(v) FROM ({first}) AS f WHERE n = 1"), vec!["FirstRowExec"]),
            (
                format!(
                    "SELECT a.v, b.w FROM (SELECT * FROM {rows}) a LEFT JOIN (SELECT k, w FROM {rows}) b ON b.k = a.k AND b.w > a.w"
                ),
                vec!["collects=left", "HashJoinExec"],
            ),
            (
                format!(
                    "SELECT a.v FROM (SELECT * FROM {rows}) a FULL JOIN (SELECT k, w FROM {rows}) b ON b.w > a.w"
                ),
                vec!["collects=both", "NestedLoopJoinExec"],
            ),
            (
                format!("SELECT a.v FROM (SELECT * FROM {rows}) a CROSS JOIN (SELECT w FROM {rows}) b"),
                vec!["collects=left", "CrossJoinExec"],
            ),
            (
                format!("SELECT v FROM (SELECT * FROM {rows}) a WHERE k NOT IN (SELECT w FROM {rows})"),
                vec!["RightAnti", "NestedLoopJoinExec"],
            ),
        ] {
            let planned = goldsmith_sql::plan::plan(&state, &Query::parse(&sql).unwrap()).unwrap();
            let plan = state.create_physical_plan(&planned.plan).await.unwrap();
            let text = |plan: &Arc<dyn ExecutionPlan>| displayable(plan.as_ref()).indent(true).to_string();
            assert!(nodes.iter().all(|node| text(&plan).contains(node)), "{nodes:?}\n{}", text(&plan));
            let codec = PlanCodec::new(Arc::new(DefaultPhysicalExtensionCodec {}));
            let node = PhysicalPlanNode::try_from_physical_plan(Arc::clone(&plan), &codec).unwrap();
            let decoded = node.try_into_physical_plan(&state.task_ctx(), &codec).unwrap();
            assert_eq!(text(&decoded), text(&plan), "{sql}");
        }
    }
}
