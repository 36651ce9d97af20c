//! Numbers and bits.

pub(crate) mod arithmetic;
pub(crate) mod bits;
pub(crate) mod bucket;
pub(crate) mod elementary;
pub(crate) mod float;
pub(crate) mod round;
pub(crate) mod sign;

use super::Function;
use crate::udf::Scalar;

pub(super) const TABLES: &[&[Function]] = &[
    arithmetic::TABLE,
    bits::TABLE,
    bucket::TABLE,
    elementary::TABLE,
    float::TABLE,
    round::TABLE,
    sign::TABLE,
];

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
    &elementary::EXP,
    &elementary::EXPM1,
    &elementary::LN,
    &elementary::LOG,
    &elementary::LOG10,
    &elementary::LOG2,
    &elementary::LOG1P,
    &elementary::CBRT,
    &elementary::ACOS,
    &elementary::ASIN,
    &elementary::ATAN,
    &elementary::ATAN2,
    &elementary::ACOSH,
    &elementary::ASINH,
    &elementary::ATANH,
    &elementary::COSH,
    &elementary::SINH,
    &elementary::TANH,
    &elementary::DEGREES,
    &elementary::RADIANS,
    &elementary::RINT,
    &elementary::FACTORIAL,
    &bits::SHIFT_LEFT,
    &bits::SHIFT_RIGHT,
    &bits::SHIFT_RIGHT_UNSIGNED,
    &bits::BIT_COUNT,
    &bits::BIT_GET,
    &bits::BIN,
    &bits::CONV,
    &bucket::WIDTH_BUCKET,
    &float::FLOAT_KEY,
    &float::ONE_NAN,
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
