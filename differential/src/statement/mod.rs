//! Statements as trees, so that they can be made, written in two dialects, counted and shrunk.

mod construct;
pub mod generate;
mod shrink;
mod text;
pub mod visit;

pub use self::construct::{Construct, constructs};
pub use self::shrink::smaller;
pub use self::text::{Dialect, text};

/// Types of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// 32 bits.
    Int,
    /// 64 bits.
    Long,
    /// Text.
    Text,
    /// Two digits behind the point.
    Decimal,
    /// Halves only, so that no sum depends on the order of its parts.
    Double,
    /// Truth.
    Bool,
    /// A day.
    Date,
    /// A struct of an int `a` and a text `s`.
    Struct,
}

impl Type {
    /// Those whose values are compared and ordered.
    pub const ATOMIC: [Self; 7] =
        [Self::Int, Self::Long, Self::Text, Self::Decimal, Self::Double, Self::Bool, Self::Date];
}

/// A column that a relation gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Alias of the relation; none for the variable of a lambda.
    pub relation: String,
    /// Its name there.
    pub name: String,
    /// Its type.
    pub data_type: Type,
}

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// `WITH`.
    pub named: Vec<(String, Self)>,
    /// What it selects.
    pub body: Body,
    /// By all of its columns: for each whether it descends, and whether nulls come first.
    pub order: Vec<(bool, bool)>,
    /// Only with an order, so that the rows that are taken are certain.
    pub limit: Option<usize>,
    /// Names and types of its columns.
    pub columns: Vec<(String, Type)>,
}

/// What a query selects.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// `SELECT`.
    Select(Box<Select>),
    /// `UNION ALL` and the like.
    Set(&'static str, Box<Self>, Box<Self>),
}

/// `SELECT … FROM … WHERE …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// `DISTINCT`.
    pub distinct: bool,
    /// Expressions and their names.
    pub items: Vec<(Expr, String)>,
    /// Relations, joined by commas.
    pub from: Vec<From>,
    /// `WHERE`.
    pub filter: Option<Expr>,
    /// `GROUP BY`.
    pub groups: Vec<Expr>,
    /// `HAVING`.
    pub having: Option<Expr>,
}

/// Something to select from.
#[derive(Debug, Clone, PartialEq)]
pub enum From {
    /// A table or a named query, and its alias.
    Table(String, String),
    /// A query and its alias.
    Query(Box<Query>, String),
    /// Constants, the names of their columns, and their alias.
    Values(Vec<Vec<Expr>>, Vec<String>, String),
    /// A join: its kind, its sides, its condition.
    Join(&'static str, Box<Self>, Box<Self>, Option<Expr>),
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column of a relation, or a variable of a lambda, which is of none.
    Column(String, String),
    /// A field of a struct.
    Field(Box<Self>, &'static str),
    /// A constant, the same in all dialects.
    Literal(String),
    /// A null of a type.
    Null(Type),
    /// An operator between two.
    Binary(&'static str, Box<Self>, Box<Self>),
    /// Something before one: `NOT`, `-`.
    Before(&'static str, Box<Self>),
    /// Something behind one: `IS NULL`.
    Behind(Box<Self>, &'static str),
    /// `BETWEEN`.
    Between(Box<Self>, Box<Self>, Box<Self>),
    /// `IN (…)`, and whether there is a NOT before it.
    In(Box<Self>, Vec<Self>, bool),
    /// `IN (SELECT …)`, likewise.
    InQuery(Box<Self>, Box<Query>, bool),
    /// `EXISTS (SELECT …)`, likewise.
    Exists(Box<Query>, bool),
    /// A query that is a value.
    Scalar(Box<Query>),
    /// `CASE WHEN … THEN … ELSE … END`.
    Case(Vec<(Self, Self)>, Option<Box<Self>>),
    /// A function.
    Call(&'static str, Vec<Self>),
    /// An aggregate function: whether DISTINCT, and a filter. `count` without an argument counts rows.
    Aggregate(&'static str, bool, Option<Box<Self>>, Option<Box<Self>>),
    /// A window function.
    Window(Box<Window>),
    /// A function of an array, a variable for its elements, and what becomes of each.
    Lambda(&'static str, Box<Self>, String, Box<Self>),
    /// `CAST`.
    Cast(Box<Self>, Type),
}

/// `first_value(…) IGNORE NULLS OVER (PARTITION BY … ORDER BY … ROWS BETWEEN …)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The function.
    pub name: &'static str,
    /// Its arguments. `count` without any counts rows.
    pub args: Vec<Expr>,
    /// `IGNORE NULLS`.
    pub ignores_nulls: bool,
    /// `PARTITION BY`.
    pub partition: Vec<Expr>,
    /// `ORDER BY`: for each key whether it descends.
    pub order: Vec<(Expr, bool)>,
    /// The rows of its frame.
    pub frame: Option<&'static str>,
}
