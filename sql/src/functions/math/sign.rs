//! Signs.

use arrow::array::{ArrayRef, ArrowPrimitiveType};
use arrow::datatypes::{
    ArrowNativeTypeOp, DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use datafusion::common::Result;

use crate::bind::{Site, Typed, minus};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Args, Returns, Scalar, failed, numbers};

pub(super) const TABLE: &[Function] = &[
    Function::kernel("abs", Params::of(&[Kind::Numeric]), &ABS, "Absolute value; the smallest integer stays as it is"),
    Function::kernel("sign", Params::of(&[Kind::Double]), &SIGNUM, "-1.0, 0.0 or 1.0").or(&["signum"]),
    Function::build("negative", Params::of(&[Kind::Any]), negative, "The number with the other sign"),
    Function::build("positive", Params::of(&[Kind::Numeric]), |mut site| Ok(site.args.remove(0).named("")), "The number"),
];

fn negative(mut site: Site) -> crate::Result<Typed> {
    let position = site.position;
    minus(site.args.remove(0), position).map(|typed| typed.named(""))
}

/// Absolute value.
pub(crate) static ABS: Scalar = Scalar::new("spark_abs", Returns::First, |args| {
    fn each<T: ArrowPrimitiveType>(args: &Args) -> Result<ArrayRef>
    where
        T::Native: ArrowNativeTypeOp,
    {
        let value = args.numbers::<T>(0)?;
        numbers::<T>(args, |row| {
            let value = value.get(row)?;
            Some(if value.is_lt(T::Native::ZERO) { value.neg_wrapping() } else { value })
        })
    }
    match args.data_type(0)? {
        DataType::Int8 => each::<Int8Type>(args),
        DataType::Int16 => each::<Int16Type>(args),
        DataType::Int32 => each::<Int32Type>(args),
        DataType::Int64 => each::<Int64Type>(args),
        DataType::Float32 => each::<Float32Type>(args),
        DataType::Float64 => each::<Float64Type>(args),
        DataType::Decimal128(_, _) => each::<Decimal128Type>(args),
        other => Err(failed(format!("abs of {other}"))),
    }
});

/// Sign as a double.
pub(crate) static SIGNUM: Scalar = Scalar::new("spark_signum", Returns::Fixed(|| DataType::Float64), |args| {
    let value = args.numbers::<Float64Type>(0)?;
    numbers::<Float64Type>(args, |row| {
        value.get(row).map(|value| if value == 0.0 || value.is_nan() { value } else { value.signum() })
    })
});
