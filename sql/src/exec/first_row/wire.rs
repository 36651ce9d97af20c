//! [`FirstRowExec`] as it travels to executors.

use std::sync::Arc;

use datafusion::common::{DataFusionError, Result, internal_datafusion_err};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::from_proto::{parse_physical_exprs, parse_physical_sort_exprs};
use datafusion_proto::physical_plan::to_proto::{serialize_physical_exprs, serialize_physical_sort_exprs};
use datafusion_proto::physical_plan::{
    PhysicalExtensionCodec, PhysicalPlanDecodeContext, PhysicalProtoConverterExtension,
};
use datafusion_proto::protobuf::{PhysicalExprNode, PhysicalSortExprNode};
use goldsmith_proto::plan::v1::FirstRow;
use prost::Message;

use super::FirstRowExec;

impl FirstRowExec {
    /// The node without its input.
    ///
    /// # Errors
    /// If an expression cannot travel.
    pub fn to_proto(
        &self,
        codec: &dyn PhysicalExtensionCodec,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<FirstRow> {
        let keys = serialize_physical_exprs(&self.keys, codec, converter)?;
        let partition_keys = serialize_physical_exprs(&self.partition_keys, codec, converter)?;
        let order = serialize_physical_sort_exprs(self.order.clone(), codec, converter)?;
        Ok(FirstRow {
            keys: keys.iter().map(Message::encode_to_vec).collect(),
            partition_keys: partition_keys.iter().map(Message::encode_to_vec).collect(),
            order: order.iter().map(Message::encode_to_vec).collect(),
        })
    }

    /// The node over `input`.
    ///
    /// # Errors
    /// If `node` is not what [`Self::to_proto`] gives, or names a function that is not registered in `context`.
    pub fn from_proto(
        node: &FirstRow,
        input: Arc<dyn ExecutionPlan>,
        context: &TaskContext,
        codec: &dyn PhysicalExtensionCodec,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Self> {
        let keys: Vec<PhysicalExprNode> = decoded(&node.keys)?;
        let partition_keys: Vec<PhysicalExprNode> = decoded(&node.partition_keys)?;
        let order: Vec<PhysicalSortExprNode> = decoded(&node.order)?;
        let context = PhysicalPlanDecodeContext::new(context, codec);
        let schema = input.schema();
        let keys = parse_physical_exprs(&keys, &context, &schema, converter)?;
        let partition_keys = parse_physical_exprs(&partition_keys, &context, &schema, converter)?;
        let order = parse_physical_sort_exprs(&order, &context, &schema, converter)?;
        Self::new(input, keys, order)
            .with_partition_keys(&partition_keys)
            .ok_or_else(|| internal_datafusion_err!("partitions of FirstRowExec that are not by its keys"))
    }
}

fn decoded<M: Message + Default>(encoded: &[Vec<u8>]) -> Result<Vec<M>> {
    let decode = |bytes: &Vec<u8>| M::decode(bytes.as_slice());
    encoded.iter().map(decode).collect::<Result<_, _>>().map_err(|e| DataFusionError::External(Box::new(e)))
}
