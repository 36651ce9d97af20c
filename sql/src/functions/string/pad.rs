//! Strings filled up to a length.

use super::case::string;
use super::slice::substring;
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Args, Returns, Scalar, text};
use arrow::array::ArrayRef;
use arrow::datatypes::Int32Type;
use datafusion::common::{Result, ScalarValue};

const THREE: Params = Params::of(&[Kind::Text, Kind::Int]).opt(&[Kind::Text]);

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
    if site.args.len() == 2 {
        site.args.push(Typed::constant(ScalarValue::from(" "), " "));
    }
    Typed::call(kernel, site.args, "", site.position)
}

fn fill(args: &Args, left: bool) -> Result<ArrayRef> {
    let (value, length, by) = (args.text(0)?, args.numbers::<Int32Type>(1)?, args.text(2)?);
    text(args, |row| {
        let (value, length, by) = (value.get(row)?, i64::from(length.get(row)?), by.get(row)?);
        let missing = length - i64::try_from(value.chars().count()).ok()?;
        if missing <= 0 || by.is_empty() {
            return Some(substring(value, 1, length).to_owned());
        }
        let filling: String = by.chars().cycle().take(usize::try_from(missing).ok()?).collect();
        Some(if left { filling + value } else { value.to_owned() + &filling })
    })
}

/// On the left.
pub(crate) static LPAD: Scalar = Scalar::new("spark_lpad", Returns::Fixed(string), |args| fill(args, true));
/// On the right.
pub(crate) static RPAD: Scalar = Scalar::new("spark_rpad", Returns::Fixed(string), |args| fill(args, false));
