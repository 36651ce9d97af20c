//! `+` and `-` with dates, timestamps and intervals.

use arrow::datatypes::{
    DataType, Date32Type, DurationMicrosecondType, IntervalYearMonthType, TimestampMicrosecondType,
};

use super::{interval, shift};
use crate::bind::{Span, Typed};
use crate::datetime::civil::{MICROS_PER_DAY, add_months_to_micros};
use crate::error::Result;
use crate::parse::ast::BinaryOp;
use crate::position::Position;
use crate::types::{self, is_interval};
use crate::udf::{Returns, Scalar, failed, numbers, try_numbers};

/// Binds an operator one of whose sides is a date, a timestamp or an interval; nothing if it means nothing.
pub(crate) fn bind(
    op: BinaryOp,
    left: Typed,
    right: Typed,
    name: String,
    position: Position,
) -> Result<Option<Typed>> {
    use DataType::{Date32, Timestamp};
    let sign = if op == BinaryOp::Subtract { -1 } else { 1 };
    Ok(Some(match (op, &left.data_type, &right.data_type) {
        (BinaryOp::Add, one, other)
            if is_interval(one) && !is_interval(other) && types::is_datetime(other) =>
        {
            return bind(op, right, left, name, position);
        }
        (BinaryOp::Add, one, Date32) if small(one) => return bind(op, right, left, name, position),
        (BinaryOp::Add | BinaryOp::Subtract, Date32, days) if small(days) => {
            shift::add_days(left, right, sign, position)?.named(name)
        }
        (BinaryOp::Subtract, Date32, Date32) => {
            let typed = Typed::call(&SUBTRACT_DATES, vec![left, right], name, position)?;
            Typed { span: Span::DAYS, ..typed }
        }
        (BinaryOp::Subtract, Date32 | Timestamp(_, _), Date32 | Timestamp(_, _)) => {
            let time = if matches!(
                (&left.data_type, &right.data_type),
                (Timestamp(_, None), Timestamp(_, None) | Date32)
            ) {
                types::timestamp_ntz()
            } else {
                types::timestamp()
            };
            let args = vec![left.cast_for(&time, "`-`", position)?, right.cast_for(&time, "`-`", position)?];
            Typed::call(&SUBTRACT_TIMES, args, name, position)?
        }
        (BinaryOp::Add | BinaryOp::Subtract, Date32 | Timestamp(_, _), by) if is_interval(by) => {
            let by = if sign < 0 { crate::bind::minus(right, position)? } else { right };
            return add_interval(left, by, name, position).map(Some);
        }
        _ => return interval::bind(op, left, right, name, position),
    }))
}

/// Days are added as int, smallint or tinyint.
const fn small(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Int8 | DataType::Int16 | DataType::Int32)
}

fn add_interval(time: Typed, by: Typed, name: String, position: Position) -> Result<Typed> {
    let date = time.data_type == DataType::Date32;
    if matches!(by.data_type, DataType::Interval(_)) {
        return if date {
            Typed::call(&shift::ADD_MONTHS, vec![time, by], name, position)
        } else {
            Typed::call(&ADD_MONTHS_TO_TIME, vec![time, by], name, position)
        };
    }
    let whole_days = by.span == Span::DAYS;
    let time = if date { time.cast_for(&types::timestamp(), "`+`", position)? } else { time };
    let moved = Typed::call(&ADD_MICROS, vec![time, by], name.clone(), position)?;
    // Whole days keep a date a date.
    if date && whole_days {
        Ok(moved.cast_for(&DataType::Date32, "`+`", position)?.named(name))
    } else {
        Ok(moved)
    }
}

/// `timestamp + interval of time`.
pub(crate) static ADD_MICROS: Scalar = Scalar::new("spark_add_micros", Returns::First, |args| {
    let (time, by) =
        (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<DurationMicrosecondType>(1)?);
    try_numbers::<TimestampMicrosecondType>(args, |row| match (time.get(row), by.get(row)) {
        (Some(time), Some(by)) => {
            time.checked_add(by).map(Some).ok_or_else(|| failed("a timestamp leaves its range"))
        }
        _ => Ok(None),
    })
});

/// `timestamp + interval of months`.
pub(crate) static ADD_MONTHS_TO_TIME: Scalar =
    Scalar::new("spark_add_months_to_time", Returns::First, |args| {
        let (time, by) =
            (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<IntervalYearMonthType>(1)?);
        numbers::<TimestampMicrosecondType>(args, |row| {
            add_months_to_micros(time.get(row)?, by.get(row)?.into())
        })
    });

/// `date - date`.
pub(crate) static SUBTRACT_DATES: Scalar =
    Scalar::new("spark_subtract_dates", Returns::Fixed(types::duration), |args| {
        let (left, right) = (args.numbers::<Date32Type>(0)?, args.numbers::<Date32Type>(1)?);
        numbers::<DurationMicrosecondType>(args, |row| {
            (i64::from(left.get(row)?) - i64::from(right.get(row)?)).checked_mul(MICROS_PER_DAY)
        })
    });

/// `timestamp - timestamp`.
pub(crate) static SUBTRACT_TIMES: Scalar =
    Scalar::new("spark_subtract_times", Returns::Fixed(types::duration), |args| {
        let (left, right) =
            (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
        numbers::<DurationMicrosecondType>(args, |row| left.get(row)?.checked_sub(right.get(row)?))
    });
