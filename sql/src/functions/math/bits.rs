//! Bits, and numbers to other bases.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Int8Type, Int32Type, Int64Type};
use datafusion::common::Result;

use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::types::is_integral;
use crate::udf::{Args, Returns, Scalar, numbers, text, try_numbers};

const SHIFT: Params = Params::of(&[Kind::Any, Kind::Int]);

pub(super) const TABLE: &[Function] = &[
    Function::build("shiftleft", SHIFT, |site| shift(site, &SHIFT_LEFT), "Bits moved to the left"),
    Function::build(
        "shiftright",
        SHIFT,
        |site| shift(site, &SHIFT_RIGHT),
        "Bits moved to the right, the sign stays",
    ),
    Function::build(
        "shiftrightunsigned",
        SHIFT,
        |site| shift(site, &SHIFT_RIGHT_UNSIGNED),
        "Bits moved to the right, zeros come in",
    ),
    Function::build("bit_count", Params::of(&[Kind::Any]), bit_count, "Number of bits that are set"),
    Function::build(
        "bit_get",
        Params::of(&[Kind::Any, Kind::Int]),
        bit_get,
        "A bit, counted from the lowest",
    )
    .or(&["getbit"]),
    Function::kernel("bin", Params::of(&[Kind::Long]), &BIN, "Binary digits"),
    Function::kernel(
        "conv",
        Params::of(&[Kind::Text, Kind::Int, Kind::Int]),
        &CONV,
        "A number from one base to another",
    ),
];

/// Smaller integers are shifted as ints.
fn shift(mut site: Site, kernel: &'static Scalar) -> crate::Result<Typed> {
    let value = site.args.remove(0);
    let to = match value.data_type {
        DataType::Int64 => DataType::Int64,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Null => DataType::Int32,
        _ => return Err(site.wrong("it takes an int or a bigint")),
    };
    let value = value.cast_for(&to, &site.name, site.position)?;
    site.args.insert(0, value);
    Typed::call(kernel, site.args, "", site.position)
}

/// Java takes only the lowest bits of the distance.
fn shifted(args: &Args, int: fn(i32, u32) -> i32, long: fn(i64, u32) -> i64) -> Result<ArrayRef> {
    let by = args.numbers::<Int32Type>(1)?;
    let distance = |row: usize| by.get(row).map(i32::cast_unsigned);
    if args.data_type(0)? == DataType::Int64 {
        let value = args.numbers::<Int64Type>(0)?;
        return numbers::<Int64Type>(args, |row| Some(long(value.get(row)?, distance(row)?)));
    }
    let value = args.numbers::<Int32Type>(0)?;
    numbers::<Int32Type>(args, |row| Some(int(value.get(row)?, distance(row)?)))
}

/// To the left.
pub(crate) static SHIFT_LEFT: Scalar = Scalar::new("spark_shiftleft", Returns::First, |args| {
    shifted(args, i32::wrapping_shl, i64::wrapping_shl)
});
/// To the right.
pub(crate) static SHIFT_RIGHT: Scalar = Scalar::new("spark_shiftright", Returns::First, |args| {
    shifted(args, i32::wrapping_shr, i64::wrapping_shr)
});
/// To the right with zeros.
pub(crate) static SHIFT_RIGHT_UNSIGNED: Scalar =
    Scalar::new("spark_shiftrightunsigned", Returns::First, |args| {
        shifted(
            args,
            |value, by| value.cast_unsigned().wrapping_shr(by).cast_signed(),
            |value, by| value.cast_unsigned().wrapping_shr(by).cast_signed(),
        )
    });

fn to_long(site: &Site) -> crate::Result<Typed> {
    let value = site.args[0].clone();
    if !is_integral(&value.data_type) && value.data_type != DataType::Boolean {
        return Err(site.wrong("it takes an integer"));
    }
    value.cast_for(&DataType::Int64, &site.name, site.position)
}

fn bit_count(site: Site) -> crate::Result<Typed> {
    Typed::call(&BIT_COUNT, vec![to_long(&site)?], "", site.position)
}

