//! Hashes of values of any type, as Spark partitions by them.
//!
//! **Source:** Spark's `Murmur3Hash` and `XxHash64` with the seed 42: every value is hashed with the hash of the ones
//! before it as the seed, and a null leaves that as it is.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType,
};
use datafusion::common::Result;

use crate::bind::{Site, Typed};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::types::{self, is_orderable};
use crate::udf::{Args, Returns, Scalar, failed, try_numbers};

const MANY: Params = Params::of(&[Kind::Any]).rest(Kind::Any);

pub(super) const TABLE: &[Function] = &[
    Function::build("hash", MANY, |site| of_values(site, &MURMUR3), "Murmur3 of the values, 32 bits"),
    Function::build("xxhash64", MANY, |site| of_values(site, &XXHASH64), "xxHash of the values, 64 bits"),
];

fn of_values(site: Site, kernel: &'static Scalar) -> crate::Result<Typed> {
    let refused =
        site.args.iter().find(|arg| !is_orderable(&arg.data_type) || types::is_interval(&arg.data_type));
    if let Some(arg) = refused {
        return Err(site.wrong(format!("values of the type {} have no hash", types::display(&arg.data_type))));
    }
    Typed::call(kernel, site.args, "", site.position)
}

/// How a hash takes in values of the widths that there are.
trait Hasher {
    type Hash: Copy;
    fn int(value: i32, seed: Self::Hash) -> Self::Hash;
    fn long(value: i64, seed: Self::Hash) -> Self::Hash;
    fn bytes(value: &[u8], seed: Self::Hash) -> Self::Hash;
}

struct Murmur3;
struct XxHash64;

/// `hash(values…)`.
pub(crate) static MURMUR3: Scalar = Scalar::new("spark_hash", Returns::Fixed(|| DataType::Int32), |args| {
    let columns = columns(args)?;
    try_numbers::<Int32Type>(args, |row| {
        fold::<Murmur3>(&columns, row, 42).map(|hash| Some(hash.cast_signed()))
    })
});

/// `xxhash64(values…)`.
pub(crate) static XXHASH64: Scalar =
    Scalar::new("spark_xxhash64", Returns::Fixed(|| DataType::Int64), |args| {
        let columns = columns(args)?;
        try_numbers::<Int64Type>(args, |row| {
            fold::<XxHash64>(&columns, row, 42).map(|hash| Some(hash.cast_signed()))
        })
    });

fn columns(args: &Args) -> Result<Vec<ArrayRef>> {
    (0..args.len()).map(|index| args.array(index)).collect()
}

fn fold<H: Hasher>(columns: &[ArrayRef], row: usize, seed: H::Hash) -> Result<H::Hash> {
    columns.iter().try_fold(seed, |seed, column| value::<H>(column, row, seed))
}

fn value<H: Hasher>(array: &ArrayRef, row: usize, seed: H::Hash) -> Result<H::Hash> {
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return Ok(seed);
    }
    Ok(match array.data_type() {
        DataType::Boolean => H::int(array.as_boolean().value(row).into(), seed),
        DataType::Int8 => H::int(array.as_primitive::<Int8Type>().value(row).into(), seed),
        DataType::Int16 => H::int(array.as_primitive::<Int16Type>().value(row).into(), seed),
        DataType::Int32 => H::int(array.as_primitive::<Int32Type>().value(row), seed),
        DataType::Int64 => H::long(array.as_primitive::<Int64Type>().value(row), seed),
        DataType::Date32 => H::int(array.as_primitive::<Date32Type>().value(row), seed),
        DataType::Timestamp(_, _) => {
            H::long(array.as_primitive::<TimestampMicrosecondType>().value(row), seed)
        }
        // Zero of either sign has one hash, and so has NaN.
        DataType::Float32 => {
            let value = array.as_primitive::<Float32Type>().value(row);
            let value = if value.is_nan() { f32::NAN.copysign(1.0) } else { value + 0.0 };
            H::int(value.to_bits().cast_signed(), seed)
        }
        DataType::Float64 => {
            let value = array.as_primitive::<Float64Type>().value(row);
            let value = if value.is_nan() { f64::NAN.copysign(1.0) } else { value + 0.0 };
            H::long(value.to_bits().cast_signed(), seed)
        }
        DataType::Decimal128(precision, _) => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            match i64::try_from(value) {
                Ok(value) if *precision <= 18 => H::long(value, seed),
                _ => H::bytes(&big_integer_bytes(value), seed),
            }
        }
        DataType::Utf8 => H::bytes(array.as_string::<i32>().value(row).as_bytes(), seed),
        DataType::Binary => H::bytes(array.as_binary::<i32>().value(row), seed),
        DataType::List(_) => {
            let values = array.as_list::<i32>().value(row);
            (0..values.len()).try_fold(seed, |seed, index| value::<H>(&values, index, seed))?
        }
        DataType::Struct(_) => fold::<H>(array.as_struct().columns(), row, seed)?,
        other => return Err(failed(format!("values of the type {other} have no hash"))),
    })
}

/// The fewest bytes that hold a number with its sign, highest first.
fn big_integer_bytes(value: i128) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let filler = if value < 0 { 0xff } else { 0 };
    let skipped =
        bytes.windows(2).take_while(|pair| pair[0] == filler && (pair[1] ^ filler) & 0x80 == 0).count();
    bytes[skipped..].to_vec()
}

