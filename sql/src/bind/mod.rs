//! Binds expressions: names become columns, operators and functions what Spark means by them, types meet by Spark's rules.

mod call;
mod compare;
mod conditional;
mod evaluate;
mod lambda;
mod literal;
mod name;
mod operator;
mod pattern;
mod subquery;
mod typed;
mod window;

use arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;

pub(crate) use self::call::Site;
pub(crate) use self::compare::{compare, normalized};
pub(crate) use self::conditional::{coalesce, common_type, common_type_of_column, if_else};
pub(crate) use self::evaluate::evaluate;
pub(crate) use self::lambda::{Lambda, same};
pub(crate) use self::operator::{arithmetic, concat, joined};
pub(crate) use self::pattern::like;
pub(crate) use self::typed::{Span, Typed, names};
pub(crate) use self::window::{Window, row_number, whole_row};
use crate::error::{Result, SqlError};
use crate::parse::ast::{BinaryOp, Expr as Tree, ExprKind, Name, UnaryOp, WindowSpec};
use crate::plan::{Planner, Scope};
use crate::position::Position;
use crate::types;

/// What may stand in an expression besides columns and scalar functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Allowed {
    /// Aggregate functions.
    pub(crate) aggregates: bool,
    /// Window functions.
    pub(crate) windows: bool,
}

/// Where an expression stands, which decides whether `IN (SELECT …)` may: what it gives for nulls depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is a condition that filters, or a part of one that AND, OR and NOT combine with the others.
    Truth,
    /// It is a part of anything else.
    Inside,
}

/// A name that a SELECT list gives, and what it stands for.
pub(crate) type Alias = (String, Typed);

/// Binds the expressions of one clause.
pub(crate) struct Binder<'p, 's, 'a> {
    pub(crate) planner: &'p mut Planner<'a>,
    scope: &'s Scope,
    outer: Option<&'s Scope>,
    /// Names of the SELECT list that come before columns.
    before: &'s [Alias],
    /// Names of the SELECT list that come after columns.
    after: &'s [Alias],
    windows: &'s [(Name, WindowSpec)],
    allowed: Allowed,
    lambdas: Vec<(String, Typed)>,
    place: Place,
    filters: bool,
}

impl<'p, 's, 'a> Binder<'p, 's, 'a> {
    pub(crate) const fn new(
        planner: &'p mut Planner<'a>,
        scope: &'s Scope,
        outer: Option<&'s Scope>,
    ) -> Self {
        let allowed = Allowed { aggregates: false, windows: false };
        Self {
            planner,
            scope,
            outer,
            before: &[],
            after: &[],
            windows: &[],
            allowed,
            lambdas: Vec::new(),
            place: Place::Inside,
            filters: false,
        }
    }

    /// Allows aggregate and window functions.
    pub(crate) const fn allowing(mut self, allowed: Allowed, windows: &'s [(Name, WindowSpec)]) -> Self {
        self.allowed = allowed;
        self.windows = windows;
        self
    }

    /// Lets names of the SELECT list be seen before those of the columns.
    pub(crate) const fn aliases_first(mut self, aliases: &'s [Alias]) -> Self {
        self.before = aliases;
        self
    }

    /// Lets names of the SELECT list be seen where no column has the name.
    pub(crate) const fn aliases_last(mut self, aliases: &'s [Alias]) -> Self {
        self.after = aliases;
        self
    }

    /// Lets EXISTS stand anywhere, and `IN (SELECT …)` in the conditions of CASE.
    pub(crate) const fn with_tests(mut self) -> Self {
        self.filters = true;
        self
    }

    /// Binds with aggregate and window functions forbidden or allowed in the part.
    pub(crate) fn with<T>(
        &mut self,
        allowed: Allowed,
        bind: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let before = std::mem::replace(&mut self.allowed, allowed);
        let result = bind(self);
        self.allowed = before;
        result
    }

    /// Binds a condition.
    pub(crate) fn condition(&mut self, tree: &Tree, clause: &str) -> Result<Expr> {
        let place = match clause {
            "WHERE" | "HAVING" | "ON" => Place::Truth,
            _ => Place::Inside,
        };
        let before = std::mem::replace(&mut self.filters, place != Place::Inside);
        let typed = self.at(place, |binder| binder.bind(tree));
        self.filters = before;
        let typed = typed?;
        boolean(typed, clause, tree.position).map(|typed| typed.expr)
    }

    /// Binds what is a part of something else than a condition.
    fn inside<T>(&mut self, bind: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = std::mem::replace(&mut self.filters, false);
        let result = self.at(Place::Inside, bind);
        self.filters = before;
        result
    }

    /// Binds what stands at another place.
    pub(crate) fn at<T>(&mut self, place: Place, bind: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = std::mem::replace(&mut self.place, place);
        let result = bind(self);
        self.place = before;
        result
    }

    /// Binds an expression.
    pub(crate) fn bind(&mut self, tree: &Tree) -> Result<Typed> {
        let inner = match (&tree.kind, self.place) {
            (ExprKind::Binary(BinaryOp::And, ..) | ExprKind::InQuery { .. }, place) => place,
            (_, Place::Inside) => Place::Inside,
            (ExprKind::Binary(BinaryOp::Or, ..) | ExprKind::Case { .. }, _) => Place::Truth,
            (ExprKind::Not(inner), place) if subquery::holds_test(inner) => place,
            _ => Place::Inside,
        };
        self.at(inner, |binder| binder.bind_inside(tree))
    }

