//! Decimals: the types of results and exact arithmetic with Spark's rounding.
//!
//! **Source:** Spark's `DecimalPrecision` and `Decimal` (3.5): precision loss allowed, HALF_UP, null where a result does
//! not fit.

use arrow::datatypes::i256;

use crate::types::MAX_PRECISION;

/// Precision and scale of a decimal.
pub(crate) type DecimalType = (u8, i8);

/// Returns a power of ten; 10^38 is the largest that fits.
pub(crate) const fn pow10(exponent: u32) -> i128 {
    10_i128.pow(exponent)
}

/// Tells whether a number has no more digits than a precision allows.
pub(crate) const fn fits(unscaled: i128, precision: u8) -> bool {
    unscaled.unsigned_abs() < pow10(precision as u32).unsigned_abs()
}

/// Cuts a type to 38 digits; fractional digits go first, but six of them stay.
fn adjusted(precision: i32, scale: i32) -> DecimalType {
    let max = i32::from(MAX_PRECISION);
    let (precision, scale) = if precision <= max {
        (precision, scale)
    } else {
        (max, (max - (precision - scale)).max(scale.min(6)))
    };
    bounded(precision, scale)
}

/// Cuts precision and scale to 38 each.
pub(crate) fn bounded(precision: i32, scale: i32) -> DecimalType {
    let cut = |digits: i32| digits.clamp(0, i32::from(MAX_PRECISION));
    (u8::try_from(cut(precision)).unwrap_or(MAX_PRECISION), i8::try_from(cut(scale)).unwrap_or_default())
}

fn parts((precision, scale): DecimalType) -> (i32, i32) {
    (i32::from(precision), i32::from(scale))
}

/// Type of a sum or difference; the flag tells that every result fits without rounding.
pub(crate) fn add_type(left: DecimalType, right: DecimalType) -> (DecimalType, bool) {
    let ((p1, s1), (p2, s2)) = (parts(left), parts(right));
    let scale = s1.max(s2);
    let precision = (p1 - s1).max(p2 - s2) + scale + 1;
    (adjusted(precision, scale), precision <= i32::from(MAX_PRECISION))
}

/// Type of a product; the flag tells that every result fits without rounding.
pub(crate) fn multiply_type(left: DecimalType, right: DecimalType) -> (DecimalType, bool) {
    let ((p1, s1), (p2, s2)) = (parts(left), parts(right));
    let precision = p1 + p2 + 1;
    (adjusted(precision, s1 + s2), precision <= i32::from(MAX_PRECISION))
}

/// Type of a quotient.
pub(crate) fn divide_type(left: DecimalType, right: DecimalType) -> DecimalType {
    let ((p1, s1), (p2, s2)) = (parts(left), parts(right));
    let scale = (s1 + p2 + 1).max(6);
    adjusted(p1 - s1 + s2 + scale, scale)
}

/// Type of a remainder.
pub(crate) fn remainder_type(left: DecimalType, right: DecimalType) -> DecimalType {
    let ((p1, s1), (p2, s2)) = (parts(left), parts(right));
    let scale = s1.max(s2);
    adjusted((p1 - s1).min(p2 - s2) + scale, scale)
}

/// The type that holds the values of both, up to 38 digits.
pub(crate) fn wider_type(left: DecimalType, right: DecimalType) -> DecimalType {
    let ((p1, s1), (p2, s2)) = (parts(left), parts(right));
    let scale = s1.max(s2);
    bounded((p1 - s1).max(p2 - s2) + scale, scale)
}

/// Divides and rounds half away from zero. The divisor is not zero.
pub(crate) fn divide_half_up(numerator: i128, divisor: i128) -> i128 {
    let (quotient, remainder) = (numerator / divisor, numerator % divisor);
    // |remainder| >= |divisor| - |remainder| avoids doubling, which might overflow.
    let up = remainder.unsigned_abs() >= divisor.unsigned_abs() - remainder.unsigned_abs();
    if !up {
        quotient
    } else if (numerator < 0) == (divisor < 0) {
        quotient + 1
    } else {
        quotient - 1
    }
}

/// Brings numbers to another scale, rounding half away from zero. What depends on the types only is computed once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rescale {
    /// The power of ten between the scales; none if it has more than 38 digits.
    factor: Option<i128>,
    /// Whether digits are added.
    widens: bool,
    /// Results are smaller than this in magnitude.
    limit: u128,
}

impl Rescale {
    pub(crate) fn new(from: i8, to: DecimalType) -> Self {
        let (precision, scale) = to;
        let shift = i32::from(scale) - i32::from(from);
        Self {
            factor: 10_i128.checked_pow(shift.unsigned_abs()),
            widens: shift >= 0,
            limit: pow10(precision.into()).unsigned_abs(),
        }
    }

