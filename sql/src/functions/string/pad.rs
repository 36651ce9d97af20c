//! Strings filled up to a length.

use super::case::string;
use super::slice::substring;
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Args, Returns, Scalar, affordable, failed, try_bytes, try_text};
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::{Result, ScalarValue};

const THREE: Params = Params::of(&[Kind::TextOrBinary, Kind::Int]).opt(&[Kind::TextOrBinary]);

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "lpad",
        THREE,
        |site| pad(site, &LPAD),
        "Fills a string up on the left, or cuts it, to a length",
    ),
    Function::build(
        "rpad",
        THREE,
        |site| pad(site, &RPAD),
        "Fills a string up on the right, or cuts it, to a length",
    ),
];

fn pad(mut site: Site, kernel: &'static Scalar) -> crate::Result<Typed> {
    let binary = |arg: &Typed| arg.data_type == DataType::Binary;
    if binary(&site.args[0]) && site.args.get(2).is_none_or(binary) {
        if site.args.len() == 2 {
            site.args.push(Typed::constant(ScalarValue::Binary(Some(vec![0])), "X'00'"));
        }
        let bytes = if kernel.name == LPAD.name { &LPAD_BYTES } else { &RPAD_BYTES };
        return Typed::call(bytes, site.args, "", site.position);
    }
    if site.args.len() == 2 {
        site.args.push(Typed::constant(ScalarValue::from(" "), " "));
    }
    for index in [0, 2] {
        site.args[index] = site.args[index].clone().cast_for(&DataType::Utf8, &site.name, site.position)?;
    }
    Typed::call(kernel, site.args, "", site.position)
}

fn fill_bytes(args: &Args, left: bool) -> Result<ArrayRef> {
    let (value, length, by) = (args.bytes(0)?, args.numbers::<Int32Type>(1)?, args.bytes(2)?);
    try_bytes(args, |row| {
        let (Some(value), Some(length), Some(by)) = (value.get(row), length.get(row), by.get(row)) else {
            return Ok(None);
        };
        let length = usize::try_from(length).map_err(|_| failed("the length of binary is not negative"))?;
        if length <= value.len() || by.is_empty() {
            return Ok(Some(value[..length.min(value.len())].to_vec()));
        }
        affordable(Some(length))?;
        let filling = by.iter().copied().cycle().take(length - value.len());
        Ok(Some(if left {
            filling.chain(value.iter().copied()).collect()
        } else {
            value.iter().copied().chain(filling).collect()
        }))
    })
}

/// On the left, of binary.
pub(crate) static LPAD_BYTES: Scalar =
    Scalar::new("spark_lpad_bytes", Returns::Fixed(|| DataType::Binary), |args| fill_bytes(args, true));
/// On the right, of binary.
pub(crate) static RPAD_BYTES: Scalar =
    Scalar::new("spark_rpad_bytes", Returns::Fixed(|| DataType::Binary), |args| fill_bytes(args, false));

fn fill(args: &Args, left: bool) -> Result<ArrayRef> {
    let (value, length, by) = (args.text(0)?, args.numbers::<Int32Type>(1)?, args.text(2)?);
    try_text(args, |row| {
        let (Some(value), Some(length), Some(by)) = (value.get(row), length.get(row), by.get(row)) else {
            return Ok(None);
        };
        if length == i32::MIN {
            return Err(failed("no string is that long"));
        }
        let wanted = usize::try_from(length).unwrap_or(0);
        let missing = wanted.saturating_sub(value.chars().count());
        if missing == 0 || by.is_empty() {
            return Ok(Some(substring(value, 1, length.into()).to_owned()));
        }
        affordable(Some(wanted))?;
        let filling: String = by.chars().cycle().take(missing).collect();
        Ok(Some(if left { filling + value } else { value.to_owned() + &filling }))
    })
}

/// On the left.
pub(crate) static LPAD: Scalar = Scalar::new("spark_lpad", Returns::Fixed(string), |args| fill(args, true));
/// On the right.
pub(crate) static RPAD: Scalar = Scalar::new("spark_rpad", Returns::Fixed(string), |args| fill(args, false));
