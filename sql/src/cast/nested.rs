//! Casts of arrays, maps and structs: of what is in them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use arrow::datatypes::DataType;
use datafusion::common::Result;

use super::kernel::{Mode, cast_array, unsupported};
use super::{Route, route};
use crate::types::{list_field, map_parts};

pub(super) fn supported(from: &DataType, to: &DataType, mode: Mode) -> bool {
    let inner = |from: &DataType, to: &DataType| route(from, to, mode).is_some();
    match (from, to) {
        (DataType::List(element), DataType::Utf8) => inner(element.data_type(), to),
        (DataType::Struct(fields), DataType::Utf8) => fields.iter().all(|field| inner(field.data_type(), to)),
        (DataType::Map(_, _), DataType::Utf8) => map_parts(from)
            .is_some_and(|(key, value)| inner(key.data_type(), to) && inner(value.data_type(), to)),
        (DataType::List(from), DataType::List(to)) => inner(from.data_type(), to.data_type()),
        (DataType::Struct(from), DataType::Struct(to)) => {
            from.len() == to.len()
                && from.iter().zip(to).all(|(from, to)| inner(from.data_type(), to.data_type()))
        }
        (DataType::Map(_, _), DataType::Map(_, _)) => match (map_parts(from), map_parts(to)) {
            // Keys must neither become null nor equal.
            (Some(from), Some(to)) => {
                let keys = route(from.0.data_type(), to.0.data_type(), mode);
                matches!(keys, Some(Route::Same | Route::Native))
                    && inner(from.1.data_type(), to.1.data_type())
            }
            _ => false,
        },
        _ => false,
    }
}

pub(super) fn cast(array: &ArrayRef, to: &DataType, mode: Mode) -> Result<ArrayRef> {
    Ok(match to {
        DataType::List(element) => {
            let list = array.as_list::<i32>();
            let values = cast_array(list.values(), element.data_type(), mode)?;
            Arc::new(ListArray::new(
                list_field(element.data_type().clone()),
                list.offsets().clone(),
                values,
                list.nulls().cloned(),
            ))
        }
        DataType::Struct(fields) => {
            let source = array.as_struct();
            let columns: Vec<ArrayRef> = source
                .columns()
                .iter()
                .zip(fields)
                .map(|(column, field)| cast_array(column, field.data_type(), mode))
                .collect::<Result<_>>()?;
            Arc::new(StructArray::try_new_with_length(
                fields.clone(),
                columns,
                source.nulls().cloned(),
                source.len(),
            )?)
        }
        DataType::Map(field, ordered) => {
            let map = array.as_map();
            let entries: ArrayRef = Arc::new(map.entries().clone());
            let entries = cast(&entries, field.data_type(), mode)?;
            Arc::new(MapArray::try_new(
                Arc::clone(field),
                map.offsets().clone(),
                entries.as_struct().clone(),
                map.nulls().cloned(),
                *ordered,
            )?)
        }
        _ => return Err(unsupported(array.data_type(), to)),
    })
}
