//! CASE, if and coalesce: values of one type, and only the one that counts is computed.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::Case;

use super::{Binder, Place, Span, Typed, boolean, compare};
use crate::coerce::common_of;
use crate::error::{Result, SqlError};
use crate::parse::ast::{BinaryOp, Expr as Tree};
use crate::position::Position;
use crate::types;

/// Casts all values to the type that they have in common; strings may swallow numbers where that is allowed.
///
/// Intervals must have all the units of their type: what is made of others would not have the type that Spark gives it.
pub(crate) fn common_type(
    all: Vec<Typed>,
    promotion: bool,
    operation: &str,
    position: Position,
) -> Result<Vec<Typed>> {
    if all.iter().any(|typed| typed.span != Span::Full) {
        return Err(SqlError::unsupported(format!("intervals of such units in {operation}"), position));
    }
    common_type_of_column(all, promotion, operation, position)
}

/// The same for the values of one column, which keeps the units of its intervals.
pub(crate) fn common_type_of_column(
    all: Vec<Typed>,
    promotion: bool,
    operation: &str,
    position: Position,
) -> Result<Vec<Typed>> {
    if all.iter().any(|typed| typed.span != all[0].span) {
        return Err(SqlError::unsupported(format!("intervals of different units in {operation}"), position));
    }
    let data_type =
        common_of(all.iter().map(|typed| &typed.data_type), promotion).ok_or_else(|| SqlError::Types {
            operation: operation.to_owned(),
            types: all.iter().map(|typed| types::display(&typed.data_type)).collect::<Vec<_>>().join(", "),
            position,
        })?;
    all.into_iter().map(|typed| typed.cast_for(&data_type, operation, position)).collect()
}

/// Returns the first value that is not null.
pub(crate) fn coalesce(all: Vec<Typed>, name: String, position: Position) -> Result<Typed> {
    let mut all = common_type(all, true, "coalesce", position)?;
    let data_type = all.first().map_or(DataType::Null, |first| first.data_type.clone());
    if all.len() == 1 {
        return Ok(all.remove(0).named(name));
    }
    // The engine's own function exists only to be simplified to this.
    let mut values = all.into_iter().map(|typed| typed.expr).rev();
    let Some(last) = values.next() else { return Ok(Typed::null(&data_type, name)) };
    let mut branches: Vec<_> =
        values.map(|value| (Box::new(Expr::IsNotNull(Box::new(value.clone()))), Box::new(value))).collect();
    if branches.is_empty() {
        return Ok(Typed::new(last, data_type, name));
    }
    branches.reverse();
    Ok(Typed::new(Expr::Case(Case::new(None, branches, Some(Box::new(last)))), data_type, name))
}

/// Chooses between two values.
pub(crate) fn if_else(
    condition: Typed,
    then: Typed,
    otherwise: Typed,
    name: String,
    position: Position,
) -> Result<Typed> {
    let condition = boolean(condition, "if", position)?;
    choose(vec![(condition, then)], Some(otherwise), name, position)
}

fn choose(
    branches: Vec<(Typed, Typed)>,
    otherwise: Option<Typed>,
    name: String,
    position: Position,
) -> Result<Typed> {
    let (conditions, mut values): (Vec<Typed>, Vec<Typed>) = branches.into_iter().unzip();
    let has_else = otherwise.is_some();
    values.extend(otherwise);
    let mut values = common_type(values, true, "CASE", position)?;
    let data_type = values.first().map_or(DataType::Null, |first| first.data_type.clone());
    if data_type == DataType::Null {
        return Ok(Typed::constant(ScalarValue::Null, name));
    }
    let otherwise = if has_else { values.pop() } else { None };
    let pairs = conditions
        .into_iter()
        .zip(values)
        .map(|(when, then)| (Box::new(when.expr), Box::new(then.expr)))
        .collect();
    let case = Case::new(None, pairs, otherwise.map(|typed| Box::new(typed.expr)));
    Ok(Typed::new(Expr::Case(case), data_type, name))
}

impl Binder<'_, '_, '_> {
    pub(super) fn case(
        &mut self,
        operand: Option<&Tree>,
        branches: &[(Tree, Tree)],
        otherwise: Option<&Tree>,
        position: Position,
    ) -> Result<Typed> {
        let place = if operand.is_some() || !self.filters { Place::Inside } else { Place::Truth };
        let operand = operand.map(|operand| self.at(place, |binder| binder.bind(operand))).transpose()?;
        let mut name = "CASE".to_owned();
        let mut bound = Vec::with_capacity(branches.len());
        for (when, then) in branches {
            let condition = self.at(place, |binder| binder.bind(when))?;
            let condition = match &operand {
                Some(operand) => compare(BinaryOp::Eq, operand.clone(), condition, when.position)?,
                None => boolean(condition, "CASE WHEN", when.position)?,
            };
            let value = self.bind(then)?;
            name.push_str(&format!(" WHEN {} THEN {}", condition.name, value.name));
            bound.push((condition, value));
        }
        let otherwise = otherwise.map(|tree| self.bind(tree)).transpose()?;
        if let Some(value) = &otherwise {
            name.push_str(&format!(" ELSE {}", value.name));
        }
        name.push_str(" END");
        choose(bound, otherwise, name, position)
    }
}
