//! The syntax tree of a query.
//!
//! It is small on purpose: what Spark 3.5 accepts and this crate supports has a node, everything else is a syntax error,
//! so that no clause can be read and then forgotten.

use arrow::datatypes::DataType;

use crate::position::Position;
use crate::spelling::fold;

/// A name as it is written, and where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Name {
    /// As it is written, without back-ticks.
    pub(crate) text: String,
    /// Where.
    pub(crate) position: Position,
}

impl Name {
    /// Returns the name as it is looked up: in lower case.
    pub(crate) fn key(&self) -> String {
        fold(&self.text)
    }
}

/// A query with its order and limit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryExpr {
    /// `WITH name (columns) AS (query)`.
    pub(crate) ctes: Vec<Cte>,
    /// What it selects.
    pub(crate) body: Body,
    /// `ORDER BY`.
    pub(crate) order_by: Vec<SortItem>,
    /// `LIMIT`.
    pub(crate) limit: Option<Expr>,
    /// `OFFSET`.
    pub(crate) offset: Option<Expr>,
    /// Where it begins.
    pub(crate) position: Position,
}

/// A named query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cte {
    /// Its name.
    pub(crate) name: Name,
    /// Names of its columns, if they are given.
    pub(crate) columns: Vec<Name>,
    /// The query.
    pub(crate) query: QueryExpr,
}

/// What a query selects.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    /// `SELECT …`.
    Select(Box<Select>),
    /// `UNION`, `INTERSECT`, `EXCEPT`.
    Set {
        /// Which one.
        op: SetOp,
        /// Whether duplicates stay.
        all: bool,
        /// Left side.
        left: Box<Self>,
        /// Right side.
        right: Box<Self>,
        /// Where the operator stands.
        position: Position,
    },
    /// `VALUES …` and `TABLE t`.
    Relation(Box<Relation>),
    /// `( query )`.
    Nested(Box<QueryExpr>),
}

/// Set operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetOp {
    /// Rows of both.
    Union,
    /// Rows that are in both.
    Intersect,
    /// Rows that are in the left one only.
    Except,
}

/// `SELECT … FROM … WHERE …`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Select {
    /// `DISTINCT`.
    pub(crate) distinct: bool,
    /// What is selected.
    pub(crate) items: Vec<SelectItem>,
    /// `FROM`, joined by commas.
    pub(crate) from: Vec<Relation>,
    /// `LATERAL VIEW`s, in order.
    pub(crate) lateral_views: Vec<LateralView>,
    /// `WHERE`.
    pub(crate) filter: Option<Expr>,
    /// `GROUP BY`.
    pub(crate) group_by: Option<GroupBy>,
    /// `HAVING`.
    pub(crate) having: Option<Expr>,
    /// `WINDOW name AS (…)`.
    pub(crate) windows: Vec<(Name, WindowSpec)>,
    /// Where it begins.
    pub(crate) position: Position,
}

/// An item of a SELECT list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SelectItem {
    /// The expression; [`ExprKind::Star`] for all columns.
    pub(crate) expr: Expr,
    /// `AS name`, or `AS (name, …)` for a generator of several columns.
    pub(crate) aliases: Vec<Name>,
}

/// `GROUP BY`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GroupBy {
    /// Plain expressions, or the sets' parts.
    pub(crate) items: Vec<GroupItem>,
    /// Where it begins.
    pub(crate) position: Position,
}

/// A part of a `GROUP BY`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum GroupItem {
    /// An expression, an alias or a position.
    Plain(Expr),
    /// `ROLLUP (…)`.
    Rollup(Vec<Vec<Expr>>),
    /// `CUBE (…)`.
    Cube(Vec<Vec<Expr>>),
    /// `GROUPING SETS (…)`.
    Sets(Vec<Vec<Expr>>),
}

/// `LATERAL VIEW [OUTER] generator alias AS columns`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LateralView {
    /// Whether rows without an element stay.
    pub(crate) outer: bool,
    /// The call of the generator.
    pub(crate) call: Expr,
    /// Name of the view.
    pub(crate) alias: Option<Name>,
    /// Names of its columns.
    pub(crate) columns: Vec<Name>,
    /// Where it begins.
    pub(crate) position: Position,
}

