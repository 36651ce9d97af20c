//! Reads statements: text in, syntax tree out.

pub(crate) mod ast;
mod facts;
mod grammar;
mod lexer;
mod token;
pub(crate) mod visit;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::facts::Facts;
pub use self::facts::TableRef;
pub(crate) use self::grammar::parse_type;
use crate::error::Result;

/// One read-only query in Spark's dialect.
#[derive(Debug, Clone)]
pub struct Query {
    sql: Arc<str>,
    tree: Arc<ast::QueryExpr>,
    facts: Arc<Facts>,
}

impl Query {
    /// Parses exactly one query: SELECT, WITH, VALUES or a set operation; a semicolon may end it.
    ///
    /// Names are not looked up here: that is [`crate::plan::plan`].
    ///
    /// # Errors
    /// [`crate::SqlError::Syntax`] with line and column; [`crate::SqlError::NotAQuery`] for any other statement, and
    /// for several.
    pub fn parse(sql: &str) -> Result<Self> {
        let tree = grammar::parse_query(sql)?;
        let facts = Arc::new(Facts::of(&tree));
        Ok(Self { sql: sql.into(), tree: Arc::new(tree), facts })
    }

    /// Returns the text that was parsed.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Returns the tables that the query names, each once, in order of appearance; names that `WITH` gives are none.
    #[must_use]
    pub fn tables(&self) -> Vec<TableRef> {
        self.facts.tables.clone()
    }

    /// Returns, in lower case, every name that is used as a column or as a part of one: aliases of tables are among
    /// them, so this is a superset of the columns that the query reads, unless it [uses wildcards](Self::uses_wildcard).
    #[must_use]
    pub fn columns_named(&self) -> BTreeSet<String> {
        self.facts.columns.keys().cloned().collect()
    }

    /// Tells whether the query selects all columns of something (`*`, `t.*`, a natural join, `TABLE t`).
    #[must_use]
    pub fn uses_wildcard(&self) -> bool {
        self.facts.wildcard
    }

    /// Returns line and column where a name is used first, as a column or as a table, whatever its case.
    #[must_use]
    pub fn position_of(&self, ident: &str) -> Option<(u64, u64)> {
        let key = ident.to_lowercase();
        let table =
            self.facts.tables.iter().find(|table| table.name == key).map(|table| (table.line, table.column));
        let column = self.facts.columns.get(&key).map(|position| (position.line, position.column));
        column.or(table)
    }

    /// Tells whether the query asks for the current time or date.
    #[must_use]
    pub fn uses_clock(&self) -> bool {
        self.facts.clock
    }

    pub(crate) fn tree(&self) -> &ast::QueryExpr {
        &self.tree
    }
}

#[cfg(test)]
mod tests;
