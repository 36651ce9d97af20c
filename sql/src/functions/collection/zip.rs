//! What functions with lambdas need beside the lambda: arrays of the same length.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, MapArray, UInt64Array};
use arrow::compute::concat;
use datafusion::common::Result;

use super::access::entries;
use super::lists::{Lists, keys, pick};
use crate::udf::{Args, Returns, Scalar, failed};

/// `pad(array, other)`: the array with nulls up to the length of the other; null if either is null.
pub(crate) static PAD: Scalar = Scalar::new("spark_array_pad", Returns::First, |args| {
    let (list, other) = (Lists::new(args, 0)?, Lists::new(args, 1)?);
    pick(args, list.values(), |row, picker| {
        let (Some(range), Some(other)) = (list.range(row), other.range(row)) else { return Ok(false) };
        let missing = range.len()..other.len();
        picker.extend(range);
        missing.for_each(|_| picker.push(None));
        Ok(true)
    })
});

fn map_of(args: &Args, index: usize) -> Result<MapArray> {
    args.array(index)?.as_map_opt().cloned().ok_or_else(|| failed("a map is expected"))
}

/// `map_pick(map, array of truth values)`: the entries that are marked.
pub(crate) static MAP_PICK: Scalar = Scalar::new("spark_map_pick", Returns::First, |args| {
    let (map, marks) = (map_of(args, 0)?, Lists::new(args, 1)?);
    let kept = marks.values().as_boolean_opt().ok_or_else(|| failed("truth values are expected"))?;
    let (mut places, mut offsets) = (Vec::new(), vec![0_i32]);
    for row in 0..args.rows {
        if let Some(range) = marks.range(row) {
            let marked = entries(&map, row).zip(range).filter(|(_, mark)| kept.is_valid(*mark) && kept.value(*mark));
            places.extend(marked.filter_map(|(place, _)| u64::try_from(place).ok()));
        }
        offsets.push(i32::try_from(places.len()).map_err(|_| failed("the maps are too large"))?);
    }
    let all: ArrayRef = Arc::new(map.entries().clone());
    let picked = arrow::compute::take(&all, &UInt64Array::from(places), None)?;
    let (field, ordered) = match args.return_type {
        arrow::datatypes::DataType::Map(field, ordered) => (Arc::clone(field), *ordered),
        _ => return Err(failed("a map is to be returned")),
    };
    let offsets = arrow::buffer::OffsetBuffer::new(offsets.into());
    Ok(Arc::new(MapArray::try_new(field, offsets, picked.as_struct().clone(), map.nulls().cloned(), ordered)?))
});

/// `all_keys(map, other, type)`: the keys of both, each once; null if either is null.
pub(crate) static ALL_KEYS: Scalar = Scalar::new("spark_map_all_keys", Returns::Last, |args| {
    let (left, right) = (map_of(args, 0)?, map_of(args, 1)?);
    let values = concat(&[left.keys().as_ref(), right.keys().as_ref()])?;
    let rows = keys(&[&values])?.remove(0);
    let base = left.keys().len();
    pick(args, &values, |row, picker| {
        if left.is_null(row) || right.is_null(row) {
            return Ok(false);
        }
        let mut seen = std::collections::HashSet::new();
        let all = entries(&left, row).chain(entries(&right, row).map(|place| base + place));
        picker.extend(all.filter(|place| seen.insert(rows.row(*place))));
        Ok(true)
    })
});

/// `get_all(map, array of keys, type)`: the value of each key, or null.
pub(crate) static GET_ALL: Scalar = Scalar::new("spark_map_get_all", Returns::Last, |args| {
    let (map, wanted) = (map_of(args, 0)?, Lists::new(args, 1)?);
    let rows = keys(&[map.keys(), wanted.values()])?;
    pick(args, map.values(), |row, picker| {
        let Some(range) = wanted.range(row) else { return Ok(false) };
        let table: HashMap<_, usize> = entries(&map, row).map(|place| (rows[0].row(place), place)).collect();
        range.for_each(|place| picker.push(table.get(&rows[1].row(place)).copied()));
        Ok(true)
    })
});
