//! Arrays: made, joined, cut.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, PrimitiveBuilder, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::compute::concat;
use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::{Result, ScalarValue};

use super::lists::{Lists, Picker, pick};
use crate::bind::{Site, Typed, common_type};
use crate::coerce::{Kind, common, element_type_of};
use crate::functions::{Function, Params};
use crate::position::Position;
use crate::types::{self, element_of, list_field, list_of, struct_of};
use crate::udf::{Args, Returns, Scalar, affordable, failed, text};

const ANY: Kind = Kind::Any;
const PAIR: Params = Params::of(&[ANY, ANY]);
const ONE: Params = Params::of(&[ANY]);

pub(super) const TABLE: &[Function] = &[
    Function::build("array", Params::of(&[]).rest(ANY), make, "An array of the values"),
    Function::build("array_append", PAIR, |site| add(site, false), "The array with an element behind it"),
    Function::build("array_prepend", PAIR, |site| add(site, true), "The array with an element before it"),
    Function::build("array_compact", ONE, compact, "The array without its nulls"),
    Function::build(
        "array_insert",
        Params::of(&[ANY, ANY, ANY]),
        insert,
        "The array with an element at a place from 1, or from -1 at the end",
    ),
    Function::build(
        "array_join",
        Params::of(&[ANY, Kind::PlainText]).opt(&[Kind::PlainText]),
        join,
        "The strings of an array with a separator",
    ),
    Function::build(
        "array_repeat",
        Params::of(&[ANY, Kind::PlainInt]),
        repeat,
        "An array of the value several times",
    ),
    Function::build(
        "arrays_zip",
        Params::of(&[]).rest(ANY),
        zip,
        "An array of structs of the elements at the same place",
    ),
    Function::build("flatten", ONE, flatten, "The elements of the arrays of an array"),
    Function::build("slice", Params::of(&[ANY, Kind::Int, Kind::Int]), slice, "Elements from a place on"),
];

/// Type of the elements of an argument.
fn element(site: &Site, index: usize) -> crate::Result<DataType> {
    let data_type = &site.args[index].data_type;
    element_of(data_type).cloned().ok_or_else(|| {
        site.wrong(format!("argument {} should be an array, not {}", index + 1, types::display(data_type)))
    })
}

fn make(site: Site) -> crate::Result<Typed> {
    let position = site.position;
    let args = common_type(site.args, true, "array", position)?;
    let data_type = args.first().map_or(DataType::Null, |first| first.data_type.clone());
    of_elements(args, &data_type, position)
}

/// Makes an array of values of one type.
pub(crate) fn of_elements(args: Vec<Typed>, element: &DataType, _position: Position) -> crate::Result<Typed> {
    Ok(Typed::call_as(&ARRAY, args, list_of(element.clone()), ""))
}

fn compact(site: Site) -> crate::Result<Typed> {
    if element(&site, 0)? == DataType::Null {
        return Err(site.wrong("an array of nothing but NULL is not supported"));
    }
    Typed::call(&COMPACT, site.args, "", site.position)
}

/// Makes an array and a value of the same type; decimals of different types meet only in array_contains.
pub(super) fn with_element(site: &Site, array: usize, value: usize) -> crate::Result<(Typed, Typed)> {
    let own = element(site, array)?;
    let (list, value) = (site.args[array].clone(), site.args[value].clone());
    let meets = if site.name == "array_contains" {
        common(&own, &value.data_type, false)
    } else {
        element_type_of(&own, &value.data_type)
    };
    // A date widens to a time in an array, but an array of dates does not.
    let narrow = own == DataType::Date32 && value.data_type != DataType::Date32;
    let meets =
        meets.filter(|both| !(narrow && types::is_datetime(both) && types::is_datetime(&value.data_type)));
    let both = meets.ok_or_else(|| {
        site.wrong(format!(
            "{} has no element of the type {}",
            types::display(&list.data_type),
            types::display(&value.data_type)
        ))
    })?;
    let list = list.cast_for(&list_of(both.clone()), &site.name, site.position)?;
    Ok((list, value.cast_for(&both, &site.name, site.position)?))
}

fn add(site: Site, before: bool) -> crate::Result<Typed> {
    let (list, value) = with_element(&site, 0, 1)?;
    let before = Typed::constant(ScalarValue::Boolean(Some(before)), "");
    Typed::call(&APPEND, vec![list, value, before], "", site.position)
}

