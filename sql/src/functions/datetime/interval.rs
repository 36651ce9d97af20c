//! Intervals among themselves and with numbers.

use arrow::array::ArrayRef;
use arrow::datatypes::{
    DataType, Decimal128Type, DurationMicrosecondType, Float64Type, Int8Type, Int32Type, Int64Type,
    IntervalYearMonthType,
};
use datafusion::common::{Result, ScalarValue};

use crate::bind::{Site, Span, Typed, joined, minus};
use crate::coerce::Kind;
use crate::datetime::civil::{MICROS_PER_DAY, MICROS_PER_SECOND};
use crate::functions::{Function, Params};
use crate::parse::ast::{BinaryOp, IntervalUnit};
use crate::position::Position;
use crate::types::{self, is_fractional, is_integral, is_interval};
use crate::udf::{Args, Returns, Scalar, failed, numbers, try_numbers};

pub(super) const TABLE: &[Function] = &[
    Function::build(
        "make_ym_interval",
        Params::of(&[]).opt(&[Kind::Int, Kind::Int]),
        make_months,
        "An interval of years and months",
    ),
    Function::build(
        "make_dt_interval",
        Params::of(&[]).opt(&[Kind::Int, Kind::Int, Kind::Int, Kind::Any]),
        make_micros,
        "An interval of days, hours, minutes and seconds",
    ),
];

/// Binds an operator with an interval and no date; nothing if it means nothing.
pub(super) fn bind(
    op: BinaryOp,
    left: Typed,
    right: Typed,
    name: String,
    position: Position,
) -> crate::Result<Option<Typed>> {
    let (one, other) = (&left.data_type, &right.data_type);
    Ok(match op {
        BinaryOp::Add | BinaryOp::Subtract if is_interval(one) && one == other => {
            let span = joined(left.span, right.span);
            let right = if op == BinaryOp::Subtract { minus(right, position)? } else { right };
            Some(Typed { span, ..Typed::call(&ADD, vec![left, right], name, position)? })
        }
        BinaryOp::Multiply if is_interval(other) && !is_interval(one) => {
            return bind(op, right, left, name, position);
        }
        BinaryOp::Multiply | BinaryOp::Divide
            if is_interval(one) && (is_integral(other) || is_fractional(other)) =>
        {
            let divide = Typed::constant(ScalarValue::Boolean(Some(op == BinaryOp::Divide)), "");
            let exact = is_integral(other);
            let by = right.cast_for(
                if exact { &DataType::Int64 } else { &DataType::Float64 },
                "an interval",
                position,
            )?;
            Some(Typed {
                span: Span::Full,
                ..Typed::call(&MULTIPLY, vec![left, by, divide], name, position)?
            })
        }
        _ => None,
    })
}

/// Turns an interval around.
pub(crate) fn negated(value: Typed, position: Position) -> crate::Result<Typed> {
    let constant = match value.literal() {
        Some(ScalarValue::IntervalYearMonth(Some(months))) => {
            months.checked_neg().map(|months| ScalarValue::IntervalYearMonth(Some(months)))
        }
        Some(ScalarValue::DurationMicrosecond(Some(micros))) => {
            micros.checked_neg().map(|micros| ScalarValue::DurationMicrosecond(Some(micros)))
        }
        _ => None,
    };
    if let Some(constant) = constant {
        return Ok(Typed { span: value.span, ..Typed::constant(constant, value.name) });
    }
    let minus_one = Typed::constant(ScalarValue::Int64(Some(-1)), "-1");
    let divide = Typed::constant(ScalarValue::Boolean(Some(false)), "");
    Typed::call(&MULTIPLY, vec![value, minus_one, divide], "", position)
}

fn overflow() -> datafusion::error::DataFusionError {
    failed("an interval leaves its range")
}

