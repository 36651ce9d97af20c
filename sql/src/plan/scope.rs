//! Which names can be seen, and what they stand for.

use arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::bind::Span;
use crate::error::{Result, SqlError};
use crate::parse::ast::Name;
use crate::position::Position;

/// A plan and the names of what it gives.
#[derive(Debug, Clone)]
pub(crate) struct Rel {
    /// The plan.
    pub(crate) plan: LogicalPlan,
    /// Its columns.
    pub(crate) scope: Scope,
}

/// Columns that can be named.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// In order.
    pub(crate) columns: Vec<ScopeColumn>,
}

/// A column that can be named.
#[derive(Debug, Clone)]
pub(crate) struct ScopeColumn {
    /// Names that may stand before it, outermost first, in lower case.
    pub(crate) qualifier: Vec<String>,
    /// Its name in lower case.
    pub(crate) key: String,
    /// Its name as Spark shows it.
    pub(crate) display: String,
    /// The column of the plan.
    pub(crate) column: Column,
    /// Its type.
    pub(crate) data_type: DataType,
    /// Whether only its qualified name is seen: the second of the columns that a join has merged.
    pub(crate) hidden: bool,
    /// Of an interval, its units.
    pub(crate) span: Span,
    /// Whether the table has a type that Spark does not know, so that the column must not be used.
    pub(crate) unusable: bool,
}

impl ScopeColumn {
    /// Returns the expression that reads it.
    pub(crate) fn expr(&self) -> Expr {
        Expr::Column(self.column.clone())
    }

    /// Returns the expression that reads it, which is written at a place.
    pub(crate) fn expr_at(&self, position: Position) -> Expr {
        Expr::Column(self.column.clone().with_spans(position.into()))
    }
}

/// What a name stands for.
pub(crate) struct Found<'a> {
    /// The column.
    pub(crate) column: &'a ScopeColumn,
    /// How many of the names that were given are used up by it; the rest are fields.
    pub(crate) used: usize,
}

impl Scope {
    /// Finds what a name stands for; nothing if nothing has this name.
    ///
    /// # Errors
    /// [`SqlError::AmbiguousColumn`] if several columns have it.
    pub(crate) fn find(&self, parts: &[Name]) -> Result<Option<Found<'_>>> {
        let keys: Vec<String> = parts.iter().map(Name::key).collect();
        // `a.b` is rather the column b of a than the field b of a column a.
        for before in (0..keys.len()).rev() {
            let mut found = self
                .columns
                .iter()
                .filter(|column| column.key == keys[before] && column.is_qualified_by(&keys[..before]));
            let Some(first) = found.next() else { continue };
            if found.next().is_some() {
                let name = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
                return Err(SqlError::AmbiguousColumn { name, position: parts[0].position });
            }
            return Ok(Some(Found { column: first, used: before + 1 }));
        }
        Ok(None)
    }

    /// Returns the columns that `*` or `t.*` stands for.
    pub(crate) fn all(&self, qualifier: &[Name]) -> Vec<&ScopeColumn> {
        let keys: Vec<String> = qualifier.iter().map(Name::key).collect();
        self.columns
            .iter()
            .filter(|column| if keys.is_empty() { !column.hidden } else { column.is_qualified_by(&keys) })
            .collect()
    }

    /// Returns the name that is most similar to one that was not found.
    pub(crate) fn nearest(&self, name: &str) -> Option<String> {
        nearest(
            &name.to_lowercase(),
            self.columns.iter().filter(|column| !column.hidden).map(|column| column.key.as_str()),
        )
    }
}

impl ScopeColumn {
    fn is_qualified_by(&self, keys: &[String]) -> bool {
        if keys.is_empty() { !self.hidden } else { self.qualifier.ends_with(keys) }
    }
}

/// Returns the most similar of some names, if any is similar.
pub(crate) fn nearest<'a>(name: &str, all: impl Iterator<Item = &'a str>) -> Option<String> {
    all.map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, other)| other.to_owned())
}
