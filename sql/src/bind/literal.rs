//! Constants.

use datafusion::common::ScalarValue;

use super::{Span, Typed};
use crate::datetime::text::{write_date, write_timestamp};
use crate::number::java_text::{double_text, float_text};
use crate::parse::ast::{Literal, Number};
use crate::value::{decimal_text, hex};

pub(super) fn literal(value: &Literal) -> Typed {
    let text = |write: &dyn Fn(&mut String)| {
        let mut out = String::new();
        write(&mut out);
        out
    };
    let (scalar, name) = match value {
        Literal::Null => (ScalarValue::Null, "NULL".to_owned()),
        Literal::Boolean(value) => (ScalarValue::Boolean(Some(*value)), value.to_string()),
        Literal::Number(number) => self::number(*number),
        Literal::Text(value) => (ScalarValue::Utf8(Some(value.clone())), value.clone()),
        Literal::Binary(value) => {
            (ScalarValue::Binary(Some(value.clone())), format!("X'{}'", hex(value).to_uppercase()))
        }
        Literal::Date(days) => {
            let name = format!("DATE '{}'", text(&|out| write_date(out, i64::from(*days))));
            (ScalarValue::Date32(Some(*days)), name)
        }
        Literal::Timestamp(micros) => {
            let name = format!("TIMESTAMP '{}'", text(&|out| write_timestamp(out, *micros)));
            (ScalarValue::TimestampMicrosecond(Some(*micros), Some("UTC".into())), name)
        }
        Literal::TimestampNtz(micros) => {
            let name = format!("TIMESTAMP_NTZ '{}'", text(&|out| write_timestamp(out, *micros)));
            (ScalarValue::TimestampMicrosecond(Some(*micros), None), name)
        }
        Literal::Months(months, _) => {
            (ScalarValue::IntervalYearMonth(Some(*months)), format!("INTERVAL '{months}' MONTH"))
        }
        Literal::Micros(micros, _) => {
            (ScalarValue::DurationMicrosecond(Some(*micros)), format!("INTERVAL '{micros}' MICROSECOND"))
        }
    };
    let mut typed = Typed::constant(scalar, name);
    typed.span = match value {
        Literal::Months(_, units) | Literal::Micros(_, units) => Span::of(*units),
        _ => Span::Full,
    };
    typed
}

fn number(number: Number) -> (ScalarValue, String) {
    match number {
        Number::Byte(value) => (ScalarValue::Int8(Some(value)), value.to_string()),
        Number::Short(value) => (ScalarValue::Int16(Some(value)), value.to_string()),
        Number::Int(value) => (ScalarValue::Int32(Some(value)), value.to_string()),
        Number::Long(value) => (ScalarValue::Int64(Some(value)), value.to_string()),
        Number::Float(value) => (ScalarValue::Float32(Some(value)), float_text(value)),
        Number::Double(value) => (ScalarValue::Float64(Some(value)), double_text(value)),
        Number::Decimal { unscaled, precision, scale } => {
            (ScalarValue::Decimal128(Some(unscaled), precision, scale), decimal_text(unscaled, scale))
        }
    }
}
