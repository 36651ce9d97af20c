//! Extremes of binary fractions: NaN is the largest, and of the two zeros the one that is met first counts.

use std::cmp::Ordering;
use std::collections::VecDeque;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::Accumulator;

use super::own::Own;
use crate::udf::failed;

/// `max(float or double)`.
pub(crate) static FLOAT_MAX: Own = own(
    "spark_float_max",
    |types| Box::new(Extreme::new(types, true)),
    |types| Box::new(Sliding::new(types, true)),
);
/// `min(float or double)`.
pub(crate) static FLOAT_MIN: Own = own(
    "spark_float_min",
    |types| Box::new(Extreme::new(types, false)),
    |types| Box::new(Sliding::new(types, false)),
);

type Start = fn(&[DataType]) -> Box<dyn Accumulator>;

const fn own(name: &'static str, start: Start, slide: Start) -> Own {
    Own {
        name,
        returns: |types| types.first().cloned().ok_or_else(|| failed("an argument is missing")),
        state: <[DataType]>::to_vec,
        start,
        slide: Some(slide),
        groups: None,
    }
}

/// Tells whether a value takes the place of another one. Equal ones do not.
fn beats(value: f64, best: f64, largest: bool) -> bool {
    let order = match (value.is_nan(), best.is_nan()) {
        (false, false) => value.partial_cmp(&best).unwrap_or(Ordering::Equal),
        (own, other) => own.cmp(&other),
    };
    order == if largest { Ordering::Greater } else { Ordering::Less }
}

/// Returns the values of an array as doubles; every float is one.
fn doubles(array: &ArrayRef) -> Result<Vec<Option<f64>>> {
    Ok(match array.data_type() {
        DataType::Float32 => {
            array.as_primitive::<Float32Type>().iter().map(|value| value.map(f64::from)).collect()
        }
        DataType::Float64 => array.as_primitive::<Float64Type>().iter().collect(),
        other => return Err(failed(format!("a float or a double is expected, not {other}"))),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "the value was a float")]
fn scalar(value: Option<f64>, float: bool) -> ScalarValue {
    if float { ScalarValue::Float32(value.map(|value| value as f32)) } else { ScalarValue::Float64(value) }
}

fn is_float(types: &[DataType]) -> bool {
    types.first() == Some(&DataType::Float32)
}

#[derive(Debug)]
struct Extreme {
    largest: bool,
    float: bool,
    best: Option<f64>,
}

impl Extreme {
    fn new(types: &[DataType], largest: bool) -> Self {
        Self { largest, float: is_float(types), best: None }
    }
}

impl Accumulator for Extreme {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(array) = values.first() else { return Ok(()) };
        for value in doubles(array)?.into_iter().flatten() {
            if self.best.is_none_or(|best| beats(value, best, self.largest)) {
                self.best = Some(value);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(scalar(self.best, self.float))
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

/// The extreme of a frame that moves: candidates in the order of their rows, each beaten by those before it.
#[derive(Debug)]
struct Sliding {
    largest: bool,
    float: bool,
    candidates: VecDeque<(usize, f64)>,
    entered: usize,
    left: usize,
}

impl Sliding {
    fn new(types: &[DataType], largest: bool) -> Self {
        Self { largest, float: is_float(types), candidates: VecDeque::new(), entered: 0, left: 0 }
    }
}

impl Accumulator for Sliding {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(array) = values.first() else { return Ok(()) };
        for value in doubles(array)? {
            if let Some(value) = value {
                while self.candidates.back().is_some_and(|(_, last)| beats(value, *last, self.largest)) {
                    self.candidates.pop_back();
                }
                self.candidates.push_back((self.entered, value));
            }
            self.entered += 1;
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.left += values.first().map_or(0, |array| array.len());
        while self.candidates.front().is_some_and(|(row, _)| *row < self.left) {
            self.candidates.pop_front();
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(scalar(self.candidates.front().map(|(_, value)| *value), self.float))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.candidates.capacity() * size_of::<(usize, f64)>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }
}
