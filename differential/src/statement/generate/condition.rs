//! Conditions.

use super::{Maker, Scope, read};
use crate::statement::visit::has_no_column;
use crate::statement::{Column, Expr, Type};

impl Maker<'_> {
    /// A truth value; `size` bounds how many parts it has, `depth` how many queries are in one another.
    pub(super) fn condition(&mut self, scope: &Scope, size: usize, depth: usize) -> Expr {
        if size > 0 && self.random.percent(45) {
            let op = if self.random.percent(55) { "AND" } else { "OR" };
            let left = self.condition(scope, size - 1, depth);
            let right = self.condition(scope, size - 1, depth);
            return Expr::Binary(op, Box::new(left), Box::new(right));
        }
        if size > 0 && self.random.percent(12) {
            return Expr::Before("NOT", Box::new(self.condition(scope, size - 1, depth)));
        }
        if size > 0 && self.random.percent(8) {
            return self.lists(scope);
        }
        if scope.tests && depth > 0 && self.random.percent(35) {
            return self.test(scope, depth - 1);
        }
        self.comparison(scope)
    }

    /// EXISTS and IN with a query, about half of them reading what is around.
    fn test(&mut self, scope: &Scope, depth: usize) -> Expr {
        let outer: Vec<Column> = if self.random.percent(55) { scope.columns.clone() } else { Vec::new() };
        if self.random.percent(45) {
            return self.existence(depth, &outer);
        }
        let negated = self.random.percent(45);
        let wanted = self.random.weighted(&[(70, Type::Int), (20, Type::Text), (10, Type::Long)]);
        let mut value = self.expr(wanted, scope, 1);
        if has_no_column(&value) {
            value = self.leaf(wanted, scope);
        }
        // Of a null that is written Spark asks no subquery.
        while matches!(value, Expr::Null(_)) {
            value = self.constant(wanted);
        }
        let query = self.query_of(wanted, depth, &outer);
        Expr::InQuery(Box::new(value), Box::new(query), negated)
    }

    /// EXISTS, which may stand anywhere.
    pub(super) fn existence(&mut self, depth: usize, outer: &[Column]) -> Expr {
        let negated = self.random.percent(45);
        let query = self.query_of(Type::Int, depth, outer);
        Expr::Exists(Box::new(query), negated)
    }

    /// Lists over the same value, which are often taken together.
    fn lists(&mut self, scope: &Scope) -> Expr {
        let wanted =
            self.random.weighted(&[(60, Type::Int), (20, Type::Text), (10, Type::Long), (10, Type::Date)]);
        let value = self.leaf(wanted, scope);
        let list = |maker: &mut Self| {
            let count = 2 + maker.random.below(3);
            let items = (0..count).map(|_| maker.constant(wanted)).collect();
            Expr::In(Box::new(value.clone()), items, maker.random.percent(50))
        };
        let mut all = list(self);
        for _ in 0..1 + self.random.below(2) {
            let op = if self.random.percent(50) { "AND" } else { "OR" };
            let next = list(self);
            all = Expr::Binary(op, Box::new(all), Box::new(next));
        }
        if self.random.percent(30) { Expr::Before("NOT", Box::new(all)) } else { all }
    }

    fn comparison(&mut self, scope: &Scope) -> Expr {
        let wanted = self.random.weighted(&[
            (45, Type::Int),
            (12, Type::Long),
            (20, Type::Text),
            (8, Type::Decimal),
            (5, Type::Double),
            (5, Type::Bool),
            (5, Type::Date),
        ]);
        let value = self.expr(wanted, scope, 1);
        match self.random.weighted(&[(40, 0), (25, 1), (18, 2), (7, 3), (10, 4)]) {
            0 => {
                let op = *self.random.pick(&["=", "<>", "<", "<=", ">", ">=", "<=>"]);
                let other = self.expr(wanted, scope, 1);
                Expr::Binary(op, Box::new(value), Box::new(other))
            }
            1 => {
                let count = 1 + self.random.below(5);
                let mut list: Vec<Expr> = (0..count).map(|_| self.constant(wanted)).collect();
                if self.random.percent(15) {
                    list.push(Expr::Null(wanted));
                }
                // Lists over the same column meet in one condition.
                let same = scope.columns.iter().find(|column| column.data_type == wanted).map(read);
                let value = same.filter(|_| self.random.percent(60)).unwrap_or(value);
                Expr::In(Box::new(value), list, self.random.percent(40))
            }
            2 => {
                let op = if self.random.percent(50) { "IS NULL" } else { "IS NOT NULL" };
                Expr::Behind(Box::new(value), op)
            }
            3 => {
                let (low, high) = (self.constant(wanted), self.constant(wanted));
                Expr::Between(Box::new(value), Box::new(low), Box::new(high))
            }
            _ => {
                let flags: Vec<&Column> =
                    scope.columns.iter().filter(|column| column.data_type == Type::Bool).collect();
                if flags.is_empty() {
                    Expr::Literal((*self.random.pick(&["TRUE", "FALSE"])).to_owned())
                } else {
                    {
                        let flag: &&Column = self.random.pick(&flags);
                        read(flag)
                    }
                }
            }
        }
    }
}
