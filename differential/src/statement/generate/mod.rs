//! Makes statements.
//!
//! They are typed, so that nearly all of them are accepted, and every one has only one right answer: limits come with an order
//! by all columns, windows number rows by all columns of their input, doubles are halves.

mod condition;
mod from;
mod value;

use super::{Body, Column, Expr, Query, Select, Type};
use crate::random::Random;
use crate::table::TableColumns;

/// Names that columns of queries take, so that the same name means many things.
const NAMES: [(Type, [&str; 3]); 8] = [
    (Type::Int, ["k", "v", "late"]),
    (Type::Long, ["x", "y", "k2"]),
    (Type::Text, ["s", "name", "z"]),
    (Type::Decimal, ["d", "amount", "d2"]),
    (Type::Double, ["f", "share", "f2"]),
    (Type::Bool, ["b", "flag", "b2"]),
    (Type::Date, ["t", "day", "t2"]),
    (Type::Struct, ["r", "r2", "r3"]),
];

/// Makes the statement of a seed over these tables.
#[must_use]
pub fn statement(seed: u64, tables: &[TableColumns]) -> Query {
    let mut maker = Maker { random: Random::new(seed, 1), tables, named: Vec::new(), aliases: 0, work: 0 };
    maker.statement()
}

struct Maker<'a> {
    random: Random,
    tables: &'a [TableColumns],
    /// Queries of WITH that can be named.
    named: Vec<(String, Vec<(String, Type)>)>,
    aliases: usize,
    /// How many relations there are already.
    work: usize,
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
        let mut named = Vec::new();
        if self.random.percent(30) {
            for name in ["w1", "w2"].into_iter().take(1 + self.random.below(2)) {
                let query = self.query(2, &[], false);
                self.named.push((name.to_owned(), query.columns.clone()));
                named.push((name.to_owned(), query));
            }
        }
        let mut query = self.query(3, &[], true);
        query.named = named;
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
        let columns = columns_of(&body.1);
        let mut query = Query { named: Vec::new(), body: body.0, order: Vec::new(), limit: None, columns };
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
        let mut from = Vec::new();
        let mut columns = Vec::new();
        for _ in 0..relations {
            let (relation, own) = self.relation(depth);
            from.push(relation);
            columns.extend(own);
        }
        let mut scope = Scope { columns, outer: outer.to_vec(), tests: true };
        let filter = (!outer.is_empty() || self.random.percent(60)).then(|| {
            let condition = self.condition(&scope, 3, depth);
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

    fn select(&mut self, depth: usize, outer: &[Column], printed: bool) -> (Body, Vec<(String, Type)>) {
        let mut columns = Vec::new();
        if outer.is_empty() && self.random.percent(6) {
            let select = self.extremes(&mut columns);
            return (Body::Select(Box::new(select)), columns);
        }
        let (mut select, scope) = self.rows(depth, outer);
        let count = 1 + self.random.below(3);
        match self.random.weighted(&[(60, 0), (25, 1), (15, 2)]) {
            0 => {
                for _ in 0..count {
                    let wanted = self.type_of(&scope, printed);
                    let item = if wanted == Type::Bool && depth > 0 && self.random.percent(40) {
                        self.existence(depth - 1, &scope.columns)
                    } else {
                        self.expr(wanted, &scope, 2)
                    };
                    self.item(item, wanted, &mut select, &mut columns);
                }
                select.distinct = columns.iter().all(|(_, t)| *t != Type::Struct) && self.random.percent(15);
            }
            1 => self.grouped(&scope, depth, &mut select, &mut columns),
            _ => {
                let wanted = self.type_of(&scope, printed);
                let item = self.expr(wanted, &scope, 1);
                self.item(item, wanted, &mut select, &mut columns);
                let (window, wanted) = self.window(&scope);
                self.item(window, wanted, &mut select, &mut columns);
            }
        }
        (Body::Select(Box::new(select)), columns)
    }

    /// Least and greatest values of a table, which a reader may look for in statistics.
    fn extremes(&mut self, columns: &mut Vec<(String, Type)>) -> Select {
        let many_files = self.tables.iter().rev().nth(1).filter(|_| self.random.percent(50)).cloned();
        let (relation, own) = match many_files {
            Some(table) => self.table(table),
            None => self.simple(0),
        };
        let scope = Scope { columns: own, outer: Vec::new(), tests: false };
        let mut select = Select {
            distinct: false,
            items: Vec::new(),
            from: vec![relation],
            filter: None,
            groups: Vec::new(),
            having: None,
        };
        for _ in 0..2 + self.random.below(3) {
            let mut wanted = *self.random.pick(&[Type::Int, Type::Long, Type::Text, Type::Date]);
            let mut of = if self.random.percent(60) {
                self.leaf(wanted, &scope)
            } else {
                self.expr(wanted, &scope, 1)
            };
            // The last column is the one that files lack.
            let last = scope.columns.last().filter(|column| column.data_type != Type::Struct);
            if let Some(last) = last.filter(|_| self.random.percent(50)) {
                (wanted, of) = (last.data_type, read(last));
            }
            let name = if self.random.percent(50) { "min" } else { "max" };
            let item = Expr::Aggregate(name, false, Some(Box::new(of)), None);
            self.item(item, wanted, &mut select, columns);
        }
        select
    }

    /// Adds a column under a name that is often taken elsewhere, and never in the same list.
    fn item(&mut self, expr: Expr, data_type: Type, select: &mut Select, columns: &mut Vec<(String, Type)>) {
        let names =
            NAMES.iter().find(|(t, _)| *t == data_type).map_or(["c", "c2", "c3"], |(_, names)| *names);
        let wish = self.random.pick(&names).to_string();
        let mut name = wish.clone();
        let mut count = 1;
        while columns.iter().any(|(taken, _)| *taken == name) {
            count += 1;
            name = format!("{wish}_{count}");
        }
        select.items.push((expr, name.clone()));
        columns.push((name, data_type));
    }

    fn type_of(&mut self, scope: &Scope, printed: bool) -> Type {
        let has_struct = scope.columns.iter().any(|column| column.data_type == Type::Struct);
        if !printed && has_struct && self.random.percent(30) {
            return Type::Struct;
        }
        self.random.weighted(&[
            (40, Type::Int),
            (12, Type::Long),
            (22, Type::Text),
            (8, Type::Decimal),
            (5, Type::Double),
            (8, Type::Bool),
            (5, Type::Date),
        ])
    }

    fn grouped(
        &mut self,
        scope: &Scope,
        depth: usize,
        select: &mut Select,
        columns: &mut Vec<(String, Type)>,
    ) {
        for _ in 0..self.random.below(3) {
            let wanted = self.type_of(scope, true);
            let key = self.expr(wanted, scope, 1);
            // A constant would be taken for a position.
            if !has_no_column(&key) && !holds_query(&key) {
                select.groups.push(key.clone());
                self.item(key, wanted, select, columns);
            }
        }
        for _ in 0..1 + self.random.below(2) {
            let wanted = *self.random.pick(&[Type::Int, Type::Long, Type::Text, Type::Decimal]);
            let item = self.aggregate(wanted, scope);
            self.item(item, wanted, select, columns);
        }
        if self.random.percent(25) {
            let count = Expr::Aggregate("count", false, None, None);
            let bound = Expr::Literal(self.random.below(3).to_string());
            let mut having = Expr::Binary(">=", Box::new(count), Box::new(bound));
            if depth > 0 && self.random.percent(25) {
                let least = self.aggregate(Type::Int, scope);
                let query = self.value_of(Type::Int, 0, &[]);
                let other = Expr::Binary("<=", Box::new(least), Box::new(Expr::Scalar(Box::new(query))));
                having = Expr::Binary("OR", Box::new(having), Box::new(other));
            }
            select.having = Some(having);
        }
    }

    fn set(&mut self, depth: usize, outer: &[Column]) -> (Body, Vec<(String, Type)>) {
        // A constant tells from which side a row comes.
        let tagged = self.random.percent(30);
        let (mut body, columns) = loop {
            let (mut body, mut columns) = self.select(depth, outer, true);
            if columns.iter().all(|(_, data_type)| *data_type != Type::Struct) {
                if tagged && let Body::Select(select) = &mut body {
                    select.items.insert(0, (Expr::Literal("3".to_owned()), "tag".to_owned()));
                    columns.insert(0, ("tag".to_owned(), Type::Int));
                }
                break (body, columns);
            }
        };
        for side in 0..1 + u32::from(self.random.percent(30)) {
            let (mut select, scope) = self.rows(depth, outer);
            if self.random.percent(15) {
                (select.from, select.filter) = (Vec::new(), None);
            }
            let scope = if select.from.is_empty() { Scope::default() } else { scope };
            for (name, data_type) in &columns {
                let item = if name == "tag" {
                    Expr::Literal((side + 1).to_string())
                } else {
                    self.expr(*data_type, &scope, 1)
                };
                select.items.push((item, name.clone()));
            }
            let op = self.random.weighted(&[
                (if tagged { 100 } else { 35 }, "UNION ALL"),
                (20, "UNION"),
                (15, "INTERSECT"),
                (10, "INTERSECT ALL"),
                (12, "EXCEPT"),
                (8, "EXCEPT ALL"),
            ]);
            body = Body::Set(op, Box::new(body), Box::new(Body::Select(Box::new(select))));
        }
        (body, columns)
    }
}

fn columns_of(columns: &[(String, Type)]) -> Vec<(String, Type)> {
    columns.to_vec()
}

/// Reads a column.
fn read(column: &Column) -> Expr {
    Expr::Column(column.relation.clone(), column.name.clone())
}

fn has_no_column(expr: &Expr) -> bool {
    let mut none = true;
    visit(expr, &mut |inner| none &= !matches!(inner, Expr::Column(..)));
    none
}

fn holds_query(expr: &Expr) -> bool {
    let mut holds = false;
    visit(expr, &mut |inner| {
        holds |= matches!(inner, Expr::Scalar(_) | Expr::InQuery(..) | Expr::Exists(..));
    });
    holds
}

/// Sees an expression and its parts, without the queries in it.
pub(super) fn visit(expr: &Expr, see: &mut impl FnMut(&Expr)) {
    see(expr);
    match expr {
        Expr::Column(..) | Expr::Literal(_) | Expr::Null(_) | Expr::Exists(..) | Expr::Scalar(_) => {}
        Expr::Field(inner, _)
        | Expr::Before(_, inner)
        | Expr::Behind(inner, _)
        | Expr::InQuery(inner, _, _)
        | Expr::Cast(inner, _) => visit(inner, see),
        Expr::Binary(_, left, right) => {
            visit(left, see);
            visit(right, see);
        }
        Expr::Between(inner, low, high) => [inner, low, high].into_iter().for_each(|part| visit(part, see)),
        Expr::In(inner, list, _) => {
            visit(inner, see);
            list.iter().for_each(|part| visit(part, see));
        }
        Expr::Case(branches, otherwise) => {
            branches.iter().for_each(|(when, then)| {
                visit(when, see);
                visit(then, see);
            });
            otherwise.iter().for_each(|part| visit(part, see));
        }
        Expr::Call(_, args) => args.iter().for_each(|part| visit(part, see)),
        Expr::Aggregate(_, _, arg, filter) => {
            arg.iter().chain(filter).for_each(|part| visit(part, see));
        }
        Expr::Window(_, arg, partition, order, _) => {
            arg.iter().for_each(|part| visit(part, see));
            partition.iter().chain(order.iter().map(|(key, _)| key)).for_each(|part| visit(part, see));
        }
    }
}
