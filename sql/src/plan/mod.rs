//! Turns queries into plans of the engine.

mod aggregate;
mod from;
mod generate;
mod output;
mod query;
mod scope;
mod select;
mod set;
mod window;

use std::collections::HashSet;

use datafusion::common::Column;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan};

pub(crate) use self::generate::{Generated, Generator};
pub(crate) use self::query::{refuse_correlated, sort_key};
pub(crate) use self::scope::{Found, Rel, Scope, ScopeColumn, nearest};
use crate::bind::Span;
use crate::error::{Result, SqlError};
use crate::optimize;
use crate::parse::Query;
use crate::parse::ast::QueryExpr;
use crate::physical;
use crate::session;
use crate::types;

/// A plan and the names that its columns have in Spark.
#[derive(Debug, Clone)]
pub struct PlannedQuery {
    /// The plan. Its column names are unique and, as far as that goes, equal to `names`.
    pub plan: LogicalPlan,
    /// Names of the columns in Spark, in the letter case that Spark shows; two columns may have the same one.
    pub names: Vec<String>,
}

/// Plans a query over the tables that the session's catalog has.
///
/// Names of tables and columns are found whatever their letter case; providers give columns in lower case, and their
/// spelling as a [`crate::spelling::SpelledTable`]. A table without schema is looked up in
/// `bronze`. Tables must be ready at once, as those of a `MemorySchemaProvider` are.
///
/// # Errors
/// Names that do not exist, functions and types that do not fit, and constructs that are not supported; each with its
/// place in the text.
pub fn plan(state: &SessionState, query: &Query) -> Result<PlannedQuery> {
    plan_tree(state, query.tree()).map_err(|error| physical::unbindable(state, query, error))
}

/// Plans a part of a query by itself.
pub(crate) fn plan_tree(state: &SessionState, tree: &QueryExpr) -> Result<PlannedQuery> {
    let mut planner =
        Planner { state, as_of: session::as_of(state), ctes: Vec::new(), used: HashSet::new(), counter: 0 };
    let Rel { plan, scope } = planner.query(tree, None)?;
    let visible: Vec<&ScopeColumn> = scope.all(&[]);
    for column in &visible {
        if column.span != Span::Full {
            return Err(SqlError::unsupported(
                format!("the interval `{}` as a result", column.display),
                tree.position,
            ));
        }
        types::spark_type_name(&column.data_type)?;
    }
    let names: Vec<String> = visible.iter().map(|column| column.display.clone()).collect();
    let plan = output::rename(plan, &visible)?;
    let plan = if session::decorrelates(state) {
        optimize::decorrelated(plan, tree.position).map_err(SqlError::plan)?
    } else {
        plan
    };
    Ok(PlannedQuery { plan, names })
}

/// What planning knows on its way.
pub(crate) struct Planner<'a> {
    state: &'a SessionState,
    /// Microseconds of the pinned time; nothing if the session has none.
    as_of: Option<i64>,
    /// Queries that have a name, innermost last.
    ctes: Vec<(String, Rel)>,
    /// Names of relations that are taken: an outer query and its subquery must not share one.
    used: HashSet<String>,
    counter: usize,
}

impl Planner<'_> {
    /// The pinned time in microseconds, if there is one.
    pub(crate) const fn as_of(&self) -> Option<i64> {
        self.as_of
    }

    /// Returns a name for a column of a plan that nobody else has.
    pub(crate) fn fresh(&mut self, prefix: &str) -> String {
        self.counter += 1;
        format!("__{prefix}{}", self.counter)
    }

    /// Returns a name for a relation that nobody else has.
    fn relation_name(&mut self, wish: &str) -> String {
        let mut name = wish.to_owned();
        let mut count = 1;
        while !self.used.insert(name.clone()) {
            count += 1;
            name = format!("{wish}_{count}");
        }
        name
    }
}

/// Reads a column that has no relation.
pub(crate) fn bare(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