    /// The number with the other scale; nothing if it has more digits than allowed.
    pub(crate) fn apply(&self, unscaled: i128) -> Option<i128> {
        let result = match (self.factor, self.widens) {
            _ if unscaled == 0 => 0,
            (Some(factor), true) => unscaled.checked_mul(factor)?,
            (None, true) => return None,
            (Some(divisor), false) => match (i64::try_from(unscaled), i64::try_from(divisor)) {
                // Nearly all numbers are this small, and dividing them is several times as fast.
                (Ok(small), Ok(divisor)) => divide_small_half_up(small, divisor).into(),
                _ => divide_half_up(unscaled, divisor),
            },
            (None, false) => 0,
        };
        (result.unsigned_abs() < self.limit).then_some(result)
    }
}

/// Divides by a power of ten and rounds half away from zero.
const fn divide_small_half_up(numerator: i64, divisor: i64) -> i64 {
    let (quotient, remainder) = (numerator / divisor, numerator % divisor);
    // As above: doubling might overflow.
    if remainder.unsigned_abs() < divisor.unsigned_abs() - remainder.unsigned_abs() {
        quotient
    } else {
        quotient + numerator.signum()
    }
}

/// Brings one number to another scale, see [`Rescale`].
pub(crate) fn rescale(unscaled: i128, from: i8, to: DecimalType) -> Option<i128> {
    Rescale::new(from, to).apply(unscaled)
}

fn wide_pow10(exponent: u32) -> i256 {
    if exponent <= 38 {
        return i256::from_i128(pow10(exponent));
    }
    i256::from_i128(pow10(38)).wrapping_mul(i256::from_i128(pow10((exponent - 38).min(38))))
}

fn wide_divide_half_up(numerator: i256, divisor: i256) -> i256 {
    let quotient = numerator.wrapping_div(divisor);
    let remainder = numerator.wrapping_rem(divisor).wrapping_abs();
    if remainder < divisor.wrapping_abs().wrapping_sub(remainder) {
        return quotient;
    }
    let same_sign = (numerator < i256::ZERO) == (divisor < i256::ZERO);
    if same_sign { quotient.wrapping_add(i256::ONE) } else { quotient.wrapping_sub(i256::ONE) }
}

/// Rounds a wide number from one scale to a type.
fn wide_rescale(value: i256, from: i32, to: DecimalType) -> Option<i128> {
    let (precision, scale) = to;
    let shift = i32::from(scale) - from;
    let result = if shift >= 0 {
        value.checked_mul(wide_pow10(u32::try_from(shift).ok()?))?
    } else {
        wide_divide_half_up(value, wide_pow10(u32::try_from(-shift).ok()?))
    };
    result.to_i128().filter(|result| fits(*result, precision))
}

/// Digits of a number.
fn digits(value: i256) -> u32 {
    let magnitude = value.wrapping_abs();
    (1..=76).find(|count| magnitude < wide_pow10(*count)).unwrap_or(77)
}

/// Adds exactly, then rounds to the type.
pub(crate) fn add(left: (i128, i8), right: (i128, i8), to: DecimalType) -> Option<i128> {
    let scale = left.1.max(right.1);
    let wide = |(value, own): (i128, i8)| {
        i256::from_i128(value)
            .wrapping_mul(wide_pow10(u32::try_from(i32::from(scale) - i32::from(own)).unwrap_or(0)))
    };
    wide_rescale(wide(left).checked_add(wide(right))?, i32::from(scale), to)
}

/// Multiplies to 39 significant digits, then rounds to the type: twice, as Spark does.
pub(crate) fn multiply(left: (i128, i8), right: (i128, i8), to: DecimalType) -> Option<i128> {
    let mut product = i256::from_i128(left.0).wrapping_mul(i256::from_i128(right.0));
    let mut scale = i32::from(left.1) + i32::from(right.1);
    let excess = digits(product).saturating_sub(39);
    if excess > 0 {
        product = wide_divide_half_up(product, wide_pow10(excess));
        scale -= i32::try_from(excess).unwrap_or(0);
    }
    wide_rescale(product, scale, to)
}

/// Divides and rounds to the type; nothing if the divisor is zero.
///
/// Spark rounds the quotient to 38 fractional digits first. That matters only where the rest is within that distance
/// below a tie, which is decided here without computing those digits.
pub(crate) fn divide(left: (i128, i8), right: (i128, i8), to: DecimalType) -> Option<i128> {
    divide_wide((i256::from_i128(left.0), left.1), right, to)
}