    fn bind_inside(&mut self, tree: &Tree) -> Result<Typed> {
        let position = tree.position;
        match &tree.kind {
            ExprKind::Literal(value) => Ok(literal::literal(value)),
            ExprKind::Column(parts) => self.column(parts),
            ExprKind::Star(_) => {
                Err(SqlError::invalid("`*` stands only in a SELECT list and in count(*)", position))
            }
            ExprKind::Unary(op, inner) => {
                let inner = self.bind(inner)?;
                operator::unary(*op, inner, position)
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, position),
            ExprKind::Not(inner) if subquery::holds_test(inner) => self.bind(&subquery::negated(inner)),
            ExprKind::Not(inner) => {
                let inner = self.bind(inner)?;
                let inner = boolean(inner, "NOT", position)?;
                let name = format!("(NOT {})", inner.name);
                Ok(Typed::new(Expr::Not(Box::new(inner.expr)), DataType::Boolean, name))
            }
            ExprKind::IsNull { expr, negated } => {
                let inner = self.inside(|binder| binder.bind(expr))?;
                Ok(is_null(inner, *negated))
            }
            ExprKind::IsTruth { expr, value, negated } => {
                let inner = self.bind(expr)?;
                let inner = boolean(inner, "IS TRUE", position)?;
                Ok(compare::is_truth(inner, *value, *negated))
            }
            ExprKind::Between { expr, low, high, negated } => {
                let (value, low, high) = (self.bind(expr)?, self.bind(low)?, self.bind(high)?);
                compare::between(value, low, high, *negated, position)
            }
            ExprKind::InList { expr, list, negated } => {
                let value = self.bind(expr)?;
                let list = list.iter().map(|item| self.bind(item)).collect::<Result<Vec<_>>>()?;
                compare::in_list(value, list, *negated, position)
            }
            ExprKind::InQuery { expr, query, negated } => self.in_query(expr, query, *negated, position),
            ExprKind::Like { op, expr, pattern, escape, negated } => {
                let (value, pattern) = (self.bind(expr)?, self.bind(pattern)?);
                let result = pattern::like(*op, value, pattern, escape.unwrap_or('\\'), position)?;
                Ok(if *negated { negate(result) } else { result })
            }
            ExprKind::Exists(query) => self.exists(query, position),
            ExprKind::Scalar(query) => self.scalar(query, position),
            ExprKind::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref(), position)
            }
            ExprKind::Cast { expr, to, safe } => {
                let inner = self.bind(expr)?;
                operator::cast(inner, to, *safe, position)
            }
            ExprKind::Call(call) => self.call(call, position),
            ExprKind::Index(base, index) => {
                let (base, index) = (self.bind(base)?, self.bind(index)?);
                self.index(base, index, position)
            }
            ExprKind::Field(base, field) => {
                let base = self.bind(base)?;
                name::field(base, field)
            }
            ExprKind::Lambda { .. } => Err(SqlError::invalid(
                "a lambda stands only as an argument of a function that takes one",
                position,
            )),
            ExprKind::Tuple(parts) => {
                let bound = parts.iter().map(|part| self.bind(part)).collect::<Result<Vec<_>>>()?;
                let given = |index: usize| self.lambda_parameter(&parts[index]);
                Ok(crate::functions::collection::structs::of_parts(bound, given))
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Tree, right: &Tree, position: Position) -> Result<Typed> {
        let (left, right) = (self.bind(left)?, self.bind(right)?);
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let word = if op == BinaryOp::And { "AND" } else { "OR" };
                let name = format!("({} {word} {})", left.name, right.name);
                let (left, right) = (boolean(left, word, position)?, boolean(right, word, position)?);
                let expr =
                    if op == BinaryOp::And { left.expr.and(right.expr) } else { left.expr.or(right.expr) };
                Ok(Typed::new(expr, DataType::Boolean, name))
            }
            BinaryOp::Eq
            | BinaryOp::NotEq
            | BinaryOp::Lt
            | BinaryOp::LtEq
            | BinaryOp::Gt
            | BinaryOp::GtEq
            | BinaryOp::NullSafeEq => compare(op, left, right, position),
            BinaryOp::Concat => concat(vec![left, right], position),
            _ => arithmetic(op, left, right, position),
        }
    }
}

/// Requires a truth value.
pub(crate) fn boolean(typed: Typed, place: &str, position: Position) -> Result<Typed> {
    // NULL without a type is no condition, although it is a truth value elsewhere.
    let condition =
        matches!(place, "WHERE" | "HAVING" | "ON" | "ON of an outer join" | "FILTER" | "CASE WHEN");
    if typed.data_type != DataType::Boolean && (condition || typed.data_type != DataType::Null) {
        return Err(SqlError::Types {
            operation: place.to_owned(),
            types: types::display(&typed.data_type),
            position,
        });
    }
    typed.cast_for(&DataType::Boolean, place, position)
}

/// Binds `x IS [NOT] NULL`.
pub(crate) fn is_null(inner: Typed, negated: bool) -> Typed {
    let (word, expr) = if negated {
        ("IS NOT NULL", Expr::IsNotNull(Box::new(inner.expr)))
    } else {
        ("IS NULL", Expr::IsNull(Box::new(inner.expr)))
    };
    Typed::new(expr, DataType::Boolean, format!("({} {word})", inner.name))
}

/// Negates a truth value.
pub(crate) fn negate(typed: Typed) -> Typed {
    let name = format!("(NOT {})", typed.name);
    Typed::new(Expr::Not(Box::new(typed.expr)), DataType::Boolean, name)
}

/// Negates a number.
pub(crate) fn minus(inner: Typed, position: Position) -> Result<Typed> {
    operator::unary(UnaryOp::Minus, inner, position)
}
