//! Counts, sums, averages, extremes, truth and bits.

use std::sync::Arc;

use arrow::array::{Array, AsArray, PrimitiveArray};
use arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::functions_aggregate as engine;
use datafusion::logical_expr::expr::{AggregateFunction, Cast, NullTreatment};
use datafusion::logical_expr::{AggregateUDF, Expr};

use super::float_extreme::{FLOAT_MAX, FLOAT_MIN};
use super::float_sum::{FLOAT_SUM, FLOAT_SUM_DISTINCT};
use super::own::udaf;
use crate::bind::{Site, Typed, boolean, normalized};
use crate::coerce::Kind;
use crate::error::{Result, SqlError};
use crate::functions::math::arithmetic::{DECIMAL_DIVIDE, DIVIDE};
use crate::functions::{AggregateOptions, Bind, Function, Params};
use crate::number::decimal::{bounded, divide_wide, fits};
use crate::types::{self, is_integral, is_orderable};
use crate::udf::{Returns, Scalar, failed, numbers};

const ANY: Params = Params::of(&[Kind::Any]);
const NUMBER: Params = Params::of(&[Kind::Numeric]);
const FIRST: Params = ANY.opt(&[Kind::Boolean]);

pub(super) const TABLE: &[Function] = &[
    Function::new(
        "count",
        Bind::Aggregate(Params::of(&[]).rest(Kind::Any), count),
        "Number of rows, or of those in which no argument is null",
    ),
    Function::new(
        "count_if",
        Bind::Aggregate(ANY, count_if),
        "Number of rows for which the condition is true",
    ),
    Function::new("sum", Bind::Aggregate(NUMBER, sum), "Sum; null without a value that is not null"),
    Function::new("avg", Bind::Aggregate(NUMBER, avg), "Average; null without a value that is not null")
        .or(&["mean", "try_avg"]),
    Function::new(
        "try_sum",
        Bind::Aggregate(NUMBER, try_sum),
        "Sum of doubles or decimals; null if it overflows",
    ),
    Function::new(
        "min",
        Bind::Aggregate(ANY, |site, options| extreme(site, options, engine::min_max::min_udaf())),
        "The smallest value",
    ),
    Function::new(
        "max",
        Bind::Aggregate(ANY, |site, options| extreme(site, options, engine::min_max::max_udaf())),
        "The largest value",
    ),
    Function::new(
        "first",
        Bind::Aggregate(FIRST, |site, options| first(site, options, engine::first_last::first_value_udaf())),
        "A value: the first that is met",
    )
    .or(&["first_value", "any_value"]),
    Function::new(
        "last",
        Bind::Aggregate(FIRST, |site, options| first(site, options, engine::first_last::last_value_udaf())),
        "A value: the last that is met",
    )
    .or(&["last_value"]),
    Function::new(
        "bool_and",
        Bind::Aggregate(ANY, |site, options| truth(site, options, engine::bool_and_or::bool_and_udaf())),
        "Whether all values are true",
    )
    .or(&["every"]),
    Function::new(
        "bool_or",
        Bind::Aggregate(ANY, |site, options| truth(site, options, engine::bool_and_or::bool_or_udaf())),
        "Whether a value is true",
    )
    .or(&["some", "any"]),
    Function::new(
        "bit_and",
        Bind::Aggregate(ANY, |site, options| bits(site, options, engine::bit_and_or_xor::bit_and_udaf())),
        "Bits that all values have",
    ),
    Function::new(
        "bit_or",
        Bind::Aggregate(ANY, |site, options| bits(site, options, engine::bit_and_or_xor::bit_or_udaf())),
        "Bits that a value has",
    ),
    Function::new(
        "bit_xor",
        Bind::Aggregate(ANY, |site, options| bits(site, options, engine::bit_and_or_xor::bit_xor_udaf())),
        "Bits that an odd number of values have",
    ),
];

