//! Hashes.

pub(crate) mod digest;
pub(crate) mod row;

use super::Function;
use crate::udf::Scalar;

pub(super) const TABLES: &[&[Function]] = &[digest::TABLE, row::TABLE];

pub(super) static KERNELS: &[&Scalar] = &[&digest::SHA2, &row::MURMUR3, &row::XXHASH64];
