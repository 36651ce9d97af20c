//! Rounding: half up, half to even, up and down.

use arrow::array::{ArrayRef, ArrowPrimitiveType};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use datafusion::common::Result;

use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::error::SqlError;
use crate::functions::{Function, Params};
use crate::number::decimal::{bounded, pow10};
use crate::number::java_text::{Digits, double_digits};
use crate::position::Position;
use crate::types::{self, is_integral};
use crate::udf::{Args, Returns, Scalar, failed, numbers, try_numbers};

const VALUE: Params = Params::of(&[Kind::Numeric]).opt(&[Kind::Int]);

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "round",
        VALUE,
        |site| round(site, &ROUND),
        "Rounds half away from zero to a number of digits behind the point",
    ),
    Function::build(
        "bround",
        VALUE,
        |site| round(site, &BROUND),
        "Rounds half to even to a number of digits behind the point",
    ),
    Function::build(
        "ceil",
        Params::of(&[Kind::Any]).opt(&[Kind::PlainInt]),
        |site| to_whole(site, &CEIL),
        "The smallest number of so many digits that is not smaller",
    )
    .or(&["ceiling"]),
    Function::build(
        "floor",
        Params::of(&[Kind::Any]).opt(&[Kind::PlainInt]),
        |site| to_whole(site, &FLOOR),
        "The largest number of so many digits that is not larger",
    ),
];

/// How a digit that is dropped changes the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rounding {
    HalfUp,
    HalfEven,
    Up,
    Down,
}

/// `round(value, digits, type)`.
pub(crate) static ROUND: Scalar =
    Scalar::new("spark_round", Returns::Last, |args| run(args, Rounding::HalfUp));
/// `bround(value, digits, type)`.
pub(crate) static BROUND: Scalar =
    Scalar::new("spark_bround", Returns::Last, |args| run(args, Rounding::HalfEven));
/// `ceil(value, digits, type)`.
pub(crate) static CEIL: Scalar = Scalar::new("spark_ceil", Returns::Last, |args| run(args, Rounding::Up));
/// `floor(value, digits, type)`.
pub(crate) static FLOOR: Scalar = Scalar::new("spark_floor", Returns::Last, |args| run(args, Rounding::Down));

/// No number has digits as far from its point as this.
const MOST_DIGITS: u32 = 400;

fn digits_of(site: &Site) -> crate::Result<Typed> {
    match site.args.get(1) {
        Some(_) => {
            let digits = site.integer(1, "the number of digits")?;
            let digits = i32::try_from(digits).ok().filter(|digits| digits.unsigned_abs() <= MOST_DIGITS);
            let digits = digits.ok_or_else(|| site.wrong("there are no numbers of so many digits"))?;
            Ok(Typed::constant(datafusion::common::ScalarValue::Int32(Some(digits)), digits.to_string()))
        }
        None => Ok(Typed::constant(datafusion::common::ScalarValue::Int32(Some(0)), "0")),
    }
}

fn round(mut site: Site, kernel: &'static Scalar) -> crate::Result<Typed> {
    let digits = digits_of(&site)?;
    let places = digits.integer().unwrap_or(0);
    let value = site.args.remove(0);
    let data_type = match value.data_type {
        DataType::Decimal128(precision, scale) => {
            rounded_type(precision, scale, places).ok_or_else(|| too_wide(&site.name, site.position))?
        }
        ref other => other.clone(),
    };
    Ok(Typed::call_as(kernel, vec![value, digits], data_type, ""))
}

fn too_wide(name: &str, position: Position) -> SqlError {
    SqlError::arguments(name, "the result would have more than 38 digits", position)
}

/// One digit more in front for what rounding up may carry; nothing where Spark finds no type.
fn rounded_type(precision: u8, scale: i8, places: i64) -> Option<DataType> {
    let whole = i64::from(precision) - i64::from(scale) + 1;
    let (precision, scale) = if places < 0 {
        let precision = whole.max(1 - places);
        if precision > i64::from(types::MAX_PRECISION) {
            return None;
        }
        (precision, 0)
    } else {
        let kept = i64::from(scale).min(places);
        (whole + kept, kept)
    };
    let (precision, scale) =
        bounded(i32::try_from(precision).unwrap_or(38), i32::try_from(scale).unwrap_or(0));
    Some(DataType::Decimal128(precision, scale))
}