/// Calls an aggregate function of the engine.
pub(super) fn call(function: Arc<AggregateUDF>, args: Vec<Expr>, options: AggregateOptions) -> Expr {
    let nulls = options.ignore_nulls.then_some(NullTreatment::IgnoreNulls);
    let filter = options.filter.map(Box::new);
    Expr::AggregateFunction(AggregateFunction::new_udf(
        function,
        args,
        options.distinct,
        filter,
        Vec::new(),
        nulls,
    ))
}

/// Name of the column of an aggregate function.
pub(super) fn name(site: &Site, options: &AggregateOptions) -> String {
    let distinct = if options.distinct { "DISTINCT " } else { "" };
    format!("{}({distinct}{})", site.name, crate::bind::names(&site.args))
}

fn refuse_ignore_nulls(site: &Site, options: &AggregateOptions) -> Result<()> {
    if options.ignore_nulls { Err(site.wrong("it takes no IGNORE NULLS")) } else { Ok(()) }
}

pub(super) fn and(filter: Option<Expr>, condition: Expr) -> Expr {
    match filter {
        Some(filter) => filter.and(condition),
        None => condition,
    }
}

pub(super) fn one() -> Expr {
    Expr::Literal(ScalarValue::Int64(Some(1)), None)
}

/// Number of rows.
pub(crate) fn rows() -> Expr {
    call(engine::count::count_udaf(), vec![one()], AggregateOptions::default())
}

fn count(site: Site, mut options: AggregateOptions) -> Result<Typed> {
    refuse_ignore_nulls(&site, &options)?;
    if site.args.is_empty() && !site.star {
        return Err(site.wrong("it takes `*` or arguments"));
    }
    if site.args.is_empty() {
        return Ok(Typed::new(
            call(engine::count::count_udaf(), vec![one()], options),
            DataType::Int64,
            "count(1)",
        ));
    }
    let name = name(&site, &options);
    if options.distinct && !site.args.iter().all(|arg| is_orderable(&arg.data_type)) {
        return Err(site.wrong("DISTINCT needs values that can be compared"));
    }
    let mut args: Vec<Typed> = site.args.into_iter().map(normalized).collect();
    let arg = if args.len() == 1 {
        args.remove(0).expr
    } else {
        // A row counts if none of the values is null.
        let complete = args.iter().map(|arg| Expr::IsNotNull(Box::new(arg.expr.clone()))).reduce(Expr::and);
        if let Some(complete) = complete {
            options.filter = Some(and(options.filter.take(), complete));
        }
        if options.distinct {
            crate::functions::collection::structs::of_parts(args, |_| None).expr
        } else {
            one()
        }
    };
    Ok(Typed::new(call(engine::count::count_udaf(), vec![arg], options), DataType::Int64, name))
}

fn count_if(mut site: Site, mut options: AggregateOptions) -> Result<Typed> {
    refuse_ignore_nulls(&site, &options)?;
    let name = name(&site, &options);
    let condition = boolean(site.args.remove(0), "count_if", site.position)?;
    if options.distinct {
        return Err(SqlError::arguments("count_if", "it takes no DISTINCT", site.position));
    }
    options.filter = Some(and(options.filter.take(), condition.expr));
    Ok(Typed::new(call(engine::count::count_udaf(), vec![one()], options), DataType::Int64, name))
}

/// Digits of the widest decimals whose sums have a type that is ten digits wider.
const MOST_SUMMED: u8 = 28;

fn wide_sum(value: Expr, precision: u8, scale: i8, options: AggregateOptions) -> Expr {
    let wide = Expr::Cast(Cast::new(Box::new(value), DataType::Decimal256(precision, scale)));
    call(engine::sum::sum_udaf(), vec![wide], options)
}

