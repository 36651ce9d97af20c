//! The one value of a subquery that stands for a value.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, Expr};

use super::basic::call;
use super::own::{Own, udaf};
use crate::functions::AggregateOptions;
use crate::udf::failed;

/// The value of the only row, null without rows, an error for more than one.
pub(crate) static SINGLE: Own = Own {
    name: "spark_single",
    returns: |types| types.first().cloned().ok_or_else(|| failed("an argument is missing")),
    state: |types| vec![types.first().cloned().unwrap_or(DataType::Null), DataType::Int64],
    start: |types| {
        let value = types
            .first()
            .and_then(|data_type| ScalarValue::try_from(data_type).ok())
            .unwrap_or(ScalarValue::Null);
        Box::new(Single { value, rows: 0 })
    },
    slide: None,
    groups: None,
};

/// Requires that there is one row.
pub(crate) fn single(value: Expr) -> Expr {
    call(udaf(&SINGLE), vec![value], AggregateOptions::default())
}

#[derive(Debug)]
struct Single {
    value: ScalarValue,
    rows: i64,
}

impl Single {
    fn add(&mut self, array: &ArrayRef, row: usize, rows: i64) -> Result<()> {
        self.rows += rows;
        if self.rows > 1 {
            return Err(failed("a subquery that stands for a value gives more than one row"));
        }
        if rows > 0 {
            self.value = ScalarValue::try_from_array(array, row)?;
        }
        Ok(())
    }
}

impl Accumulator for Single {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(array) = values.first() else { return Ok(()) };
        (0..array.len()).try_for_each(|row| self.add(array, row, 1))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.value.clone())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.value.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.value.clone(), ScalarValue::Int64(Some(self.rows))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [values, rows] = states else { return Ok(()) };
        let rows = rows.as_primitive::<Int64Type>();
        (0..values.len()).try_for_each(|row| self.add(values, row, rows.value(row)))
    }
}