/// Something to select from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Relation {
    /// What it is.
    pub(crate) kind: RelationKind,
    /// `AS alias (columns)`.
    pub(crate) alias: Option<Name>,
    /// Names of its columns, if they are given.
    pub(crate) columns: Vec<Name>,
    /// Where it begins.
    pub(crate) position: Position,
}

/// The kinds of relation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RelationKind {
    /// A table or a named query.
    Table(Vec<Name>),
    /// `( query )`.
    Query(Box<QueryExpr>),
    /// `VALUES …`.
    Values(Vec<Vec<Expr>>),
    /// A function that makes rows, such as `range(1, 5)`.
    Call(Expr),
    /// A join.
    Join(Box<Join>),
}

/// `left JOIN right ON …`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Join {
    /// Left side.
    pub(crate) left: Relation,
    /// Right side.
    pub(crate) right: Relation,
    /// Kind.
    pub(crate) kind: JoinKind,
    /// Condition.
    pub(crate) on: JoinOn,
}

/// Kinds of join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinKind {
    /// `[INNER] JOIN`, `CROSS JOIN` and commas.
    Inner,
    /// `LEFT [OUTER] JOIN`.
    Left,
    /// `RIGHT [OUTER] JOIN`.
    Right,
    /// `FULL [OUTER] JOIN`.
    Full,
    /// `[LEFT] SEMI JOIN`.
    Semi,
    /// `[LEFT] ANTI JOIN`.
    Anti,
}

/// Conditions of joins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JoinOn {
    /// None: every row with every row.
    Nothing,
    /// `ON condition`.
    Condition(Expr),
    /// `USING (columns)`.
    Using(Vec<Name>),
    /// `NATURAL`.
    Natural,
}

/// An item of an `ORDER BY`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SortItem {
    /// What to order by.
    pub(crate) expr: Expr,
    /// `DESC`.
    pub(crate) descending: bool,
    /// `NULLS FIRST` or `NULLS LAST`; nothing if it is not written.
    pub(crate) nulls_first: Option<bool>,
}

impl SortItem {
    /// Tells where nulls go: first if ascending and last if descending, unless it is written.
    pub(crate) fn nulls_come_first(&self) -> bool {
        self.nulls_first.unwrap_or(!self.descending)
    }
}

/// An expression and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    /// What it is.
    pub(crate) kind: ExprKind,
    /// Where it begins.
    pub(crate) position: Position,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// A name, maybe with names before it.
    Column(Vec<Name>),
    /// `*` or `t.*`.
    Star(Vec<Name>),
    /// `-x`, `+x`, `~x`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b` and the like.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `NOT x` and `!x`.
    Not(Box<Expr>),
    /// `x IS [NOT] NULL`.
    IsNull { expr: Box<Expr>, negated: bool },
    /// `x IS [NOT] TRUE`, `FALSE`, `UNKNOWN` (the value is then nothing).
    IsTruth { expr: Box<Expr>, value: Option<bool>, negated: bool },
    /// `x [NOT] BETWEEN low AND high`.
    Between { expr: Box<Expr>, low: Box<Expr>, high: Box<Expr>, negated: bool },
    /// `x [NOT] IN (a, b)`.
    InList { expr: Box<Expr>, list: Vec<Expr>, negated: bool },
    /// `x [NOT] IN (query)`.
    InQuery { expr: Box<Expr>, query: Box<QueryExpr>, negated: bool },
    /// `x [NOT] LIKE pattern` and its kin.
    Like { op: LikeOp, expr: Box<Expr>, pattern: Box<Expr>, escape: Option<char>, negated: bool },
    /// `EXISTS (query)`.
    Exists(Box<QueryExpr>),
    /// `(query)` that gives one value.
    Scalar(Box<QueryExpr>),
    /// `CASE … END`.
    Case { operand: Option<Box<Expr>>, branches: Vec<(Expr, Expr)>, otherwise: Option<Box<Expr>> },
    /// `CAST(x AS type)`, `TRY_CAST(x AS type)`.
    Cast { expr: Box<Expr>, to: DataType, safe: bool },
    /// A call.
    Call(Box<Call>),
    /// `x[index]`.
    Index(Box<Expr>, Box<Expr>),
    /// `x.field` of something that is no name.
    Field(Box<Expr>, Name),
    /// `(x, y) -> body`.
    Lambda { params: Vec<Name>, body: Box<Expr> },
    /// `(a, b)`: a struct.
    Tuple(Vec<Expr>),
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// Its name.
    pub(crate) name: Name,
    /// Arguments.
    pub(crate) args: Vec<Arg>,
    /// `DISTINCT`.
    pub(crate) distinct: bool,
    /// `FILTER (WHERE …)`.
    pub(crate) filter: Option<Expr>,
    /// `IGNORE NULLS` (true) or `RESPECT NULLS` (false).
    pub(crate) ignore_nulls: Option<bool>,
    /// `OVER …`.
    pub(crate) over: Option<WindowSpec>,
}

