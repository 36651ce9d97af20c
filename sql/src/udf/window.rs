//! Window functions that ignore nulls.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::arrow::compute::SortOptions;
use datafusion::common::Result;
use datafusion::logical_expr::function::{ExpressionArgs, PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{LimitEffect, PartitionEvaluator, Signature, WindowUDF, WindowUDFImpl};
use datafusion::physical_expr::PhysicalExpr;

/// `function` with IGNORE NULLS as a function of its own.
///
/// Plans travel by the names of functions, and what stands behind the name of a window function, `IGNORE NULLS`, is lost on the way
/// (datafusion-proto 55, `serialize_physical_window_expr`): on a cluster nulls would be counted.
pub(crate) fn ignoring_nulls(function: Arc<WindowUDF>) -> Arc<WindowUDF> {
    let name = format!("spark_{}_ignoring_nulls", function.name());
    Arc::new(WindowUDF::new_from_impl(IgnoringNulls { name, function }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct IgnoringNulls {
    name: String,
    function: Arc<WindowUDF>,
}

impl WindowUDFImpl for IgnoringNulls {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        self.function.signature()
    }

    fn expressions(&self, args: ExpressionArgs<'_>) -> Vec<Arc<dyn PhysicalExpr>> {
        self.function.expressions(args)
    }

    fn partition_evaluator(&self, args: PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>> {
        let ignoring =
            PartitionEvaluatorArgs::new(args.input_exprs(), args.input_fields(), args.is_reversed(), true);
        self.function.partition_evaluator_factory(ignoring)
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        self.function.field(args)
    }

    fn sort_options(&self) -> Option<SortOptions> {
        self.function.sort_options()
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.function.coerce_types(types)
    }

    fn limit_effect(&self, args: &[Arc<dyn PhysicalExpr>]) -> LimitEffect {
        self.function.inner().limit_effect(args)
    }
}
