//! Ends cut off. Without characters to cut it is blanks, and only those.

use super::case::string;
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Args, Returns, Scalar, text};
use arrow::array::ArrayRef;
use datafusion::common::{Result, ScalarValue};

/// The characters come first, as in `trim('x' FROM s)`.
const CHARACTERS_FIRST: Params = Params::of(&[Kind::Text]).opt(&[Kind::Text]);

pub(super) const TABLE: &[Function] = &[
    Function::build("trim", CHARACTERS_FIRST, |site| characters_first(site, &TRIM), "Cuts blanks or other characters off both ends"),
    Function::build("ltrim", CHARACTERS_FIRST, |site| characters_first(site, &LTRIM), "Cuts blanks or other characters off the beginning"),
    Function::build("rtrim", CHARACTERS_FIRST, |site| characters_first(site, &RTRIM), "Cuts blanks or other characters off the end"),
    Function::build("btrim", CHARACTERS_FIRST, |mut site| {
        site.args.reverse();
        characters_first(site, &TRIM)
    }, "Cuts blanks or other characters off both ends; the characters come second"),
];

fn characters_first(mut site: Site, kernel: &'static Scalar) -> crate::Result<Typed> {
    let value = site.args.pop().ok_or_else(|| site.wrong("a string is missing"))?;
    let characters = site.args.pop().unwrap_or_else(|| Typed::constant(ScalarValue::from(" "), " "));
    Typed::call(kernel, vec![value, characters], "", site.position)
}

fn cut(args: &Args, begin: bool, end: bool) -> Result<ArrayRef> {
    let (value, characters) = (args.text(0)?, args.text(1)?);
    text(args, |row| {
        let (mut value, characters) = (value.get(row)?, characters.get(row)?);
        let matches = |c: char| characters.contains(c);
        if begin {
            value = value.trim_start_matches(matches);
        }
        if end {
            value = value.trim_end_matches(matches);
        }
        Some(value)
    })
}

/// Both ends.
pub(crate) static TRIM: Scalar = Scalar::new("spark_trim", Returns::Fixed(string), |args| cut(args, true, true));
/// The beginning.
pub(crate) static LTRIM: Scalar = Scalar::new("spark_ltrim", Returns::Fixed(string), |args| cut(args, true, false));
/// The end.
pub(crate) static RTRIM: Scalar = Scalar::new("spark_rtrim", Returns::Fixed(string), |args| cut(args, false, true));
