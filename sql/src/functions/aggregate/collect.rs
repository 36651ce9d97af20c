//! Values of many rows in one array.

use std::collections::HashSet;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use datafusion::functions_aggregate::array_agg::array_agg_udaf;
use datafusion::logical_expr::Expr;

use super::basic::{and, call, name};
use crate::bind::{Site, Span, Typed, coalesce, normalized};
use crate::coerce::Kind;
use crate::error::{Result, SqlError};
use crate::functions::collection::array::of_elements;
use crate::functions::collection::lists::{Lists, keys, pick};
use crate::functions::collection::sets::DISTINCT;
use crate::functions::math::float::ONE_NAN;
use crate::functions::{AggregateOptions, Bind, Function, Params};
use crate::position::Position;
use crate::types::{holds_fractional, is_orderable, list_of};
use crate::udf::{Returns, Scalar, udf};

const ANY: Params = Params::of(&[Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::new(
        "collect_list",
        Bind::Aggregate(ANY, collect),
        "An array of the values that are not null, in any order",
    )
    .or(&["array_agg"]),
    Function::new(
        "collect_set",
        Bind::Aggregate(ANY, collect_set),
        "An array of the different values that are not null, in any order",
    ),
];

fn collect(mut site: Site, options: AggregateOptions) -> Result<Typed> {
    let (name, position) = (name(&site, &options), site.position);
    let value = site.args.remove(0);
    list(if options.distinct { normalized(value) } else { value }, name, options, position)
}

fn list(value: Typed, name: String, mut options: AggregateOptions, position: Position) -> Result<Typed> {
    if value.span != Span::Full {
        return Err(SqlError::unsupported("an array of intervals of such units", position));
    }
    let element = value.data_type.clone();
    let present = Expr::IsNotNull(Box::new(value.expr.clone()));
    options.filter = Some(and(options.filter.take(), present));
    options.ignore_nulls = false;
    // The engine's own DISTINCT has no order at all; this one is that in which values are first met, as in Spark.
    let distinct = std::mem::take(&mut options.distinct);
    let list = Typed::new(call(array_agg_udaf(), vec![value.expr], options), list_of(element.clone()), "");
    let list = if distinct { Typed::call(&DISTINCT, vec![list], "", position)? } else { list };
    // Without values it is an empty array.
    let empty = of_elements(Vec::new(), &element, position)?;
    coalesce(vec![list, empty], name, position)
}

fn collect_set(mut site: Site, mut options: AggregateOptions) -> Result<Typed> {
    if !is_orderable(&site.args[0].data_type) {
        return Err(site.wrong("the values cannot be compared"));
    }
    let (name, position) = (name(&site, &options), site.position);
    let value = site.args.remove(0);
    if matches!(value.data_type, DataType::Float32 | DataType::Float64) {
        options.distinct = false;
        let all = list(value, "".to_owned(), options, position)?;
        return Typed::call(&FLOAT_SET, vec![all], name, position);
    }
    // Inside of arrays and structs the two zeros differ.
    options.distinct = true;
    let value = if holds_fractional(&value.data_type) {
        Typed { expr: udf(&ONE_NAN).call(vec![value.expr.clone()]), ..value }
    } else {
        value
    };
    list(value, name, options, position)
}

/// The different numbers of an array: of the two zeros the first one, and every NaN, as none equals another.
pub(crate) static FLOAT_SET: Scalar = Scalar::new("spark_float_set", Returns::First, |args| {
    let list = Lists::new(args, 0)?;
    let rows = keys(&[list.values()])?.remove(0);
    let doubles = cast(list.values(), &DataType::Float64)?;
    let doubles = doubles.as_primitive::<Float64Type>();
    pick(args, list.values(), |row, picker| {
        let Some(range) = list.range(row) else { return Ok(false) };
        let mut seen = HashSet::new();
        picker.extend(range.filter(|place| doubles.value(*place).is_nan() || seen.insert(rows.row(*place))));
        Ok(true)
    })
});
