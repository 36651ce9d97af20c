//! What statements select: columns, groups, extremes, and sets of such.

use super::{Maker, Scope, read};
use crate::statement::visit::{has_no_column, holds_query};
use crate::statement::{Body, Column, Expr, Select, Type};

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
impl Maker<'_> {
    pub(super) fn select(
        &mut self,
        depth: usize,
        outer: &[Column],
        printed: bool,
    ) -> (Body, Vec<(String, Type)>) {
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
                if self.random.percent(8) {
                    let wanted = if self.random.percent(70) { Type::Int } else { Type::Text };
                    let array = self.array(wanted, &scope);
                    let item = Expr::Call("explode", vec![array]);
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

    pub(super) fn set(&mut self, depth: usize, outer: &[Column]) -> (Body, Vec<(String, Type)>) {
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
