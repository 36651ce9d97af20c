//! Conversions that are called by the name of a type: `int('3')` is `CAST('3' AS INT)`.

use arrow::datatypes::DataType;

use super::{Function, Params};
use crate::bind::{Site, Typed};
use crate::cast;
use crate::coerce::Kind;
use crate::error::{Result, SqlError};
use crate::types;
use crate::udf::Scalar;

const ONE: Params = Params::of(&[Kind::Any]);

macro_rules! conversions {
    ($($name:literal => $type:expr),* $(,)?) => {
        &[$(Function::build($name, ONE, |site| convert(site, &$type), concat!("CAST to ", $name))),*]
    };
}

const TABLE: &[Function] = conversions! {
    "boolean" => DataType::Boolean,
    "tinyint" => DataType::Int8,
    "smallint" => DataType::Int16,
    "int" => DataType::Int32,
    "bigint" => DataType::Int64,
    "float" => DataType::Float32,
    "double" => DataType::Float64,
    "decimal" => DataType::Decimal128(10, 0),
    "string" => DataType::Utf8,
    "binary" => DataType::Binary,
    "date" => DataType::Date32,
    "timestamp" => types::timestamp(),
};

pub(super) const TABLES: &[&[Function]] = &[TABLE];

pub(super) static KERNELS: &[&Scalar] = &[&cast::CAST, &cast::TRY_CAST];

fn convert(mut site: Site, to: &DataType) -> Result<Typed> {
    let (name, position) = (site.name.clone(), site.position);
    let arg = site.args.remove(0);
    let from = types::display(&arg.data_type);
    let shown = arg.name.clone();
    arg.cast(to)
        .map(|typed| typed.named(shown))
        .ok_or_else(|| SqlError::arguments(&name, format!("a value of the type {from} cannot be converted"), position))
}