impl Murmur3 {
    const fn mix_k(value: u32) -> u32 {
        value.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
    }

    const fn mix_h(hash: u32, value: u32) -> u32 {
        (hash ^ value).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
    }

    const fn finish(hash: u32, length: u32) -> u32 {
        let hash = hash ^ length;
        let hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
        let hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
        hash ^ hash >> 16
    }
}

impl Hasher for Murmur3 {
    type Hash = u32;

    fn int(value: i32, seed: u32) -> u32 {
        Self::finish(Self::mix_h(seed, Self::mix_k(value.cast_unsigned())), 4)
    }

    fn long(value: i64, seed: u32) -> u32 {
        let bytes = value.to_le_bytes();
        let half = |from: usize| {
            u32::from_le_bytes([bytes[from], bytes[from + 1], bytes[from + 2], bytes[from + 3]])
        };
        let hash = Self::mix_h(seed, Self::mix_k(half(0)));
        Self::finish(Self::mix_h(hash, Self::mix_k(half(4))), 8)
    }

    /// Bytes behind the last whole word are mixed one by one, with their signs: that is Spark's own way.
    fn bytes(value: &[u8], seed: u32) -> u32 {
        let words = value.chunks_exact(4);
        let rest = words.remainder();
        let hash = words.fold(seed, |hash, word| {
            Self::mix_h(hash, Self::mix_k(u32::from_le_bytes([word[0], word[1], word[2], word[3]])))
        });
        let hash = rest.iter().fold(hash, |hash, byte| {
            Self::mix_h(hash, Self::mix_k(i32::from(byte.cast_signed()).cast_unsigned()))
        });
        Self::finish(hash, u32::try_from(value.len()).unwrap_or(u32::MAX))
    }
}

const P1: u64 = 0x9E37_79B1_85EB_CA87;
const P2: u64 = 0xC2B2_AE3D_27D4_EB4F;
const P3: u64 = 0x1656_67B1_9E37_79F9;
const P4: u64 = 0x85EB_CA77_C2B2_AE63;
const P5: u64 = 0x27D4_EB2F_1656_67C5;

impl XxHash64 {
    const fn finish(hash: u64) -> u64 {
        let hash = (hash ^ hash >> 33).wrapping_mul(P2);
        let hash = (hash ^ hash >> 29).wrapping_mul(P3);
        hash ^ hash >> 32
    }

    const fn round(lane: u64, word: u64) -> u64 {
        lane.wrapping_add(word.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
    }

    const fn add_long(hash: u64, word: u64) -> u64 {
        (hash ^ Self::round(0, word)).rotate_left(27).wrapping_mul(P1).wrapping_add(P4)
    }

    fn add_int(hash: u64, word: u32) -> u64 {
        (hash ^ u64::from(word).wrapping_mul(P1)).rotate_left(23).wrapping_mul(P2).wrapping_add(P3)
    }
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

impl Hasher for XxHash64 {
    type Hash = u64;

    fn int(value: i32, seed: u64) -> u64 {
        Self::finish(Self::add_int(seed.wrapping_add(P5).wrapping_add(4), value.cast_unsigned()))
    }

    fn long(value: i64, seed: u64) -> u64 {
        Self::finish(Self::add_long(seed.wrapping_add(P5).wrapping_add(8), value.cast_unsigned()))
    }

    fn bytes(value: &[u8], seed: u64) -> u64 {
        let mut blocks = value.chunks_exact(32);
        let mut hash = if value.len() >= 32 {
            let mut lanes =
                [seed.wrapping_add(P1).wrapping_add(P2), seed.wrapping_add(P2), seed, seed.wrapping_sub(P1)];
            for block in blocks.by_ref() {
                for (lane, bytes) in lanes.iter_mut().zip(block.chunks_exact(8)) {
                    *lane = Self::round(*lane, word(bytes));
                }
            }
            let turned = [1, 7, 12, 18]
                .into_iter()
                .zip(lanes)
                .fold(0_u64, |hash, (turn, lane)| hash.wrapping_add(lane.rotate_left(turn)));
            lanes
                .into_iter()
                .fold(turned, |hash, lane| (hash ^ Self::round(0, lane)).wrapping_mul(P1).wrapping_add(P4))
        } else {
            seed.wrapping_add(P5)
        };
        hash = hash.wrapping_add(u64::try_from(value.len()).unwrap_or(u64::MAX));
        let mut longs = blocks.remainder().chunks_exact(8);
        hash = longs.by_ref().fold(hash, |hash, bytes| Self::add_long(hash, word(bytes)));
        let mut ints = longs.remainder().chunks_exact(4);
        hash = ints
            .by_ref()
            .fold(hash, |hash, bytes| Self::add_int(hash, u32::try_from(word(bytes)).unwrap_or(0)));
        hash = ints.remainder().iter().fold(hash, |hash, byte| {
            (hash ^ u64::from(*byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1)
        });
        Self::finish(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_spark() {
        assert_eq!(Murmur3::int(1, Murmur3::bytes(b"abc", 42)).cast_signed(), 945_627_151);
        assert_eq!(XxHash64::bytes(b"abc", 42).cast_signed(), 1_423_657_621_850_124_518);
        assert_eq!(big_integer_bytes(-1), [0xff]);
        assert_eq!(big_integer_bytes(128), [0, 0x80]);
    }
}
