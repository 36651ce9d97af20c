//! Makes statements.
//!
//! They are typed, so that nearly all of them are accepted, and every one has only one right answer: limits come with an order
//! by all columns, windows number rows by all columns of their input, doubles are halves.

mod array;
mod condition;
pub(super) mod first;
mod from;
mod select;
mod size;
mod value;

use super::visit::has_no_column;
use super::{Body, Column, Expr, From, Query, Select, Type};
use crate::random::Random;
use crate::table::TableColumns;

/// Number of this generator: raised whenever a seed makes another statement, or other tables, than before. Sums of runs are of one.
pub const GENERATOR: u32 = 2;

/// Makes the statement of a seed over these tables.
#[must_use]
pub fn statement(seed: u64, tables: &[TableColumns]) -> Query {
    let mut maker =
        Maker { random: Random::new(seed, 1), tables, named: Vec::new(), aliases: 0, work: 0, lambdas: 0 };
    maker.statement()
}

struct Maker<'a> {
    random: Random,
    tables: &'a [TableColumns],
    /// Queries of WITH that can be named.
    named: Vec<(String, Query)>,
    aliases: usize,
    /// How many relations there are already.
    work: usize,
    /// How many lambdas are around what is made.
    lambdas: usize,
}

/// What an expression may read.
#[derive(Clone, Default)]
struct Scope {
    columns: Vec<Column>,
    /// Columns of the query around it.
    outer: Vec<Column>,
    /// Whether IN and EXISTS with queries may stand here.
    tests: bool,
}

impl Maker<'_> {
    fn statement(&mut self) -> Query {
        if self.random.percent(30) {
            for name in ["w1", "w2"].into_iter().take(1 + self.random.below(2)) {
                let query = self.query(2, &[], false);
                self.named.push((name.to_owned(), query));
            }
        }
        let mut query = self.query(3, &[], true);
        query.named = std::mem::take(&mut self.named);
        if query.order.is_empty() && self.random.percent(20) {
            self.ordered(&mut query);
        }
        query
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("q{}", self.aliases)
    }

    /// A query that may read `outer`. `printed` ones give nothing but values that every oracle prints alike.
    fn query(&mut self, depth: usize, outer: &[Column], printed: bool) -> Query {
        let body = if depth > 0 && self.random.percent(15) {
            self.set(depth - 1, outer)
        } else {
            self.select(depth, outer, printed)
        };
        let (body, columns) = body;
        let mut query = Query { named: Vec::new(), body, order: Vec::new(), limit: None, columns };
        if outer.is_empty()
            && self.random.percent(12)
            && query.columns.iter().all(|(_, t)| *t != Type::Struct)
        {
            self.ordered(&mut query);
            query.limit = Some(self.random.below(5));
        }
        query
    }

    fn ordered(&mut self, query: &mut Query) {
        let keys = query.columns.iter().map(|_| (self.random.percent(40), self.random.percent(50)));
        query.order = keys.collect();
    }

    /// A query that gives one column of this type.
    fn query_of(&mut self, wanted: Type, depth: usize, outer: &[Column]) -> Query {
        let (mut select, scope) = self.rows(depth, outer);
        let item = self.expr(wanted, &scope, 1);
        select.items = vec![(item, "c".to_owned())];
        if self.random.percent(15) {
            select.distinct = true;
        } else if self.random.percent(15) {
            select.groups = select.items.iter().map(|(expr, _)| expr.clone()).collect();
            if has_no_column(&select.groups[0]) {
                select.groups.clear();
            }
        }
        let columns = vec![("c".to_owned(), wanted)];
        Query {
            named: Vec::new(),
            body: Body::Select(Box::new(select)),
            order: Vec::new(),
            limit: None,
            columns,
        }
    }

    /// A query that gives one row and one column of this type.
    fn value_of(&mut self, wanted: Type, depth: usize, outer: &[Column]) -> Query {
        let (mut select, scope) = self.rows(depth, outer);
        let item = self.aggregate(wanted, &scope);
        select.items = vec![(item, "c".to_owned())];
        let columns = vec![("c".to_owned(), wanted)];
        Query {
            named: Vec::new(),
            body: Body::Select(Box::new(select)),
            order: Vec::new(),
            limit: None,
            columns,
        }
    }

    /// FROM and WHERE.
    fn rows(&mut self, depth: usize, outer: &[Column]) -> (Select, Scope) {
        let relations = if self.random.percent(12) { 2 } else { 1 };
        let mut from: Vec<From> = Vec::new();
        let mut columns = Vec::new();
        for _ in 0..relations {
            let (relation, own) = self.relation(depth);
            if from.iter().all(|other| self.fits(other, &relation)) {
                from.push(relation);
                columns.extend(own);
            }
        }
        let mut scope = Scope { columns, outer: outer.to_vec(), tests: true };
        let filter = (!outer.is_empty() || self.random.percent(60)).then(|| {
            let mut condition = self.condition(&scope, 3, depth);
            if let Some(equality) = self.equality(&scope.columns) {
                condition = Expr::Binary("AND", Box::new(equality), Box::new(condition));
            }
            // A query that reads what is around it mostly does so by a comparison.
            match self.correlation(&scope) {
                Some(correlation) if self.random.percent(70) => {
                    Expr::Binary("AND", Box::new(correlation), Box::new(condition))
                }
                Some(correlation) => correlation,
                None => condition,
            }
        });
        scope.tests = false;
        let select =
            Select { distinct: false, items: Vec::new(), from, filter, groups: Vec::new(), having: None };
        (select, scope)
    }

    /// Now and then, that columns of two relations are equal: it may become a key of the join of these.
    fn equality(&mut self, columns: &[Column]) -> Option<Expr> {
        let pairs: Vec<(&Column, &Column)> = columns
            .iter()
            .flat_map(|one| columns.iter().map(move |other| (one, other)))
            .filter(|(one, other)| one.relation < other.relation && one.data_type == other.data_type)
            .filter(|(one, _)| one.data_type != Type::Struct)
            .collect();
        if pairs.is_empty() || !self.random.percent(12) {
            return None;
        }
        let (one, other) = *self.random.pick(&pairs);
        Some(Expr::Binary("=", Box::new(read(one)), Box::new(read(other))))
    }

    fn correlation(&mut self, scope: &Scope) -> Option<Expr> {
        let pairs: Vec<(&Column, &Column)> = scope
            .columns
            .iter()
            .flat_map(|own| scope.outer.iter().map(move |outer| (own, outer)))
            .filter(|(own, outer)| own.data_type == outer.data_type && own.data_type != Type::Struct)
            .collect();
        if pairs.is_empty() {
            return None;
        }
        let (own, outer) = *self.random.pick(&pairs);
        let op = self.random.weighted(&[(70, "="), (10, "<>"), (10, "<"), (5, ">="), (5, "<=>")]);
        let (own, outer) = (Box::new(read(own)), Box::new(read(outer)));
        Some(if self.random.percent(50) {
            Expr::Binary(op, own, outer)
        } else {
            Expr::Binary(op, outer, own)
        })
    }
}

/// Reads a column.
fn read(column: &Column) -> Expr {
    Expr::Column(column.relation.clone(), column.name.clone())
}