/// Sum of intervals of one kind.
pub(crate) static ADD: Scalar = Scalar::new("spark_interval_add", Returns::First, |args| {
    if matches!(args.data_type(0)?, DataType::Interval(_)) {
        let (left, right) =
            (args.numbers::<IntervalYearMonthType>(0)?, args.numbers::<IntervalYearMonthType>(1)?);
        return try_numbers::<IntervalYearMonthType>(args, |row| match (left.get(row), right.get(row)) {
            (Some(left), Some(right)) => left.checked_add(right).map(Some).ok_or_else(overflow),
            _ => Ok(None),
        });
    }
    let (left, right) =
        (args.numbers::<DurationMicrosecondType>(0)?, args.numbers::<DurationMicrosecondType>(1)?);
    try_numbers::<DurationMicrosecondType>(args, |row| match (left.get(row), right.get(row)) {
        (Some(left), Some(right)) => left.checked_add(right).map(Some).ok_or_else(overflow),
        _ => Ok(None),
    })
});

/// Multiplies, or divides if told so, rounding half up.
fn scale(value: i64, by: Result<i64, f64>, divide: bool) -> Result<i128> {
    let half_up = |value: f64| {
        if !value.is_finite() || value.abs() > 9e18 {
            return Err(overflow());
        }
        #[expect(clippy::cast_possible_truncation, reason = "checked above")]
        Ok(value.round() as i128)
    };
    match (by, divide) {
        (Ok(by), false) => Ok(i128::from(value) * i128::from(by)),
        (Ok(0), true) => Err(failed("an interval is divided by zero")),
        (Ok(by), true) => Ok(crate::number::decimal::divide_half_up(value.into(), by.into())),
        #[expect(clippy::cast_precision_loss, reason = "Spark computes with doubles, too")]
        (Err(by), false) => half_up(value as f64 * by),
        (Err(0.0), true) => Err(failed("an interval is divided by zero")),
        #[expect(clippy::cast_precision_loss, reason = "Spark computes with doubles, too")]
        (Err(by), true) => half_up(value as f64 / by),
    }
}

/// `multiply(interval, number, divide instead)`.
pub(crate) static MULTIPLY: Scalar = Scalar::new("spark_interval_multiply", Returns::First, |args| {
    let divide = args.bools(2)?;
    let exact = args.data_type(1)? == DataType::Int64;
    let whole = if exact { Some(args.numbers::<Int64Type>(1)?) } else { None };
    let fraction = if exact { None } else { Some(args.numbers::<Float64Type>(1)?) };
    let scaled = |row: usize, value: Option<i64>| -> Result<Option<i128>> {
        let by = match (&whole, &fraction) {
            (Some(whole), _) => whole.get(row).map(Ok),
            (_, Some(fraction)) => fraction.get(row).map(Err),
            _ => None,
        };
        match (value, by) {
            (Some(value), Some(by)) => scale(value, by, divide.get(row) == Some(true)).map(Some),
            _ => Ok(None),
        }
    };
    if matches!(args.data_type(0)?, DataType::Interval(_)) {
        let months = args.numbers::<IntervalYearMonthType>(0)?;
        return try_numbers::<IntervalYearMonthType>(args, |row| {
            scaled(row, months.get(row).map(i64::from))?
                .map(|months| i32::try_from(months).map_err(|_| overflow()))
                .transpose()
        });
    }
    let micros = args.numbers::<DurationMicrosecondType>(0)?;
    try_numbers::<DurationMicrosecondType>(args, |row| {
        scaled(row, micros.get(row))?.map(|micros| i64::try_from(micros).map_err(|_| overflow())).transpose()
    })
});

/// `field(interval, name, type)`.
pub(crate) static FIELD: Scalar = Scalar::new("spark_interval_field", Returns::Last, |args| {
    let field = args.text(1)?;
    let field = field.get(0).unwrap_or_default().to_owned();
    let value = |row: usize| -> Option<i64> { interval_of(args, row).ok().flatten() };
    let part = |value: i64| match field.as_str() {
        "YEAR" => value / 12,
        "MONTH" => value % 12,
        "DAY" => value / MICROS_PER_DAY,
        "HOUR" => value % MICROS_PER_DAY / (3600 * MICROS_PER_SECOND),
        "MINUTE" => value % (3600 * MICROS_PER_SECOND) / (60 * MICROS_PER_SECOND),
        _ => value % (60 * MICROS_PER_SECOND),
    };
    match args.return_type {
        DataType::Int8 => numbers::<Int8Type>(args, |row| i8::try_from(part(value(row)?)).ok()),
        DataType::Int32 => numbers::<Int32Type>(args, |row| i32::try_from(part(value(row)?)).ok()),
        _ => numbers::<Decimal128Type>(args, |row| Some(part(value(row)?).into())),
    }
});

