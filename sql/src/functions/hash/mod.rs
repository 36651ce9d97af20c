//! Hashes.

use arrow::datatypes::DataType;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::{Function, Params};
use crate::coerce::Kind;
use crate::udf::{Returns, Scalar, text};
use arrow::datatypes::Int32Type;

const TABLE: &[Function] = &[Function::kernel(
    "sha2",
    Params::of(&[Kind::Binary, Kind::Int]),
    &SHA2,
    "SHA-2 hash of 224, 256, 384 or 512 bits in hexadecimal digits; 0 means 256, another length gives null",
)];

pub(super) const TABLES: &[&[Function]] = &[TABLE];

pub(super) static KERNELS: &[&Scalar] = &[&SHA2];

/// SHA-2.
pub(crate) static SHA2: Scalar = Scalar::new("spark_sha2", Returns::Fixed(|| DataType::Utf8), |args| {
    let value = args.bytes(0)?;
    let bits = args.numbers::<Int32Type>(1)?;
    text(args, |row| {
        let value = value.get(row)?;
        Some(match bits.get(row)? {
            224 => digits(&Sha224::digest(value)),
            0 | 256 => digits(&Sha256::digest(value)),
            384 => digits(&Sha384::digest(value)),
            512 => digits(&Sha512::digest(value)),
            _ => return None,
        })
    })
});

fn digits(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}
