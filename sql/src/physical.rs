//! The last step of planning: from what is computed to how.
//!
//! A statement counts as accepted only when it stands as operators. Whatever the engine's planner cannot do is told like any
//! other thing that is not supported: by its construct and place, and not in the words of the engine.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;

use crate::error::{Result, SqlError};
use crate::parse::Query;
use crate::parse::ast::{Body, Cte, JoinKind, QueryExpr, Relation, RelationKind, Select, SetOp};
use crate::parse::visit::{Visit, walk_query_body, walk_relation};
use crate::plan::plan_tree;
use crate::position::Position;

/// Plans the operators of `plan`: that of `query`, or one over it.
///
/// # Errors
/// [`SqlError::Unplannable`] with the innermost query that the engine finds no operators for; [`SqlError::Plan`] if not the
/// planner failed but something that it asked, such as the storage of a table.
pub async fn physical_plan(
    state: &SessionState,
    query: &Query,
    plan: &LogicalPlan,
) -> Result<Arc<dyn ExecutionPlan>> {
    let source = match state.create_physical_plan(plan).await {
        Ok(physical) => return Ok(physical),
        Err(source) => source,
    };
    if !is_of_planner(&source) {
        return Err(SqlError::Plan { source: Box::new(source) });
    }
    let mut parts = Parts::default();
    parts.query(query.tree());
    for part in &parts.found {
        if fails(state, part).await {
            return Err(unplannable(part, source));
        }
    }
    Err(unplannable(query.tree(), source))
}

fn unplannable(query: &QueryExpr, source: DataFusionError) -> SqlError {
    // Behind the queries that it names.
    let position = begin(&query.body);
    SqlError::Unplannable { what: constructs(query), position, engine: Box::new(source) }
}

/// What is said where a query could not even be bound, for a reason that only the engine knows.
pub(crate) fn unbindable(state: &SessionState, query: &Query, error: SqlError) -> SqlError {
    let SqlError::Plan { source } = error else { return error };
    if !is_of_planner(&source) {
        return SqlError::Plan { source };
    }
    let mut parts = Parts::default();
    parts.query(query.tree());
    let is_wrong = |part: &&QueryExpr| matches!(plan_tree(state, part), Err(SqlError::Plan { .. }));
    let part = parts.found.iter().find(is_wrong).unwrap_or(query.tree());
    unplannable(part, *source)
}

/// Whether an error says that there is no plan, and not that a table, the storage or the machine failed.
fn is_of_planner(error: &DataFusionError) -> bool {
    matches!(
        error.find_root(),
        DataFusionError::Plan(_)
            | DataFusionError::NotImplemented(_)
            | DataFusionError::Internal(_)
            | DataFusionError::SchemaError(..)
            | DataFusionError::Execution(_)
            | DataFusionError::Configuration(_)
            | DataFusionError::ArrowError(..)
    )
}

/// Whether a part of a query can be read and bound by itself, and no operators are found for it.
async fn fails(state: &SessionState, part: &QueryExpr) -> bool {
    // What depends on the query around it cannot be told by itself.
    let Ok(planned) = plan_tree(state, part) else { return false };
    match state.create_physical_plan(&planned.plan).await {
        Ok(_) => false,
        Err(error) => is_of_planner(&error),
    }
}

/// The queries in a query, innermost first, each with the named queries that it can see.
#[derive(Default)]
struct Parts {
    named: Vec<Cte>,
    found: Vec<QueryExpr>,
}

impl Parts {
    fn add(&mut self, query: &QueryExpr) {
        let own = query
            .ctes
            .iter()
            .filter(|cte| !self.named.iter().any(|known| known.name.key() == cte.name.key()));
        let ctes = self.named.iter().chain(own).cloned().collect();
        self.found.push(QueryExpr { ctes, ..query.clone() });
    }

    fn sides(&mut self, body: &Body) {
        let Body::Set { left, right, .. } = body else { return };
        for side in [left, right] {
            self.sides(side);
            let position = begin(side);
            self.add(&QueryExpr {
                ctes: Vec::new(),
                body: Body::clone(side),
                order_by: Vec::new(),
                limit: None,
                offset: None,
                position,
            });
        }
    }
}

/// Where a body begins.
fn begin(body: &Body) -> Position {
    match body {
        Body::Select(select) => select.position,
        Body::Nested(query) => query.position,
        Body::Relation(relation) => relation.position,
        Body::Set { left, .. } => begin(left),
    }
}

impl Visit for Parts {
    fn query(&mut self, query: &QueryExpr) {
        let known = self.named.len();
        for cte in &query.ctes {
            self.query(&cte.query);
            self.named.push(cte.clone());
        }
        walk_query_body(self, query);
        self.sides(&query.body);
        self.named.truncate(known);
        self.add(query);
    }
}

/// What a query is made of, for people: its own clauses and not those of the queries in it.
fn constructs(query: &QueryExpr) -> String {
    let mut words = Vec::new();
    of_body(&query.body, &mut words);
    if !query.order_by.is_empty() {
        words.push("ORDER BY");
    }
    if query.limit.is_some() {
        words.push("LIMIT");
    }
    if query.offset.is_some() {
        words.push("OFFSET");
    }
    words.dedup();
    words.join(" … ")
}

fn of_body(body: &Body, words: &mut Vec<&'static str>) {
    match body {
        Body::Select(select) => of_select(select, words),
        Body::Set { op, all, left, right, .. } => {
            of_body(left, words);
            words.push(match (op, all) {
                (SetOp::Union, true) => "UNION ALL",
                (SetOp::Union, false) => "UNION",
                (SetOp::Intersect, true) => "INTERSECT ALL",
                (SetOp::Intersect, false) => "INTERSECT",
                (SetOp::Except, true) => "EXCEPT ALL",
                (SetOp::Except, false) => "EXCEPT",
            });
            of_body(right, words);
        }
        Body::Relation(_) => words.push("VALUES"),
        Body::Nested(_) => words.push("(SELECT)"),
    }
}

fn of_select(select: &Select, words: &mut Vec<&'static str>) {
    words.push(if select.distinct { "SELECT DISTINCT" } else { "SELECT" });
    let mut joins = Joins(words);
    select.from.iter().for_each(|relation| joins.relation(relation));
    let clauses = [
        (!select.lateral_views.is_empty(), "LATERAL VIEW"),
        (select.filter.is_some(), "WHERE"),
        (select.group_by.is_some(), "GROUP BY"),
        (select.having.is_some(), "HAVING"),
    ];
    words.extend(clauses.into_iter().filter_map(|(is_there, word)| is_there.then_some(word)));
}

struct Joins<'a>(&'a mut Vec<&'static str>);

impl Visit for Joins<'_> {
    fn query(&mut self, _query: &QueryExpr) {}

    fn relation(&mut self, relation: &Relation) {
        walk_relation(self, relation);
        if let RelationKind::Join(join) = &relation.kind {
            self.0.push(match join.kind {
                JoinKind::Inner => "JOIN",
                JoinKind::Left => "LEFT JOIN",
                JoinKind::Right => "RIGHT JOIN",
                JoinKind::Full => "FULL JOIN",
                JoinKind::Semi => "SEMI JOIN",
                JoinKind::Anti => "ANTI JOIN",
            });
        }
    }
}
