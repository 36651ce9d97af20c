//! [`DeltaWriteExec`] as it travels to executors.

use std::sync::Arc;

use arrow::ipc::convert::{IpcSchemaEncoder, fb_to_schema};
use arrow::ipc::root_as_schema;
use datafusion::common::{Result as DfResult, internal_datafusion_err};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::ExecutionPlan;
use goldsmith_proto::plan::v1::DeltaWrite;

use super::{DeltaWriteExec, WriteTarget};
use crate::connection::ConnectionName;
use crate::location::Location;

impl DeltaWriteExec {
    /// The node without its input.
    #[must_use]
    pub fn to_proto(&self) -> DeltaWrite {
        let schema = IpcSchemaEncoder::new().schema_to_fb(&self.target.schema);
        DeltaWrite {
            location: self.target.location.url().to_string(),
            connection: self.target.location.connection().map(ToString::to_string).unwrap_or_default(),
            schema_ipc: schema.finished_data().to_vec(),
            marker: self.target.marker.clone(),
            target_file_bytes: self.target.target_file_bytes,
        }
    }

    /// The node over `input`.
    ///
    /// # Errors
    /// If `node` is not what [`Self::to_proto`] gives.
    pub fn from_proto(node: DeltaWrite, input: Arc<dyn ExecutionPlan>) -> DfResult<Self> {
        let location =
            Location::parse(&node.location).map_err(|error| DataFusionError::External(Box::new(error)))?;
        let connection = match node.connection.as_str() {
            "" => None,
            name => Some(
                ConnectionName::try_new(name)
                    .map_err(|name| internal_datafusion_err!("`{name}` is no name of a connection"))?,
            ),
        };
        let location = location.with_connection(connection);
        let schema = root_as_schema(&node.schema_ipc)
            .map_err(|error| internal_datafusion_err!("columns that no goldsmith encoded: {error}"))
            .map(fb_to_schema)?;
        let target = WriteTarget {
            location,
            schema: Arc::new(schema),
            marker: node.marker,
            target_file_bytes: node.target_file_bytes,
        };
        Ok(Self::new(input, target))
    }
}
