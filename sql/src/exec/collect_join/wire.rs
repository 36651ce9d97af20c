//! [`CollectJoinExec`] as it travels to executors.

use std::sync::Arc;

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};
use datafusion_proto::physical_plan::{
    PhysicalExtensionCodec, PhysicalPlanDecodeContext, PhysicalProtoConverterExtension,
};
use datafusion_proto::protobuf::PhysicalPlanNode;
use goldsmith_proto::plan::v1::CollectJoin;
use prost::Message;

use super::CollectJoinExec;

impl CollectJoinExec {
    /// The node without its inputs.
    ///
    /// # Errors
    /// If an expression cannot travel.
    pub fn to_proto(
        &self,
        codec: &dyn PhysicalExtensionCodec,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<CollectJoin> {
        // Its inputs travel beside it; here their columns stand in for them.
        let columns = |input: &Arc<dyn ExecutionPlan>| Arc::new(EmptyExec::new(input.schema())) as _;
        let alone = self.join.children().into_iter().map(columns).collect();
        let join = replace_children_if_necessary(Arc::clone(&self.join), alone)?;
        let join = converter.execution_plan_to_proto(&join, codec)?.encode_to_vec();
        Ok(CollectJoin { join, collects: self.collects.into() })
    }

    /// The node over its two `inputs`.
    ///
    /// # Errors
    /// If `node` is not what [`Self::to_proto`] gives, or names a function that is not registered in `context`.
    pub fn from_proto(
        node: &CollectJoin,
        inputs: Vec<Arc<dyn ExecutionPlan>>,
        context: &TaskContext,
        codec: &dyn PhysicalExtensionCodec,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Self> {
        let collects = node.collects();
        let node = PhysicalPlanNode::decode(node.join.as_slice())
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        let context = PhysicalPlanDecodeContext::new(context, codec);
        let join = converter.proto_to_execution_plan(&node, &context)?;
        Ok(Self { join: replace_children_if_necessary(join, inputs)?, collects })
    }
}
