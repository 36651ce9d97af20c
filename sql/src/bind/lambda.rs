//! Lambdas: functions that are given to functions.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::{Lambda as EngineLambda, LambdaVariable};

use super::{Allowed, Binder, Typed};
use crate::error::{Result, SqlError};
use crate::parse::ast::{Expr as Tree, ExprKind};
use crate::position::Position;

/// A lambda that is bound.
#[derive(Debug, Clone)]
pub(crate) struct Lambda {
    /// Its body.
    pub(crate) body: Typed,
    /// Names of its parameters in the plan.
    pub(crate) params: Vec<String>,
}

impl Lambda {
    /// Returns the expression of the engine.
    pub(crate) fn expr(self) -> Expr {
        Expr::Lambda(EngineLambda::new(self.params, self.body.expr))
    }
}

/// Whether two expressions are the same, whatever the parameters of their lambdas are called.
pub(crate) fn same(one: &Expr, two: &Expr) -> bool {
    if one == two {
        return true;
    }
    match (with_plain_parameters(one), with_plain_parameters(two)) {
        (Some(one), Some(two)) => one == two,
        _ => false,
    }
}

/// Numbers the parameters of lambdas in the order in which they stand; none if there are none.
fn with_plain_parameters(expr: &Expr) -> Option<Expr> {
    let mut names: Vec<String> = Vec::new();
    let walked = expr.apply(|inner| {
        if let Expr::Lambda(lambda) = inner {
            names.extend(lambda.params.iter().cloned());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    walked.ok().filter(|_| !names.is_empty())?;
    let plain = |name: &String| names.iter().position(|own| own == name).map(|place| format!("x{place}"));
    let renamed = expr.clone().transform_up(|inner| {
        Ok(match inner {
            Expr::Lambda(lambda) => {
                let params = lambda.params.iter().map(|name| plain(name).unwrap_or_default()).collect();
                Transformed::yes(Expr::Lambda(EngineLambda::new(params, *lambda.body)))
            }
            Expr::LambdaVariable(variable) => {
                let name = plain(&variable.name).unwrap_or(variable.name);
                let field = variable.field.map(|field| Arc::new(field.as_ref().clone().with_name(&name)));
                Transformed::yes(Expr::LambdaVariable(LambdaVariable::new(name, field)))
            }
            other => Transformed::no(other),
        })
    });
    renamed.ok().map(|renamed| renamed.data)
}

impl Binder<'_, '_, '_> {
    /// Binds a lambda to parameters of these types; it may take fewer of them.
    pub(crate) fn lambda(
        &mut self,
        tree: &Tree,
        params: &[DataType],
        least: usize,
        function: &str,
    ) -> Result<Lambda> {
        let ExprKind::Lambda { params: names, body } = &tree.kind else {
            return Err(SqlError::arguments(
                function,
                "a lambda such as `x -> x + 1` is expected",
                tree.position,
            ));
        };
        if names.len() > params.len() || names.len() < least {
            return Err(SqlError::arguments(
                function,
                format!("the lambda takes {} parameters", params.len()),
                tree.position,
            ));
        }
        let outer = self.lambdas.len();
        let mut own = Vec::new();
        for (index, data_type) in params.iter().enumerate() {
            // Unique names, so that a lambda in a lambda cannot be mistaken.
            let variable = self.planner.fresh("x");
            if let Some(name) = names.get(index) {
                let field = Arc::new(Field::new(&variable, data_type.clone(), true));
                let expr = Expr::LambdaVariable(LambdaVariable::new(variable.clone(), Some(field)));
                self.lambdas.push((name.key(), Typed::new(expr, data_type.clone(), "namedlambdavariable()")));
            }
            own.push(variable);
        }
        let body = self.with(Allowed::default(), |binder| binder.bind(body));
        self.lambdas.truncate(outer);
        Ok(Lambda { body: body?, params: own })
    }

    /// Returns the name of a parameter of a lambda, if an expression is one.
    pub(crate) fn lambda_parameter(&self, tree: &Tree) -> Option<String> {
        let ExprKind::Column(parts) = &tree.kind else { return None };
        let [name] = parts.as_slice() else { return None };
        let key = name.key();
        self.lambdas.iter().any(|(known, _)| *known == key).then(|| name.text.clone())
    }

    /// Binds a lambda of one parameter in place: the parameter is what is given for it.
    pub(crate) fn inlined(&mut self, tree: &Tree, value: Typed, function: &str) -> Result<Typed> {
        let ExprKind::Lambda { params, body } = &tree.kind else {
            return Err(SqlError::arguments(
                function,
                "a lambda such as `x -> x + 1` is expected",
                tree.position,
            ));
        };
        let [param] = params.as_slice() else {
            return Err(SqlError::arguments(function, "the lambda takes one parameter", tree.position));
        };
        self.lambdas.push((param.key(), value));
        let body = self.with(Allowed::default(), |binder| binder.bind(body));
        self.lambdas.pop();
        body
    }

    /// Binds the subscript of an array or a map.
    pub(super) fn index(&mut self, base: Typed, index: Typed, position: Position) -> Result<Typed> {
        crate::functions::collection::access::index(base, index, position)
    }
}