/// `average(wide sum, count, type)`. Over a window Spark does not mind whether the sum fits a decimal.
pub(crate) static AVERAGE: Scalar = Scalar::new("spark_wide_average", Returns::Last, |args| {
    let (array, count) = (args.array(0)?, args.numbers::<Int64Type>(1)?);
    let (DataType::Decimal256(_, scale), DataType::Decimal128(precision, to)) =
        (array.data_type(), args.return_type)
    else {
        return Err(failed("a wide decimal and its average are expected"));
    };
    let sums = array.as_primitive::<Decimal256Type>();
    numbers::<Decimal128Type>(args, |row| {
        let sum = sums.is_valid(row).then(|| sums.value(row))?;
        divide_wide((sum, *scale), (count.get(row)?.into(), 0), (*precision, *to))
    })
});

/// Sum of a decimal and its type. Wide decimals are summed with twice the bits, so that an overflow is seen.
fn decimal_sum(value: Expr, precision: u8, scale: i8, options: AggregateOptions) -> (Expr, (u8, i8)) {
    let result = bounded(i32::from(precision) + 10, scale.into());
    if precision <= MOST_SUMMED {
        return (call(engine::sum::sum_udaf(), vec![value], options), result);
    }
    let sum = wide_sum(value, precision, scale, options);
    let carrier = crate::cast::type_carrier(&DataType::Decimal128(result.0, result.1));
    (crate::udf::udf(&NARROW).call(vec![sum, carrier]), result)
}

/// `narrow(wide decimal, type)`: null if it does not fit.
pub(crate) static NARROW: Scalar = Scalar::new("spark_narrow_decimal", Returns::Last, |args| {
    let array = args.array(0)?;
    let DataType::Decimal128(precision, _) = *args.return_type else {
        return Err(failed("a decimal is to be returned"));
    };
    let wide =
        array.as_primitive_opt::<Decimal256Type>().ok_or_else(|| failed("a wide decimal is expected"))?;
    let narrow: PrimitiveArray<Decimal128Type> =
        wide.unary_opt(|value| value.to_i128().filter(|value| fits(*value, precision)));
    Ok(Arc::new(narrow.with_data_type(args.return_type.clone())))
});

fn sum(mut site: Site, options: AggregateOptions) -> Result<Typed> {
    refuse_ignore_nulls(&site, &options)?;
    let name = name(&site, &options);
    let (label, position) = (site.name.clone(), site.position);
    let value = site.args.remove(0);
    Ok(match value.data_type {
        DataType::Decimal128(precision, scale) => {
            let (expr, (precision, scale)) = decimal_sum(value.expr, precision, scale, options);
            Typed::new(expr, DataType::Decimal128(precision, scale), name)
        }
        ref other if is_integral(other) => {
            let value = value.cast_for(&DataType::Int64, &label, position)?;
            Typed::new(call(engine::sum::sum_udaf(), vec![value.expr], options), DataType::Int64, name)
        }
        _ => {
            let value = value.cast_for(&DataType::Float64, &label, position)?;
            Typed::new(float_sum(value, options), DataType::Float64, name)
        }
    })
}

/// Sum of doubles.
fn float_sum(value: Typed, mut options: AggregateOptions) -> Expr {
    let distinct = std::mem::take(&mut options.distinct);
    let function = if distinct { &FLOAT_SUM_DISTINCT } else { &FLOAT_SUM };
    call(udaf(function), vec![normalized(value).expr], options)
}

fn try_sum(site: Site, options: AggregateOptions) -> Result<Typed> {
    if is_integral(&site.args[0].data_type) {
        return Err(site.wrong("integers are not supported"));
    }
    sum(site, options)
}

