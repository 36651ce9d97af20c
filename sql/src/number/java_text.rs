//! Doubles and floats as text, digit by digit as `Double.toString` and `Float.toString` write them up to JDK 18.
//!
//! That algorithm does not always find the shortest digits (2^63 is `9.2233720368547758E18` there), and Spark's casts to
//! strings and to decimals go through its digits. So this follows its steps: big integers B and S with value B/S * 10^e,
//! digits by division, and a stop where the rest is smaller than half a unit M.
//! **Source:** the behaviour of `jdk.internal.math.FloatingDecimal` in OpenJDK 17, of which this is an own formulation.

use std::cmp::Ordering;

/// Digits without point and the exponent that puts the point before them: value = 0.d₁d₂d₃… * 10^exponent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Digits {
    /// ASCII digits, at least one.
    pub(crate) digits: Vec<u8>,
    /// Exponent.
    pub(crate) exponent: i32,
}

/// Writes a double as Java does: `1.0`, `1.0E10`, `NaN`, `-Infinity`.
pub(crate) fn double_text(value: f64) -> String {
    special(value).map_or_else(|| layout(value.is_sign_negative(), &double_digits(value)), str::to_owned)
}

/// Writes a float as Java does.
pub(crate) fn float_text(value: f32) -> String {
    special(f64::from(value))
        .map_or_else(|| layout(value.is_sign_negative(), &float_digits(value)), str::to_owned)
}

fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        return Some("NaN");
    }
    if value.is_infinite() {
        return Some(if value > 0.0 { "Infinity" } else { "-Infinity" });
    }
    (value == 0.0).then_some(if value.is_sign_negative() { "-0.0" } else { "0.0" })
}

fn layout(negative: bool, Digits { digits, exponent }: &Digits) -> String {
    let text: String = digits.iter().map(|digit| char::from(*digit)).collect();
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let sign = if negative { "-" } else { "" };
    let repeat = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    match *exponent {
        1..=7 if length > *exponent => {
            let (whole, fraction) = text.split_at(usize::try_from(*exponent).unwrap_or(0));
            format!("{sign}{whole}.{fraction}")
        }
        1..=7 => format!("{sign}{text}{}.0", repeat(exponent - length)),
        -2..=0 => format!("{sign}0.{}{text}", repeat(-exponent)),
        _ => {
            let (first, rest) = text.split_at(1);
            let rest = if rest.is_empty() { "0" } else { rest };
            format!("{sign}{first}.{rest}E{}", exponent - 1)
        }
    }
}

/// Digits of a double that is finite and not zero.
pub(crate) fn double_digits(value: f64) -> Digits {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0);
    if exponent == 0 {
        let leading = fraction.leading_zeros() - 11;
        let significant = 53 - i32::try_from(leading).unwrap_or(0);
        return digits(significant - 1075, fraction << leading, significant);
    }
    digits(exponent - 1023, fraction | 1 << 52, 53)
}

/// Digits of a float that is finite and not zero.
pub(crate) fn float_digits(value: f32) -> Digits {
    let bits = u64::from(value.to_bits());
    let fraction = bits & ((1 << 23) - 1);
    let exponent = i32::try_from(bits >> 23 & 0xff).unwrap_or(0);
    if exponent == 0 {
        let leading = fraction.leading_zeros() - 40;
        let significant = 24 - i32::try_from(leading).unwrap_or(0);
        return digits(significant - 150, fraction << leading << 29, significant);
    }
    digits(exponent - 127, (fraction | 1 << 23) << 29, 24)
}

/// Bits of the powers of five, as Java's table has them.
fn five_bits(power: i32) -> i32 {
    match power {
        0 => 0,
        1..=26 => i32::try_from(128 - 5_u128.pow(power.unsigned_abs()).leading_zeros()).unwrap_or(0),
        _ => power * 3,
    }
}