/// Divides a number that may have more digits than a decimal.
pub(crate) fn divide_wide(left: (i256, i8), right: (i128, i8), to: DecimalType) -> Option<i128> {
    if right.0 == 0 {
        return None;
    }
    // left / right = (l / r) * 10^(s2 - s1); the result counts units of 10^-scale.
    let shift = i32::from(to.1) - i32::from(left.1) + i32::from(right.1);
    let (mut numerator, mut divisor) = (left.0, i256::from_i128(right.0));
    if shift >= 0 {
        numerator = numerator.checked_mul(wide_pow10(u32::try_from(shift).ok()?))?;
    } else {
        divisor = divisor.checked_mul(wide_pow10(u32::try_from(-shift).ok()?))?;
    }
    let mut quotient = wide_divide_half_up(numerator, divisor);
    let remainder = numerator.wrapping_rem(divisor).wrapping_abs();
    let magnitude = divisor.wrapping_abs();
    let missing = magnitude.wrapping_sub(remainder).wrapping_sub(remainder);
    if missing > i256::ZERO && to.1 < 38 {
        // The 38th digit of the quotient is a unit of 10^(scale - 38) of the result.
        let finer = u32::try_from(38 - i32::from(to.1)).unwrap_or(0);
        if missing.checked_mul(wide_pow10(finer)).is_some_and(|distance| distance <= magnitude) {
            let negative = (numerator < i256::ZERO) != (divisor < i256::ZERO);
            quotient =
                if negative { quotient.wrapping_sub(i256::ONE) } else { quotient.wrapping_add(i256::ONE) };
        }
    }
    quotient.to_i128().filter(|quotient| fits(*quotient, to.0))
}

/// Returns the rest of a division, with the sign of the dividend; nothing if the divisor is zero.
pub(crate) fn remainder(left: (i128, i8), right: (i128, i8), to: DecimalType) -> Option<i128> {
    if right.0 == 0 {
        return None;
    }
    let scale = left.1.max(right.1);
    let wide = |(value, own): (i128, i8)| {
        i256::from_i128(value)
            .wrapping_mul(wide_pow10(u32::try_from(i32::from(scale) - i32::from(own)).unwrap_or(0)))
    };
    wide_rescale(wide(left).wrapping_rem(wide(right)), i32::from(scale), to)
}

/// Divides and cuts off the fraction; nothing if the divisor is zero or the result has more digits than a decimal.
pub(crate) fn integral_divide(left: (i128, i8), right: (i128, i8)) -> Option<i256> {
    if right.0 == 0 {
        return None;
    }
    let shift = i32::from(right.1) - i32::from(left.1);
    let (mut numerator, mut divisor) = (i256::from_i128(left.0), i256::from_i128(right.0));
    if shift >= 0 {
        numerator = numerator.checked_mul(wide_pow10(u32::try_from(shift).ok()?))?;
    } else {
        divisor = divisor.checked_mul(wide_pow10(u32::try_from(-shift).ok()?))?;
    }
    Some(numerator.wrapping_div(divisor)).filter(|quotient| digits(*quotient) <= 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_types_follow_spark() {
        assert_eq!(add_type((18, 4), (18, 4)), ((19, 4), true));
        assert_eq!(multiply_type((18, 4), (18, 4)), ((37, 8), true));
        assert_eq!(multiply_type((32, 6), (18, 4)), ((38, 6), false));
        assert_eq!(divide_type((18, 4), (18, 4)), (38, 20));
        assert_eq!(divide_type((2, 1), (1, 0)), (7, 6));
        assert_eq!(remainder_type((5, 2), (3, 1)), (4, 2));
        assert_eq!(wider_type((1, 0), (2, 1)), (2, 1));
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(rescale(5, 5, (18, 4)), Some(1));
        assert_eq!(rescale(-5, 5, (18, 4)), Some(-1));
        assert_eq!(rescale(-14, 1, (3, 0)), Some(-1));
        assert_eq!(rescale(123_456_789_012_345_678, 0, (18, 4)), None);
        assert_eq!(divide((10, 0), (3, 0), (8, 6)), Some(3_333_333));
        assert_eq!(divide((1, 0), (0, 0), (8, 6)), None);
        assert_eq!(divide((1, 38), (1, 0), (38, 38)), Some(1));
        assert_eq!(divide((1, 38), (3, 0), (38, 38)), Some(0));
        assert_eq!(remainder((-55, 1), (2, 0), (4, 1)), Some(-15));
        assert_eq!(integral_divide((7, 0), (2, 0)), Some(i256::from_i128(3)));
        assert_eq!(integral_divide((5, 0), (1, 38)), None);
    }

    proptest::proptest! {
        #[test]
        fn small_numbers_are_divided_like_large_ones(
            numerator in proptest::prelude::any::<i64>(), digits in 0_u32..=18, shift in 0_u32..60,
        ) {
            let (numerator, divisor) = (numerator >> shift, 10_i64.pow(digits));
            proptest::prop_assert_eq!(
                i128::from(divide_small_half_up(numerator, divisor)),
                divide_half_up(numerator.into(), divisor.into())
            );
        }
    }
}
