//! Numbers and bits.

pub(crate) mod arithmetic;
pub(crate) mod float;
pub(crate) mod round;
pub(crate) mod sign;

use super::Function;
use crate::udf::Scalar;

pub(super) const TABLES: &[&[Function]] = &[arithmetic::TABLE, float::TABLE, round::TABLE, sign::TABLE];

pub(super) static KERNELS: &[&Scalar] = &[
    &arithmetic::DIVIDE,
    &arithmetic::REMAINDER,
    &arithmetic::INTEGRAL_DIVIDE,
    &arithmetic::DECIMAL_ADD,
    &arithmetic::DECIMAL_SUBTRACT,
    &arithmetic::DECIMAL_MULTIPLY,
    &arithmetic::DECIMAL_DIVIDE,
    &arithmetic::DECIMAL_REMAINDER,
    &arithmetic::DECIMAL_INTEGRAL_DIVIDE,
    &arithmetic::TRY_ADD,
    &arithmetic::TRY_SUBTRACT,
    &arithmetic::TRY_MULTIPLY,
    &arithmetic::PMOD,
    &float::FLOAT_KEY,
    &float::SQRT,
    &float::POWER,
    &float::NANVL,
    &round::ROUND,
    &round::BROUND,
    &round::CEIL,
    &round::FLOOR,
    &sign::ABS,
    &sign::SIGNUM,
];
