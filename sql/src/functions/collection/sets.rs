//! Arrays as sets. Nulls are equal here where Spark says so.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Int64Type};
use arrow::row::Rows;
use datafusion::common::Result;

use super::array::with_element;
use super::lists::{Lists, hash_keys, keys, pick};
use crate::bind::{Site, Typed, common_type};
use crate::coerce::{Kind, element_type_of};
use crate::error::SqlError;
use crate::functions::{Function, Params};
use crate::position::Position;
use crate::types::{self, element_of, is_orderable, list_of};
use crate::udf::{Args, Returns, Scalar, bools, numbers};

const PAIR: Params = Params::of(&[Kind::Any, Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "array_contains",
        PAIR,
        |site| element(site, &CONTAINS),
        "Whether an array has an element; null if it has not and there is a null",
    ),
    Function::build(
        "array_position",
        PAIR,
        |site| element(site, &POSITION),
        "Place of an element from 1; 0 if there is none",
    ),
    Function::build("array_remove", PAIR, |site| element(site, &REMOVE), "The array without an element"),
    Function::build("array_distinct", Params::of(&[Kind::Any]), distinct, "The array with each element once"),
    Function::build("array_union", PAIR, |site| both(site, &UNION), "Elements of either array, once each"),
    Function::build(
        "array_intersect",
        PAIR,
        |site| both(site, &INTERSECT),
        "Elements of both arrays, once each",
    ),
    Function::build(
        "array_except",
        PAIR,
        |site| both(site, &EXCEPT),
        "Elements of the first array that the second has not, once each",
    ),
    Function::build(
        "arrays_overlap",
        PAIR,
        |site| both(site, &OVERLAP),
        "Whether the arrays have an element that is not null in common",
    ),
];

fn element(site: Site, kernel: &'static Scalar) -> crate::Result<Typed> {
    if site.args[1].data_type == DataType::Null {
        return Err(site.wrong("an element that is NULL without a type is not supported"));
    }
    let (list, value) = with_element(&site, 0, 1)?;
    if !is_orderable(&value.data_type) {
        return Err(site
            .wrong(format!("elements of the type {} cannot be compared", types::display(&value.data_type))));
    }
    Typed::call(kernel, vec![list, value], "", site.position)
}

/// Binds whether an array has an element.
pub(super) fn contains(list: Typed, value: Typed, position: Position) -> crate::Result<Typed> {
    element(
        Site {
            name: "array_contains".to_owned(),
            args: vec![list, value],
            position,
            star: false,
            as_of: None,
        },
        &CONTAINS,
    )
}

fn distinct(site: Site) -> crate::Result<Typed> {
    if !element_of(&site.args[0].data_type).is_some_and(is_orderable) {
        return Err(site.wrong("it takes an array whose elements can be compared"));
    }
    Typed::call(&DISTINCT, site.args, "", site.position)
}

fn both(site: Site, kernel: &'static Scalar) -> crate::Result<Typed> {
    let (name, position) = (site.name.clone(), site.position);
    let wrong = |reason: &str| SqlError::arguments(&name, reason, position);
    let elements = (element_of(&site.args[0].data_type), element_of(&site.args[1].data_type));
    let (Some(left), Some(right)) = elements else { return Err(wrong("it takes two arrays")) };
    let element = element_type_of(left, right)
        .filter(is_orderable)
        .ok_or_else(|| wrong("the elements cannot be compared"))?;
    if element == DataType::Null {
        return Err(wrong("arrays of nothing but NULL are not supported"));
    }
    let to = list_of(element);
    let args = site
        .args
        .into_iter()
        .map(|arg| arg.cast_for(&to, &name, position))
        .collect::<crate::Result<Vec<_>>>()?;
    let args = common_type(args, false, &name, position)?;
    Typed::call(kernel, args, "", position)
}

/// Two lists, their elements in one array, and keys of those.
struct Pair {
    left: Lists,
    right: Lists,
    values: ArrayRef,
    keys: Rows,
}

impl Pair {
    fn new(args: &Args) -> Result<Self> {
        let (left, right) = (Lists::new(args, 0)?, Lists::new(args, 1)?);
        let values = concat(&[left.values().as_ref(), right.values().as_ref()])?;
        let keys = hash_keys(&[&values])?.remove(0);
        Ok(Self { left, right, values, keys })
    }

    /// Places of the elements of both arrays of a row.
    fn places(&self, row: usize) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>)> {
        let base = self.left.values().len();
        let right = self.right.range(row)?;
        Some((self.left.range(row)?, base + right.start..base + right.end))
    }
}