/// Casts an argument that is an int to Spark's int; Spark takes neither bigints nor strings here.
fn int(site: &Site, index: usize, or_null: bool) -> crate::Result<Typed> {
    let arg = site.args[index].clone();
    match arg.data_type {
        DataType::Int8 | DataType::Int16 | DataType::Int32 => {}
        DataType::Null if or_null => {}
        ref other => {
            let found = types::display(other);
            return Err(site.wrong(format!("argument {} should be an int, not {found}", index + 1)));
        }
    }
    arg.cast_for(&DataType::Int32, &site.name, site.position)
}

fn insert(site: Site) -> crate::Result<Typed> {
    let (list, value) = with_element(&site, 0, 2)?;
    let place = int(&site, 1, false)?;
    Typed::call(&INSERT, vec![list, place, value], "", site.position)
}

fn join(site: Site) -> crate::Result<Typed> {
    let own = element(&site, 0)?;
    if Kind::Text.accept(&own).is_none() {
        return Err(site.wrong("it takes an array of strings"));
    }
    let mut args = site.args;
    args[0] = args[0].clone().cast_for(&list_of(DataType::Utf8), "array_join", site.position)?;
    Typed::call(&JOIN, args, "", site.position)
}

fn repeat(site: Site) -> crate::Result<Typed> {
    let data_type = list_of(site.args[0].data_type.clone());
    Ok(Typed::call_as(&REPEAT, site.args, data_type, ""))
}

fn zip(site: Site) -> crate::Result<Typed> {
    let mut fields = Vec::new();
    for index in 0..site.args.len() {
        let typed = &site.args[index];
        let column = matches!(typed.expr, datafusion::logical_expr::Expr::Column(_));
        fields.push((if column { typed.name.clone() } else { index.to_string() }, element(&site, index)?));
    }
    if fields.is_empty() {
        return Err(site.wrong("it takes arrays"));
    }
    Ok(Typed::call_as(&ZIP, site.args, list_of(struct_of(fields)), ""))
}

fn flatten(site: Site) -> crate::Result<Typed> {
    let inner = element(&site, 0)?;
    if element_of(&inner).is_none() {
        return Err(site.wrong("it takes an array of arrays"));
    }
    Ok(Typed::call_as(&FLATTEN, site.args, inner, ""))
}

fn slice(site: Site) -> crate::Result<Typed> {
    element(&site, 0)?;
    Typed::call(&SLICE, site.args, "", site.position)
}

fn element_type(args: &Args) -> Result<DataType> {
    element_of(args.return_type).cloned().ok_or_else(|| failed("an array is to be returned"))
}

/// `array(values…, type)`.
pub(crate) static ARRAY: Scalar = Scalar::new("spark_array", Returns::Last, |args| {
    let width = args.len() - 1;
    let data_type = element_type(args)?;
    let columns = (0..width).map(|index| args.array(index)).collect::<Result<Vec<ArrayRef>>>()?;
    let references: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
    let values =
        if references.is_empty() { arrow::array::new_empty_array(&data_type) } else { concat(&references)? };
    pick(args, &values, |row, picker| {
        picker.extend((0..width).map(|column| column * args.rows + row));
        Ok(true)
    })
});

/// Arrays one after the other; null if any is null.
pub(crate) static CONCAT: Scalar = Scalar::new("spark_array_concat", Returns::First, |args| {
    let lists = (0..args.len()).map(|index| Lists::new(args, index)).collect::<Result<Vec<_>>>()?;
    let references: Vec<&dyn Array> = lists.iter().map(|list| list.values().as_ref()).collect();
    let values = concat(&references)?;
    pick(args, &values, |row, picker| {
        let Some(ranges) = lists.iter().map(|list| list.range(row)).collect::<Option<Vec<_>>>() else {
            return Ok(false);
        };
        let mut base = 0;
        for (range, list) in ranges.into_iter().zip(&lists) {
            picker.extend(range.map(|place| base + place));
            base += list.values().len();
        }
        Ok(true)
    })
});

/// Elements backwards.
pub(crate) static REVERSE: Scalar = Scalar::new("spark_array_reverse", Returns::First, |args| {
    let list = Lists::new(args, 0)?;
    pick(args, list.values(), |row, picker| {
        let Some(range) = list.range(row) else { return Ok(false) };
        picker.extend(range.rev());
        Ok(true)
    })
});

