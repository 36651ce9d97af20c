//! Aggregate functions.

pub(crate) mod grouping;

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::functions_aggregate::{average, bool_and_or, count, min_max, sum};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{AggregateUDF, Expr};

use super::{AggregateOptions, Bind, Function, Params};
use crate::bind::{Site, Typed, normalized};
use crate::coerce::Kind;
use crate::error::Result;
use crate::types;
use crate::udf::Scalar;

const ONE: Params = Params::of(&[Kind::Any]);
const NUMBER: Params = Params::of(&[Kind::Numeric]);

const TABLE: &[Function] = &[
    Function::new(
        "count",
        Bind::Aggregate(Params::of(&[]).rest(Kind::Any), counted),
        "Number of rows, or of rows in which no argument is null",
    ),
    Function::new("sum", Bind::Aggregate(NUMBER, summed), "Sum; null if every value is null"),
    Function::new(
        "min",
        Bind::Aggregate(ONE, |site, options| extreme(site, options, &min_max::min_udaf())),
        "Smallest value",
    ),
    Function::new(
        "max",
        Bind::Aggregate(ONE, |site, options| extreme(site, options, &min_max::max_udaf())),
        "Largest value",
    ),
    Function::new("avg", Bind::Aggregate(NUMBER, averaged), "Mean of integers or doubles").or(&["mean"]),
    Function::new(
        "bool_and",
        Bind::Aggregate(Params::of(&[Kind::Boolean]), |site, options| {
            truth(site, options, &bool_and_or::bool_and_udaf())
        }),
        "Whether every value is true",
    )
    .or(&["every"]),
    Function::new(
        "bool_or",
        Bind::Aggregate(Params::of(&[Kind::Boolean]), |site, options| {
            truth(site, options, &bool_and_or::bool_or_udaf())
        }),
        "Whether a value is true",
    )
    .or(&["some", "any"]),
];

pub(super) const TABLES: &[&[Function]] = &[TABLE];

pub(super) static KERNELS: &[&Scalar] = &[];

pub(super) fn udfs() -> Vec<Arc<AggregateUDF>> {
    vec![
        count::count_udaf(),
        sum::sum_udaf(),
        min_max::min_udaf(),
        min_max::max_udaf(),
        average::avg_udaf(),
        bool_and_or::bool_and_udaf(),
        bool_and_or::bool_or_udaf(),
    ]
}

fn call(function: &Arc<AggregateUDF>, args: Vec<Expr>, options: AggregateOptions) -> Expr {
    Expr::AggregateFunction(AggregateFunction::new_udf(
        Arc::clone(function),
        args,
        options.distinct,
        options.filter.map(Box::new),
        Vec::new(),
        None,
    ))
}

/// The name of a column that holds it.
fn title(site: &Site, options: &AggregateOptions) -> String {
    let distinct = if options.distinct { "DISTINCT " } else { "" };
    let args = if site.args.is_empty() { "1".to_owned() } else { crate::bind::names(&site.args) };
    format!("{}({distinct}{args})", site.name)
}

fn counted(site: Site, options: AggregateOptions) -> Result<Typed> {
    let name = title(&site, &options);
    if site.args.len() > 1 {
        return Err(site.wrong("more than one argument is not supported"));
    }
    let args = match site.args.into_iter().next() {
        None => vec![Expr::Literal(ScalarValue::Int64(Some(1)), None)],
        // Values that are equal count once, and a NaN equals any other.
        Some(value) if options.distinct => vec![normalized(value).expr],
        Some(value) => vec![value.expr],
    };
    Ok(Typed::new(call(&count::count_udaf(), args, options), DataType::Int64, name))
}

fn summed(mut site: Site, options: AggregateOptions) -> Result<Typed> {
    let name = title(&site, &options);
    let position = site.position;
    let value = site.args.remove(0);
    let (input, output) = match &value.data_type {
        DataType::Decimal128(precision, scale) => {
            // Beyond 38 digits Spark gives null and the engine another value.
            if *precision > 28 {
                return Err(site.wrong(format!(
                    "decimals of more than 28 digits, as {}, cannot be summed",
                    types::display(&value.data_type)
                )));
            }
            (value.data_type.clone(), DataType::Decimal128(precision + 10, *scale))
        }
        other if types::is_integral(other) => (DataType::Int64, DataType::Int64),
        _ => (DataType::Float64, DataType::Float64),
    };
    let value = value.cast_for(&input, "sum", position)?;
    let value = if options.distinct { normalized(value) } else { value };
    Ok(Typed::new(call(&sum::sum_udaf(), vec![value.expr], options), output, name))
}

fn averaged(mut site: Site, options: AggregateOptions) -> Result<Typed> {
    let name = title(&site, &options);
    let position = site.position;
    let value = site.args.remove(0);
    if types::is_decimal(&value.data_type) {
        return Err(site.wrong("the mean of decimals is not supported; hint: CAST them to DOUBLE"));
    }
    let value = value.cast_for(&DataType::Float64, "avg", position)?;
    let value = if options.distinct { normalized(value) } else { value };
    Ok(Typed::new(call(&average::avg_udaf(), vec![value.expr], options), DataType::Float64, name))
}

fn extreme(mut site: Site, options: AggregateOptions, function: &Arc<AggregateUDF>) -> Result<Typed> {
    let name = title(&site, &options);
    let value = site.args.remove(0);
    let data_type = value.data_type.clone();
    let simple = !data_type.is_nested() && types::is_orderable(&data_type) && data_type != DataType::Null;
    // The engine passes over NaN, which Spark takes for the largest number.
    if !simple || types::holds_fractional(&data_type) && !matches!(data_type, DataType::Decimal128(_, _)) {
        return Err(
            site.wrong(format!("values of the type {} are not supported", types::display(&data_type)))
        );
    }
    Ok(Typed {
        expr: call(function, vec![value.expr], options),
        name,
        ..Typed::new(Expr::default(), data_type, "")
    })
}

fn truth(mut site: Site, options: AggregateOptions, function: &Arc<AggregateUDF>) -> Result<Typed> {
    let name = title(&site, &options);
    let value = site.args.remove(0);
    Ok(Typed::new(call(function, vec![value.expr], options), DataType::Boolean, name))
}
