//! Constants that are numbers, with the types that Spark gives them.

use super::{Parsed, Parser};
use crate::error::SyntaxError;
use crate::parse::ast::{ExprKind, Literal, Number};
use crate::position::Position;

impl Parser {
    pub(super) fn number(&self, text: &str, negative: bool, position: Position) -> Parsed<ExprKind> {
        let sign = if negative { "-" } else { "" };
        number(&text.to_ascii_uppercase(), sign)
            .map(|number| ExprKind::Literal(Literal::Number(number)))
            .ok_or_else(|| {
                SyntaxError::new(
                    position,
                    format!("the number {sign}{text} is outside the range of its type"),
                )
            })
    }
}

fn number(text: &str, sign: &str) -> Option<Number> {
    let signed = |digits: &str| format!("{sign}{digits}");
    if let Some(digits) = text.strip_suffix("BD") {
        return decimal(digits, sign);
    }
    if let Some(digits) = text.strip_suffix('D') {
        return signed(digits).parse().ok().filter(|value: &f64| value.is_finite()).map(Number::Double);
    }
    if let Some(digits) = text.strip_suffix('F') {
        // Spark compares what is written with the largest float before it rounds.
        let wide: f64 = signed(digits).parse().ok()?;
        let in_range = wide.abs() <= f64::from(f32::MAX);
        return signed(digits).parse().ok().filter(|_| in_range).map(Number::Float);
    }
    if let Some(digits) = text.strip_suffix('L') {
        return signed(digits).parse().ok().map(Number::Long);
    }
    if let Some(digits) = text.strip_suffix('S') {
        return signed(digits).parse().ok().map(Number::Short);
    }
    if let Some(digits) = text.strip_suffix('Y') {
        return signed(digits).parse().ok().map(Number::Byte);
    }
    if text.contains('E') {
        return signed(text).parse().ok().filter(|value: &f64| value.is_finite()).map(Number::Double);
    }
    if text.contains('.') {
        return decimal(text, sign);
    }
    let digits = signed(text);
    if let Ok(value) = digits.parse() {
        return Some(Number::Int(value));
    }
    digits.parse().ok().map(Number::Long).or_else(|| decimal(text, sign))
}

/// Types a decimal as `java.math.BigDecimal` does: as many digits as are written, none in front of a leading point.
fn decimal(text: &str, sign: &str) -> Option<Number> {
    let (mantissa, exponent) = match text.split_once('E') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    let mut precision = significant.len().max(1);
    let mut scale = i32::try_from(fraction.len()).ok()? - exponent;
    let mut digits = format!("{sign}{digits}");
    if scale < 0 {
        // Spark has no negative scales: the zeros are digits.
        let zeros = usize::try_from(-scale).ok()?;
        precision += if significant.is_empty() { 0 } else { zeros };
        digits.push_str(&"0".repeat(zeros.min(40)));
        scale = 0;
    }
    let scale_digits = usize::try_from(scale).ok()?;
    precision = precision.max(scale_digits);
    if precision > 38 {
        return None;
    }
    Some(Number::Decimal {
        unscaled: digits.parse().ok()?,
        precision: u8::try_from(precision).ok()?,
        scale: i8::try_from(scale).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_types_that_spark_gives_them() {
        assert_eq!(number("2147483648", "-"), Some(Number::Int(i32::MIN)));
        assert_eq!(number("2147483648", ""), Some(Number::Long(2_147_483_648)));
        assert_eq!(
            number("9223372036854775808", ""),
            Some(Number::Decimal { unscaled: 9_223_372_036_854_775_808, precision: 19, scale: 0 })
        );
        assert_eq!(number("0.5", "-"), Some(Number::Decimal { unscaled: -5, precision: 1, scale: 1 }));
        assert_eq!(number("0.00", ""), Some(Number::Decimal { unscaled: 0, precision: 2, scale: 2 }));
        assert_eq!(number("1E2BD", ""), Some(Number::Decimal { unscaled: 100, precision: 3, scale: 0 }));
        assert_eq!(number("1E2", ""), Some(Number::Double(100.0)));
        assert_eq!(number("300Y", ""), None);
        assert_eq!(number("3.4028234E38F", ""), Some(Number::Float(f32::MAX)));
        assert_eq!(number("3.4028235E38F", ""), None);
    }
}