/// Bits of the bigint that a value becomes.
pub(crate) static BIT_COUNT: Scalar =
    Scalar::new("spark_bit_count", Returns::Fixed(|| DataType::Int32), |args| {
        let value = args.numbers::<Int64Type>(0)?;
        numbers::<Int32Type>(args, |row| i32::try_from(value.get(row)?.count_ones()).ok())
    });

fn bit_get(site: Site) -> crate::Result<Typed> {
    let bits = match site.args[0].data_type {
        DataType::Int8 => 8,
        DataType::Int16 => 16,
        DataType::Int32 => 32,
        DataType::Int64 => 64,
        _ => return Err(site.wrong("it takes an integer")),
    };
    let width = Typed::constant(datafusion::common::ScalarValue::Int32(Some(bits)), bits.to_string());
    let args = vec![to_long(&site)?, site.args[1].clone(), width];
    Typed::call(&BIT_GET, args, "", site.position)
}

/// `bit_get(value, place, number of bits)`.
pub(crate) static BIT_GET: Scalar = Scalar::new("spark_bit_get", Returns::Fixed(|| DataType::Int8), |args| {
    let (value, place, width) =
        (args.numbers::<Int64Type>(0)?, args.numbers::<Int32Type>(1)?, args.numbers::<Int32Type>(2)?);
    try_numbers::<Int8Type>(args, |row| {
        let (Some(value), Some(place), Some(width)) = (value.get(row), place.get(row), width.get(row)) else {
            return Ok(None);
        };
        if !(0..width).contains(&place) {
            return Err(crate::udf::failed(format!("there is no bit {place} among {width}")));
        }
        Ok(i8::try_from(value >> place & 1).ok())
    })
});

/// Binary digits.
pub(crate) static BIN: Scalar = Scalar::new("spark_bin", Returns::Fixed(|| DataType::Utf8), |args| {
    let value = args.numbers::<Int64Type>(0)?;
    text(args, |row| value.get(row).map(|value| format!("{value:b}")))
});

/// `conv(number, from base, to base)`; a negative base to write in makes the result signed.
pub(crate) static CONV: Scalar = Scalar::new("spark_conv", Returns::Fixed(|| DataType::Utf8), |args| {
    let (value, from, to) = (args.text(0)?, args.numbers::<Int32Type>(1)?, args.numbers::<Int32Type>(2)?);
    text(args, |row| convert(value.get(row)?, from.get(row)?, to.get(row)?))
});

fn convert(text: &str, from: i32, to: i32) -> Option<String> {
    let text = text.trim_matches(' ');
    if !(2..=36).contains(&from) || !(2..=36).contains(&to.unsigned_abs()) || text.is_empty() {
        return None;
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let radix = u64::from(from.unsigned_abs());
    // Digits are read as far as there are any; what is too large is the largest number.
    let mut value = 0_u64;
    for digit in digits.chars().map_while(|c| c.to_digit(from.unsigned_abs())) {
        match value.checked_mul(radix).and_then(|value| value.checked_add(digit.into())) {
            Some(next) => value = next,
            None => {
                value = u64::MAX;
                break;
            }
        }
    }
    let signed = to < 0;
    if negative && !signed {
        // A number that looks negative already becomes the largest one.
        value = if value.cast_signed() < 0 { u64::MAX } else { value.wrapping_neg() };
    }
    let mut minus = negative && signed;
    if signed && value.cast_signed() < 0 {
        value = value.wrapping_neg();
        minus = true;
    }
    let base = u64::from(to.unsigned_abs());
    let mut out = Vec::new();
    loop {
        let digit = u32::try_from(value % base).ok()?;
        out.extend(char::from_digit(digit, to.unsigned_abs()).map(|digit| digit.to_ascii_uppercase()));
        value /= base;
        if value == 0 {
            break;
        }
    }
    if minus {
        out.push('-');
    }
    Some(out.into_iter().rev().collect())
}
