//! The first row of each key, as models take it: `row_number() … = 1`.

use super::from::of;
use super::{Maker, Scope, read};
use crate::statement::{Body, Column, Expr, From, Query, Select, Type, Window};

/// The column of the number; no other is called so.
pub(in crate::statement) const NUMBER: &str = "rn";

impl Maker<'_> {
    /// A relation with the first of the rows that share a key, or two.
    pub(super) fn first_rows(&mut self, depth: usize) -> (From, Vec<Column>) {
        let (relation, columns) = self.simple(depth);
        let scope = Scope { columns, outer: Vec::new(), tests: false };
        let mut order = self.total_order(&scope);
        let mut partition = Vec::new();
        // An order that has the key as well has to be the same one.
        let leaves = self.random.percent(70);
        for _ in 0..self.random.weighted(&[(10, 0), (65, 1), (25, 2)]).min(order.len().saturating_sub(1)) {
            let place = self.random.below(order.len());
            partition.push(if leaves { order.remove(place).0 } else { order[place].0.clone() });
        }
        let number = Window {
            name: "row_number",
            args: Vec::new(),
            ignores_nulls: false,
            partition,
            order,
            frame: None,
        };
        let mut numbered = plain(relation, &scope.columns);
        numbered.items.push((Expr::Window(Box::new(number)), NUMBER.to_owned()));
        if self.random.percent(30) {
            numbered.filter = Some(self.condition(&scope, 1, 0));
        }
        let names: Vec<(String, Type)> =
            scope.columns.iter().map(|column| (column.name.clone(), column.data_type)).collect();
        let mut all = names.clone();
        all.push((NUMBER.to_owned(), Type::Int));
        let alias = self.alias();
        let columns = of(&names, &alias);
        let mut first = plain(From::Query(Box::new(query(numbered, all)), alias.clone()), &columns);
        let number = Expr::Column(alias, NUMBER.to_owned());
        let is_first = Expr::Binary("=", Box::new(number), Box::new(Expr::Literal("1".to_owned())));
        first.filter = Some(if self.random.percent(30) {
            let scope = Scope { columns, outer: Vec::new(), tests: false };
            let other = self.condition(&scope, 1, 0);
            Expr::Binary("AND", Box::new(is_first), Box::new(other))
        } else {
            is_first
        });
        let alias = self.alias();
        let columns = of(&names, &alias);
        (From::Query(Box::new(query(first, names)), alias), columns)
    }
}

/// All columns of a relation.
fn plain(relation: From, columns: &[Column]) -> Select {
    Select {
        distinct: false,
        items: columns.iter().map(|column| (read(column), column.name.clone())).collect(),
        from: vec![relation],
        filter: None,
        groups: Vec::new(),
        having: None,
    }
}

fn query(select: Select, columns: Vec<(String, Type)>) -> Query {
    Query { named: Vec::new(), body: Body::Select(Box::new(select)), order: Vec::new(), limit: None, columns }
}