fn to_whole(mut site: Site, kernel: &'static Scalar) -> crate::Result<Typed> {
    let with_digits = site.args.len() > 1;
    let digits = digits_of(&site)?;
    let places = digits.integer().unwrap_or(0);
    let mut value = site.args.remove(0);
    // A string becomes a decimal where digits are given, else a double.
    let to = match value.data_type {
        DataType::Utf8 | DataType::Null if with_digits => Some(DataType::Decimal128(38, 18)),
        ref other => Kind::Numeric.accept(other),
    };
    let to = to.ok_or_else(|| SqlError::arguments(&site.name, "it takes a number", site.position))?;
    value = value.cast_for(&to, &site.name, site.position)?;
    let data_type = if with_digits {
        // With digits it is a matter of decimals, whatever the number is.
        if is_integral(&value.data_type) || matches!(value.data_type, DataType::Float32 | DataType::Float64) {
            let (precision, scale) = match value.data_type {
                DataType::Int8 => (3, 0),
                DataType::Int16 => (5, 0),
                DataType::Int32 => (10, 0),
                DataType::Int64 => (20, 0),
                DataType::Float32 => (14, 7),
                _ => (30, 15),
            };
            value = value.cast_for(&DataType::Decimal128(precision, scale), &site.name, site.position)?;
        }
        match value.data_type {
            DataType::Decimal128(precision, scale) => {
                rounded_type(precision, scale, places).ok_or_else(|| too_wide(&site.name, site.position))?
            }
            _ => DataType::Int64,
        }
    } else {
        match value.data_type {
            DataType::Decimal128(precision, scale) => {
                // 0.5 has no digit in front of the point, and one behind it becomes the only one.
                let whole = i32::from(precision) - i32::from(scale) + i32::from(scale > 0);
                let (precision, _) = bounded(whole.max(1), 0);
                DataType::Decimal128(precision, 0)
            }
            _ => DataType::Int64,
        }
    };
    Ok(Typed::call_as(kernel, vec![value, digits], data_type, ""))
}

fn run(args: &Args, rounding: Rounding) -> Result<ArrayRef> {
    let digits = args.numbers::<Int32Type>(1)?;
    let digits = digits.get(0).unwrap_or(0);
    match args.data_type(0)? {
        DataType::Int8 => whole::<Int8Type>(args, digits, rounding),
        DataType::Int16 => whole::<Int16Type>(args, digits, rounding),
        DataType::Int32 => whole::<Int32Type>(args, digits, rounding),
        DataType::Int64 => whole::<Int64Type>(args, digits, rounding),
        DataType::Float32 => {
            let value = args.numbers::<Float32Type>(0)?;
            if *args.return_type == DataType::Int64 {
                return numbers::<Int64Type>(args, |row| {
                    value.get(row).map(|value| to_long(value.into(), rounding))
                });
            }
            numbers::<Float32Type>(args, |row| {
                let value = value.get(row)?;
                // Spark rounds the digits of the double that the float becomes.
                round_fraction(value.into(), digits, rounding).map_or(Some(value), |text| text.parse().ok())
            })
        }
        DataType::Float64 => {
            let value = args.numbers::<Float64Type>(0)?;
            if *args.return_type == DataType::Int64 {
                return numbers::<Int64Type>(args, |row| {
                    value.get(row).map(|value| to_long(value, rounding))
                });
            }
            numbers::<Float64Type>(args, |row| {
                let value = value.get(row)?;
                round_fraction(value, digits, rounding).map_or(Some(value), |text| text.parse().ok())
            })
        }
        DataType::Decimal128(_, scale) => {
            let value = args.decimals(0)?;
            let DataType::Decimal128(_, to) = *args.return_type else {
                return Err(failed("a decimal is to be returned"));
            };
            numbers::<Decimal128Type>(args, |row| {
                let dropped = i32::from(scale) - digits;
                let rounded = round_unscaled(value.get(row)?, dropped, rounding);
                // Back to the scale of the result.
                let shift = i32::from(to) - digits;
                match u32::try_from(shift) {
                    Ok(shift) if dropped >= 0 => rounded.checked_mul(10_i128.checked_pow(shift)?),
                    _ => Some(rounded),
                }
            })
        }
        other => Err(failed(format!("rounding of {other}"))),
    }
}

