//! Covariance, correlation and linear regression, by the running formulas that Spark uses.

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::logical_expr::{Accumulator, Expr};

use super::basic::{and, avg, call, name, one};
use super::moments::constant;
use super::own::{Own, udaf};
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{AggregateOptions, Bind, Function, Params};
use crate::types;

const ANY: Params = Params::of(&[Kind::Any, Kind::Any]);
const PAIR: Params = Params::of(&[Kind::Double, Kind::Double]);

macro_rules! functions {
    ($($name:literal: $doc:literal),* $(,)?) => {
        &[
            Function::new(
                "regr_avgx",
                Bind::Aggregate(ANY, |site, options| average(site, options, 1)),
                "Average of the second value where neither is null",
            ),
            Function::new(
                "regr_avgy",
                Bind::Aggregate(ANY, |site, options| average(site, options, 0)),
                "Average of the first value where neither is null",
            ),
            Function::new("regr_count", Bind::Aggregate(ANY, count), "Number of rows where neither value is null"),
            $(Function::new($name, Bind::Aggregate(PAIR, bind), $doc)),*
        ]
    };
}

pub(super) const TABLE: &[Function] = functions! {
    "corr": "Correlation",
    "covar_pop": "Covariance of a population",
    "covar_samp": "Covariance of a sample",
    "regr_intercept": "Where the line through the points meets the first axis",
    "regr_r2": "Share of the variation that the line explains",
    "regr_slope": "Slope of the line through the points",
    "regr_sxx": "Sum of the squared deviations of the second value",
    "regr_sxy": "Sum of the products of the deviations",
    "regr_syy": "Sum of the squared deviations of the first value",
};

fn bind(site: Site, options: AggregateOptions) -> crate::Result<Typed> {
    let name = name(&site, &options);
    if options.distinct || options.ignore_nulls {
        return Err(site.wrong("it takes no DISTINCT and no IGNORE NULLS"));
    }
    let what = site.name.clone();
    if options.windowed && what == "regr_intercept" {
        return Err(site.wrong("it is not supported over a window"));
    }
    let mut args: Vec<Expr> = site.args.into_iter().map(|arg| arg.expr).collect();
    args.push(Expr::Literal(ScalarValue::from(what.as_str()), None));
    Ok(Typed::new(call(udaf(&PAIRS), args, options), DataType::Float64, name))
}

/// Lets only rows count in which neither value is null. A string is a double, and null if it is none.
fn complete(site: &mut Site, mut options: AggregateOptions) -> crate::Result<AggregateOptions> {
    if options.distinct || options.ignore_nulls {
        return Err(site.wrong("it takes no DISTINCT and no IGNORE NULLS"));
    }
    for arg in &mut site.args {
        if arg.data_type == DataType::Utf8 {
            *arg = arg.clone().cast_for(&DataType::Float64, &site.name, site.position)?;
        }
        let known = Expr::IsNotNull(Box::new(arg.expr.clone()));
        options.filter = Some(and(options.filter.take(), known));
    }
    Ok(options)
}

fn require_numbers(site: &Site) -> crate::Result<()> {
    match site.args.iter().find(|arg| Kind::Numeric.accept(&arg.data_type).is_none()) {
        Some(wrong) => Err(site.wrong(format!("it takes numbers, not {}", types::display(&wrong.data_type)))),
        None => Ok(()),
    }
}

fn count(mut site: Site, options: AggregateOptions) -> crate::Result<Typed> {
    require_numbers(&site)?;
    let name = name(&site, &options);
    let options = complete(&mut site, options)?;
    Ok(Typed::new(call(count_udaf(), vec![one()], options), DataType::Int64, name))
}

fn average(mut site: Site, options: AggregateOptions, which: usize) -> crate::Result<Typed> {
    require_numbers(&site)?;
    let name = name(&site, &options);
    let options = complete(&mut site, options)?;
    site.args = vec![site.args.remove(which)];
    avg(site, options).map(|typed| typed.named(name))
}

/// `pairs(x, y, which)`.
pub(crate) static PAIRS: Own = Own {
    name: "spark_pairs",
    returns: |_| Ok(DataType::Float64),
    state: |_| [vec![DataType::Float64; FIGURES], vec![DataType::Utf8]].concat(),
    start: |_| Box::<Pairs>::default(),
    slide: None,
    groups: None,
};

/// Running figures of pairs of values; `x` is the first argument.
///
/// Sums of products are kept three times, because Spark's functions take the means of one side before or after a value is
/// added, and the last bits of the results differ.
#[derive(Debug, Clone, Default)]
struct Pairs {
    what: String,
    /// Count, means, products (x then y; y then x), squares by the means after and around each value.
    figures: [f64; FIGURES],
    /// Whether the figures of another task are in it.
    merged: bool,
}

