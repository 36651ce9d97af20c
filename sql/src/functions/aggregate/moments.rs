//! Variance, skewness and kurtosis, by the running formulas that Spark uses.

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, Expr};

use super::basic::{call, name};
use super::own::{Own, udaf};
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{AggregateOptions, Bind, Function, Params};

const NUMBER: Params = Params::of(&[Kind::Double]);

pub(super) const TABLE: &[Function] = &[
    Function::new(
        "stddev",
        Bind::Aggregate(NUMBER, |site, options| bind(site, options, "stddev_samp")),
        "Standard deviation of a sample",
    )
    .or(&["std", "stddev_samp"]),
    Function::new(
        "stddev_pop",
        Bind::Aggregate(NUMBER, |site, options| bind(site, options, "stddev_pop")),
        "Standard deviation of a population",
    ),
    Function::new(
        "variance",
        Bind::Aggregate(NUMBER, |site, options| bind(site, options, "var_samp")),
        "Variance of a sample",
    )
    .or(&["var_samp"]),
    Function::new(
        "var_pop",
        Bind::Aggregate(NUMBER, |site, options| bind(site, options, "var_pop")),
        "Variance of a population",
    ),
    Function::new(
        "skewness",
        Bind::Aggregate(NUMBER, |site, options| bind(site, options, "skewness")),
        "Skewness",
    ),
    Function::new(
        "kurtosis",
        Bind::Aggregate(NUMBER, |site, options| bind(site, options, "kurtosis")),
        "Excess kurtosis",
    ),
];

fn bind(site: Site, options: AggregateOptions, what: &str) -> crate::Result<Typed> {
    let name = name(&site, &options);
    if options.distinct || options.ignore_nulls {
        return Err(site.wrong("it takes no DISTINCT and no IGNORE NULLS"));
    }
    let mut args: Vec<Expr> = site.args.into_iter().map(|arg| arg.expr).collect();
    args.push(Expr::Literal(ScalarValue::from(what), None));
    Ok(Typed::new(call(udaf(&MOMENTS), args, options), DataType::Float64, name))
}

/// `moments(value, which)`.
pub(crate) static MOMENTS: Own = Own {
    name: "spark_moments",
    returns: |_| Ok(DataType::Float64),
    state: |_| {
        vec![
            DataType::Float64,
            DataType::Float64,
            DataType::Float64,
            DataType::Float64,
            DataType::Float64,
            DataType::Utf8,
        ]
    },
    start: |_| Box::<Moments>::default(),
    slide: None,
    groups: None,
};

#[derive(Debug, Default)]
struct Moments {
    what: String,
    count: f64,
    mean: f64,
    m2: f64,
    m3: f64,
    m4: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        let count = self.count + 1.0;
        let delta = value - self.mean;
        let share = delta / count;
        let m2 = self.m2 + delta * (delta - share);
        let (delta2, share2) = (delta * delta, share * share);
        let m3 = self.m3 - 3.0 * share * m2 + delta * (delta2 - share2);
        let m4 = self.m4 - 4.0 * share * m3 - 6.0 * share2 * m2 + delta * (delta * delta2 - share * share2);
        *self = Self { what: std::mem::take(&mut self.what), count, mean: self.mean + share, m2, m3, m4 };
    }

    fn merge(&mut self, other: &Self) {
        if other.count == 0.0 {
            return;
        }
        let (n1, n2) = (self.count, other.count);
        let count = n1 + n2;
        let delta = other.mean - self.mean;
        let share = if count == 0.0 { 0.0 } else { delta / count };
        let m2 = self.m2 + other.m2 + delta * share * n1 * n2;
        let m3 = self.m3
            + other.m3
            + share * share * delta * n1 * n2 * (n1 - n2)
            + 3.0 * share * (n1 * other.m2 - n2 * self.m2);
        let m4 = self.m4
            + other.m4
            + share * share * share * delta * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2)
            + 6.0 * share * share * (n1 * n1 * other.m2 + n2 * n2 * self.m2)
            + 4.0 * share * (n1 * other.m3 - n2 * self.m3);
        *self =
            Self { what: std::mem::take(&mut self.what), count, mean: self.mean + share * n2, m2, m3, m4 };
    }

    fn result(&self) -> Option<f64> {
        let n = self.count;
        if n == 0.0 {
            return None;
        }
        match self.what.as_str() {
            "var_pop" => Some(self.m2 / n),
            "stddev_pop" => Some((self.m2 / n).sqrt()),
            "var_samp" => (n > 1.0).then(|| self.m2 / (n - 1.0)),
            "stddev_samp" => (n > 1.0).then(|| (self.m2 / (n - 1.0)).sqrt()),
            _ if self.m2 == 0.0 => None,
            "skewness" => Some(n.sqrt() * self.m3 / (self.m2 * self.m2 * self.m2).sqrt()),
            _ => Some(n * self.m4 / (self.m2 * self.m2) - 3.0),
        }
    }
}

/// Reads a constant that comes along with the rows.
pub(super) fn constant(array: Option<&ArrayRef>) -> Option<String> {
    let array = array?.as_string_opt::<i32>()?;
    (!array.is_empty() && array.is_valid(0)).then(|| array.value(0).to_owned())
}

impl Accumulator for Moments {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if let Some(what) = constant(values.get(1)) {
            self.what = what;
        }
        values
            .first()
            .into_iter()
            .flat_map(|array| array.as_primitive::<Float64Type>())
            .flatten()
            .for_each(|value| self.add(value));
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.result()))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.what.capacity()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let mut state: Vec<ScalarValue> =
            [self.count, self.mean, self.m2, self.m3, self.m4].into_iter().map(ScalarValue::from).collect();
        state.push(ScalarValue::from(self.what.as_str()));
        Ok(state)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some((what, numbers)) = states.split_last() else { return Ok(()) };
        let numbers: Vec<&Float64Array> = numbers.iter().map(|array| array.as_primitive()).collect();
        for row in 0..what.len() {
            if let Some(what) = constant(Some(&what.slice(row, 1))).filter(|what| !what.is_empty()) {
                self.what = what;
            }
            let number = |index: usize| numbers.get(index).map_or(0.0, |array| array.value(row));
            let other = Self {
                what: String::new(),
                count: number(0),
                mean: number(1),
                m2: number(2),
                m3: number(3),
                m4: number(4),
            };
            self.merge(&other);
        }
        Ok(())
    }
}
