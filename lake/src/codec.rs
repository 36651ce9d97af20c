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
use goldsmith_proto::plan::v1::PlanNode;
use goldsmith_proto::plan::v1::plan_node::Node;
use goldsmith_sql::exec::{CollectJoinExec, FirstRowExec};
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
            None => return Err(internal_datafusion_err!("a plan node of another version of goldsmith")),
        })
    }

    fn try_decode_udf(&self, name: &str, buf: &[u8]) -> DfResult<Arc<ScalarUDF>> {
        if name == RENAME_FIELDS { Ok(rename_fields()) } else { self.other.try_decode_udf(name, buf) }
    }
}