/// Whether there is the element.
pub(crate) static CONTAINS: Scalar =
    Scalar::new("spark_array_contains", Returns::Fixed(|| DataType::Boolean), |args| {
        let (list, value) = (Lists::new(args, 0)?, args.array(1)?);
        let rows = keys(&[list.values(), &value])?;
        bools(args, |row| {
            let range = list.range(row)?;
            if value.is_null(row) {
                return None;
            }
            let found = range
                .clone()
                .any(|place| list.values().is_valid(place) && rows[0].row(place) == rows[1].row(row));
            let unknown = !found && range.into_iter().any(|place| list.values().is_null(place));
            (!unknown).then_some(found)
        })
    });

/// Place of the element.
pub(crate) static POSITION: Scalar =
    Scalar::new("spark_array_position", Returns::Fixed(|| DataType::Int64), |args| {
        let (list, value) = (Lists::new(args, 0)?, args.array(1)?);
        let rows = keys(&[list.values(), &value])?;
        numbers::<Int64Type>(args, |row| {
            let mut range = list.range(row)?;
            if value.is_null(row) {
                return None;
            }
            let found = range
                .position(|place| list.values().is_valid(place) && rows[0].row(place) == rows[1].row(row));
            i64::try_from(found.map_or(0, |index| index + 1)).ok()
        })
    });

/// Without the element.
pub(crate) static REMOVE: Scalar = Scalar::new("spark_array_remove", Returns::First, |args| {
    let (list, value) = (Lists::new(args, 0)?, args.array(1)?);
    let rows = keys(&[list.values(), &value])?;
    pick(args, list.values(), |row, picker| {
        let Some(range) = list.range(row) else { return Ok(false) };
        if value.is_null(row) {
            return Ok(false);
        }
        picker.extend(
            range.filter(|place| list.values().is_null(*place) || rows[0].row(*place) != rows[1].row(row)),
        );
        Ok(true)
    })
});

/// Each element once.
pub(crate) static DISTINCT: Scalar = Scalar::new("spark_array_distinct", Returns::First, |args| {
    let list = Lists::new(args, 0)?;
    let rows = hash_keys(&[list.values()])?.remove(0);
    pick(args, list.values(), |row, picker| {
        let Some(range) = list.range(row) else { return Ok(false) };
        let mut seen = HashSet::new();
        picker.extend(range.filter(|place| seen.insert(rows.row(*place))));
        Ok(true)
    })
});

fn combine(args: &Args, keep: fn(bool, bool) -> bool, with_right: bool) -> Result<ArrayRef> {
    let pair = Pair::new(args)?;
    pick(args, &pair.values, |row, picker| {
        let Some((left, right)) = pair.places(row) else { return Ok(false) };
        let known: HashSet<_> = right.clone().map(|place| pair.keys.row(place)).collect();
        let mut seen = HashSet::new();
        let right = if with_right { right } else { right.start..right.start };
        for place in left.chain(right) {
            let key = pair.keys.row(place);
            if keep(known.contains(&key), with_right) && seen.insert(key) {
                picker.push(Some(place));
            }
        }
        Ok(true)
    })
}

/// Elements of either.
pub(crate) static UNION: Scalar =
    Scalar::new("spark_array_union", Returns::First, |args| combine(args, |_, _| true, true));
/// Elements of both.
pub(crate) static INTERSECT: Scalar =
    Scalar::new("spark_array_intersect", Returns::First, |args| combine(args, |known, _| known, false));
/// Elements of the first only.
pub(crate) static EXCEPT: Scalar =
    Scalar::new("spark_array_except", Returns::First, |args| combine(args, |known, _| !known, false));

/// Whether they have one in common; null if they have not and a null could be one.
pub(crate) static OVERLAP: Scalar =
    Scalar::new("spark_arrays_overlap", Returns::Fixed(|| DataType::Boolean), |args| {
        let pair = Pair::new(args)?;
        let values = Arc::clone(&pair.values);
        bools(args, |row| {
            let (left, right) = pair.places(row)?;
            let known: HashSet<_> = right
                .clone()
                .filter(|place| values.is_valid(*place))
                .map(|place| pair.keys.row(place))
                .collect();
            let found =
                left.clone().any(|place| values.is_valid(place) && known.contains(&pair.keys.row(place)));
            let any_null = || left.clone().chain(right.clone()).any(|place| values.is_null(place));
            let unknown = !found && !left.is_empty() && !right.is_empty() && any_null();
            (!unknown).then_some(found)
        })
    });
