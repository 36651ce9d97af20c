//! Values of many rows in one array.

use datafusion::functions_aggregate::array_agg::array_agg_udaf;
use datafusion::logical_expr::Expr;

use super::basic::{and, call, name};
use crate::bind::{Site, Typed, coalesce, normalized};
use crate::coerce::Kind;
use crate::error::Result;
use crate::functions::collection::array::of_elements;
use crate::functions::{AggregateOptions, Bind, Function, Params};
use crate::types::{is_orderable, list_of};

const ANY: Params = Params::of(&[Kind::Any]);

pub(super) const TABLE: &[Function] = &[
    Function::new(
        "collect_list",
        Bind::Aggregate(ANY, collect),
        "An array of the values that are not null, in any order",
    )
    .or(&["array_agg"]),
    Function::new(
        "collect_set",
        Bind::Aggregate(ANY, collect_set),
        "An array of the different values that are not null, in any order",
    ),
];

fn collect(mut site: Site, mut options: AggregateOptions) -> Result<Typed> {
    let (name, position) = (name(&site, &options), site.position);
    let value = site.args.remove(0);
    let value = if options.distinct { normalized(value) } else { value };
    let element = value.data_type.clone();
    let present = Expr::IsNotNull(Box::new(value.expr.clone()));
    options.filter = Some(and(options.filter.take(), present));
    options.ignore_nulls = false;
    let list = Typed::new(call(array_agg_udaf(), vec![value.expr], options), list_of(element.clone()), "");
    // Without values it is an empty array.
    let empty = of_elements(Vec::new(), &element, position)?;
    coalesce(vec![list, empty], name, position)
}

fn collect_set(site: Site, mut options: AggregateOptions) -> Result<Typed> {
    if !is_orderable(&site.args[0].data_type) {
        return Err(site.wrong("the values cannot be compared"));
    }
    let name = name(&site, &options);
    options.distinct = true;
    collect(site, options).map(|typed| typed.named(name))
}
