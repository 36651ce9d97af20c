//! Exact percentiles.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, Expr};

use super::basic::{call, name};
use super::own::{Own, udaf};
use crate::bind::{Site, Typed, evaluate};
use crate::coerce::Kind;
use crate::functions::{AggregateOptions, Bind, Function, Params};
use crate::types::{list_field, list_of};

pub(super) const TABLE: &[Function] = &[
    Function::new(
        "percentile",
        Bind::Aggregate(Params::of(&[Kind::Double, Kind::Any]), percentile),
        "The value below which a share of the values lies, interpolated",
    ),
    Function::new(
        "median",
        Bind::Aggregate(Params::of(&[Kind::Double]), median),
        "The middle value, interpolated",
    ),
];

fn bind(site: Site, options: AggregateOptions, share: f64, name: String) -> crate::Result<Typed> {
    if options.distinct || options.ignore_nulls {
        return Err(site.wrong("it takes no DISTINCT and no IGNORE NULLS"));
    }
    let value = site.args[0].expr.clone();
    let args = vec![value, Expr::Literal(ScalarValue::Float64(Some(share)), None)];
    Ok(Typed::new(call(udaf(&PERCENTILE), args, options), DataType::Float64, name))
}

fn percentile(site: Site, options: AggregateOptions) -> crate::Result<Typed> {
    let (name, position) = (name(&site, &options), site.position);
    let wrong = site.wrong("the share must be a constant from 0.0 to 1.0");
    let share = site.args[1].clone().cast_for(&DataType::Float64, "percentile", position)?;
    match evaluate(&share).as_ref().and_then(Typed::literal) {
        Some(ScalarValue::Float64(Some(share))) if (0.0..=1.0).contains(share) => {
            bind(site, options, *share, name)
        }
        _ => Err(wrong),
    }
}

fn median(site: Site, options: AggregateOptions) -> crate::Result<Typed> {
    let name = name(&site, &options);
    bind(site, options, 0.5, name)
}

/// `percentile(value, share)`.
pub(crate) static PERCENTILE: Own = Own {
    name: "spark_percentile",
    returns: |_| Ok(DataType::Float64),
    state: |_| vec![list_of(DataType::Float64), DataType::Float64],
    start: |_| Box::<Percentile>::default(),
    slide: None,
    groups: None,
};

#[derive(Debug, Default)]
struct Percentile {
    values: Vec<f64>,
    share: f64,
}

impl Percentile {
    fn share_of(&mut self, array: &ArrayRef) {
        if let Some(share) = array.as_primitive::<Float64Type>().iter().flatten().next() {
            self.share = share;
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "Spark computes the place as a double, too")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the place lies inside of the values"
    )]
    fn result(&mut self) -> Option<f64> {
        let last = self.values.len().checked_sub(1)?;
        self.values.sort_by(f64::total_cmp);
        let place = last as f64 * self.share;
        let (below, above) = (self.values[place.floor() as usize], self.values[place.ceil() as usize]);
        if place.floor() == place.ceil() || below == above {
            return Some(below);
        }
        Some((place.ceil() - place) * below + (place - place.floor()) * above)
    }
}

impl Accumulator for Percentile {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [value, share] = values else { return Ok(()) };
        self.share_of(share);
        let value = value.as_primitive::<Float64Type>();
        self.values.extend(
            value.iter().flatten().map(|value| if value.is_nan() { f64::NAN.copysign(1.0) } else { value }),
        );
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.result()))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.capacity() * size_of::<f64>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values: ArrayRef = Arc::new(Float64Array::from(std::mem::take(&mut self.values)));
        let offsets = arrow::buffer::OffsetBuffer::from_lengths([values.len()]);
        let list = arrow::array::ListArray::try_new(list_field(DataType::Float64), offsets, values, None)?;
        Ok(vec![ScalarValue::List(Arc::new(list)), ScalarValue::Float64(Some(self.share))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [lists, share] = states else { return Ok(()) };
        self.share_of(share);
        for list in lists.as_list::<i32>().iter().flatten() {
            self.values.extend(list.as_primitive::<Float64Type>().iter().flatten());
        }
        Ok(())
    }
}