const FIGURES: usize = 9;
const COUNT: usize = 0;
const MEAN_X: usize = 1;
const MEAN_Y: usize = 2;
const PRODUCT: usize = 3;
const PRODUCT_SWAPPED: usize = 4;
const SQUARE_X: usize = 5;
const SQUARE_Y: usize = 6;
const MOMENT_X: usize = 7;
const MOMENT_Y: usize = 8;

impl Pairs {
    fn add(&mut self, x: f64, y: f64) {
        let f = &mut self.figures;
        let count = f[COUNT] + 1.0;
        let (dx, dy) = (x - f[MEAN_X], y - f[MEAN_Y]);
        let (share_x, share_y) = (dx / count, dy / count);
        let (mean_x, mean_y) = (f[MEAN_X] + share_x, f[MEAN_Y] + share_y);
        f[PRODUCT] += dx * (y - mean_y);
        f[PRODUCT_SWAPPED] += dy * (x - mean_x);
        f[SQUARE_X] += dx * (x - mean_x);
        f[SQUARE_Y] += dy * (y - mean_y);
        f[MOMENT_X] += dx * (dx - share_x);
        f[MOMENT_Y] += dy * (dy - share_y);
        (f[COUNT], f[MEAN_X], f[MEAN_Y]) = (count, mean_x, mean_y);
    }

    fn merge(&mut self, other: &[f64; FIGURES]) {
        if other[COUNT] == 0.0 {
            return;
        }
        let f = &mut self.figures;
        let (n1, n2) = (f[COUNT], other[COUNT]);
        let count = n1 + n2;
        let (dx, dy) = (other[MEAN_X] - f[MEAN_X], other[MEAN_Y] - f[MEAN_Y]);
        let (share_x, share_y) = (dx / count, dy / count);
        for (figure, spread) in [
            (PRODUCT, dx * share_y),
            (PRODUCT_SWAPPED, dy * share_x),
            (SQUARE_X, dx * share_x),
            (SQUARE_Y, dy * share_y),
            (MOMENT_X, dx * share_x),
            (MOMENT_Y, dy * share_y),
        ] {
            f[figure] += other[figure] + spread * n1 * n2;
        }
        f[MEAN_X] += share_x * n2;
        f[MEAN_Y] += share_y * n2;
        f[COUNT] = count;
    }

    /// Of the regression functions the first argument is called y and the second x.
    fn result(&self) -> Option<f64> {
        let f = &self.figures;
        let n = f[COUNT];
        if n == 0.0 {
            return None;
        }
        // Spark always merges what its tasks have found, be it one task, into nothing; that rounds the means once more.
        let mean = |which: usize| if self.merged { f[which] } else { f[which] / n * n };
        let slope = || (f[MOMENT_Y] != 0.0).then(|| f[PRODUCT_SWAPPED] / f[MOMENT_Y]);
        // Division by zero is null, as everywhere.
        let correlation = || {
            let spread = (f[SQUARE_X] * f[SQUARE_Y]).sqrt();
            (spread != 0.0).then(|| f[PRODUCT] / spread)
        };
        match self.what.as_str() {
            "corr" if n == 1.0 => None,
            "corr" => correlation(),
            "covar_pop" => Some(f[PRODUCT] / n),
            "covar_samp" => (n > 1.0).then(|| f[PRODUCT] / (n - 1.0)),
            "regr_slope" => slope(),
            "regr_intercept" => slope().map(|slope| mean(MEAN_X) - slope * mean(MEAN_Y)),
            "regr_r2" if f[SQUARE_X] == 0.0 => None,
            "regr_r2" if f[SQUARE_Y] == 0.0 => Some(1.0),
            "regr_r2" => correlation().map(|correlation| correlation * correlation),
            "regr_sxx" => Some(f[MOMENT_Y]),
            "regr_syy" => Some(f[MOMENT_X]),
            _ => Some(f[PRODUCT]),
        }
    }
}

impl Accumulator for Pairs {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [x, y, ..] = values else { return Ok(()) };
        if let Some(what) = constant(values.get(2)) {
            self.what = what;
        }
        let pairs = x.as_primitive::<Float64Type>().iter().zip(y.as_primitive::<Float64Type>());
        pairs.filter_map(|(x, y)| x.zip(y)).for_each(|(x, y)| self.add(x, y));
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let nothing = self.what.is_empty();
        Ok(ScalarValue::Float64(if nothing { None } else { self.result() }))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.what.capacity()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let mut state: Vec<ScalarValue> = self.figures.into_iter().map(ScalarValue::from).collect();
        state.push(ScalarValue::from(self.what.as_str()));
        Ok(state)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some((what, numbers)) = states.split_last() else { return Ok(()) };
        self.merged = true;
        let numbers: Vec<&Float64Array> = numbers.iter().map(|array| array.as_primitive()).collect();
        for row in 0..what.len() {
            if let Some(what) = constant(Some(&what.slice(row, 1))).filter(|what| !what.is_empty()) {
                self.what = what;
            }
            let other = std::array::from_fn(|index| numbers.get(index).map_or(0.0, |array| array.value(row)));
            self.merge(&other);
        }
        Ok(())
    }
}