/// `fraction` has its highest bit at 2^52; the value is fraction / 2^52 * 2^exponent.
fn digits(exponent: i32, fraction: u64, significant: i32) -> Digits {
    let tail = i32::try_from(fraction.trailing_zeros()).unwrap_or(0);
    let length = 53 - tail;
    let tiny = (length - exponent - 1).max(0);
    if (-21..=62).contains(&exponent) && tiny == 0 {
        return whole_digits(exponent, fraction, significant);
    }
    let mut decimal = estimate(fraction, exponent);
    let b5 = (-decimal).max(0);
    let mut b2 = b5 + tiny + exponent;
    let s5 = decimal.max(0);
    let mut s2 = s5 + tiny;
    let mut m2 = b2 - significant;
    b2 -= length - 1;
    let common = b2.min(s2);
    b2 -= common;
    s2 -= common;
    m2 -= common;
    // Below a power of two the next number is only half as far away.
    if length == 1 {
        m2 -= 1;
    }
    if m2 < 0 {
        b2 -= m2;
        s2 -= m2;
        m2 = 0;
    }
    let b_bits = length + b2 + five_bits(b5);
    let ten_s_bits = s2 + 1 + five_bits(s5 + 1);
    // Numbers that fit machine words are computed in those, wrapping included.
    let width = match b_bits.max(ten_s_bits) {
        ..32 => Some(32),
        32..64 => Some(64),
        _ => None,
    };
    let mut machine: Box<dyn Division> = match width {
        Some(width) => Box::new(Words::new(fraction >> tail, (b5, b2), (s5, s2), m2, width)),
        None => Box::new(Bigs::new(fraction >> tail, (b5, b2), (s5, s2), m2)),
    };
    let mut out = Vec::new();
    let (digit, mut low, mut high) = machine.step();
    if digit == 0 && !high {
        decimal -= 1;
    } else {
        out.push(b'0' + digit);
    }
    // With an exponent there is always a digit behind the point.
    if !(-3..8).contains(&decimal) {
        (low, high) = (false, false);
    }
    while !low && !high {
        let next = machine.step();
        (low, high) = (next.1, next.2);
        out.push(b'0' + next.0);
    }
    let round_up = high
        && (!low
            || match machine.rest_to_half() {
                Ordering::Equal => out.last().is_some_and(|digit| digit & 1 == 1),
                order => order == Ordering::Greater,
            });
    let mut exponent = decimal + 1;
    if round_up {
        exponent += round(&mut out);
    }
    Digits { digits: out, exponent }
}

/// B/S digit by digit: a digit, whether the rest is so small that it may be dropped, and whether it is so large that the
/// digit may be rounded up.
trait Division {
    fn step(&mut self) -> (u8, bool, bool);
    /// Compares the rest with half a unit of the last digit.
    fn rest_to_half(&self) -> Ordering;
}

/// In whole numbers of any size.
struct Bigs {
    b: Big,
    s: Big,
    m: Big,
    ten_s: Big,
}

impl Bigs {
    fn new(fraction: u64, (b5, b2): (i32, i32), (s5, s2): (i32, i32), m2: i32) -> Self {
        let s = Big::new(1, s5, s2);
        Self { b: Big::new(fraction, b5, b2), ten_s: s.times(10), s, m: Big::new(1, b5, m2) }
    }
}

impl Division for Bigs {
    fn step(&mut self) -> (u8, bool, bool) {
        let digit = self.b.divide(&self.s);
        self.b = self.b.times(10);
        self.m = self.m.times(10);
        let low = self.b.compare(&self.m) == Ordering::Less;
        let high = self.b.plus(&self.m).compare(&self.ten_s).is_ge();
        (digit, low, high)
    }

    fn rest_to_half(&self) -> Ordering {
        self.b.times(2).compare(&self.ten_s)
    }
}

/// In machine words of 32 or 64 bits, which wrap.
struct Words {
    b: i128,
    s: i128,
    m: i128,
    width: u32,
    first: bool,
}

impl Words {
    fn new(fraction: u64, (b5, b2): (i32, i32), (s5, s2): (i32, i32), m2: i32, width: u32) -> Self {
        let number = |value: i128, five: i32, two: i32| (value * 5_i128.pow(five.unsigned_abs())) << two;
        Self {
            b: number(fraction.into(), b5, b2),
            s: number(1, s5, s2),
            m: number(1, b5, m2),
            width,
            first: true,
        }
    }

    const fn wrap(&self, value: i128) -> i128 {
        value << (128 - self.width) >> (128 - self.width)
    }
}

impl Division for Words {
    fn step(&mut self) -> (u8, bool, bool) {
        let digit = u8::try_from(self.b / self.s).unwrap_or(0);
        self.b = self.wrap(10 * (self.b % self.s));
        self.m = self.wrap(self.m * 10);
        let first = std::mem::take(&mut self.first);
        if !first && self.m <= 0 {
            // A unit that is too large for the word is larger than any rest.
            return (digit, true, true);
        }
        (digit, self.b < self.m, self.wrap(self.b + self.m) > self.wrap(self.s * 10))
    }

    fn rest_to_half(&self) -> Ordering {
        self.wrap(self.wrap(self.b * 2) - self.wrap(self.s * 10)).cmp(&0)
    }
}

/// Adds one to the last digit; returns 1 if that made another digit in front.
fn round(digits: &mut [u8]) -> i32 {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return 0;
        }
        *digit = b'0';
    }
    if let Some(first) = digits.first_mut() {
        *first = b'1';
    }
    1
}

