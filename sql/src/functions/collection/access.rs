//! Elements of arrays and values of maps.

use std::collections::HashMap;

use arrow::array::{Array, AsArray, MapArray};
use arrow::datatypes::{DataType, Int32Type, Int64Type};

use super::lists::{Lists, keys, pick_one};
use crate::bind::{Site, Typed};
use crate::coerce::{Kind, common};
use crate::error::SqlError;
use crate::functions::{Function, Params};
use crate::position::Position;
use crate::types::{self, element_of, is_integral, map_parts};
use crate::udf::{Returns, Scalar, failed, numbers};

const PAIR: Params = Params::of(&[Kind::Any, Kind::Any]);
const ONE: Params = Params::of(&[Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::build("get", PAIR, |site| take_two(site, get), "Element at an index from 0; null outside"),
    Function::build(
        "element_at",
        PAIR,
        |site| take_two(site, element_at),
        "Element at a place from 1, or from -1 at the end; value of a key of a map; null if there is none",
    )
    .or(&["try_element_at"]),
    Function::build(
        "map_contains_key",
        PAIR,
        |site| {
            take_two(site, |map, key, position| {
                let keys = Typed::call(&super::map::KEYS, vec![map], "", position)?;
                super::sets::contains(keys, key, position)
            })
        },
        "Whether a map has a key",
    ),
    Function::build("size", ONE, |site| size(site, -1), "Number of elements; -1 for null")
        .or(&["cardinality"]),
    Function::build("array_size", ONE, array_size, "Number of elements of an array; null for null"),
];

/// Tells whether a type is an array or a map.
pub(crate) const fn is_collection(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(_) | DataType::Map(_, _))
}

fn take_two(site: Site, bind: fn(Typed, Typed, Position) -> crate::Result<Typed>) -> crate::Result<Typed> {
    let (name, position) = (site.name, site.position);
    let Ok([base, index]) = <[Typed; 2]>::try_from(site.args) else {
        return Err(SqlError::arguments(&name, "it takes two arguments", position));
    };
    bind(base, index, position).map(|typed| typed.named(""))
}

fn mismatch(base: &Typed, index: &Typed, position: Position) -> SqlError {
    SqlError::Types {
        operation: "a subscript".to_owned(),
        types: format!("{} and {}", types::display(&base.data_type), types::display(&index.data_type)),
        position,
    }
}

/// Binds `base[index]`: an element from 0, or the value of a key.
pub(crate) fn index(base: Typed, index: Typed, position: Position) -> crate::Result<Typed> {
    let name = format!("{}[{}]", base.name, index.name);
    if map_parts(&base.data_type).is_some() {
        return subscript(base, index, position).map(|typed| typed.named(name));
    }
    get(base, index, position).map(|typed| typed.named(name))
}

fn get(base: Typed, index: Typed, position: Position) -> crate::Result<Typed> {
    let Some(element) = element_of(&base.data_type).cloned() else {
        return Err(mismatch(&base, &index, position));
    };
    if !is_integral(&index.data_type) && index.data_type != DataType::Null {
        return Err(mismatch(&base, &index, position));
    }
    let index = index.cast_for(&DataType::Int64, "a subscript", position)?;
    Ok(Typed::call_as(&GET, vec![base, index], element, ""))
}

fn element_at(base: Typed, index: Typed, position: Position) -> crate::Result<Typed> {
    if map_parts(&base.data_type).is_some() {
        return map_get(base, index, position);
    }
    let Some(element) = element_of(&base.data_type).cloned() else {
        return Err(mismatch(&base, &index, position));
    };
    if !matches!(index.data_type, DataType::Int8 | DataType::Int16 | DataType::Int32) {
        return Err(mismatch(&base, &index, position));
    }
    let index = index.cast_for(&DataType::Int32, "element_at", position)?;
    Ok(Typed::call_as(&ELEMENT_AT, vec![base, index], element, ""))
}

/// `map[key]` casts the key to what the map has, as an argument of a function is cast.
fn subscript(base: Typed, key: Typed, position: Position) -> crate::Result<Typed> {
    let Some((own, _)) = map_parts(&base.data_type) else { return Err(mismatch(&base, &key, position)) };
    let kind = match own.data_type() {
        DataType::Utf8 => Kind::Text,
        DataType::Int32 => Kind::Int,
        DataType::Int64 => Kind::Long,
        DataType::Float64 => Kind::Double,
        _ => Kind::Any,
    };
    let to = kind.accept(&key.data_type).ok_or_else(|| mismatch(&base, &key, position))?;
    let key = if kind == Kind::Any { key } else { key.cast_for(&to, "a key of a map", position)? };
    map_get(base, key, position)
}

