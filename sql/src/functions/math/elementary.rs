//! Elementary functions, to the last bit as the JVM gives them.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use datafusion::common::{Result, ScalarValue};

use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::number::java_math;
use crate::udf::{Args, Returns, Scalar, numbers};

const ONE: Params = Params::of(&[Kind::Double]);
const TWO: Params = Params::of(&[Kind::Double, Kind::Double]);
const NONE: Params = Params::of(&[]);

pub(super) const TABLE: &[Function] = &[
    Function::kernel("exp", ONE, &EXP, "Exponential"),
    Function::kernel("expm1", ONE, &EXPM1, "Exponential less one"),
    Function::kernel("ln", ONE, &LN, "Natural logarithm; null for what is not positive"),
    Function::build(
        "log",
        ONE.opt(&[Kind::Double]),
        log,
        "Natural logarithm, or logarithm to the base that comes first",
    ),
    Function::kernel("log10", ONE, &LOG10, "Logarithm to the base 10; null for what is not positive"),
    Function::kernel("log2", ONE, &LOG2, "Logarithm to the base 2; null for what is not positive"),
    Function::kernel("log1p", ONE, &LOG1P, "Natural logarithm of one more; null up to -1"),
    Function::kernel("cbrt", ONE, &CBRT, "Cube root"),
    Function::kernel("acos", ONE, &ACOS, "Arc cosine"),
    Function::kernel("asin", ONE, &ASIN, "Arc sine"),
    Function::kernel("atan", ONE, &ATAN, "Arc tangent"),
    Function::kernel("atan2", TWO, &ATAN2, "Angle of a point"),
    Function::kernel("acosh", ONE, &ACOSH, "Inverse hyperbolic cosine"),
    Function::kernel("asinh", ONE, &ASINH, "Inverse hyperbolic sine"),
    Function::kernel("atanh", ONE, &ATANH, "Inverse hyperbolic tangent"),
    Function::kernel("cosh", ONE, &COSH, "Hyperbolic cosine"),
    Function::kernel("sinh", ONE, &SINH, "Hyperbolic sine"),
    Function::kernel("tanh", ONE, &TANH, "Hyperbolic tangent"),
    Function::kernel("degrees", ONE, &DEGREES, "Radians as degrees"),
    Function::kernel("radians", ONE, &RADIANS, "Degrees as radians"),
    Function::kernel("rint", ONE, &RINT, "The nearest whole double, the even one of two"),
    Function::build("pi", NONE, |_| Ok(constant(std::f64::consts::PI, "PI()")), "3.141592653589793"),
    Function::build("e", NONE, |_| Ok(constant(std::f64::consts::E, "E()")), "2.718281828459045"),
    Function::kernel(
        "factorial",
        Params::of(&[Kind::Int]),
        &FACTORIAL,
        "Product of the numbers up to this one; null outside of 0 to 20",
    ),
];

fn double() -> DataType {
    DataType::Float64
}

fn constant(value: f64, name: &str) -> Typed {
    Typed::constant(ScalarValue::Float64(Some(value)), name)
}

fn each(args: &Args, compute: fn(f64) -> f64) -> Result<ArrayRef> {
    let value = args.numbers::<Float64Type>(0)?;
    numbers::<Float64Type>(args, |row| value.get(row).map(compute))
}

/// Logarithms are null at and below their asymptote.
fn each_above(args: &Args, asymptote: f64, compute: fn(f64) -> f64) -> Result<ArrayRef> {
    let value = args.numbers::<Float64Type>(0)?;
    numbers::<Float64Type>(args, |row| {
        let value = value.get(row)?;
        (value > asymptote || value.is_nan()).then(|| compute(value))
    })
}

