//! Constants that are intervals: months, or microseconds, never both.

use super::{Parsed, Parser};
use crate::error::SyntaxError;
use crate::parse::ast::IntervalUnit::{Day, Hour, Minute, Month, Second, Year};
use crate::parse::ast::{IntervalUnit, IntervalUnits, Literal};
use crate::parse::token::TokenKind;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// What a unit of an interval is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    Months(i32, IntervalUnit),
    Micros(i64, IntervalUnit),
}

/// Widens a range of units to one more.
fn widened(units: Option<IntervalUnits>, unit: IntervalUnit) -> Option<IntervalUnits> {
    Some(units.map_or((unit, unit), |(first, last)| (first.min(unit), last.max(unit))))
}

fn unit(word: &str) -> Option<Unit> {
    let word = word.to_ascii_uppercase();
    Some(match word.strip_suffix('S').unwrap_or(&word) {
        "YEAR" => Unit::Months(12, Year),
        "MONTH" => Unit::Months(1, Month),
        "WEEK" => Unit::Micros(7 * MICROS_PER_DAY, Day),
        "DAY" => Unit::Micros(MICROS_PER_DAY, Day),
        "HOUR" => Unit::Micros(3600 * MICROS_PER_SECOND, Hour),
        "MINUTE" => Unit::Micros(60 * MICROS_PER_SECOND, Minute),
        "SECOND" => Unit::Micros(MICROS_PER_SECOND, Second),
        "MILLISECOND" => Unit::Micros(1000, Second),
        "MICROSECOND" => Unit::Micros(1, Second),
        _ => return None,
    })
}

impl Parser {
    /// Tells whether the word INTERVAL begins a constant here and is no name.
    pub(super) fn at_interval(&self) -> bool {
        let sign = usize::from(self.ahead(1).kind.is_symbol("-") || self.ahead(1).kind.is_symbol("+"));
        let TokenKind::Word { text, .. } = &self.ahead(2 + sign).kind else {
            return sign == 0 && matches!(self.ahead(1).kind, TokenKind::Text(_));
        };
        matches!(self.ahead(1 + sign).kind, TokenKind::Text(_))
            || matches!(self.ahead(1 + sign).kind, TokenKind::Number(_)) && unit(text).is_some()
    }

    pub(super) fn interval(&mut self) -> Parsed<Literal> {
        let position = self.position();
        self.advance();
        let wrong = || {
            SyntaxError::new(
                position,
                "this is not a valid INTERVAL constant (years and months, or days and time, not both)",
            )
        };
        let (mut months, mut micros, mut units) = (Vec::new(), Vec::new(), None);
        while let Some((value, text)) = self.signed_value() {
            let Some((first, word)) = self.unit() else {
                // INTERVAL '1 day 2 hours': the units are in the text.
                let whole = months.is_empty() && micros.is_empty() && text;
                return whole.then(|| in_words(&value)).flatten().ok_or_else(wrong);
            };
            if self.accept_word("TO") {
                let last = self.name()?.text.to_ascii_uppercase();
                return ranged(&value, &word, &last).ok_or_else(wrong);
            }
            match first {
                Unit::Months(size, unit) => {
                    units = widened(units, unit);
                    months.push(
                        value
                            .trim()
                            .parse::<i32>()
                            .ok()
                            .and_then(|n| n.checked_mul(size))
                            .ok_or_else(wrong)?,
                    );
                }
                Unit::Micros(size, unit) => {
                    units = widened(units, unit);
                    micros.push(scaled(&value, size, word.starts_with("SECOND")).ok_or_else(wrong)?);
                }
            }
        }
        let literal = match (months.is_empty(), micros.is_empty(), units) {
            (false, true, Some(units)) => months
                .into_iter()
                .try_fold(0_i32, i32::checked_add)
                .map(|months| Literal::Months(months, units)),
            (true, false, Some(units)) => micros
                .into_iter()
                .try_fold(0_i64, i64::checked_add)
                .map(|micros| Literal::Micros(micros, units)),
            _ => None,
        };
        literal.ok_or_else(wrong)
    }

    /// Reads a number or a string with its sign; the flag tells a string.
    fn signed_value(&mut self) -> Option<(String, bool)> {
        let sign = usize::from(self.at_symbol("-") || self.at_symbol("+"));
        let negative = self.at_symbol("-");
        let (value, text) = match &self.ahead(sign).kind {
            TokenKind::Number(value) if self.unit_follows(sign) => (value.clone(), false),
            TokenKind::Text(value) => (value.trim().to_owned(), true),
            _ => return None,
        };
        for _ in 0..=sign {
            self.advance();
        }
        if !negative {
            return Some((value, text));
        }
        Some((value.strip_prefix('-').map_or_else(|| format!("-{value}"), str::to_owned), text))
    }

