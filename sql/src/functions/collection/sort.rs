//! Arrays in order, and their extremes.

use arrow::array::Array;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;

use super::lists::{Lists, keys, pick, pick_one};
use crate::bind::{Binder, Site, Typed};
use crate::coerce::Kind;
use crate::error::SqlError;
use crate::functions::{Bind, Function, Params};
use crate::parse::ast::Call;
use crate::position::Position;
use crate::types::{element_of, is_orderable};
use crate::udf::{Returns, Scalar};

const ONE: Params = Params::of(&[Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "sort_array",
        Params::of(&[Kind::Any]).opt(&[Kind::Boolean]),
        sort_array,
        "The array in ascending order with nulls first, or in descending order with nulls last",
    ),
    Function::new("array_sort", Bind::Higher(array_sort), "The array in ascending order with nulls last"),
    Function::build("array_min", ONE, |site| extreme(site, false), "The smallest element that is not null"),
    Function::build("array_max", ONE, |site| extreme(site, true), "The largest element that is not null"),
];

fn flag(value: bool) -> Typed {
    Typed::constant(ScalarValue::Boolean(Some(value)), value.to_string())
}

fn orderable(site: &Site) -> crate::Result<DataType> {
    let element = element_of(&site.args[0].data_type).filter(|element| is_orderable(element));
    element.cloned().ok_or_else(|| site.wrong("it takes an array whose elements can be ordered"))
}

fn sort_array(site: Site) -> crate::Result<Typed> {
    orderable(&site)?;
    let ascending = match site.args.get(1).map(|arg| arg.literal().cloned()) {
        None => true,
        Some(Some(ScalarValue::Boolean(Some(ascending)))) => ascending,
        Some(_) => return Err(site.wrong("the direction must be a constant")),
    };
    let list = site.args[0].clone();
    Typed::call(&SORT, vec![list, flag(ascending), flag(ascending)], "", site.position)
}

fn array_sort(binder: &mut Binder<'_, '_, '_>, call: &Call, position: Position) -> crate::Result<Typed> {
    if call.args.len() > 1 {
        return Err(SqlError::arguments(
            "array_sort",
            "a comparison of one's own is not supported",
            position,
        ));
    }
    let site = binder.site(call, &ONE, position)?;
    orderable(&site)?;
    let name = site.column_name();
    Typed::call(&SORT, vec![site.args[0].clone(), flag(true), flag(false)], name, position)
}

fn extreme(site: Site, largest: bool) -> crate::Result<Typed> {
    let element = orderable(&site)?;
    let list = site.args[0].clone();
    Ok(Typed::call_as(&EXTREME, vec![list, flag(largest)], element, ""))
}

/// `sort(array, ascending, nulls first)`.
pub(crate) static SORT: Scalar = Scalar::new("spark_sort_array", Returns::First, |args| {
    let (list, ascending, nulls_first) = (Lists::new(args, 0)?, args.bools(1)?, args.bools(2)?);
    let rows = keys(&[list.values()])?.remove(0);
    pick(args, list.values(), |row, picker| {
        let Some(range) = list.range(row) else { return Ok(false) };
        let (nulls, mut places): (Vec<usize>, Vec<usize>) =
            range.partition(|place| list.values().is_null(*place));
        // Equal elements keep their order in both directions.
        let descending = ascending.get(row) == Some(false);
        places.sort_by(|left, right| {
            let order = rows.row(*left).cmp(&rows.row(*right));
            if descending { order.reverse() } else { order }
        });
        if nulls_first.get(row) == Some(true) {
            picker.extend(nulls.into_iter().chain(places));
        } else {
            picker.extend(places.into_iter().chain(nulls));
        }
        Ok(true)
    })
});

/// `extreme(array, largest, type)`.
pub(crate) static EXTREME: Scalar = Scalar::new("spark_array_extreme", Returns::Last, |args| {
    let (list, largest) = (Lists::new(args, 0)?, args.bools(1)?);
    let rows = keys(&[list.values()])?.remove(0);
    pick_one(args, list.values(), |row| {
        let Some(range) = list.range(row) else { return Ok(None) };
        let places = range.filter(|place| list.values().is_valid(*place));
        Ok(if largest.get(row) == Some(true) {
            // Of equal ones the first.
            places.reduce(|best, next| if rows.row(next) > rows.row(best) { next } else { best })
        } else {
            places.min_by(|left, right| rows.row(*left).cmp(&rows.row(*right)))
        })
    })
});