pub(super) fn avg(mut site: Site, options: AggregateOptions) -> Result<Typed> {
    refuse_ignore_nulls(&site, &options)?;
    let name = name(&site, &options);
    let (label, position) = (site.name.clone(), site.position);
    let value = site.args.remove(0);
    if let DataType::Decimal128(precision, scale) = value.data_type {
        let counted = value.expr.clone();
        let (to_precision, to_scale) = bounded(i32::from(precision) + 4, i32::from(scale) + 4);
        let to = DataType::Decimal128(to_precision, to_scale);
        if options.windowed && precision > MOST_SUMMED {
            let sum = Typed::new(wide_sum(value.expr, precision, scale, options.clone()), to.clone(), "");
            let count =
                Typed::new(call(engine::count::count_udaf(), vec![counted], options), DataType::Int64, "");
            return Ok(Typed::call_as(&AVERAGE, vec![sum, count], to, name));
        }
        let (sum, (sum_precision, sum_scale)) = decimal_sum(value.expr, precision, scale, options.clone());
        let sum = Typed::new(sum, DataType::Decimal128(sum_precision, sum_scale), "");
        let count =
            Typed::new(call(engine::count::count_udaf(), vec![counted], options), DataType::Int64, "");
        let count = count.cast_for(&DataType::Decimal128(20, 0), &label, position)?;
        return Ok(Typed::call_as(&DECIMAL_DIVIDE, vec![sum, count], to, name));
    }
    let value = value.cast_for(&DataType::Float64, &label, position)?;
    let counted = normalized(value.clone()).expr;
    let count =
        Typed::new(call(engine::count::count_udaf(), vec![counted], options.clone()), DataType::Int64, "");
    let count = count.cast_for(&DataType::Float64, &label, position)?;
    let sum = Typed::new(float_sum(value, options), DataType::Float64, "");
    Typed::call(&DIVIDE, vec![sum, count], name, position)
}

fn extreme(mut site: Site, mut options: AggregateOptions, function: Arc<AggregateUDF>) -> Result<Typed> {
    refuse_ignore_nulls(&site, &options)?;
    let name = name(&site, &options);
    let value = &site.args[0];
    if !types::is_atomic(&value.data_type) || types::is_interval(&value.data_type) {
        return Err(
            site.wrong(format!("values of the type {} are not supported", types::display(&value.data_type)))
        );
    }
    // The extreme of all values is that of the different ones.
    options.distinct = false;
    let value = site.args.remove(0);
    let function = match (&value.data_type, function.name()) {
        (DataType::Float32 | DataType::Float64, "min") => udaf(&FLOAT_MIN),
        (DataType::Float32 | DataType::Float64, _) => udaf(&FLOAT_MAX),
        _ => function,
    };
    Ok(Typed::new(call(function, vec![value.expr], options), value.data_type, name))
}

fn first(mut site: Site, mut options: AggregateOptions, function: Arc<AggregateUDF>) -> Result<Typed> {
    if let Some(flag) = site.args.get(1) {
        match flag.literal() {
            Some(ScalarValue::Boolean(Some(ignore))) => options.ignore_nulls |= *ignore,
            _ => return Err(site.wrong("the second argument must be a constant")),
        }
    }
    if options.distinct {
        return Err(site.wrong("it takes no DISTINCT"));
    }
    let name = format!("{}({})", site.name, site.args[0].name);
    let value = site.args.remove(0);
    Ok(Typed { expr: call(function, vec![value.expr.clone()], options), name, ..value })
}

fn truth(mut site: Site, mut options: AggregateOptions, function: Arc<AggregateUDF>) -> Result<Typed> {
    refuse_ignore_nulls(&site, &options)?;
    let name = name(&site, &options);
    options.distinct = false;
    let value = boolean(site.args.remove(0), &site.name, site.position)?;
    Ok(Typed::new(call(function, vec![value.expr], options), DataType::Boolean, name))
}

fn bits(mut site: Site, options: AggregateOptions, function: Arc<AggregateUDF>) -> Result<Typed> {
    refuse_ignore_nulls(&site, &options)?;
    let name = name(&site, &options);
    if !is_integral(&site.args[0].data_type) {
        return Err(site.wrong("it takes an integer"));
    }
    let value = site.args.remove(0);
    Ok(Typed::new(call(function, vec![value.expr], options), value.data_type, name))
}
