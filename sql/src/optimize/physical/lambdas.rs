//! Functions with lambdas.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::physical_expr::HigherOrderFunctionExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};

use crate::exec::OpaqueExec;

/// Keeps the columns below functions with lambdas as they are.
///
/// The parameters of a lambda are numbered behind the columns of the input. A rule that moves a projection, or puts two
/// together, numbers the columns anew and forgets the parameters: they are taken for columns, or are none.
#[derive(Debug)]
pub(crate) struct KeepLambdas;

impl PhysicalOptimizerRule for KeepLambdas {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            if !calls_lambda(node.as_ref())? {
                return Ok(Transformed::no(node));
            }
            let hidden = node.children().into_iter().map(|child| opaque(Arc::clone(child)));
            let hidden = hidden.collect::<Result<_>>()?;
            let node = replace_children_if_necessary(node, hidden)?;
            // What stands above might be moved below.
            Ok(Transformed::yes(opaque(node)?))
        })
        .data()
    }

    fn name(&self) -> &str {
        "KeepLambdas"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn opaque(input: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    Ok(Arc::new(OpaqueExec::try_new(input, true)?))
}

fn calls_lambda(node: &dyn ExecutionPlan) -> Result<bool> {
    let mut found = false;
    node.apply_expressions(&mut |expr| {
        found |= expr.exists(|inner| Ok(inner.is::<HigherOrderFunctionExpr>()))?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}