/// Places of the elements of an array or the entries of a map, from 0.
pub(crate) static PLACES: Scalar =
    Scalar::new("spark_places", Returns::Fixed(|| list_of(DataType::Int32)), |args| {
        let array = args.array(0)?;
        let offsets: Vec<i32> = match array.data_type() {
            DataType::Map(_, _) => array.as_map().value_offsets().to_vec(),
            _ => array
                .as_list_opt::<i32>()
                .ok_or_else(|| failed("an array or a map is expected"))?
                .value_offsets()
                .to_vec(),
        };
        let mut places = PrimitiveBuilder::<Int32Type>::new();
        let mut ends = vec![0];
        for pair in offsets.windows(2) {
            (0..pair[1] - pair[0]).for_each(|place| places.append_value(place));
            ends.push(ends.last().copied().unwrap_or(0) + pair[1] - pair[0]);
        }
        let values: ArrayRef = Arc::new(places.finish());
        Ok(Arc::new(ListArray::try_new(
            list_field(DataType::Int32),
            OffsetBuffer::new(ends.into()),
            values,
            array.nulls().cloned(),
        )?))
    });

/// `append(array, element, before)`.
pub(crate) static APPEND: Scalar = Scalar::new("spark_array_append", Returns::First, |args| {
    let (list, value, before) = (Lists::new(args, 0)?, args.array(1)?, args.bools(2)?);
    let values = concat(&[list.values().as_ref(), value.as_ref()])?;
    let base = list.values().len();
    pick(args, &values, |row, picker| {
        let Some(range) = list.range(row) else { return Ok(false) };
        let before = before.get(row) == Some(true);
        if before {
            picker.push(Some(base + row));
        }
        picker.extend(range);
        if !before {
            picker.push(Some(base + row));
        }
        Ok(true)
    })
});

/// Elements that are not null.
pub(crate) static COMPACT: Scalar = Scalar::new("spark_array_compact", Returns::First, |args| {
    let list = Lists::new(args, 0)?;
    let values = list.values();
    pick(args, values, |row, picker| {
        let Some(range) = list.range(row) else { return Ok(false) };
        picker.extend(range.filter(|place| values.is_valid(*place)));
        Ok(true)
    })
});

/// Elements of the arrays; null if one of them is null.
pub(crate) static FLATTEN: Scalar = Scalar::new("spark_flatten", Returns::Last, |args| {
    let list = Lists::new(args, 0)?;
    let inner = list.values().as_list_opt::<i32>().ok_or_else(|| failed("an array of arrays is expected"))?;
    let offsets = inner.value_offsets();
    pick(args, inner.values(), |row, picker| {
        let Some(range) = list.range(row) else { return Ok(false) };
        if range.clone().any(|place| inner.is_null(place)) {
            return Ok(false);
        }
        let at = |index: usize| usize::try_from(offsets[index]).unwrap_or(0);
        picker.extend(range.flat_map(|place| at(place)..at(place + 1)));
        Ok(true)
    })
});

/// `insert(array, place from 1 or from the end, element)`; places between the elements and the new one are null.
pub(crate) static INSERT: Scalar = Scalar::new("spark_array_insert", Returns::First, |args| {
    let (list, place, value) = (Lists::new(args, 0)?, args.numbers::<Int32Type>(1)?, args.array(2)?);
    let values = concat(&[list.values().as_ref(), value.as_ref()])?;
    let base = list.values().len();
    pick(args, &values, |row, picker| {
        let (Some(range), Some(place)) = (list.range(row), place.get(row)) else { return Ok(false) };
        let Some(distance) =
            usize::try_from(place.unsigned_abs()).ok().and_then(|place| place.checked_sub(1))
        else {
            return Err(failed("array_insert counts from 1, or from -1 at the end; 0 is no place"));
        };
        affordable(Some(distance))?;
        let missing = distance.saturating_sub(range.len());
        let behind = range.len().saturating_sub(distance);
        if place > 0 {
            picker.extend(range.clone().take(distance));
            (0..missing).for_each(|_| picker.push(None));
            picker.push(Some(base + row));
            picker.extend(range.skip(distance));
        } else {
            // As many as stand behind the new one from the end on.
            picker.extend(range.clone().take(behind));
            picker.push(Some(base + row));
            (0..missing).for_each(|_| picker.push(None));
            picker.extend(range.skip(behind));
        }
        Ok(true)
    })
});

