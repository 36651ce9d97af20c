//! Names: columns, fields, what a SELECT list or a lambda has named, and what the outer query has.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

use super::{Alias, Binder, Typed};
use crate::error::{Result, SqlError};
use crate::functions;
use crate::parse::ast::Name;
use crate::plan::Found;
use crate::spelling::fold;
use crate::types;

impl Binder<'_, '_, '_> {
    pub(super) fn column(&mut self, parts: &[Name]) -> Result<Typed> {
        let first = &parts[0];
        if let Some((_, typed)) = self.lambdas.iter().rev().find(|(key, _)| *key == first.key()) {
            return fields(typed.clone(), &parts[1..]);
        }
        if let Some(typed) = alias(self.before, first, parts)? {
            return fields(typed, &parts[1..]);
        }
        if let Some(found) = self.scope.find(parts)? {
            let used = found.used;
            return fields(read(&found, parts)?, &parts[used..]);
        }
        if let Some(typed) = alias(self.after, first, parts)? {
            return fields(typed, &parts[1..]);
        }
        if let Some(outer) = self.outer
            && let Some(found) = outer.find(parts)?
        {
            let used = found.used;
            let mut typed = read(&found, parts)?;
            let field = Field::new(&found.column.column.name, typed.data_type.clone(), true);
            typed.expr = Expr::OuterReferenceColumn(Arc::new(field), found.column.column.clone());
            return fields(typed, &parts[used..]);
        }
        // Some functions need no parentheses.
        if parts.len() == 1
            && let Some(function) = functions::without_parentheses(&first.key())
        {
            return self.call_plain(function, Vec::new(), first.position);
        }
        let name = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
        let nearest = self.scope.nearest(parts.last().map_or("", |last| &last.text));
        Err(SqlError::UnknownColumn { name, position: first.position, nearest })
    }
}

/// Finds a name of a SELECT list. Two items with one name are ambiguous unless they are the same.
fn alias(aliases: &[Alias], first: &Name, parts: &[Name]) -> Result<Option<Typed>> {
    let key = first.key();
    let mut found = aliases.iter().filter(|(name, _)| *name == key).map(|(_, typed)| typed);
    let Some(typed) = found.next() else { return Ok(None) };
    if found.any(|other| other.expr != typed.expr) {
        let name = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
        return Err(SqlError::AmbiguousColumn { name, position: first.position });
    }
    Ok(Some(typed.clone()))
}

fn read(found: &Found<'_>, parts: &[Name]) -> Result<Typed> {
    let column = found.column;
    let spelt = &parts[found.used - 1];
    if column.unusable {
        return Err(SqlError::ColumnType {
            column: spelt.text.clone(),
            data_type: column.data_type.to_string(),
        });
    }
    // Spark shows the name as it is written here.
    let expr = column.expr_at(parts[0].position);
    let mut typed = Typed::new(expr, column.data_type.clone(), spelt.text.clone());
    typed.span = column.span;
    Ok(typed)
}

fn fields(base: Typed, names: &[Name]) -> Result<Typed> {
    names.iter().try_fold(base, field)
}

/// Reads a field of a struct, of every struct of an array, or the value of a key of a map.
pub(super) fn field(base: Typed, name: &Name) -> Result<Typed> {
    let unknown =
        || SqlError::UnknownColumn { name: name.text.clone(), position: name.position, nearest: None };
    match &base.data_type {
        DataType::Struct(fields) => {
            let matches: Vec<_> = fields.iter().filter(|field| fold(field.name()) == name.key()).collect();
            let [field] = matches.as_slice() else {
                return Err(if matches.is_empty() {
                    unknown()
                } else {
                    SqlError::AmbiguousColumn { name: name.text.clone(), position: name.position }
                });
            };
            let data_type = field.data_type().clone();
            let key = field.name().clone();
            Ok(functions::collection::structs::get_field(base, &key, data_type).named(&name.text))
        }
        DataType::List(element) => {
            let DataType::Struct(fields) = element.data_type() else { return Err(unknown()) };
            let matches: Vec<_> = fields.iter().filter(|field| fold(field.name()) == name.key()).collect();
            let [field] = matches.as_slice() else { return Err(unknown()) };
            let (key, data_type) = (field.name().clone(), field.data_type().clone());
            Ok(functions::collection::structs::fields_of_all(base, &key, data_type).named(&name.text))
        }
        DataType::Map(_, _) => {
            let key = Typed::constant(ScalarValue::from(name.text.as_str()), &name.text);
            functions::collection::access::index(base, key, name.position)
                .map(|typed| typed.named(&name.text))
        }
        other => Err(SqlError::Types {
            operation: format!("the field `{}`", name.text),
            types: types::display(other),
            position: name.position,
        }),
    }
}