macro_rules! each {
    ($($(#[$doc:meta])* $name:ident = $engine:literal: $compute:expr;)*) => {
        $($(#[$doc])* pub(crate) static $name: Scalar = Scalar::new($engine, Returns::Fixed(double), |args| each(args, $compute));)*
    };
}

each! {
    /// Exponential.
    EXP = "spark_exp": libm::exp;
    /// Exponential less one.
    EXPM1 = "spark_expm1": libm::expm1;
    /// Cube root.
    CBRT = "spark_cbrt": java_math::cbrt;
    /// Arc cosine.
    ACOS = "spark_acos": libm::acos;
    /// Arc sine.
    ASIN = "spark_asin": libm::asin;
    /// Arc tangent.
    ATAN = "spark_atan": libm::atan;
    /// Inverse hyperbolic cosine.
    ACOSH = "spark_acosh": |x| java_math::ln(x + (x * x - 1.0).sqrt());
    /// Inverse hyperbolic sine.
    ASINH = "spark_asinh": |x| if x == f64::NEG_INFINITY { x } else { java_math::ln(x + (x * x + 1.0).sqrt()) };
    /// Inverse hyperbolic tangent.
    ATANH = "spark_atanh": |x| 0.5 * (java_math::log1p(x) - java_math::log1p(-x));
    /// Hyperbolic cosine.
    COSH = "spark_cosh": java_math::cosh;
    /// Hyperbolic sine.
    SINH = "spark_sinh": java_math::sinh;
    /// Hyperbolic tangent.
    TANH = "spark_tanh": java_math::tanh;
    /// Degrees.
    DEGREES = "spark_degrees": |x| x * 57.295_779_513_082_32;
    /// Radians.
    RADIANS = "spark_radians": |x| x * 0.017_453_292_519_943_295;
    /// Half to even.
    RINT = "spark_rint": f64::round_ties_even;
}

/// Natural logarithm.
pub(crate) static LN: Scalar =
    Scalar::new("spark_ln", Returns::Fixed(double), |args| each_above(args, 0.0, java_math::ln));
/// Logarithm to the base 10.
pub(crate) static LOG10: Scalar =
    Scalar::new("spark_log10", Returns::Fixed(double), |args| each_above(args, 0.0, java_math::log10));
/// Logarithm to the base 2.
pub(crate) static LOG2: Scalar = Scalar::new("spark_log2", Returns::Fixed(double), |args| {
    each_above(args, 0.0, |x| java_math::ln(x) / java_math::ln(2.0))
});
/// Natural logarithm of one more.
pub(crate) static LOG1P: Scalar =
    Scalar::new("spark_log1p", Returns::Fixed(double), |args| each_above(args, -1.0, java_math::log1p));

fn log(site: Site) -> crate::Result<Typed> {
    let kernel = if site.args.len() == 1 { &LN } else { &LOG };
    Typed::call(kernel, site.args, "", site.position)
}

/// `log(base, value)`.
pub(crate) static LOG: Scalar = Scalar::new("spark_log", Returns::Fixed(double), |args| {
    let (base, value) = (args.numbers::<Float64Type>(0)?, args.numbers::<Float64Type>(1)?);
    numbers::<Float64Type>(args, |row| {
        let (base, value) = (base.get(row)?, value.get(row)?);
        (!(base <= 0.0 || value <= 0.0)).then(|| java_math::ln(value) / java_math::ln(base))
    })
});

/// Angle of a point; a zero has no sign.
pub(crate) static ATAN2: Scalar = Scalar::new("spark_atan2", Returns::Fixed(double), |args| {
    let (y, x) = (args.numbers::<Float64Type>(0)?, args.numbers::<Float64Type>(1)?);
    numbers::<Float64Type>(args, |row| Some(libm::atan2(y.get(row)? + 0.0, x.get(row)? + 0.0)))
});

/// Product of the numbers up to this one.
pub(crate) static FACTORIAL: Scalar =
    Scalar::new("spark_factorial", Returns::Fixed(|| DataType::Int64), |args| {
        let value = args.numbers::<Int32Type>(0)?;
        numbers::<Int64Type>(args, |row| {
            let value = i64::from(value.get(row)?);
            (0..=20).contains(&value).then(|| (1..=value).product())
        })
    });