/// `join(array of strings, separator, text for null)`.
pub(crate) static JOIN: Scalar = Scalar::new("spark_array_join", Returns::Fixed(|| DataType::Utf8), |args| {
    let (list, separator) = (Lists::new(args, 0)?, args.text(1)?);
    let for_null = if args.len() > 2 { Some(args.text(2)?) } else { None };
    let values: &StringArray =
        list.values().as_string_opt().ok_or_else(|| failed("an array of strings is expected"))?;
    text(args, |row| {
        let (range, separator) = (list.range(row)?, separator.get(row)?);
        let for_null = match &for_null {
            Some(text) => Some(text.get(row)?),
            None => None,
        };
        let parts = range
            .filter_map(|place| if values.is_valid(place) { Some(values.value(place)) } else { for_null });
        Some(parts.collect::<Vec<_>>().join(separator))
    })
});

/// `repeat(element, times, type)`.
pub(crate) static REPEAT: Scalar = Scalar::new("spark_array_repeat", Returns::Last, |args| {
    let (value, times) = (args.array(0)?, args.numbers::<Int32Type>(1)?);
    pick(args, &value, |row, picker| {
        let Some(times) = times.get(row) else { return Ok(false) };
        affordable(Some(usize::try_from(times).unwrap_or(0)))?;
        (0..times.max(0)).for_each(|_| picker.push(Some(row)));
        Ok(true)
    })
});

/// `slice(array, place from 1 or -1, length)`.
pub(crate) static SLICE: Scalar = Scalar::new("spark_slice", Returns::First, |args| {
    let (list, start, length) =
        (Lists::new(args, 0)?, args.numbers::<Int32Type>(1)?, args.numbers::<Int32Type>(2)?);
    pick(args, list.values(), |row, picker| {
        let (Some(range), Some(start), Some(length)) = (list.range(row), start.get(row), length.get(row))
        else {
            return Ok(false);
        };
        let Ok(length) = usize::try_from(length) else {
            return Err(failed("the length of a slice must not be negative"));
        };
        let first = match start {
            0 => return Err(failed("places in arrays are counted from 1, or from -1 at the end: 0 is none")),
            1.. => usize::try_from(start - 1).ok(),
            _ => usize::try_from(start.unsigned_abs()).ok().and_then(|back| range.len().checked_sub(back)),
        };
        if let Some(first) = first {
            picker.extend(range.skip(first).take(length));
        }
        Ok(true)
    })
});

/// `zip(arrays…, type)`: as long as the longest, with nulls.
pub(crate) static ZIP: Scalar = Scalar::new("spark_arrays_zip", Returns::Last, |args| {
    let lists = (0..args.len() - 1).map(|index| Lists::new(args, index)).collect::<Result<Vec<_>>>()?;
    let mut columns: Vec<Picker> = lists.iter().map(|_| Picker::new(args.rows)).collect();
    let (mut valid, mut ends, mut total) = (Vec::new(), vec![0_i32], 0_usize);
    for row in 0..args.rows {
        let ranges = lists.iter().map(|list| list.range(row)).collect::<Option<Vec<_>>>();
        if let Some(ranges) = &ranges {
            let longest = ranges.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
            for (range, column) in ranges.iter().zip(&mut columns) {
                (0..longest)
                    .for_each(|index| column.push((index < range.len()).then(|| range.start + index)));
            }
            total += longest;
        }
        valid.push(ranges.is_some());
        ends.push(i32::try_from(total).map_err(|_| failed("the arrays are too long"))?);
    }
    let DataType::Struct(fields) = element_type(args)? else {
        return Err(failed("an array of structs is to be returned"));
    };
    let mut values = Vec::new();
    for (mut column, list) in columns.into_iter().zip(&lists) {
        column.end_row(true)?;
        let all = column.finish(list.values())?;
        values.push(Arc::clone(all.values()));
    }
    let structs: ArrayRef = Arc::new(StructArray::try_new_with_length(fields, values, None, total)?);
    let field = list_field(structs.data_type().clone());
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::new(ends.into()), structs, Some(valid.into()))?))
});
