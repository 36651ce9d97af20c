//! What statements select from.

use super::{Maker, Scope, read};
use crate::statement::{Column, Expr, From, Type};
use crate::table::TableColumns;

/// Relations of one statement; what comes after is a table.
const MOST_RELATIONS: usize = 12;

impl Maker<'_> {
    /// A relation, which is often a join, and its columns.
    pub(super) fn relation(&mut self, depth: usize) -> (From, Vec<Column>) {
        let (mut relation, mut columns) = self.simple(depth);
        for _ in 0..5 {
            if self.work > MOST_RELATIONS || !self.random.percent(if depth > 1 { 35 } else { 22 }) {
                break;
            }
            (relation, columns) = self.joined(relation, columns, depth);
        }
        (relation, columns)
    }

    fn joined(&mut self, left: From, columns: Vec<Column>, depth: usize) -> (From, Vec<Column>) {
        let (right, others) = if self.random.percent(12) && depth > 0 {
            let (one, own) = self.simple(depth - 1);
            self.joined(one, own, 0)
        } else {
            self.simple(depth.saturating_sub(1))
        };
        if !self.fits(&left, &right) {
            return (left, columns);
        }
        let kind = self.random.weighted(&[
            (28, "INNER"),
            (26, "LEFT"),
            (14, "RIGHT"),
            (10, "FULL"),
            (8, "LEFT SEMI"),
            (8, "LEFT ANTI"),
            (6, "CROSS"),
        ]);
        let both: Vec<Column> = columns.iter().chain(&others).cloned().collect();
        let on = (kind != "CROSS").then(|| self.on(&columns, &others, &both, kind, depth));
        let join = From::Join(kind, Box::new(left), Box::new(right), on);
        let one_sided = kind == "LEFT SEMI" || kind == "LEFT ANTI";
        (join, if one_sided { columns } else { both })
    }

    fn on(&mut self, left: &[Column], right: &[Column], both: &[Column], kind: &str, depth: usize) -> Expr {
        let pairs: Vec<(&Column, &Column)> = left
            .iter()
            .flat_map(|one| right.iter().map(move |other| (one, other)))
            .filter(|(one, other)| one.data_type == other.data_type && one.data_type != Type::Struct)
            .collect();
        let mut conditions = Vec::new();
        for _ in 0..1 + usize::from(self.random.percent(25)) {
            if pairs.is_empty() {
                break;
            }
            let (one, other) = *self.random.pick(&pairs);
            let op = self.random.weighted(&[(74, "="), (14, "<=>"), (6, "<"), (6, "<>")]);
            conditions.push(Expr::Binary(op, Box::new(read(one)), Box::new(read(other))));
        }
        if conditions.is_empty() || self.random.percent(25) {
            let tests = kind == "INNER" && self.random.percent(40);
            let scope = Scope { columns: both.to_vec(), outer: Vec::new(), tests };
            conditions.push(self.condition(&scope, 1, depth.saturating_sub(1)));
        }
        let mut all = conditions.into_iter();
        let first = all.next().unwrap_or(Expr::Literal("TRUE".to_owned()));
        all.fold(first, |left, right| Expr::Binary("AND", Box::new(left), Box::new(right)))
    }

    pub(super) fn simple(&mut self, depth: usize) -> (From, Vec<Column>) {
        self.work += 1;
        let alias = self.alias();
        if depth > 0 && self.work < MOST_RELATIONS && self.random.percent(30) {
            let query = self.query(depth - 1, &[], false);
            let columns = of(&query.columns, &alias);
            return (From::Query(Box::new(query), alias), columns);
        }
        if depth > 0 && self.work < MOST_RELATIONS && self.random.percent(8) {
            return self.first_rows(depth - 1);
        }
        if self.random.percent(8) {
            let rows = (0..1 + self.random.below(3))
                .map(|_| vec![self.constant(Type::Int), self.constant(Type::Text)])
                .collect();
            let names = vec!["k".to_owned(), "s".to_owned()];
            let columns = of(&[("k".to_owned(), Type::Int), ("s".to_owned(), Type::Text)], &alias);
            return (From::Values(rows, names, alias), columns);
        }
        if !self.named.is_empty() && self.random.percent(35) {
            let (name, query) = self.random.pick(&self.named);
            let (name, columns) = (name.clone(), of(&query.columns, &alias));
            return (From::Table(name, alias), columns);
        }
        let table = self.random.pick(self.tables).clone();
        let columns = of(&table.columns, &alias);
        (From::Table(table.name, alias), columns)
    }

    pub(super) fn table(&mut self, table: TableColumns) -> (From, Vec<Column>) {
        self.work += 1;
        let alias = self.alias();
        let columns = of(&table.columns, &alias);
        (From::Table(table.name, alias), columns)
    }
}

pub(super) fn of(columns: &[(String, Type)], alias: &str) -> Vec<Column> {
    let column = |(name, data_type): &(String, Type)| Column {
        relation: alias.to_owned(),
        name: name.clone(),
        data_type: *data_type,
    };
    columns.iter().map(column).collect()
}
