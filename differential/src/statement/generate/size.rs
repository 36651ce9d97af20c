//! How many rows relations may have, so that no statement is a product of everything.

use super::Maker;
use crate::statement::{Body, Expr, From, Query};

/// Rows of what one SELECT reads, if no condition of a join left any out.
const MOST_ROWS: usize = 20_000;

/// Elements of an array.
const LONGEST_ARRAY: usize = 3;

impl Maker<'_> {
    /// Whether a join of these stays small, whatever its condition.
    pub(super) fn fits(&self, left: &From, right: &From) -> bool {
        self.rows_of(left).saturating_mul(self.rows_of(right)) <= MOST_ROWS
    }

    fn rows_of(&self, relation: &From) -> usize {
        match relation {
            From::Table(name, _) => {
                let table = self.tables.iter().find(|table| table.name == *name).map(|table| table.rows);
                let named = || self.named.iter().find(|(other, _)| other == name);
                table.or_else(|| named().map(|(_, query)| self.rows_of_query(query))).unwrap_or(1).max(1)
            }
            From::Query(query, _) => self.rows_of_query(query),
            From::Values(rows, ..) => rows.len(),
            From::Join("LEFT SEMI" | "LEFT ANTI", left, ..) => self.rows_of(left),
            From::Join(_, left, right, _) => self.rows_of(left).saturating_mul(self.rows_of(right)),
        }
    }

    fn rows_of_query(&self, query: &Query) -> usize {
        query.limit.unwrap_or(usize::MAX).clamp(1, self.rows_of_body(&query.body))
    }

    fn rows_of_body(&self, body: &Body) -> usize {
        match body {
            Body::Set(_, left, right) => self.rows_of_body(left).saturating_add(self.rows_of_body(right)),
            Body::Select(select) => {
                let aggregates = select.items.iter().any(|(item, _)| matches!(item, Expr::Aggregate(..)));
                if aggregates && select.groups.is_empty() {
                    return 1;
                }
                let explodes = |item: &Expr| matches!(item, Expr::Call("explode", _));
                let each =
                    if select.items.iter().any(|(item, _)| explodes(item)) { LONGEST_ARRAY } else { 1 };
                select.from.iter().map(|from| self.rows_of(from)).fold(each, usize::saturating_mul)
            }
        }
    }
}