/// Digits of a whole number below 2^63; those that its precision does not carry are rounded away.
fn whole_digits(exponent: i32, fraction: u64, significant: i32) -> Digits {
    let mut value = if exponent >= 52 { fraction << (exponent - 52) } else { fraction >> (52 - exponent) };
    let mut trailing = 0;
    if exponent > significant {
        let power = exponent - significant - 1;
        let insignificant = if power > 1 { (1_u64 << power).ilog10() } else { 0 };
        if insignificant > 0 {
            let unit = 10_u64.pow(insignificant);
            let residue = value % unit;
            value /= unit;
            value += u64::from(residue >= unit >> 1);
        }
        trailing = i32::try_from(insignificant).unwrap_or(0);
    }
    while value % 10 == 0 {
        value /= 10;
        trailing += 1;
    }
    let digits = value.to_string().into_bytes();
    let exponent = i32::try_from(digits.len()).unwrap_or(0) + trailing;
    Digits { digits, exponent }
}

/// Estimates the decimal exponent, at most one too large.
#[expect(clippy::cast_possible_truncation, reason = "the logarithm of a double is small")]
fn estimate(fraction: u64, exponent: i32) -> i32 {
    let mantissa = f64::from_bits(1023 << 52 | fraction & ((1 << 52) - 1));
    ((mantissa - 1.5) * 0.289_529_654 + 0.176_091_259 + f64::from(exponent) * std::f64::consts::LOG10_2)
        .floor() as i32
}

/// A whole number of any size, lowest word first.
#[derive(Debug, Clone)]
struct Big(Vec<u32>);

impl Big {
    /// Makes value * 5^five * 2^two.
    fn new(value: u64, five: i32, two: i32) -> Self {
        let mut big = Self(Vec::new());
        let mut rest = value;
        while rest > 0 {
            big.0.push(low_word(rest));
            rest >>= 32;
        }
        for _ in 0..five {
            big = big.times(5);
        }
        let (words, bits) = (usize::try_from(two / 32).unwrap_or(0), two % 32);
        big = big.times(1 << bits);
        big.0.splice(0..0, std::iter::repeat_n(0, words));
        big
    }

    fn times(&self, factor: u32) -> Self {
        let mut out = Vec::with_capacity(self.0.len() + 1);
        let mut carry = 0_u64;
        for word in &self.0 {
            carry += u64::from(*word) * u64::from(factor);
            out.push(low_word(carry));
            carry >>= 32;
        }
        if carry > 0 {
            out.push(low_word(carry));
        }
        Self(out)
    }

    fn plus(&self, other: &Self) -> Self {
        let mut out = Vec::with_capacity(self.0.len().max(other.0.len()) + 1);
        let mut carry = 0_u64;
        for index in 0..self.0.len().max(other.0.len()) {
            carry += u64::from(self.word(index)) + u64::from(other.word(index));
            out.push(low_word(carry));
            carry >>= 32;
        }
        if carry > 0 {
            out.push(low_word(carry));
        }
        Self(out)
    }

    fn word(&self, index: usize) -> u32 {
        self.0.get(index).copied().unwrap_or(0)
    }

    fn compare(&self, other: &Self) -> Ordering {
        (0..self.0.len().max(other.0.len()))
            .rev()
            .map(|index| self.word(index).cmp(&other.word(index)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Divides by a number that goes less than ten times into this one; the rest stays.
    fn divide(&mut self, divisor: &Self) -> u8 {
        let mut quotient = 0;
        while self.compare(divisor).is_ge() {
            let mut borrow = 0_i64;
            for index in 0..self.0.len() {
                let difference = i64::from(self.0[index]) - i64::from(divisor.word(index)) + borrow;
                borrow = difference >> 32;
                self.0[index] = low_word(difference.cast_unsigned());
            }
            quotient += 1;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        quotient
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
const fn low_word(value: u64) -> u32 {
    value as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_java_17() {
        for (value, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.001, "0.001"),
            (0.000_9, "9.0E-4"),
            (12_345_678.0, "1.2345678E7"),
            (1_234_567.5, "1234567.5"),
            (9_223_372_036_854_775_807.0, "9.223372036854776E18"),
            (403_018_489_792_982_720.0, "4.0301848979298272E17"),
            (5.409_038_151_191_655e16, "5.4090381511916552E16"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (4.9e-324, "4.9E-324"),
            (1.7976931348623157e308, "1.7976931348623157E308"),
            (2e23, "1.9999999999999998E23"),
            (-100.0, "-100.0"),
        ] {
            assert_eq!(double_text(value), text);
        }
        assert_eq!(float_text(1.1), "1.1");
        assert_eq!(float_text(16_777_216.0), "1.6777216E7");
        assert_eq!(float_text(1.4e-45), "1.4E-45");
    }
}