/// Drops digits of a number; what stays is counted in units of the last digit that stays.
fn round_unscaled(value: i128, dropped: i32, rounding: Rounding) -> i128 {
    let Ok(dropped) = u32::try_from(dropped) else { return value };
    if dropped > 38 {
        return match rounding {
            Rounding::Up => i128::from(value > 0),
            Rounding::Down => -i128::from(value < 0),
            _ => 0,
        };
    }
    let unit = pow10(dropped);
    let (quotient, rest) = (value.div_euclid(unit), value.rem_euclid(unit));
    let up = match rounding {
        Rounding::Up => rest > 0,
        Rounding::Down => false,
        // Away from zero: below zero a tie goes down.
        Rounding::HalfUp => rest > unit - rest || rest == unit - rest && value > 0,
        Rounding::HalfEven => rest > unit - rest || rest == unit - rest && quotient % 2 != 0,
    };
    if rest > 0 && up { quotient + 1 } else { quotient }
}

fn whole<T: ArrowPrimitiveType>(args: &Args, digits: i32, rounding: Rounding) -> Result<ArrayRef>
where
    T::Native: Into<i128> + TryFrom<i128>,
{
    let value = args.numbers::<T>(0)?;
    if *args.return_type == DataType::Int64 && T::DATA_TYPE != DataType::Int64 {
        // ceil and floor of integers are bigints and change nothing.
        return try_numbers::<Int64Type>(args, |row| {
            Ok(value.get(row).and_then(|value| i64::try_from(value.into()).ok()))
        });
    }
    numbers::<T>(args, |row| {
        let value: i128 = value.get(row)?.into();
        let dropped = -digits;
        if dropped <= 0 || dropped > 20 {
            return T::Native::try_from(if dropped > 0 { 0 } else { value }).ok();
        }
        let rounded = round_unscaled(value, dropped, rounding) * pow10(dropped.unsigned_abs());
        // Integers that leave their range wrap.
        T::Native::try_from(wrap(rounded, T::DATA_TYPE)).ok()
    })
}

#[expect(clippy::cast_possible_truncation, reason = "wrapping is meant")]
fn wrap(value: i128, data_type: DataType) -> i128 {
    match data_type {
        DataType::Int8 => i128::from(value as i8),
        DataType::Int16 => i128::from(value as i16),
        DataType::Int32 => i128::from(value as i32),
        _ => i128::from(value as i64),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "Java saturates as Rust does")]
fn to_long(value: f64, rounding: Rounding) -> i64 {
    if rounding == Rounding::Up { value.ceil() as i64 } else { value.floor() as i64 }
}

/// Rounds the decimal digits that Java writes for a number; nothing if there is nothing to round.
fn round_fraction(value: f64, places: i32, rounding: Rounding) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    // A decimal has no -0.
    if value == 0.0 {
        return Some("0".to_owned());
    }
    let Digits { digits, exponent } = double_digits(value);
    let count = i32::try_from(digits.len()).ok()?;
    let dropped = count - exponent - places;
    if dropped <= 0 {
        return None;
    }
    let unscaled: i128 = std::str::from_utf8(&digits).ok()?.parse().ok()?;
    let rounded = round_unscaled(if value < 0.0 { -unscaled } else { unscaled }, dropped, rounding);
    Some(format!("{rounded}e{}", -places))
}
