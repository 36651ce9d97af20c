//! Arrays, maps and structs.

pub(crate) mod access;
pub(crate) mod array;
pub(crate) mod higher;
pub(crate) mod lists;
pub(crate) mod map;
pub(crate) mod sequence;
pub(crate) mod sets;
pub(crate) mod sort;
pub(crate) mod structs;
pub(crate) mod zip;

use std::sync::Arc;

use datafusion::logical_expr::HigherOrderUDF;

use super::Function;
use crate::udf::Scalar;

pub(super) const TABLES: &[&[Function]] = &[
    access::TABLE,
    array::TABLE,
    higher::TABLE,
    map::TABLE,
    sequence::TABLE,
    sets::TABLE,
    sort::TABLE,
    structs::TABLE,
];

pub(super) static KERNELS: &[&Scalar] = &[
    &access::GET,
    &access::ELEMENT_AT,
    &access::MAP_GET,
    &access::SIZE,
    &array::ARRAY,
    &array::CONCAT,
    &array::REVERSE,
    &array::PLACES,
    &array::APPEND,
    &array::COMPACT,
    &array::FLATTEN,
    &array::INSERT,
    &array::JOIN,
    &array::REPEAT,
    &array::SLICE,
    &array::ZIP,
    &map::MAP,
    &map::FROM_ARRAYS,
    &map::FROM_ENTRIES,
    &map::KEYS,
    &map::VALUES,
    &map::ENTRIES,
    &map::CONCAT,
    &map::STR_TO_MAP,
    &sequence::SEQUENCE,
    &sets::CONTAINS,
    &sets::POSITION,
    &sets::REMOVE,
    &sets::DISTINCT,
    &sets::UNION,
    &sets::INTERSECT,
    &sets::EXCEPT,
    &sets::OVERLAP,
    &sort::SORT,
    &sort::EXTREME,
    &structs::FIELD,
    &structs::FIELDS_OF_ALL,
    &zip::PAD,
    &zip::MAP_PICK,
    &zip::ALL_KEYS,
    &zip::GET_ALL,
];

pub(super) fn higher_order_udfs() -> Vec<Arc<HigherOrderUDF>> {
    higher::udfs()
}
