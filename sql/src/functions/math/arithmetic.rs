//! What operators compute where the engine would compute something else, and the functions that are like them.

use arrow::array::ArrayRef;
use arrow::datatypes::{
    ArrowNativeTypeOp, DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use datafusion::common::Result;

use crate::bind::{Site, Typed, arithmetic};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::number::decimal::{self, DecimalType};
use crate::parse::ast::BinaryOp;
use crate::types;
use crate::udf::{Args, Returns, Scalar, failed, numbers};

const TWO: Params = Params::of(&[Kind::Any, Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::build("mod", TWO, |site| operator(BinaryOp::Remainder, site), "Remainder with the sign of the dividend; null for a divisor of 0"),
    Function::build("pmod", TWO, pmod, "Remainder that is not negative; null for a divisor of 0"),
    Function::build("try_add", TWO, |site| checked(BinaryOp::Add, site), "Sum; null if it overflows"),
    Function::build("try_subtract", TWO, |site| checked(BinaryOp::Subtract, site), "Difference; null if it overflows"),
    Function::build("try_multiply", TWO, |site| checked(BinaryOp::Multiply, site), "Product; null if it overflows"),
    Function::build("try_divide", TWO, |site| operator(BinaryOp::Divide, site), "Quotient; null for a divisor of 0"),
];

fn double() -> DataType {
    DataType::Float64
}

fn long() -> DataType {
    DataType::Int64
}

/// `/` of doubles: null for a divisor of 0.
pub(crate) static DIVIDE: Scalar = Scalar::new("spark_divide", Returns::Fixed(double), |args| {
    let (left, right) = (args.numbers::<Float64Type>(0)?, args.numbers::<Float64Type>(1)?);
    numbers::<Float64Type>(args, |row| {
        let (left, right) = (left.get(row)?, right.get(row)?);
        (right != 0.0).then(|| left / right)
    })
});

/// `%` of numbers of one type.
pub(crate) static REMAINDER: Scalar = Scalar::new("spark_remainder", Returns::First, |args| {
    by_number!(args, remainder)
});

/// `div` of bigints.
pub(crate) static INTEGRAL_DIVIDE: Scalar = Scalar::new("spark_div", Returns::Fixed(long), |args| {
    let (left, right) = (args.numbers::<Int64Type>(0)?, args.numbers::<Int64Type>(1)?);
    numbers::<Int64Type>(args, |row| {
        let (left, right) = (left.get(row)?, right.get(row)?);
        (right != 0).then(|| left.wrapping_div(right))
    })
});

/// Remainder that is not negative.
pub(crate) static PMOD: Scalar = Scalar::new("spark_pmod", Returns::First, |args| by_number!(args, positive_remainder));

/// Sum, or null if it overflows.
pub(crate) static TRY_ADD: Scalar = Scalar::new("spark_try_add", Returns::First, |args| by_number!(args, checked_add));
/// Difference, or null if it overflows.
pub(crate) static TRY_SUBTRACT: Scalar = Scalar::new("spark_try_subtract", Returns::First, |args| by_number!(args, checked_subtract));
/// Product, or null if it overflows.
pub(crate) static TRY_MULTIPLY: Scalar = Scalar::new("spark_try_multiply", Returns::First, |args| by_number!(args, checked_multiply));

/// Calls a loop for the type of the first argument.
macro_rules! by_number {
    ($args:expr, $loop:ident) => {
        match $args.data_type(0)? {
            DataType::Int8 => each::<Int8Type>($args, $loop),
            DataType::Int16 => each::<Int16Type>($args, $loop),
            DataType::Int32 => each::<Int32Type>($args, $loop),
            DataType::Int64 => each::<Int64Type>($args, $loop),
            DataType::Float32 => each::<Float32Type>($args, $loop),
            DataType::Float64 => each::<Float64Type>($args, $loop),
            DataType::Decimal128(_, _) => each::<Decimal128Type>($args, $loop),
            other => Err(failed(format!("{other} is no number"))),
        }
    };
}
use by_number;

fn each<T: arrow::array::ArrowPrimitiveType>(
    args: &Args,
    compute: impl Fn(T::Native, T::Native) -> Option<T::Native>,
) -> Result<ArrayRef> {
    let (left, right) = (args.numbers::<T>(0)?, args.numbers::<T>(1)?);
    numbers::<T>(args, |row| compute(left.get(row)?, right.get(row)?))
}

fn remainder<T: ArrowNativeTypeOp>(left: T, right: T) -> Option<T> {
    (!is_zero(right)).then(|| left.mod_wrapping(right))
}

/// Zero of either sign.
fn is_zero<T: ArrowNativeTypeOp>(value: T) -> bool {
    value.is_zero() || value.neg_wrapping().is_zero()
}

fn positive_remainder<T: ArrowNativeTypeOp>(left: T, right: T) -> Option<T> {
    let rest = remainder(left, right)?;
    if rest.is_lt(T::ZERO) && !is_zero(rest) { remainder(rest.add_wrapping(right), right) } else { Some(rest) }
}

fn checked_add<T: ArrowNativeTypeOp>(left: T, right: T) -> Option<T> {
    left.add_checked(right).ok()
}

fn checked_subtract<T: ArrowNativeTypeOp>(left: T, right: T) -> Option<T> {
    left.sub_checked(right).ok()
}

fn checked_multiply<T: ArrowNativeTypeOp>(left: T, right: T) -> Option<T> {
    left.mul_checked(right).ok()
}

fn decimals(
    args: &Args,
    compute: impl Fn((i128, i8), (i128, i8), DecimalType) -> Option<i128>,
) -> Result<ArrayRef> {
    let DataType::Decimal128(precision, scale) = *args.return_type else { return Err(failed("a decimal is to be returned")) };
    let (left, right) = (args.decimals(0)?, args.decimals(1)?);
    numbers::<Decimal128Type>(args, |row| {
        compute((left.get(row)?, left.scale), (right.get(row)?, right.scale), (precision, scale))
    })
}

/// `+` of decimals whose sum may have to be rounded.
pub(crate) static DECIMAL_ADD: Scalar = Scalar::new("spark_decimal_add", Returns::Last, |args| decimals(args, decimal::add));
/// `-` of decimals whose difference may have to be rounded.
pub(crate) static DECIMAL_SUBTRACT: Scalar = Scalar::new("spark_decimal_subtract", Returns::Last, |args| {
    decimals(args, |left, right, to| decimal::add(left, (-right.0, right.1), to))
});
/// `*` of decimals whose product may have to be rounded.
pub(crate) static DECIMAL_MULTIPLY: Scalar = Scalar::new("spark_decimal_multiply", Returns::Last, |args| decimals(args, decimal::multiply));
/// `/` of decimals.
pub(crate) static DECIMAL_DIVIDE: Scalar = Scalar::new("spark_decimal_divide", Returns::Last, |args| decimals(args, decimal::divide));
/// `%` of decimals.
pub(crate) static DECIMAL_REMAINDER: Scalar = Scalar::new("spark_decimal_remainder", Returns::Last, |args| decimals(args, decimal::remainder));

/// `div` of decimals: the lowest 64 bits of the quotient.
pub(crate) static DECIMAL_INTEGRAL_DIVIDE: Scalar = Scalar::new("spark_decimal_div", Returns::Fixed(long), |args| {
    let (left, right) = (args.decimals(0)?, args.decimals(1)?);
    numbers::<Int64Type>(args, |row| {
        let quotient = decimal::integral_divide((left.get(row)?, left.scale), (right.get(row)?, right.scale))?;
        #[expect(clippy::cast_possible_truncation, reason = "Java keeps the lowest bits, too")]
        Some(quotient.as_i128() as i64)
    })
});

fn operator(op: BinaryOp, site: Site) -> std::result::Result<Typed, crate::SqlError> {
    let name = site.column_name();
    let Ok([left, right]) = <[Typed; 2]>::try_from(site.args) else { return Err(crate::SqlError::arguments(&site.name, "it takes two arguments", site.position)) };
    arithmetic(op, left, right, site.position).map(|typed| typed.named(name))
}

fn pmod(site: Site) -> std::result::Result<Typed, crate::SqlError> {
    let all_decimal_or_number = site.args.iter().all(|arg| types::is_numeric(&arg.data_type));
    if !all_decimal_or_number {
        return Err(site.wrong("it takes two numbers"));
    }
    let (name, position) = (site.column_name(), site.position);
    let unsupported = |data_type: &DataType| matches!(data_type, DataType::Decimal128(_, _) | DataType::Int8 | DataType::Int16);
    if site.args.iter().any(|arg| unsupported(&arg.data_type)) {
        return Err(site.wrong("only int, bigint, float and double are supported"));
    }
    let args = crate::bind::common_type(site.args, false, "pmod", position)?;
    Typed::call(&PMOD, args, name, position)
}

fn checked(op: BinaryOp, site: Site) -> std::result::Result<Typed, crate::SqlError> {
    let name = site.column_name();
    let whole = site.args.iter().all(|arg| types::is_integral(&arg.data_type));
    if !whole {
        // Decimals that overflow are null anyway, and doubles do not overflow.
        return operator(op, site);
    }
    let position = site.position;
    let args = crate::bind::common_type(site.args, false, "arithmetic", position)?;
    let kernel = match op {
        BinaryOp::Add => &TRY_ADD,
        BinaryOp::Subtract => &TRY_SUBTRACT,
        _ => &TRY_MULTIPLY,
    };
    Typed::call(kernel, args, name, position)
}
