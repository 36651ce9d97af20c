//! LIKE patterns: `%` is any text, `_` any character, line breaks included.

use std::cell::RefCell;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::Result;
use regex::Regex;

use crate::bind::{Site, Typed, like};
use crate::coerce::Kind;
use crate::error::SqlError;
use crate::functions::{Function, Params};
use crate::parse::ast::LikeOp;
use crate::udf::{Args, Returns, Scalar, failed, try_bools};

const PATTERN: Params = Params::of(&[Kind::Text, Kind::Text]);

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "like",
        PATTERN,
        |site| call(site, LikeOp::Like),
        "Whether a string matches a pattern with `%` and `_`",
    ),
    Function::build(
        "ilike",
        PATTERN,
        |site| call(site, LikeOp::ILike),
        "Whether a string matches a pattern with `%` and `_`, whatever the case",
    ),
];

fn call(site: Site, op: LikeOp) -> crate::Result<Typed> {
    let position = site.position;
    let Ok([value, pattern]) = <[Typed; 2]>::try_from(site.args) else {
        return Err(SqlError::arguments(&site.name, "it takes a string and a pattern", position));
    };
    like(op, value, pattern, '\\', position)
}

/// `like(text, pattern, escape)`.
pub(crate) static LIKE: Scalar =
    Scalar::new("spark_like", Returns::Fixed(|| DataType::Boolean), |args| run(args, false))
        .with_patterns(&[1, 2]);
/// `ilike(text, pattern, escape)`.
pub(crate) static ILIKE: Scalar =
    Scalar::new("spark_ilike", Returns::Fixed(|| DataType::Boolean), |args| run(args, true))
        .with_patterns(&[1, 2]);

fn run(args: &Args, ignore_case: bool) -> Result<ArrayRef> {
    let (value, pattern, escape) = (args.text(0)?, args.text(1)?, args.text(2)?);
    let last: RefCell<Option<(String, Regex)>> = RefCell::new(None);
    try_bools(args, |row| {
        let (Some(value), Some(pattern), Some(escape)) = (value.get(row), pattern.get(row), escape.get(row))
        else {
            return Ok(None);
        };
        // Spark quotes the halves of such a character one by one, and where it does not optimize the pattern away, it
        // finds nothing.
        if let Some(c) = pattern.chars().find(|c| u32::from(*c) > 0xffff) {
            return Err(failed(format!("'{c}' in the pattern '{pattern}' of LIKE is not supported")));
        }
        let mut last = last.borrow_mut();
        if last.as_ref().is_none_or(|(known, _)| known != pattern) {
            let lowered = if ignore_case { pattern.to_lowercase() } else { pattern.to_owned() };
            *last = Some((pattern.to_owned(), compile(&lowered, escape.chars().next().unwrap_or('\\'))?));
        }
        let matches = |text: &str| last.as_ref().is_some_and(|(_, regex)| regex.is_match(text));
        Ok(Some(if ignore_case { matches(&value.to_lowercase()) } else { matches(value) }))
    })
}

fn compile(pattern: &str, escape: char) -> Result<Regex> {
    let mut out = String::from("(?s)^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c == escape {
            match chars.next() {
                Some(next) if next == '%' || next == '_' || next == escape => {
                    out.push_str(&regex::escape(&next.to_string()))
                }
                Some(_) => {
                    return Err(failed(format!(
                        "in the pattern '{pattern}' the escape character stands before another one than `_`, `%` or itself"
                    )));
                }
                None => {
                    return Err(failed(format!("the pattern '{pattern}' ends with the escape character")));
                }
            }
        } else if c == '%' {
            out.push_str(".*");
        } else if c == '_' {
            out.push('.');
        } else {
            out.push_str(&regex::escape(&c.to_string()));
        }
    }
    out.push('$');
    Regex::new(&out).map_err(|error| failed(format!("the pattern '{pattern}' cannot be used: {error}")))
}
