//! Choices between values.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::Array;
use arrow::compute::interleave;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::Expr;

use super::{Function, Params};
use crate::bind::{Site, Typed, boolean, coalesce, common_type, compare, if_else, is_null};
use crate::coerce::Kind;
use crate::error::{Result, SqlError};
use crate::functions::collection::lists::keys;
use crate::parse::ast::BinaryOp;
use crate::types::{self, holds_fractional};
use crate::udf::{Returns, Scalar};

const ANY: Kind = Kind::Any;
const TWO: Params = Params::of(&[ANY, ANY]);
const MANY: Params = Params::of(&[ANY, ANY]).rest(ANY);

const TABLE: &[Function] = &[
    Function::build(
        "coalesce",
        Params::of(&[ANY]).rest(ANY),
        |site| coalesce(site.args, String::new(), site.position),
        "The first value that is not null",
    ),
    Function::build(
        "nvl",
        TWO,
        |site| coalesce(site.args, String::new(), site.position),
        "The first value, or the second if that is null",
    )
    .or(&["ifnull"]),
    Function::build(
        "nvl2",
        Params::of(&[ANY, ANY, ANY]),
        nvl2,
        "The second value if the first is not null, else the third",
    ),
    Function::build("nullif", TWO, nullif, "Null if both values are equal, else the first"),
    Function::build(
        "if",
        Params::of(&[ANY, ANY, ANY]),
        iff,
        "The second value if the first is true, else the third",
    ),
    Function::build(
        "isnull",
        Params::of(&[ANY]),
        |mut site| Ok(is_null(site.args.remove(0), false)),
        "Whether the value is null",
    ),
    Function::build(
        "isnotnull",
        Params::of(&[ANY]),
        |mut site| Ok(is_null(site.args.remove(0), true)),
        "Whether the value is not null",
    ),
    Function::build(
        "isnan",
        Params::of(&[Kind::Double]),
        isnan,
        "Whether the value is no number; false for null",
    ),
    Function::build("equal_null", TWO, equal_null, "Whether both values are equal or both are null"),
    Function::build("greatest", MANY, |site| extreme(site, true), "The largest value that is not null"),
    Function::build("least", MANY, |site| extreme(site, false), "The smallest value that is not null"),
    Function::build("typeof", Params::of(&[ANY]), type_of, "Name of the type"),
];

pub(super) static KERNELS: &[&Scalar] = &[&EXTREME, &TYPE_OF];

pub(super) const TABLES: &[&[Function]] = &[TABLE];

fn three(site: Site) -> Result<[Typed; 3]> {
    let (name, position) = (site.name, site.position);
    <[Typed; 3]>::try_from(site.args)
        .map_err(|_| SqlError::arguments(&name, "it takes three arguments", position))
}

fn two(site: Site) -> Result<[Typed; 2]> {
    let (name, position) = (site.name, site.position);
    <[Typed; 2]>::try_from(site.args)
        .map_err(|_| SqlError::arguments(&name, "it takes two arguments", position))
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
    let value = site
        .args
        .into_iter()
        .next()
        .ok_or_else(|| SqlError::arguments("isnan", "a number is missing", position))?;
    let nan = Typed::constant(ScalarValue::Float64(Some(f64::NAN)), "NaN");
    compare(BinaryOp::NullSafeEq, value, nan, position).map(|typed| typed.named(""))
}

/// NaN is the largest number, so numbers are compared as everywhere else.
fn extreme(site: Site, largest: bool) -> Result<Typed> {
    let (name, position) = (site.name.clone(), site.position);
    let args = common_type(site.args, false, &name, position)?;
    let data_type = args[0].data_type.clone();
    if !types::is_orderable(&data_type) {
        return Err(SqlError::arguments(
            &name,
            format!("values of the type {} have no order", types::display(&data_type)),
            position,
        ));
    }
    if data_type == DataType::Null {
        return Ok(Typed::constant(ScalarValue::Null, ""));
    }
    if holds_fractional(&data_type) || !types::is_atomic(&data_type) {
        let largest = Typed::constant(ScalarValue::Boolean(Some(largest)), "");
        let args = std::iter::once(largest).chain(args).collect();
        return Ok(Typed::call_as(&EXTREME, args, data_type, ""));
    }
    let function =
        if largest { datafusion::functions::core::greatest() } else { datafusion::functions::core::least() };
    Ok(Typed::native(&function, args, data_type, ""))
}

/// `extreme(largest, values…, type)`: of equal values the first, nulls inside of them the smallest.
pub(crate) static EXTREME: Scalar =
    Scalar::new("spark_extreme", Returns::Last, |args| {
        let largest = args.bools(0)?;
        let columns = (1..args.len() - 1).map(|index| args.array(index)).collect::<Result<Vec<_>, _>>()?;
        let rows = keys(&columns.iter().collect::<Vec<_>>())?;
        let wanted = if largest.get(0) == Some(true) { Ordering::Greater } else { Ordering::Less };
        let mut places = Vec::with_capacity(args.rows);
        for row in 0..args.rows {
            let valid = (0..columns.len()).filter(|column| columns[*column].is_valid(row));
            let best = valid.reduce(|best, next| {
                if rows[next].row(row).cmp(&rows[best].row(row)) == wanted { next } else { best }
            });
            places.push((best.unwrap_or(0), row));
        }
        let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
        Ok(interleave(&columns, &places)?)
    });

/// `typeof(value, name)`: the name. The value is there only so that what aggregates still does.
pub(crate) static TYPE_OF: Scalar =
    Scalar::new("spark_typeof", Returns::Fixed(|| DataType::Utf8), |args| args.array(1));

fn type_of(site: Site) -> Result<Typed> {
    let data_type = &site.args[0].data_type;
    if types::is_interval(data_type) {
        return Err(site.wrong("the type of an interval is not supported"));
    }
    let name = Typed::constant(ScalarValue::from(types::spark_type_name(data_type)?), "");
    let value = site.args[0].clone();
    let folds = |expr: &Expr| !matches!(expr, Expr::AggregateFunction(_) | Expr::WindowFunction(_));
    if value.expr.exists(|inner| Ok(!folds(inner))).map_err(SqlError::plan)? {
        return Typed::call(&TYPE_OF, vec![value, name], "", site.position);
    }
    Ok(name)
}

/// The functions of the engine that stand in plans for these.
pub(super) fn engine_scalars() -> Vec<Arc<datafusion::logical_expr::ScalarUDF>> {
    vec![datafusion::functions::core::greatest(), datafusion::functions::core::least()]
}
