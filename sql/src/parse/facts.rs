//! What can be said about a query without looking anything up.

use std::collections::BTreeMap;

use super::ast::{Body, Expr, ExprKind, JoinOn, Name, QueryExpr, Relation, RelationKind, Select};
use super::visit::{Visit, walk_expr, walk_query_body, walk_relation, walk_select};
use crate::position::Position;

/// Functions that read the clock.
const CLOCK: [&str; 8] = [
    "current_timestamp", "current_date", "now", "curdate", "localtimestamp", "current_time", "unix_timestamp",
    "to_unix_timestamp",
];

/// A table that a query names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRef {
    /// Schema in lower case, such as `silver`; nothing for a bronze table.
    pub schema: Option<String>,
    /// Name in lower case.
    pub name: String,
    /// Line where it is named first, from 1.
    pub line: u64,
    /// Column where it is named first, from 1.
    pub column: u64,
}

/// Facts about a query.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) tables: Vec<TableRef>,
    pub(super) columns: BTreeMap<String, Position>,
    pub(super) wildcard: bool,
    pub(super) clock: bool,
    /// Names that WITH has given, innermost last.
    named: Vec<String>,
}

impl Facts {
    pub(super) fn of(query: &QueryExpr) -> Self {
        let mut facts = Self::default();
        facts.query(query);
        facts
    }

    fn table(&mut self, parts: &[Name]) {
        let Some((name, before)) = parts.split_last() else { return };
        let schema = before.last().map(Name::key);
        let key = name.key();
        if schema.is_none() && self.named.contains(&key) {
            return;
        }
        if self.tables.iter().any(|table| table.schema == schema && table.name == key) {
            return;
        }
        let Position { line, column } = parts[0].position;
        self.tables.push(TableRef { schema, name: key, line, column });
    }

    fn columns(&mut self, parts: &[Name]) {
        for part in parts {
            self.columns.entry(part.key()).or_insert(part.position);
        }
    }
}

impl Visit for Facts {
    fn query(&mut self, query: &QueryExpr) {
        let outer = self.named.len();
        for cte in &query.ctes {
            self.query(&cte.query);
            self.named.push(cte.name.key());
        }
        if matches!(&query.body, Body::Relation(relation) if matches!(relation.kind, RelationKind::Table(_))) {
            self.wildcard = true;
        }
        walk_query_body(self, query);
        self.named.truncate(outer);
    }

    fn select(&mut self, select: &Select) {
        self.wildcard |= select.items.iter().any(|item| matches!(item.expr.kind, ExprKind::Star(_)));
        walk_select(self, select);
    }

    fn relation(&mut self, relation: &Relation) {
        match &relation.kind {
            RelationKind::Table(parts) => self.table(parts),
            RelationKind::Join(join) => match &join.on {
                JoinOn::Natural => self.wildcard = true,
                JoinOn::Using(columns) => self.columns(columns),
                _ => {}
            },
            _ => {}
        }
        walk_relation(self, relation);
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Column(parts) => {
                self.columns(parts);
                // Without parentheses these are functions as well, where no column has the name.
                self.clock |= parts.len() == 1 && CLOCK[..5].contains(&parts[0].key().as_str());
            }
            ExprKind::Call(call) => {
                let key = call.name.key();
                let counts = !key.ends_with("unix_timestamp") || call.args.is_empty();
                self.clock |= counts && CLOCK.contains(&key.as_str());
            }
            ExprKind::Field(_, name) => self.columns(std::slice::from_ref(name)),
            _ => {}
        }
        walk_expr(self, expr);
    }
}