/// An argument: `name => value`, `value AS name` in a struct, or a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arg {
    /// Its name.
    pub(crate) name: Option<Name>,
    /// Its value.
    pub(crate) value: Expr,
}

/// `OVER (…)` or `OVER name`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct WindowSpec {
    /// A window that is named in `WINDOW`.
    pub(crate) base: Option<Name>,
    /// `PARTITION BY`.
    pub(crate) partition_by: Vec<Expr>,
    /// `ORDER BY`.
    pub(crate) order_by: Vec<SortItem>,
    /// Frame.
    pub(crate) frame: Option<Frame>,
}

/// `ROWS BETWEEN … AND …`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    /// Rows, not values.
    pub(crate) rows: bool,
    /// First row.
    pub(crate) start: Bound,
    /// Last row.
    pub(crate) end: Bound,
    /// Where it is written.
    pub(crate) position: Position,
}

/// A bound of a frame.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bound {
    /// `UNBOUNDED PRECEDING` or `FOLLOWING`.
    Unbounded,
    /// `CURRENT ROW`.
    Current,
    /// `n PRECEDING`.
    Preceding(Expr),
    /// `n FOLLOWING`.
    Following(Expr),
}

/// Constants.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    /// `NULL`.
    Null,
    /// `TRUE`, `FALSE`.
    Boolean(bool),
    /// A number of whichever type, as Spark types it.
    Number(Number),
    /// `'text'`.
    Text(String),
    /// `X'1F'`.
    Binary(Vec<u8>),
    /// `DATE'2024-01-01'`: days since 1970.
    Date(i32),
    /// `TIMESTAMP'…'`: microseconds since 1970, UTC.
    Timestamp(i64),
    /// `TIMESTAMP_NTZ'…'`: microseconds since 1970 without zone.
    TimestampNtz(i64),
    /// `INTERVAL n MONTH`: months.
    Months(i32, IntervalUnits),
    /// `INTERVAL n DAY`: microseconds.
    Micros(i64, IntervalUnits),
}

/// Units that an interval is counted in, from the largest to the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum IntervalUnit {
    /// Years.
    Year,
    /// Months.
    Month,
    /// Days, and weeks.
    Day,
    /// Hours.
    Hour,
    /// Minutes.
    Minute,
    /// Seconds, and their fractions.
    Second,
}

/// The largest and the smallest unit of an interval.
pub(crate) type IntervalUnits = (IntervalUnit, IntervalUnit);

/// Numbers of a statement, typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// `1Y`.
    Byte(i8),
    /// `1S`.
    Short(i16),
    /// `1`.
    Int(i32),
    /// `1L`, and what does not fit an int.
    Long(i64),
    /// `1.0F`.
    Float(f32),
    /// `1.0D`, `1e3`.
    Double(f64),
    /// `1.5`, and what does not fit a bigint.
    Decimal {
        /// Digits without point.
        unscaled: i128,
        /// All digits.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
}

/// Operators before an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnaryOp {
    /// `-`.
    Minus,
    /// `+`.
    Plus,
    /// `~`.
    BitNot,
}

/// Operators between operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
    /// `DIV`.
    IntegralDivide,
    /// `||`.
    Concat,
    /// `&`.
    BitAnd,
    /// `|`.
    BitOr,
    /// `^`.
    BitXor,
    /// `=`, `==`.
    Eq,
    /// `<>`, `!=`.
    NotEq,
    /// `<`.
    Lt,
    /// `<=`.
    LtEq,
    /// `>`.
    Gt,
    /// `>=`.
    GtEq,
    /// `<=>`, `IS NOT DISTINCT FROM`.
    NullSafeEq,
    /// `AND`.
    And,
    /// `OR`.
    Or,
}

/// Kinds of pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LikeOp {
    /// `LIKE`.
    Like,
    /// `ILIKE`.
    ILike,
    /// `RLIKE`, `REGEXP`.
    RLike,
}
