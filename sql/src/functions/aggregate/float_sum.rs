//! Sums of doubles, one after the other in the order of the rows, as Spark adds them.
//!
//! The engine adds several lanes at a time, and takes out of a window's sum what leaves its frame; both change last digits,
//! and more than those where infinities or large numbers cancel out.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::Accumulator;

use super::own::Own;
use crate::types::list_of;

/// `sum(double)`.
pub(crate) static FLOAT_SUM: Own = Own {
    name: "spark_float_sum",
    returns: |_| Ok(DataType::Float64),
    state: |_| vec![DataType::Float64],
    start: |_| Box::<Sum>::default(),
    slide: Some(|_| Box::<Frame>::default()),
    // In groups the engine adds row by row, too.
    groups: Some(|args| sum_udaf().create_groups_accumulator(args)),
};

/// `sum(DISTINCT double)`.
pub(crate) static FLOAT_SUM_DISTINCT: Own = Own {
    name: "spark_float_sum_distinct",
    returns: |_| Ok(DataType::Float64),
    state: |_| vec![list_of(DataType::Float64)],
    start: |_| Box::<Distinct>::default(),
    slide: None,
    groups: None,
};

fn add(sum: Option<f64>, value: f64) -> Option<f64> {
    Some(sum.unwrap_or(0.0) + value)
}

#[derive(Debug, Default)]
struct Sum(Option<f64>);

impl Accumulator for Sum {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(array) = values.first() else { return Ok(()) };
        self.0 = array.as_primitive::<Float64Type>().iter().flatten().fold(self.0, add);
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.0))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }
}

/// The values of a frame that moves, added anew for every row.
#[derive(Debug, Default)]
struct Frame(VecDeque<Option<f64>>);

impl Accumulator for Frame {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(array) = values.first() else { return Ok(()) };
        self.0.extend(array.as_primitive::<Float64Type>());
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let count = values.first().map_or(0, |array| array.len());
        self.0.drain(..count.min(self.0.len()));
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.0.iter().copied().flatten().fold(None, add)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.capacity() * size_of::<Option<f64>>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }
}

/// The different values, whose zeros and NaN have equal bits, in the order in which they are first met.
#[derive(Debug, Default)]
struct Distinct {
    seen: HashSet<u64>,
    values: Vec<f64>,
}

impl Distinct {
    fn extend(&mut self, array: &ArrayRef) {
        for value in array.as_primitive::<Float64Type>().iter().flatten() {
            if self.seen.insert(value.to_bits()) {
                self.values.push(value);
            }
        }
    }
}

impl Accumulator for Distinct {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.first().into_iter().for_each(|array| self.extend(array));
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.values.iter().copied().fold(None, add)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.capacity() * 8 + self.seen.capacity() * 16
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values: Vec<ScalarValue> = self.values.iter().map(|value| ScalarValue::from(*value)).collect();
        Ok(vec![ScalarValue::List(ScalarValue::new_list_nullable(&values, &DataType::Float64))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(lists) = states.first() else { return Ok(()) };
        for values in lists.as_list::<i32>().iter().flatten() {
            self.extend(&Arc::clone(&values));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Float64Array;

    use super::*;

    fn doubles(values: &[f64]) -> Vec<ArrayRef> {
        vec![Arc::new(Float64Array::from(values.to_vec()))]
    }

    #[test]
    fn values_are_added_in_their_order() {
        let mut sum = Sum::default();
        assert_eq!(sum.evaluate().unwrap(), ScalarValue::Float64(None));
        sum.update_batch(&doubles(&[0.1, 0.2, 0.3, 1e308, -1e308, 0.7])).unwrap();
        assert_eq!(sum.evaluate().unwrap(), ScalarValue::Float64(Some(0.7)));
    }

    #[test]
    fn what_leaves_a_frame_leaves_no_trace() {
        let mut frame = Frame::default();
        frame.update_batch(&doubles(&[f64::INFINITY, 1.0])).unwrap();
        frame.retract_batch(&doubles(&[f64::INFINITY])).unwrap();
        assert_eq!(frame.evaluate().unwrap(), ScalarValue::Float64(Some(1.0)));
    }

    #[test]
    fn different_values_survive_a_merge() {
        let (mut one, mut other) = (Distinct::default(), Distinct::default());
        one.update_batch(&doubles(&[0.5, 0.25])).unwrap();
        other.update_batch(&doubles(&[0.25, 0.5, 1.0])).unwrap();
        let state = other.state().unwrap().remove(0).to_array().unwrap();
        one.merge_batch(&[state]).unwrap();
        assert_eq!(one.evaluate().unwrap(), ScalarValue::Float64(Some(1.75)));
    }
}