fn interval_of(args: &Args, row: usize) -> Result<Option<i64>> {
    Ok(if matches!(args.data_type(0)?, DataType::Interval(_)) {
        args.numbers::<IntervalYearMonthType>(0)?.get(row).map(i64::from)
    } else {
        args.numbers::<DurationMicrosecondType>(0)?.get(row)
    })
}

/// Binds a field of an interval.
pub(super) fn field(value: Typed, name: &str) -> Option<Typed> {
    let months = matches!(value.data_type, DataType::Interval(_));
    let (field, unit, data_type) = match (super::extract::canonical_field(name), months) {
        (Some("YEAR"), true) => ("YEAR", IntervalUnit::Year, DataType::Int32),
        (Some("MONTH"), true) => ("MONTH", IntervalUnit::Month, DataType::Int8),
        (Some("DAY"), false) => ("DAY", IntervalUnit::Day, DataType::Int32),
        (Some("HOUR"), false) => ("HOUR", IntervalUnit::Hour, DataType::Int8),
        (Some("MINUTE"), false) => ("MINUTE", IntervalUnit::Minute, DataType::Int8),
        (Some("SECOND"), false) => ("SECOND", IntervalUnit::Second, DataType::Decimal128(8, 6)),
        _ => return None,
    };
    // An interval has only the fields of its units.
    if !value.span.has(unit) {
        return None;
    }
    let name = Typed::constant(ScalarValue::from(field), field);
    Some(Typed::call_as(&FIELD, vec![value, name], data_type, ""))
}

fn zero() -> Typed {
    Typed::constant(ScalarValue::Int32(Some(0)), "0")
}

fn make_months(mut site: Site) -> crate::Result<Typed> {
    site.args.resize_with(2, zero);
    Typed::call(&MAKE_MONTHS, site.args, "", site.position)
}

/// `make(years, months)`.
pub(crate) static MAKE_MONTHS: Scalar =
    Scalar::new("spark_make_months", Returns::Fixed(types::months), |args: &Args| -> Result<ArrayRef> {
        let (years, months) = (args.numbers::<Int32Type>(0)?, args.numbers::<Int32Type>(1)?);
        try_numbers::<IntervalYearMonthType>(args, |row| match (years.get(row), months.get(row)) {
            (Some(years), Some(months)) => years
                .checked_mul(12)
                .and_then(|years| years.checked_add(months))
                .map(Some)
                .ok_or_else(overflow),
            _ => Ok(None),
        })
    });

fn make_micros(mut site: Site) -> crate::Result<Typed> {
    site.args.resize_with(4, zero);
    let seconds = site.args.pop().unwrap_or_else(zero);
    if !types::is_numeric(&seconds.data_type) && seconds.data_type != DataType::Null {
        return Err(site.wrong("the seconds are a number"));
    }
    let seconds = seconds.cast_for(&DataType::Decimal128(18, 6), "make_dt_interval", site.position)?;
    site.args.push(seconds);
    Typed::call(&MAKE_MICROS, site.args, "", site.position)
}

/// `make(days, hours, minutes, seconds)`.
pub(crate) static MAKE_MICROS: Scalar =
    Scalar::new("spark_make_micros", Returns::Fixed(types::duration), |args| {
        let parts = (0..3).map(|index| args.numbers::<Int32Type>(index)).collect::<Result<Vec<_>>>()?;
        let seconds = args.decimals(3)?;
        try_numbers::<DurationMicrosecondType>(args, |row| {
            let Some(seconds) = seconds.get(row) else { return Ok(None) };
            let mut total = seconds;
            for (part, unit) in
                parts.iter().zip([MICROS_PER_DAY, 3600 * MICROS_PER_SECOND, 60 * MICROS_PER_SECOND])
            {
                let Some(value) = part.get(row) else { return Ok(None) };
                total += i128::from(value) * i128::from(unit);
            }
            i64::try_from(total).map(Some).map_err(|_| overflow())
        })
    });