fn map_get(base: Typed, key: Typed, position: Position) -> crate::Result<Typed> {
    let Some((own, value)) = map_parts(&base.data_type) else { return Err(mismatch(&base, &key, position)) };
    let (own, value) = (own.data_type().clone(), value.data_type().clone());
    if own == DataType::Null {
        return Ok(Typed::null(&value, ""));
    }
    // A key of another type is looked up in the type that holds both.
    let both = common(&own, &key.data_type, false).ok_or_else(|| mismatch(&base, &key, position))?;
    let base = base.cast_for(&types::map_of(both.clone(), value.clone()), "a key of a map", position)?;
    let key = key.cast_for(&both, "a key of a map", position)?;
    Ok(Typed::call_as(&MAP_GET, vec![base, key], value, ""))
}

fn size(site: Site, of_null: i32) -> crate::Result<Typed> {
    let value = site.args[0].clone();
    if value.data_type == DataType::Null {
        return Ok(Typed::constant(datafusion::common::ScalarValue::Int32(Some(of_null)), ""));
    }
    if !is_collection(&value.data_type) {
        return Err(site.wrong("it takes an array or a map"));
    }
    let of_null = Typed::constant(datafusion::common::ScalarValue::Int32(Some(of_null)), "");
    Typed::call(&SIZE, vec![value, of_null], "", site.position)
}

fn array_size(site: Site) -> crate::Result<Typed> {
    if site.args[0].data_type == DataType::Null {
        return Ok(Typed::null(&DataType::Int32, ""));
    }
    if element_of(&site.args[0].data_type).is_none() {
        return Err(site.wrong("it takes an array"));
    }
    Typed::call(&SIZE, site.args, "", site.position)
}

/// `size(collection, of null)`: number of elements; without the second argument null for null.
pub(crate) static SIZE: Scalar = Scalar::new("spark_size", Returns::Fixed(|| DataType::Int32), |args| {
    let (array, constant) = args.compact(0)?;
    let offsets: &[i32] = match array.data_type() {
        DataType::Map(_, _) => array.as_map().value_offsets(),
        _ => {
            array.as_list_opt::<i32>().ok_or_else(|| failed("an array or a map is expected"))?.value_offsets()
        }
    };
    let of_null = if args.len() > 1 { args.numbers::<Int32Type>(1)?.get(0) } else { None };
    numbers::<Int32Type>(args, |row| {
        let row = if constant { 0 } else { row };
        if array.is_valid(row) { Some(offsets[row + 1] - offsets[row]) } else { of_null }
    })
});

/// `get(array, index from 0, type)`.
pub(crate) static GET: Scalar = Scalar::new("spark_get", Returns::Last, |args| {
    let (list, index) = (Lists::new(args, 0)?, args.numbers::<Int64Type>(1)?);
    pick_one(args, list.values(), |row| {
        let (Some(range), Some(index)) = (list.range(row), index.get(row)) else { return Ok(None) };
        Ok(usize::try_from(index).ok().filter(|index| *index < range.len()).map(|index| range.start + index))
    })
});

/// `element_at(array, place from 1 or -1, type)`.
pub(crate) static ELEMENT_AT: Scalar = Scalar::new("spark_element_at", Returns::Last, |args| {
    let (list, place) = (Lists::new(args, 0)?, args.numbers::<Int32Type>(1)?);
    pick_one(args, list.values(), |row| {
        let (Some(range), Some(place)) = (list.range(row), place.get(row)) else { return Ok(None) };
        Ok(match place {
            0 => return Err(failed("places in arrays are counted from 1, or from -1 at the end: 0 is none")),
            1.. => usize::try_from(place - 1)
                .ok()
                .filter(|index| *index < range.len())
                .map(|index| range.start + index),
            _ => usize::try_from(place.unsigned_abs())
                .ok()
                .and_then(|back| range.end.checked_sub(back))
                .filter(|at| *at >= range.start),
        })
    })
});

/// `map_get(map, key, type)`.
pub(crate) static MAP_GET: Scalar = Scalar::new("spark_map_get", Returns::Last, |args| {
    let (array, constant) = args.compact(0)?;
    let map = array.as_map_opt().ok_or_else(|| failed("a map is expected"))?;
    let (key, key_constant) = args.compact(1)?;
    let rows = keys(&[map.keys(), &key])?;
    let (own, wanted) = (&rows[0], &rows[1]);
    let wanted_at = |row: usize| if key_constant { 0 } else { row };
    if constant {
        // One map for all rows: its keys are hashed once.
        let table: HashMap<&[u8], usize> =
            entries(map, 0).map(|place| (own.row(place).data(), place)).collect();
        return pick_one(args, map.values(), |row| {
            let row = wanted_at(row);
            Ok(if map.is_null(0) || key.is_null(row) {
                None
            } else {
                table.get(wanted.row(row).data()).copied()
            })
        });
    }
    pick_one(args, map.values(), |row| {
        let at = wanted_at(row);
        if map.is_null(row) || key.is_null(at) {
            return Ok(None);
        }
        Ok(entries(map, row).find(|place| own.row(*place) == wanted.row(at)))
    })
});

/// Returns the places of the entries of a map.
pub(crate) fn entries(map: &MapArray, row: usize) -> std::ops::Range<usize> {
    let offsets = map.value_offsets();
    let place = |index: usize| usize::try_from(offsets[index]).unwrap_or(0);
    place(row)..place(row + 1)
}
