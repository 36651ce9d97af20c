//! Choices between values.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;

use super::{Function, Params};
use crate::bind::{Site, Typed, boolean, coalesce, common_type, compare, if_else, is_null, normalized};
use crate::coerce::Kind;
use crate::error::{Result, SqlError};
use crate::parse::ast::BinaryOp;
use crate::types;

const ANY: Kind = Kind::Any;
const TWO: Params = Params::of(&[ANY, ANY]);
const MANY: Params = Params::of(&[ANY, ANY]).rest(ANY);

const TABLE: &[Function] = &[
    Function::build("coalesce", Params::of(&[ANY]).rest(ANY), |site| coalesce(site.args, String::new(), site.position), "The first value that is not null"),
    Function::build("nvl", TWO, |site| coalesce(site.args, String::new(), site.position), "The first value, or the second if that is null").or(&["ifnull"]),
    Function::build("nvl2", Params::of(&[ANY, ANY, ANY]), nvl2, "The second value if the first is not null, else the third"),
    Function::build("nullif", TWO, nullif, "Null if both values are equal, else the first"),
    Function::build("if", Params::of(&[ANY, ANY, ANY]), iff, "The second value if the first is true, else the third").or(&["iff"]),
    Function::build("isnull", Params::of(&[ANY]), |mut site| Ok(is_null(site.args.remove(0), false)), "Whether the value is null"),
    Function::build("isnotnull", Params::of(&[ANY]), |mut site| Ok(is_null(site.args.remove(0), true)), "Whether the value is not null"),
    Function::build("isnan", Params::of(&[Kind::Double]), isnan, "Whether the value is no number; false for null"),
    Function::build("equal_null", TWO, equal_null, "Whether both values are equal or both are null"),
    Function::build("greatest", MANY, |site| extreme(site, true), "The largest value that is not null"),
    Function::build("least", MANY, |site| extreme(site, false), "The smallest value that is not null"),
    Function::build("typeof", Params::of(&[ANY]), type_of, "Name of the type"),
];

pub(super) const TABLES: &[&[Function]] = &[TABLE];

fn three(site: Site) -> Result<[Typed; 3]> {
    let (name, position) = (site.name, site.position);
    <[Typed; 3]>::try_from(site.args).map_err(|_| SqlError::arguments(&name, "it takes three arguments", position))
}

fn two(site: Site) -> Result<[Typed; 2]> {
    let (name, position) = (site.name, site.position);
    <[Typed; 2]>::try_from(site.args).map_err(|_| SqlError::arguments(&name, "it takes two arguments", position))
}

fn nvl2(site: Site) -> Result<Typed> {
    let position = site.position;
    let [value, then, otherwise] = three(site)?;
    if_else(is_null(value, true), then, otherwise, String::new(), position)
}

fn iff(site: Site) -> Result<Typed> {
    let position = site.position;
    let [condition, then, otherwise] = three(site)?;
    let name = format!("(IF({}, {}, {}))", condition.name, then.name, otherwise.name);
    if_else(boolean(condition, "if", position)?, then, otherwise, name, position)
}

fn nullif(site: Site) -> Result<Typed> {
    let position = site.position;
    let [value, other] = two(site)?;
    let equal = compare(BinaryOp::Eq, value.clone(), other, position)?;
    let null = Typed::null(&value.data_type, "NULL");
    if_else(equal, null, value, String::new(), position)
}

fn equal_null(site: Site) -> Result<Typed> {
    let position = site.position;
    let [left, right] = two(site)?;
    compare(BinaryOp::NullSafeEq, left, right, position).map(|typed| typed.named(""))
}

fn isnan(site: Site) -> Result<Typed> {
    let position = site.position;
    let value = site.args.into_iter().next().ok_or_else(|| SqlError::arguments("isnan", "a number is missing", position))?;
    let nan = Typed::constant(ScalarValue::Float64(Some(f64::NAN)), "NaN");
    compare(BinaryOp::NullSafeEq, value, nan, position).map(|typed| typed.named(""))
}

/// NaN is the largest number, so numbers are compared as everywhere else.
fn extreme(site: Site, largest: bool) -> Result<Typed> {
    let (name, position) = (site.name.clone(), site.position);
    let args = common_type(site.args, false, &name, position)?;
    let data_type = args[0].data_type.clone();
    if !types::is_orderable(&data_type) {
        return Err(SqlError::arguments(&name, format!("values of the type {} have no order", types::display(&data_type)), position));
    }
    if data_type == DataType::Null {
        return Ok(Typed::constant(ScalarValue::Null, ""));
    }
    let args = args.into_iter().map(normalized).collect();
    let function = if largest { datafusion::functions::core::greatest() } else { datafusion::functions::core::least() };
    Ok(Typed::native(&function, args, data_type, ""))
}

fn type_of(site: Site) -> Result<Typed> {
    let data_type = &site.args[0].data_type;
    if types::is_interval(data_type) {
        return Err(site.wrong("the type of an interval is not supported"));
    }
    Ok(Typed::constant(ScalarValue::from(types::spark_type_name(data_type)?), ""))
}

/// The functions of the engine that stand in plans for these.
pub(super) fn engine_scalars() -> Vec<Arc<datafusion::logical_expr::ScalarUDF>> {
    vec![datafusion::functions::core::greatest(), datafusion::functions::core::least()]
}
