//! Expressions that are bound: what the engine computes, its type, and the name that Spark gives it.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, ScalarUDF};

use super::evaluate;
use crate::cast::{self, Mode};
use crate::error::{Result, SqlError};
use crate::parse::ast::{IntervalUnit, IntervalUnits};
use crate::position::Position;
use crate::types;
use crate::udf::{Scalar, udf};

/// A bound expression.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    /// What the engine computes.
    pub(crate) expr: Expr,
    /// Its type: one of those that [`crate::types`] lists.
    pub(crate) data_type: DataType,
    /// The name of a column that has no alias.
    pub(crate) name: String,
    /// Of an interval, the units that Spark counts in.
    pub(crate) span: Span,
}

/// Units of an interval. Spark has a type for every range of units, the engine one for months and one for time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Span {
    /// All that its type could have: `year to month`, `day to second`. Only these are results of queries.
    #[default]
    Full,
    /// A part: the largest and the smallest unit.
    Units(IntervalUnit, IntervalUnit),
}

impl Span {
    /// Days: what is left of a date after adding them is a date.
    pub(crate) const DAYS: Self = Self::Units(IntervalUnit::Day, IntervalUnit::Day);

    /// The span of units.
    pub(crate) const fn of(units: IntervalUnits) -> Self {
        match units {
            (IntervalUnit::Year, IntervalUnit::Month) | (IntervalUnit::Day, IntervalUnit::Second) => {
                Self::Full
            }
            (first, last) => Self::Units(first, last),
        }
    }

    /// Tells whether a unit is in it.
    pub(crate) fn has(self, unit: IntervalUnit) -> bool {
        match self {
            Self::Full => true,
            Self::Units(first, last) => (first..=last).contains(&unit),
        }
    }
}

impl Typed {
    pub(crate) fn new(expr: Expr, data_type: DataType, name: impl Into<String>) -> Self {
        Self { expr, data_type, name: name.into(), span: Span::Full }
    }

    /// A constant.
    pub(crate) fn constant(value: ScalarValue, name: impl Into<String>) -> Self {
        let data_type = value.data_type();
        Self::new(Expr::Literal(value, None), data_type, name)
    }

    /// A null of a type.
    pub(crate) fn null(data_type: &DataType, name: impl Into<String>) -> Self {
        Self::new(cast::type_carrier(data_type), data_type.clone(), name)
    }

    /// The same under another name.
    pub(crate) fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Returns the constant that this is.
    pub(crate) fn literal(&self) -> Option<&ScalarValue> {
        match &self.expr {
            Expr::Literal(value, _) => Some(value),
            _ => None,
        }
    }

    /// Returns the constant string that this is.
    pub(crate) fn text(&self) -> Option<&str> {
        match self.literal()? {
            ScalarValue::Utf8(text) => text.as_deref(),
            _ => None,
        }
    }

    /// Returns the constant integer that this is.
    pub(crate) fn integer(&self) -> Option<i64> {
        match *self.literal()? {
            ScalarValue::Int8(value) => value.map(i64::from),
            ScalarValue::Int16(value) => value.map(i64::from),
            ScalarValue::Int32(value) => value.map(i64::from),
            ScalarValue::Int64(value) => value,
            _ => None,
        }
    }

    /// Casts by Spark's rules; nothing if there is no such cast. The name stays.
    pub(crate) fn cast(self, to: &DataType) -> Option<Self> {
        let route = cast::route(&self.data_type, to, Mode::Legacy)?;
        let expr = self.constant_time(to);
        if cast::special_time(&expr, to) == Some(cast::SpecialTime::Clock) {
            return None;
        }
        Some(Self { expr: cast::apply(expr, route, to, Mode::Legacy), data_type: to.clone(), ..self })
    }

    /// Computes a constant string that becomes a time, because its meaning may depend on that.
    pub(crate) fn constant_time(&self, to: &DataType) -> Expr {
        let text_to_time = self.data_type == DataType::Utf8 && types::is_datetime(to);
        let constant = text_to_time.then(|| evaluate(self)).flatten();
        constant.map_or_else(|| self.expr.clone(), |constant| constant.expr)
    }

    /// Casts by Spark's rules as part of an operation.
    pub(crate) fn cast_for(self, to: &DataType, operation: &str, position: Position) -> Result<Self> {
        let from = types::display(&self.data_type);
        self.cast(to).ok_or_else(|| SqlError::Types {
            operation: operation.to_owned(),
            types: format!("{from} and {}", types::display(to)),
            position,
        })
    }

    /// Calls a function of the engine whose type of result is known.
    pub(crate) fn native(
        function: &ScalarUDF,
        args: Vec<Self>,
        data_type: DataType,
        name: impl Into<String>,
    ) -> Self {
        let args = args.into_iter().map(|arg| arg.expr).collect();
        Self::new(function.call(args), data_type, name)
    }

    /// Calls a function of ours; the types of the arguments decide about the type of the result.
    pub(crate) fn call(
        function: &'static Scalar,
        args: Vec<Self>,
        name: impl Into<String>,
        position: Position,
    ) -> Result<Self> {
        let arg_types: Vec<DataType> = args.iter().map(|arg| arg.data_type.clone()).collect();
        let name = name.into();
        let data_type = function
            .return_type(&arg_types)
            .map_err(|error| SqlError::arguments(&name, error.message(), position))?;
        let constant = |index: usize| match evaluate(&args[index])?.expr {
            Expr::Literal(value, _) => Some(value),
            _ => None,
        };
        if let Some(reason) = function.refuses(&arg_types, constant) {
            // Operators have names of another form.
            let is_name =
                |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
            let called = name.split('(').next().filter(is_name);
            let called = called.unwrap_or_else(|| function.name.trim_start_matches("spark_"));
            return Err(SqlError::arguments(called, reason, position));
        }
        let args = args.into_iter().map(|arg| arg.expr).collect();
        Ok(Self::new(udf(function).call(args), data_type, name))
    }

    /// Calls a function of ours whose last argument tells it the type of the result.
    pub(crate) fn call_as(
        function: &'static Scalar,
        args: Vec<Self>,
        data_type: DataType,
        name: impl Into<String>,
    ) -> Self {
        let mut args: Vec<Expr> = args.into_iter().map(|arg| arg.expr).collect();
        args.push(cast::type_carrier(&data_type));
        Self::new(udf(function).call(args), data_type, name)
    }
}

/// Joins the names of expressions for the name of a call.
pub(crate) fn names(all: &[Typed]) -> String {
    all.iter().map(|typed| typed.name.as_str()).collect::<Vec<_>>().join(", ")
}
