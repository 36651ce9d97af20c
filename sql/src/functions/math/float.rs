//! Doubles.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::common::Result;

use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::types;
use crate::udf::{Returns, Scalar, numbers};

pub(super) const TABLE: &[Function] = &[
    Function::kernel("sqrt", Params::of(&[Kind::Double]), &SQRT, "Square root"),
    Function::kernel("power", Params::of(&[Kind::Double, Kind::Double]), &POWER, "Power").or(&["pow"]),
    Function::build(
        "nanvl",
        Params::of(&[Kind::Any, Kind::Any]),
        nanvl,
        "The first value unless it is no number, then the second",
    ),
];

fn double() -> DataType {
    DataType::Float64
}

/// Gives equal binary fractions equal bits: one NaN, the one that sorts last, and one zero.
pub(crate) static FLOAT_KEY: Scalar =
    Scalar::new("spark_float_key", Returns::First, |args| normalize(&args.array(0)?));

/// Gives only NaN one form, so that it is the largest number everywhere.
pub(crate) static ONE_NAN: Scalar =
    Scalar::new("spark_one_nan", Returns::First, |args| one_nan(&args.array(0)?));

pub(crate) fn normalize(array: &ArrayRef) -> Result<ArrayRef> {
    each(array, true)
}

/// Gives only NaN one form.
pub(crate) fn one_nan(array: &ArrayRef) -> Result<ArrayRef> {
    each(array, false)
}

fn each(array: &ArrayRef, one_zero: bool) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Float32 => Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(|value| {
            if value.is_nan() {
                f32::NAN.copysign(1.0)
            } else if one_zero {
                value + 0.0
            } else {
                value
            }
        })),
        DataType::Float64 => Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(|value| {
            if value.is_nan() {
                f64::NAN.copysign(1.0)
            } else if one_zero {
                value + 0.0
            } else {
                value
            }
        })),
        DataType::List(field) => {
            let list = array.as_list::<i32>();
            let values = each(list.values(), one_zero)?;
            Arc::new(ListArray::new(Arc::clone(field), list.offsets().clone(), values, list.nulls().cloned()))
        }
        DataType::Struct(fields) => {
            let source = array.as_struct();
            let columns =
                source.columns().iter().map(|column| each(column, one_zero)).collect::<Result<Vec<_>>>()?;
            Arc::new(StructArray::try_new_with_length(
                fields.clone(),
                columns,
                source.nulls().cloned(),
                source.len(),
            )?)
        }
        _ => Arc::clone(array),
    })
}

/// Square root.
pub(crate) static SQRT: Scalar = Scalar::new("spark_sqrt", Returns::Fixed(double), |args| {
    let value = args.numbers::<Float64Type>(0)?;
    numbers::<Float64Type>(args, |row| value.get(row).map(f64::sqrt))
});

/// Power.
pub(crate) static POWER: Scalar = Scalar::new("spark_power", Returns::Fixed(double), |args| {
    let (base, exponent) = (args.numbers::<Float64Type>(0)?, args.numbers::<Float64Type>(1)?);
    numbers::<Float64Type>(args, |row| Some(java_pow(base.get(row)?, exponent.get(row)?)))
});

/// Java says NaN where the exponent is NaN or the base is one beside an infinity; C says 1.
fn java_pow(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || base.abs() == 1.0 && exponent.is_infinite() {
        return f64::NAN;
    }
    libm::pow(base, exponent)
}

fn nanvl(site: Site) -> crate::Result<Typed> {
    // Two floats stay floats; anything else becomes a double.
    let floats = site.args.iter().all(|arg| arg.data_type == DataType::Float32);
    let to = if floats { DataType::Float32 } else { DataType::Float64 };
    let (name, position) = (site.name.clone(), site.position);
    if let Some(wrong) = site.args.iter().find(|arg| Kind::Double.accept(&arg.data_type).is_none()) {
        return Err(site.wrong(format!("it takes numbers, not {}", types::display(&wrong.data_type))));
    }
    let double = |arg: Typed| arg.cast_for(&DataType::Float64, &name, position);
    let args = site.args.into_iter().map(double).collect::<crate::Result<Vec<_>>>()?;
    Typed::call(&NANVL, args, "", position)?.cast_for(&to, &name, position)
}

/// The second value where the first is no number.
pub(crate) static NANVL: Scalar = Scalar::new("spark_nanvl", Returns::Fixed(double), |args| {
    let (value, other) = (args.numbers::<Float64Type>(0)?, args.numbers::<Float64Type>(1)?);
    numbers::<Float64Type>(args, |row| match value.get(row) {
        Some(value) if value.is_nan() => other.get(row),
        value => value,
    })
});