    fn unit_follows(&self, sign: usize) -> bool {
        matches!(&self.ahead(sign + 1).kind, TokenKind::Word { text, .. } if unit(text).is_some())
    }

    fn unit(&mut self) -> Option<(Unit, String)> {
        let TokenKind::Word { text, .. } = &self.peek().kind else { return None };
        let found = (unit(text)?, text.to_ascii_uppercase());
        self.advance();
        Some(found)
    }
}

/// Reads `1 day 2 hours`, with or without the word `interval` in front.
fn in_words(text: &str) -> Option<Literal> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.strip_prefix("interval").unwrap_or(&lower).split_whitespace().collect();
    let (mut months, mut micros, mut units) = (None::<i32>, None::<i64>, None);
    for pair in words.chunks(2) {
        let [value, word] = pair else { return None };
        match unit(word)? {
            Unit::Months(size, unit) => {
                units = widened(units, unit);
                months = Some(months.unwrap_or(0).checked_add(value.parse::<i32>().ok()?.checked_mul(size)?)?)
            }
            Unit::Micros(size, unit) => {
                units = widened(units, unit);
                micros = Some(micros.unwrap_or(0).checked_add(scaled(
                    value,
                    size,
                    word.starts_with("second"),
                )?)?);
            }
        }
    }
    match (months, micros) {
        (Some(months), None) => Some(Literal::Months(months, units?)),
        (None, Some(micros)) => Some(Literal::Micros(micros, units?)),
        _ => None,
    }
}

/// Multiplies a number by a size; only seconds may have a fraction, of at most nine digits, of which six count.
fn scaled(value: &str, size: i64, fraction_allowed: bool) -> Option<i64> {
    let value = value.trim();
    let Some((whole, fraction)) = value.split_once('.') else {
        return value.parse::<i64>().ok()?.checked_mul(size);
    };
    if !fraction_allowed || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let seconds: i64 = if matches!(whole, "" | "-" | "+") { 0 } else { whole.parse().ok()? };
    let micros = if value.starts_with('-') { -micros } else { micros };
    seconds.checked_mul(size)?.checked_add(micros)
}

/// Reads `'2021-11' YEAR TO MONTH` and `'1 02:03:04.5' DAY TO SECOND` with all the ranges between.
fn ranged(text: &str, first: &str, last: &str) -> Option<Literal> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if (first, last) == ("YEAR", "MONTH") {
        let (years, months) = text.split_once('-')?;
        let months: i32 = months.parse().ok().filter(|months| (0..12).contains(months))?;
        let total = years.parse::<i32>().ok()?.checked_mul(12)?.checked_add(months)?;
        return Some(Literal::Months(if negative { -total } else { total }, (Year, Month)));
    }
    const FIELDS: [&str; 4] = ["DAY", "HOUR", "MINUTE", "SECOND"];
    const UNITS: [IntervalUnit; 4] = [Day, Hour, Minute, Second];
    let from = FIELDS.iter().position(|field| *field == first)?;
    let to = FIELDS.iter().position(|field| *field == last)?;
    let parts: Vec<&str> = text.split([' ', ':']).collect();
    if from >= to || parts.len() != to - from + 1 {
        return None;
    }
    let mut total = 0_i64;
    for (index, part) in parts.iter().enumerate() {
        let field = from + index;
        let size =
            [MICROS_PER_DAY, 3600 * MICROS_PER_SECOND, 60 * MICROS_PER_SECOND, MICROS_PER_SECOND][field];
        let value = scaled(part, size, field == 3)?;
        let limit = [i64::MAX, 24 * size, 60 * size.min(i64::MAX / 60), 60 * size.min(i64::MAX / 60)][field];
        if part.starts_with('-') || index > 0 && value >= limit {
            return None;
        }
        total = total.checked_add(value)?;
    }
    Some(Literal::Micros(if negative { -total } else { total }, (UNITS[from], UNITS[to])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_words_are_read() {
        assert_eq!(ranged("2021-11", "YEAR", "MONTH"), Some(Literal::Months(2021 * 12 + 11, (Year, Month))));
        assert_eq!(
            ranged("-1 02:00:00.5", "DAY", "SECOND"),
            Some(Literal::Micros(-(MICROS_PER_DAY + 7_200_500_000), (Day, Second)))
        );
        assert_eq!(ranged("1 25", "DAY", "HOUR"), None);
        assert_eq!(
            in_words("1 day 2 hours"),
            Some(Literal::Micros(MICROS_PER_DAY + 7_200_000_000, (Day, Hour)))
        );
        assert_eq!(in_words("1 day 2 months"), None);
        assert_eq!(scaled("-0.5", MICROS_PER_SECOND, true), Some(-500_000));
    }
}
