//! Regular expressions.

use std::cell::RefCell;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::{Result, ScalarValue};

use super::case::string;
use super::pattern::{Pattern, Patterns};
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::types::{list_field, list_of};
use crate::udf::{Args, Returns, Scalar, Text, failed, try_bools, try_numbers, try_text};

const TEXT: Kind = Kind::Text;
const PAIR: Params = Params::of(&[TEXT, TEXT]);
const GROUP: Params = Params::of(&[TEXT, TEXT]).opt(&[Kind::Int]);

pub(super) const TABLE: &[Function] = &[
    Function::kernel("rlike", PAIR, &RLIKE, "Whether a regular expression is found")
        .or(&["regexp", "regexp_like"]),
    Function::build(
        "regexp_replace",
        Params::of(&[TEXT, TEXT, TEXT]).opt(&[Kind::Int]),
        replace,
        "Replaces every match of a regular expression",
    ),
    Function::build(
        "regexp_extract",
        GROUP,
        |site| group(site, &EXTRACT),
        "A group of the first match; empty if there is none",
    ),
    Function::build("regexp_extract_all", GROUP, |site| group(site, &EXTRACT_ALL), "A group of every match"),
    Function::kernel("regexp_count", PAIR, &COUNT, "Number of matches"),
    Function::kernel("regexp_instr", PAIR, &INSTR, "Place of the first match, from 1; 0 if there is none"),
    Function::kernel("regexp_substr", PAIR, &SUBSTR, "The first match; null if there is none"),
    Function::build(
        "split",
        Params::of(&[TEXT, TEXT]).opt(&[Kind::Int]),
        split,
        "Parts between the matches of a regular expression",
    ),
];

fn strings() -> DataType {
    list_of(DataType::Utf8)
}

fn replace(mut site: Site) -> crate::Result<Typed> {
    if site.args.len() == 4 && site.integer(3, "the place to begin at")? != 1 {
        return Err(site.wrong("only replacing from the beginning on is supported"));
    }
    site.args.truncate(3);
    Typed::call(&REPLACE, site.args, "", site.position)
}

fn group(mut site: Site, kernel: &'static Scalar) -> crate::Result<Typed> {
    if site.args.len() == 2 {
        site.args.push(Typed::constant(ScalarValue::Int32(Some(1)), "1"));
    }
    Typed::call(kernel, site.args, "", site.position)
}

fn split(mut site: Site) -> crate::Result<Typed> {
    if site.args.len() == 2 {
        site.args.push(Typed::constant(ScalarValue::Int32(Some(-1)), "-1"));
    }
    Typed::call(&SPLIT, site.args, "", site.position)
}

/// Calls a closure with every text and its pattern.
fn with_pattern<T>(
    value: &Text,
    pattern: &Text,
    cache: &RefCell<Patterns>,
    row: usize,
    run: impl FnOnce(&str, &Pattern) -> Result<T>,
) -> Result<Option<T>> {
    let (Some(value), Some(source)) = (value.get(row), pattern.get(row)) else { return Ok(None) };
    let mut cache = cache.borrow_mut();
    let pattern = cache.get(source)?;
    pattern.check(value)?;
    run(value, pattern).map(Some)
}

/// Whether there is a match.
pub(crate) static RLIKE: Scalar = Scalar::new("spark_rlike", Returns::Fixed(|| DataType::Boolean), |args| {
    let (value, pattern, cache) = (args.text(0)?, args.text(1)?, RefCell::default());
    try_bools(args, |row| {
        with_pattern(&value, &pattern, &cache, row, |value, pattern| Ok(pattern.regex.is_match(value)))
    })
})
.with_patterns(&[1]);

/// Replaces every match.
pub(crate) static REPLACE: Scalar = Scalar::new("spark_regexp_replace", Returns::Fixed(string), |args| {
    let (value, pattern, by, cache) = (args.text(0)?, args.text(1)?, args.text(2)?, RefCell::default());
    try_text(args, |row| {
        let Some(by) = by.get(row) else { return Ok(None) };
        with_pattern(&value, &pattern, &cache, row, |value, pattern| {
            let groups = pattern.regex.captures_len() - 1;
            let pieces = replacement(by, groups)?;
            let mut out = String::with_capacity(value.len());
            let mut begin = 0;
            for found in pattern.matches(value)? {
                let Some(whole) = found.get(0) else { continue };
                out.push_str(&value[begin..whole.start()]);
                for piece in &pieces {
                    out.push_str(match piece {
                        Piece::Text(text) => text,
                        Piece::Group(group) => found.get(*group).map_or("", |group| group.as_str()),
                    });
                }
                begin = whole.end();
            }
            out.push_str(&value[begin..]);
            Ok(out)
        })
    })
})
.with_patterns(&[1, 2]);

/// A part of a replacement.
enum Piece {
    Text(String),
    Group(usize),
}

/// Reads a replacement in Java's syntax: `$1` is a group, a backslash takes the next character as it is.
fn replacement(text: &str, groups: usize) -> Result<Vec<Piece>> {
    let wrong = || {
        failed(format!("the replacement '{text}' cannot be used: `$` stands before the number of a group"))
    };
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.push(chars.next().ok_or_else(wrong)?),
            '$' => {
                let digit = |c: Option<&char>| {
                    c.and_then(|c| c.to_digit(10)).and_then(|digit| usize::try_from(digit).ok())
                };
                let mut group = digit(chars.peek()).ok_or_else(wrong)?;
                chars.next();
                if group > groups {
                    return Err(failed(format!(
                        "the replacement '{text}' names group {group}, and there are {groups}"
                    )));
                }
                // Further digits belong to the number as long as there is such a group.
                while let Some(longer) =
                    digit(chars.peek()).map(|digit| group * 10 + digit).filter(|longer| *longer <= groups)
                {
                    group = longer;
                    chars.next();
                }
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Group(group));
            }
            c => plain.push(c),
        }
    }
    pieces.push(Piece::Text(plain));
    Ok(pieces)
}

