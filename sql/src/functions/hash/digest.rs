//! Digests of bytes, as lower-case hexadecimal digits.

use std::sync::Arc;

use arrow::datatypes::{DataType, Int32Type};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::ScalarUDF;
use datafusion::logical_expr::expr::Cast;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::error::Result;
use crate::functions::{Function, Params};
use crate::udf::{Returns, Scalar, text};
use crate::value::hex;

const BYTES: Params = Params::of(&[Kind::Binary]);

pub(super) const TABLE: &[Function] = &[
    Function::kernel(
        "sha2",
        Params::of(&[Kind::Binary, Kind::Int]),
        &SHA2,
        "SHA-2 of 224, 256, 384 or 512 bits; null for another length",
    ),
    Function::build(
        "md5",
        BYTES,
        |site| of_engine(site, &datafusion::functions::crypto::md5(), &DataType::Utf8),
        "MD5",
    ),
    Function::build(
        "sha1",
        BYTES,
        |site| of_engine(site, &datafusion_spark::function::hash::sha1(), &DataType::Utf8),
        "SHA-1",
    )
    .or(&["sha"]),
    Function::build(
        "crc32",
        BYTES,
        |site| of_engine(site, &datafusion_spark::function::hash::crc32(), &DataType::Int64),
        "CRC-32 as a number",
    ),
];

/// `sha2(bytes, bits)`; 0 bits are 256.
pub(crate) static SHA2: Scalar = Scalar::new("spark_sha2", Returns::Fixed(|| DataType::Utf8), |args| {
    let (value, bits) = (args.bytes(0)?, args.numbers::<Int32Type>(1)?);
    text(args, |row| {
        let (value, bits) = (value.get(row)?, bits.get(row)?);
        match bits {
            224 => Some(hex(&Sha224::digest(value))),
            0 | 256 => Some(hex(&Sha256::digest(value))),
            384 => Some(hex(&Sha384::digest(value))),
            512 => Some(hex(&Sha512::digest(value))),
            _ => None,
        }
    })
});

/// Calls a function of the engine whose result may come in another width of strings.
fn of_engine(site: Site, function: &ScalarUDF, data_type: &DataType) -> Result<Typed> {
    let args = site.args.into_iter().map(|arg| arg.expr).collect();
    let expr = Expr::Cast(Cast::new(Box::new(function.call(args)), data_type.clone()));
    Ok(Typed::new(expr, data_type.clone(), ""))
}

/// The functions of the engine that stand in plans for these.
pub(in crate::functions) fn engine_scalars() -> Vec<Arc<ScalarUDF>> {
    vec![
        datafusion::functions::crypto::md5(),
        datafusion_spark::function::hash::sha1(),
        datafusion_spark::function::hash::crc32(),
    ]
}
