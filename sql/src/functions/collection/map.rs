//! Maps. A key is never null and never there twice.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray, UInt64Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};

use super::lists::{Lists, keys};
use crate::bind::{Site, Typed, common_type};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::types::{element_of, is_orderable, list_field, list_of, map_fields, map_of, map_parts, struct_of};
use crate::udf::{Args, Returns, Scalar, failed};

const ONE: Params = Params::of(&[Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::build("map", Params::of(&[]).rest(Kind::Any), make, "A map of keys and values in turn"),
    Function::build(
        "map_from_arrays",
        Params::of(&[Kind::Any, Kind::Any]),
        from_arrays,
        "A map of an array of keys and one of values",
    ),
    Function::build("map_from_entries", ONE, from_entries, "A map of an array of structs of key and value"),
    Function::build("map_keys", ONE, |site| part(site, &KEYS), "The keys of a map"),
    Function::build("map_values", ONE, |site| part(site, &VALUES), "The values of a map"),
    Function::build("map_entries", ONE, |site| part(site, &ENTRIES), "The entries of a map as structs"),
    Function::build("map_concat", Params::of(&[]).rest(Kind::Any), map_concat, "The entries of several maps"),
    Function::build(
        "str_to_map",
        Params::of(&[Kind::PlainText]).opt(&[Kind::PlainText, Kind::PlainText]),
        str_to_map,
        "A map of a string of entries, by default `k:v,k:v`",
    ),
];

fn make(site: Site) -> crate::Result<Typed> {
    if site.args.len() % 2 == 1 {
        return Err(site.wrong("it takes pairs of a key and a value"));
    }
    let position = site.position;
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for pair in site.args.chunks(2) {
        keys.push(pair[0].clone());
        values.push(pair[1].clone());
    }
    let keys = common_type(keys, true, "map", position)?;
    let values = common_type(values, true, "map", position)?;
    let data_type = |all: &[Typed]| all.first().map_or(DataType::Null, |first| first.data_type.clone());
    let (key, value) = (data_type(&keys), data_type(&values));
    if !is_orderable(&key) {
        return Err(site.wrong("a map cannot be a key"));
    }
    let args = keys.into_iter().zip(values).flat_map(|(key, value)| [key, value]).collect();
    Ok(Typed::call_as(&MAP, args, map_of(key, value), ""))
}

fn from_arrays(site: Site) -> crate::Result<Typed> {
    let elements = (element_of(&site.args[0].data_type), element_of(&site.args[1].data_type));
    let (Some(key), Some(value)) = elements else { return Err(site.wrong("it takes two arrays")) };
    let data_type = map_of(key.clone(), value.clone());
    Ok(Typed::call_as(&FROM_ARRAYS, site.args, data_type, ""))
}

fn from_entries(site: Site) -> crate::Result<Typed> {
    let data_type = match element_of(&site.args[0].data_type) {
        Some(DataType::Struct(fields)) if fields.len() == 2 => {
            map_of(fields[0].data_type().clone(), fields[1].data_type().clone())
        }
        _ => return Err(site.wrong("it takes an array of structs of two fields")),
    };
    Ok(Typed::call_as(&FROM_ENTRIES, site.args, data_type, ""))
}

fn part(site: Site, kernel: &'static Scalar) -> crate::Result<Typed> {
    if map_parts(&site.args[0].data_type).is_none() {
        return Err(site.wrong("it takes a map"));
    }
    Typed::call(kernel, site.args, "", site.position)
}

fn map_concat(site: Site) -> crate::Result<Typed> {
    let same = site.args.windows(2).all(|pair| pair[0].data_type == pair[1].data_type);
    if !same || site.args.first().is_none_or(|first| map_parts(&first.data_type).is_none()) {
        return Err(site.wrong("it takes maps of one type"));
    }
    Typed::call(&CONCAT, site.args, "", site.position)
}

fn str_to_map(mut site: Site) -> crate::Result<Typed> {
    for (index, default) in [(1, ","), (2, ":")] {
        if site.args.len() == index {
            site.args.push(Typed::constant(ScalarValue::from(default), default));
        }
        let plain = site.text(index, "a separator")?.chars().all(|c| !".$|()[{^?*+\\".contains(c));
        if !plain {
            return Err(site.wrong("a separator that is a regular expression is not supported"));
        }
    }
    Ok(Typed::call_as(&STR_TO_MAP, site.args, map_of(DataType::Utf8, DataType::Utf8), ""))
}

/// Makes maps out of keys and values that stand beside one another.
fn build(
    to: &DataType,
    all_keys: ArrayRef,
    values: ArrayRef,
    offsets: Vec<i32>,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let DataType::Map(field, ordered) = to else { return Err(failed("a map is to be returned")) };
    if all_keys.logical_null_count() > 0 {
        return Err(failed("the key of a map must not be null"));
    }
    let rows = keys(&[&all_keys])?.remove(0);
    for pair in offsets.windows(2) {
        let mut seen = HashSet::new();
        let range = usize::try_from(pair[0]).unwrap_or(0)..usize::try_from(pair[1]).unwrap_or(0);
        if range.into_iter().any(|place| !seen.insert(rows.row(place))) {
            return Err(failed("a map has the same key twice"));
        }
    }
    let fields = map_fields(all_keys.data_type().clone(), values.data_type().clone());
    let entries = StructArray::try_new(fields, vec![all_keys, values], None)?;
    Ok(Arc::new(MapArray::try_new(
        Arc::clone(field),
        OffsetBuffer::new(offsets.into()),
        entries,
        nulls,
        *ordered,
    )?))
}

fn length(value: usize) -> Result<i32> {
    i32::try_from(value).map_err(|_| failed("the maps are too large"))
}

/// `map(key, value, …, type)`.
pub(crate) static MAP: Scalar = Scalar::new("spark_map", Returns::Last, |args| {
    let pairs = (args.len() - 1) / 2;
    let interleaved = |first: usize| -> Result<ArrayRef> {
        let columns =
            (0..pairs).map(|pair| args.array(pair * 2 + first)).collect::<Result<Vec<ArrayRef>>>()?;
        let references: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
        if references.is_empty() {
            let part = map_parts(args.return_type).ok_or_else(|| failed("a map is to be returned"))?;
            return Ok(arrow::array::new_empty_array(if first == 0 { part.0 } else { part.1 }.data_type()));
        }
        let all = concat(&references)?;
        let places: arrow::array::UInt64Array = (0..args.rows)
            .flat_map(|row| (0..pairs).map(move |pair| u64::try_from(pair * args.rows + row).ok()))
            .collect();
        Ok(take(&all, &places, None)?)
    };
    let offsets = (0..=args.rows).map(|row| length(row * pairs)).collect::<Result<Vec<i32>>>()?;
    build(args.return_type, interleaved(0)?, interleaved(1)?, offsets, None)
});

/// Copies what arrays hold without what lies between.
fn compacted(args: &Args, index: usize) -> Result<ListArray> {
    let list = Lists::new(args, index)?;
    let picked = super::lists::pick(args, list.values(), |row, picker| {
        let Some(range) = list.range(row) else { return Ok(false) };
        picker.extend(range);
        Ok(true)
    })?;
    Ok(picked.as_list::<i32>().clone())
}

/// `from_arrays(keys, values, type)`.
pub(crate) static FROM_ARRAYS: Scalar = Scalar::new("spark_map_from_arrays", Returns::Last, |args| {
    let (own, values) = (compacted(args, 0)?, compacted(args, 1)?);
    let nulls = NullBuffer::union(own.nulls(), values.nulls());
    if own.offsets() != values.offsets() {
        return Err(failed("there are not as many keys as values"));
    }
    build(
        args.return_type,
        Arc::clone(own.values()),
        Arc::clone(values.values()),
        own.offsets().to_vec(),
        nulls,
    )
});

/// `from_entries(structs, type)`.
pub(crate) static FROM_ENTRIES: Scalar = Scalar::new("spark_map_from_entries", Returns::Last, |args| {
    let list = compacted(args, 0)?;
    let entries = list.values().as_struct();
    if entries.null_count() == 0 {
        return build(
            args.return_type,
            Arc::clone(entries.column(0)),
            Arc::clone(entries.column(1)),
            list.offsets().to_vec(),
            list.nulls().cloned(),
        );
    }
    // A map with an entry that is null is null.
    let at = |offset: i32| usize::try_from(offset).unwrap_or(0);
    let (mut places, mut offsets, mut valid) = (Vec::new(), vec![0], Vec::new());
    for (row, range) in list.offsets().windows(2).enumerate() {
        let range = at(range[0])..at(range[1]);
        let is_valid = list.is_valid(row) && range.clone().all(|place| entries.is_valid(place));
        if is_valid {
            places.extend(range.map(|place| u64::try_from(place).unwrap_or(0)));
        }
        valid.push(is_valid);
        offsets.push(i32::try_from(places.len()).map_err(|_| failed("the maps of a batch are too large"))?);
    }
    let places = UInt64Array::from(places);
    let part = |index: usize| take(entries.column(index), &places, None);
    build(args.return_type, part(0)?, part(1)?, offsets, Some(NullBuffer::from(valid)))
});

fn lists_of(args: &Args, values: impl Fn(&MapArray) -> Result<ArrayRef>) -> Result<ArrayRef> {
    let array = args.array(0)?;
    let map = array.as_map_opt().ok_or_else(|| failed("a map is expected"))?;
    let values = values(map)?;
    let field = list_field(values.data_type().clone());
    Ok(Arc::new(ListArray::try_new(field, map.offsets().clone(), values, map.nulls().cloned())?))
}

fn type_of_part(types: &[DataType], second: bool) -> Result<DataType> {
    let parts = types.first().and_then(map_parts).ok_or_else(|| failed("a map is expected"))?;
    Ok(list_of(if second { parts.1 } else { parts.0 }.data_type().clone()))
}

/// Keys.
pub(crate) static KEYS: Scalar =
    Scalar::new("spark_map_keys", Returns::From(|types| type_of_part(types, false)), |args| {
        lists_of(args, |map| Ok(Arc::clone(map.keys())))
    });

/// Values.
pub(crate) static VALUES: Scalar =
    Scalar::new("spark_map_values", Returns::From(|types| type_of_part(types, true)), |args| {
        lists_of(args, |map| Ok(Arc::clone(map.values())))
    });

fn entry_type(types: &[DataType]) -> Result<DataType> {
    let parts = types.first().and_then(map_parts).ok_or_else(|| failed("a map is expected"))?;
    Ok(list_of(struct_of([("key", parts.0.data_type().clone()), ("value", parts.1.data_type().clone())])))
}

/// Entries.
pub(crate) static ENTRIES: Scalar = Scalar::new("spark_map_entries", Returns::From(entry_type), |args| {
    lists_of(args, |map| {
        let data_type =
            struct_of([("key", map.keys().data_type().clone()), ("value", map.values().data_type().clone())]);
        let DataType::Struct(fields) = data_type else { return Err(failed("a struct is expected")) };
        let columns = vec![Arc::clone(map.keys()), Arc::clone(map.values())];
        Ok(Arc::new(StructArray::try_new_with_length(fields, columns, None, map.keys().len())?))
    })
});

/// Entries of all maps; null if any is null.
pub(crate) static CONCAT: Scalar = Scalar::new("spark_map_concat", Returns::First, |args| {
    let arrays = (0..args.len()).map(|index| args.array(index)).collect::<Result<Vec<ArrayRef>>>()?;
    let maps: Vec<&MapArray> = arrays.iter().map(|array| array.as_map()).collect();
    let (mut places, mut offsets, mut valid) = (Vec::new(), vec![0], Vec::new());
    for row in 0..args.rows {
        let whole = maps.iter().all(|map| map.is_valid(row));
        let mut base = 0;
        for map in maps.iter().filter(|_| whole) {
            let range = super::access::entries(map, row);
            places.extend(range.map(|place| u64::try_from(base + place).ok()));
            base += map.keys().len();
        }
        offsets.push(length(places.len())?);
        valid.push(whole);
    }
    let places = arrow::array::UInt64Array::from(places);
    let gather = |part: fn(&MapArray) -> &ArrayRef| -> Result<ArrayRef> {
        let columns: Vec<&dyn Array> = maps.iter().map(|map| part(map).as_ref()).collect();
        Ok(take(&concat(&columns)?, &places, None)?)
    };
    build(args.return_type, gather(MapArray::keys)?, gather(MapArray::values)?, offsets, Some(valid.into()))
});

/// `str_to_map(text, between entries, between key and value, type)`.
pub(crate) static STR_TO_MAP: Scalar = Scalar::new("spark_str_to_map", Returns::Last, |args| {
    let (value, between, inside) = (args.text(0)?, args.text(1)?, args.text(2)?);
    let (mut own, mut values, mut offsets, mut valid) = (Vec::new(), Vec::new(), vec![0], Vec::new());
    for row in 0..args.rows {
        let parts = (value.get(row), between.get(row), inside.get(row));
        if let (Some(value), Some(between), Some(inside)) = parts {
            for entry in value.split(between) {
                let (key, value) = match entry.split_once(inside) {
                    Some((key, value)) => (key, Some(value.to_owned())),
                    None => (entry, None),
                };
                own.push(key.to_owned());
                values.push(value);
            }
            valid.push(true);
        } else {
            valid.push(false);
        }
        offsets.push(length(own.len())?);
    }
    let own: ArrayRef = Arc::new(arrow::array::StringArray::from(own));
    let values: ArrayRef = Arc::new(arrow::array::StringArray::from(values));
    build(args.return_type, own, values, offsets, Some(valid.into()))
});