fn group_index(pattern: &Pattern, group: i32) -> Result<usize> {
    let count = pattern.regex.captures_len() - 1;
    usize::try_from(group).ok().filter(|group| *group <= count).ok_or_else(|| {
        failed(format!(
            "the regular expression '{}' has {count} groups, and group {group} is asked for",
            pattern.source
        ))
    })
}

/// A group of the first match.
pub(crate) static EXTRACT: Scalar = Scalar::new("spark_regexp_extract", Returns::Fixed(string), |args| {
    let (value, pattern, group, cache) =
        (args.text(0)?, args.text(1)?, args.numbers::<Int32Type>(2)?, RefCell::default());
    try_text(args, |row| {
        let Some(group) = group.get(row) else { return Ok(None) };
        with_pattern(&value, &pattern, &cache, row, |value, pattern| {
            let Some(found) = pattern.regex.captures(value) else { return Ok(String::new()) };
            let group = group_index(pattern, group)?;
            Ok(found.get(group).map_or("", |group| group.as_str()).to_owned())
        })
    })
})
.with_patterns(&[1]);

/// Makes arrays of strings.
fn lists(args: &Args, mut values: impl FnMut(usize) -> Result<Option<Vec<String>>>) -> Result<ArrayRef> {
    let mut builder = ListBuilder::new(StringBuilder::new()).with_field(list_field(DataType::Utf8));
    for row in 0..args.rows {
        match values(row)? {
            Some(values) => builder.append_value(values.iter().map(Some)),
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// A group of every match.
pub(crate) static EXTRACT_ALL: Scalar =
    Scalar::new("spark_regexp_extract_all", Returns::Fixed(strings), |args| {
        let (value, pattern, group, cache) =
            (args.text(0)?, args.text(1)?, args.numbers::<Int32Type>(2)?, RefCell::default());
        lists(args, |row| {
            let Some(group) = group.get(row) else { return Ok(None) };
            with_pattern(&value, &pattern, &cache, row, |value, pattern| {
                let mut all = Vec::new();
                for found in pattern.matches(value)? {
                    let group = group_index(pattern, group)?;
                    all.push(found.get(group).map_or("", |group| group.as_str()).to_owned());
                }
                Ok(all)
            })
        })
    })
    .with_patterns(&[1]);

/// Number of matches.
pub(crate) static COUNT: Scalar =
    Scalar::new("spark_regexp_count", Returns::Fixed(|| DataType::Int32), |args| {
        let (value, pattern, cache) = (args.text(0)?, args.text(1)?, RefCell::default());
        try_numbers::<Int32Type>(args, |row| {
            with_pattern(&value, &pattern, &cache, row, |value, pattern| {
                i32::try_from(pattern.matches(value)?.len()).map_err(|_| failed("too many matches"))
            })
        })
    })
    .with_patterns(&[1]);

/// Place of the first match.
pub(crate) static INSTR: Scalar =
    Scalar::new("spark_regexp_instr", Returns::Fixed(|| DataType::Int32), |args| {
        let (value, pattern, cache) = (args.text(0)?, args.text(1)?, RefCell::default());
        try_numbers::<Int32Type>(args, |row| {
            with_pattern(&value, &pattern, &cache, row, |value, pattern| {
                // Java counts in units of UTF-16.
                let place = pattern
                    .regex
                    .find(value)
                    .map_or(0, |found| value[..found.start()].encode_utf16().count() + 1);
                i32::try_from(place).map_err(|_| failed("the text is too long"))
            })
        })
    })
    .with_patterns(&[1]);

/// The first match.
pub(crate) static SUBSTR: Scalar = Scalar::new("spark_regexp_substr", Returns::Fixed(string), |args| {
    let (value, pattern, cache) = (args.text(0)?, args.text(1)?, RefCell::default());
    try_text(args, |row| {
        // A match of nothing is no match.
        let found = with_pattern(&value, &pattern, &cache, row, |value, pattern| {
            Ok(pattern.regex.find(value).map(|found| found.as_str().to_owned()))
        })?;
        Ok(found.flatten().filter(|found| !found.is_empty()))
    })
})
.with_patterns(&[1]);

/// `split(text, pattern, limit)`.
pub(crate) static SPLIT: Scalar = Scalar::new("spark_split", Returns::Fixed(strings), |args| {
    let (value, pattern, limit, cache) =
        (args.text(0)?, args.text(1)?, args.numbers::<Int32Type>(2)?, RefCell::default());
    lists(args, |row| {
        let Some(limit) = limit.get(row) else { return Ok(None) };
        let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        with_pattern(&value, &pattern, &cache, row, |value, pattern| parts(value, pattern, limit))
    })
})
.with_patterns(&[1]);

/// Splits as Java does: a match of nothing at the beginning makes no part, the last part is what is left.
fn parts(value: &str, pattern: &Pattern, limit: usize) -> Result<Vec<String>> {
    if pattern.source.is_empty() && !value.is_empty() {
        // Every character is a part; what is behind the limit is lost.
        return Ok(value.chars().take(limit).map(String::from).collect());
    }
    let mut all = Vec::new();
    let mut begin = 0;
    for found in pattern.matches(value)?.iter().filter_map(|found| found.get(0)) {
        if all.len() + 1 == limit {
            break;
        }
        if found.end() == 0 {
            continue;
        }
        // A match of nothing at the end makes no part either, but for the empty rest behind it.
        all.push(value[begin..found.start()].to_owned());
        begin = found.end();
    }
    all.push(value[begin..].to_owned());
    Ok(all)
}
