//! What a statement is made of: so that nobody takes tame statements for proof.

use std::collections::BTreeSet;

use super::generate::first::NUMBER;
use super::visit::visit;
use super::{Body, Expr, From, Query, Select};

/// Name of a construct.
pub type Construct = &'static str;

/// The constructs of a statement, each once.
#[must_use]
pub fn constructs(query: &Query) -> BTreeSet<Construct> {
    let mut found = Found::default();
    found.query(query);
    found.all
}

#[derive(Default)]
struct Found {
    all: BTreeSet<Construct>,
    /// Aliases of the relations of the query that is looked at, and of those around it.
    around: Vec<BTreeSet<String>>,
}

impl Found {
    fn query(&mut self, query: &Query) {
        for (name, inner) in &query.named {
            self.all.insert("WITH");
            let uses = uses_of(name, query);
            if uses > 1 {
                self.all.insert("WITH, used twice");
            }
            self.query(inner);
        }
        if !query.order.is_empty() {
            self.all.insert("ORDER BY");
        }
        if query.limit.is_some() {
            self.all.insert("LIMIT");
        }
        self.body(&query.body);
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Select(select) => self.select(select),
            Body::Set(op, left, right) => {
                self.all.insert(op);
                self.body(left);
                self.body(right);
            }
        }
    }

    fn select(&mut self, select: &Select) {
        let mut own = BTreeSet::new();
        select.from.iter().for_each(|from| aliases(from, &mut own));
        self.around.push(own);
        if select.distinct {
            self.all.insert("DISTINCT");
        }
        if !select.groups.is_empty() {
            self.all.insert("GROUP BY");
        }
        if select.having.is_some() {
            self.all.insert("HAVING");
        }
        if select.from.is_empty() {
            self.all.insert("SELECT of constants");
        }
        for from in &select.from {
            let depth = self.from(from);
            if depth >= 3 {
                self.all.insert("three joins in a row");
            }
        }
        let exprs = select.items.iter().map(|(expr, _)| expr).chain(&select.filter).chain(&select.groups);
        exprs.chain(&select.having).for_each(|expr| self.expr(expr));
        self.around.pop();
    }

    /// How many joins there are in it.
    fn from(&mut self, from: &From) -> usize {
        match from {
            From::Table(..) => 0,
            From::Query(query, _) => {
                self.all.insert("subquery in FROM");
                let around = std::mem::take(&mut self.around);
                self.query(query);
                self.around = around;
                0
            }
            From::Values(..) => {
                self.all.insert("VALUES");
                0
            }
            From::Join(kind, left, right, on) => {
                self.all.insert(kind);
                on.iter().for_each(|on| self.expr(on));
                1 + self.from(left) + self.from(right)
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let mut queries = Vec::new();
        visit(expr, &mut |inner| {
            let found = match inner {
                Expr::Field(..) => "field of a struct",
                Expr::Binary("=", left, _) if is_number(left) => "first row of each key",
                Expr::Binary("AND", ..) => "AND",
                Expr::Binary("OR", ..) => "OR",
                Expr::Before("NOT", _) => "NOT",
                Expr::Behind(..) => "IS NULL",
                Expr::In(_, _, false) => "IN list",
                Expr::In(_, _, true) => "NOT IN list",
                Expr::InQuery(_, query, negated) => {
                    queries.push(Box::clone(query));
                    if *negated { "NOT IN query" } else { "IN query" }
                }
                Expr::Exists(query, negated) => {
                    queries.push(Box::clone(query));
                    if *negated { "NOT EXISTS" } else { "EXISTS" }
                }
                Expr::Scalar(query) => {
                    queries.push(Box::clone(query));
                    "scalar subquery"
                }
                Expr::Case(..) => "CASE",
                Expr::Aggregate(_, true, ..) => "aggregate of distinct values",
                Expr::Aggregate(.., Some(_)) => "aggregate with FILTER",
                Expr::Aggregate(..) => "aggregate",
                Expr::Window(window) if window.ignores_nulls => "window that ignores nulls",
                Expr::Window(_) => "window",
                Expr::Lambda(..) => "lambda",
                Expr::Call("explode", _) => "explode",
                _ => return,
            };
            self.all.insert(found);
        });
        for query in queries {
            let mut correlated = false;
            reads(&query, &self.around.last().cloned().unwrap_or_default(), &mut correlated);
            if correlated {
                self.all.insert("correlated subquery");
            }
            self.query(&query);
        }
    }
}

/// Whether it is the number of a row, of which the first is wanted.
fn is_number(expr: &Expr) -> bool {
    matches!(expr, Expr::Column(_, name) if name == NUMBER)
}

fn aliases(from: &From, all: &mut BTreeSet<String>) {
    match from {
        From::Table(_, alias) | From::Query(_, alias) | From::Values(_, _, alias) => {
            all.insert(alias.clone());
        }
        From::Join(_, left, right, _) => {
            aliases(left, all);
            aliases(right, all);
        }
    }
}

/// Whether the text of a query names one of these relations.
fn reads(query: &Query, relations: &BTreeSet<String>, found: &mut bool) {
    let text = super::text(query, super::Dialect::Spark);
    *found |= relations.iter().any(|alias| text.contains(&format!("{alias}.")));
}

fn uses_of(name: &str, query: &Query) -> usize {
    super::text(query, super::Dialect::Spark).matches(&format!(" {name} AS q")).count()
}
