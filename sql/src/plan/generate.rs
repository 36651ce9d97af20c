//! Generators: functions that make several rows of one, such as explode.

use datafusion::common::{Column, NullHandling, UnnestOptions};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use arrow::datatypes::DataType;

use super::query::build;
use super::{Planner, bare};
use crate::bind::Typed;
use crate::error::{Result, SqlError};
use crate::functions::collection::structs::get_field;
use crate::parse::ast::Name;
use crate::position::Position;

/// A generator that is bound.
#[derive(Debug, Clone)]
pub(crate) struct Generator {
    /// Arrays of the same length; their elements stand beside one another in the rows.
    pub(crate) inputs: Vec<Expr>,
    /// Columns.
    pub(crate) outputs: Vec<Generated>,
    /// Whether an empty or null array makes one row of nulls.
    pub(crate) outer: bool,
}

/// A column that a generator makes.
#[derive(Debug, Clone)]
pub(crate) struct Generated {
    /// Which input it comes from.
    pub(crate) input: usize,
    /// The field of the element, if that is a struct to be taken apart.
    pub(crate) field: Option<String>,
    /// Its type.
    pub(crate) data_type: DataType,
    /// Its name if no other one is given.
    pub(crate) name: String,
}

impl Generator {
    /// Returns the names of the columns: those that are given, or its own.
    pub(super) fn names(&self, aliases: &[Name], position: Position) -> Result<Vec<String>> {
        if aliases.is_empty() {
            return Ok(self.outputs.iter().map(|output| output.name.clone()).collect());
        }
        if aliases.len() != self.outputs.len() {
            let reason = format!("the generator makes {} columns and is given {} names", self.outputs.len(), aliases.len());
            return Err(SqlError::invalid(reason, position));
        }
        Ok(aliases.iter().map(|alias| alias.text.clone()).collect())
    }
}

impl Planner<'_> {
    /// Projects expressions together with the inputs of a generator and unnests those; returns the generator's columns.
    pub(super) fn unnest(&mut self, plan: LogicalPlan, mut exprs: Vec<Expr>, generator: Generator) -> Result<(LogicalPlan, Vec<Typed>)> {
        let mut inputs = Vec::with_capacity(generator.inputs.len());
        for input in generator.inputs {
            let name = self.fresh("list");
            exprs.push(input.alias(&name));
            inputs.push(name);
        }
        let null_handling = if generator.outer { NullHandling::PreserveAndExpandEmpty } else { NullHandling::Drop };
        let options = UnnestOptions { null_handling, ..UnnestOptions::default() };
        let columns = inputs.iter().map(Column::new_unqualified).collect();
        let projected = build(LogicalPlanBuilder::from(plan).project(exprs))?;
        let plan = build(LogicalPlanBuilder::from(projected).unnest_columns_with_options(columns, options))?;
        let outputs = generator
            .outputs
            .into_iter()
            .map(|output| {
                let element = bare(&inputs[output.input]);
                match output.field {
                    Some(field) => get_field(Typed::new(element, DataType::Null, ""), &field, output.data_type).named(output.name),
                    None => Typed::new(element, output.data_type, output.name),
                }
            })
            .collect();
        Ok((plan, outputs))
    }
}
