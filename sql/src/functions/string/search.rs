//! Strings in strings.

use arrow::datatypes::{DataType, Int32Type};

use super::case::string;
use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Args, Returns, Scalar, bools, failed, numbers, try_text};
use arrow::array::ArrayRef;
use datafusion::common::{Result, ScalarValue};

const TEXT: Kind = Kind::Text;
const PAIR: Params = Params::of(&[Kind::TextOrBinary, Kind::TextOrBinary]);

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "instr",
        Params::of(&[TEXT, TEXT]),
        |mut site| {
            site.args.swap(0, 1);
            locate(site)
        },
        "Place of the first occurrence of the second string in the first, from 1; 0 if there is none",
    ),
    Function::build(
        "locate",
        Params::of(&[TEXT, TEXT]).opt(&[Kind::Int]),
        locate,
        "Place of the first occurrence of the first string in the second, from a place on",
    )
    .or(&["position"]),
    Function::kernel("contains", PAIR, &CONTAINS, "Whether the first one contains the second one"),
    Function::kernel("startswith", PAIR, &STARTS_WITH, "Whether the first one begins with the second one"),
    Function::kernel("endswith", PAIR, &ENDS_WITH, "Whether the first one ends with the second one"),
    Function::kernel(
        "find_in_set",
        Params::of(&[TEXT, TEXT]),
        &FIND_IN_SET,
        "Place of a string in a list that is separated by commas",
    ),
    Function::kernel(
        "substring_index",
        Params::of(&[TEXT, TEXT, Kind::Int]),
        &SUBSTRING_INDEX,
        "What stands before the n-th occurrence of a delimiter, counted from the end if negative",
    ),
    Function::kernel(
        "split_part",
        Params::of(&[TEXT, TEXT, Kind::Int]),
        &SPLIT_PART,
        "The n-th part between delimiters, counted from the end if negative",
    ),
];

fn locate(mut site: Site) -> crate::Result<Typed> {
    if site.args.len() == 2 {
        site.args.push(Typed::constant(ScalarValue::Int32(Some(1)), "1"));
    }
    Typed::call(&LOCATE, site.args, "", site.position)
}

/// `locate(needle, text, from)`.
pub(crate) static LOCATE: Scalar = Scalar::new("spark_locate", Returns::Fixed(|| DataType::Int32), |args| {
    let (needle, value, from) = (args.text(0)?, args.text(1)?, args.numbers::<Int32Type>(2)?);
    numbers::<Int32Type>(args, |row| {
        // A place that is null is no place.
        let Some(from) = from.get(row) else { return Some(0) };
        let (needle, value) = (needle.get(row)?, value.get(row)?);
        let Ok(skipped) = usize::try_from(i64::from(from) - 1) else { return Some(0) };
        if needle.is_empty() {
            return Some(1);
        }
        let Some(offset) = value.char_indices().map(|(offset, _)| offset).nth(skipped) else {
            return Some(0);
        };
        let found = value[offset..].find(needle).map(|at| value[..offset + at].chars().count() + 1);
        i32::try_from(found.unwrap_or(0)).ok()
    })
});

fn test(args: &Args, matches: impl Fn(&[u8], &[u8]) -> bool) -> Result<ArrayRef> {
    let (value, part) = (args.bytes(0)?, args.bytes(1)?);
    bools(args, |row| Some(matches(value.get(row)?, part.get(row)?)))
}

/// Whether it is in it.
pub(crate) static CONTAINS: Scalar =
    Scalar::new("spark_contains", Returns::Fixed(|| DataType::Boolean), |args| {
        test(args, |value, part| part.is_empty() || value.windows(part.len()).any(|window| window == part))
    });
/// Whether it begins so.
pub(crate) static STARTS_WITH: Scalar =
    Scalar::new("spark_startswith", Returns::Fixed(|| DataType::Boolean), |args| {
        test(args, <[u8]>::starts_with)
    });
/// Whether it ends so.
pub(crate) static ENDS_WITH: Scalar =
    Scalar::new("spark_endswith", Returns::Fixed(|| DataType::Boolean), |args| test(args, <[u8]>::ends_with));

/// Place in a list.
pub(crate) static FIND_IN_SET: Scalar =
    Scalar::new("spark_find_in_set", Returns::Fixed(|| DataType::Int32), |args| {
        let (value, set) = (args.text(0)?, args.text(1)?);
        numbers::<Int32Type>(args, |row| {
            let (value, set) = (value.get(row)?, set.get(row)?);
            if value.contains(',') {
                return Some(0);
            }
            i32::try_from(set.split(',').position(|part| part == value).map_or(0, |index| index + 1)).ok()
        })
    });

/// What stands before the n-th delimiter.
pub(crate) static SUBSTRING_INDEX: Scalar =
    Scalar::new("spark_substring_index", Returns::Fixed(string), |args| {
        let (value, delimiter, count) = (args.text(0)?, args.text(1)?, args.numbers::<Int32Type>(2)?);
        try_text(args, |row| {
            let (Some(value), Some(delimiter), Some(count)) =
                (value.get(row), delimiter.get(row), count.get(row))
            else {
                return Ok(None);
            };
            if delimiter.is_empty() || count == 0 {
                return Ok(Some(""));
            }
            let nth = magnitude(count)? - 1;
            Ok(Some(if count > 0 {
                // Searching goes on one character later, so occurrences may overlap.
                nth_forward(value, delimiter, nth).map_or(value, |at| &value[..at])
            } else {
                nth_backward(value, delimiter, nth).map_or(value, |at| &value[at + delimiter.len()..])
            }))
        })
    });

/// The size of a place; Java has no positive counterpart of the smallest int.
fn magnitude(place: i32) -> Result<usize> {
    let size = place.checked_abs().and_then(|place| usize::try_from(place).ok());
    size.ok_or_else(|| failed(format!("there is no place {place}")))
}

fn nth_forward(value: &str, delimiter: &str, nth: usize) -> Option<usize> {
    let mut at = value.find(delimiter)?;
    for _ in 0..nth {
        let next = at + value[at..].chars().next()?.len_utf8();
        at = next + value[next..].find(delimiter)?;
    }
    Some(at)
}

fn nth_backward(value: &str, delimiter: &str, nth: usize) -> Option<usize> {
    let mut at = value.rfind(delimiter)?;
    for _ in 0..nth {
        // Up to the occurrence that begins before the last one.
        let end = (at + delimiter.len()).checked_sub(1)?;
        let end = (0..=end).rev().find(|end| value.is_char_boundary(*end))?;
        at = value[..end].rfind(delimiter)?;
    }
    Some(at)
}

/// The n-th part.
pub(crate) static SPLIT_PART: Scalar = Scalar::new("spark_split_part", Returns::Fixed(string), |args| {
    let (value, delimiter, part) = (args.text(0)?, args.text(1)?, args.numbers::<Int32Type>(2)?);
    try_text(args, |row| {
        let (Some(value), Some(delimiter), Some(part)) = (value.get(row), delimiter.get(row), part.get(row))
        else {
            return Ok(None);
        };
        let parts: Vec<&str> =
            if delimiter.is_empty() { vec![value] } else { value.split(delimiter).collect() };
        let index = match part {
            0 => {
                return Err(failed("split_part counts from 1, or from -1 at the end; 0 is no part"));
            }
            1.. => usize::try_from(part - 1).ok(),
            _ => parts.len().checked_sub(magnitude(part)?),
        };
        Ok(Some(index.and_then(|index| parts.get(index)).copied().unwrap_or("")))
    })
})
.with_patterns(&[2]);
