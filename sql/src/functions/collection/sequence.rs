//! Sequences of numbers, dates and timestamps.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, ListArray, PrimitiveBuilder};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{
    DataType, Date32Type, DurationMicrosecondType, Int8Type, Int16Type, Int32Type, Int64Type,
    IntervalYearMonthType, TimestampMicrosecondType,
};
use datafusion::common::{Result, ScalarValue};

use crate::bind::{Site, Typed, common_type};
use crate::coerce::{Kind, common};
use crate::datetime::civil::{MICROS_PER_DAY, add_months_to_micros};
use crate::error::SqlError;
use crate::functions::{Function, Params};
use crate::types::{self, is_integral, list_field, list_of};
use crate::udf::{Args, Returns, Scalar, failed};

/// No sequence is longer, so that a wrong bound does not take all memory.
const MAX_LENGTH: usize = 20_000_000;

pub(super) const TABLE: &[Function] = &[Function::build(
    "sequence",
    Params::of(&[Kind::Any, Kind::Any]).opt(&[Kind::Any]),
    sequence,
    "An array from the first value to the second, both included; dates and timestamps take an interval as the step",
)];

fn sequence(site: Site) -> crate::Result<Typed> {
    let (name, position) = (site.name.clone(), site.position);
    let wrong = |reason: String| SqlError::arguments(&name, reason, position);
    let mut args = site.args;
    let step = if args.len() > 2 { args.pop() } else { None };
    let both = common(&args[0].data_type, &args[1].data_type, false).ok_or_else(|| {
        wrong(format!(
            "{} and {} have no common type",
            types::display(&args[0].data_type),
            types::display(&args[1].data_type)
        ))
    })?;
    let args = common_type(args, false, "sequence", position)?;
    let given = step.is_some();
    let step = match (&both, step) {
        (both, None) if is_integral(both) => Typed::null(both, "NULL"),
        (both, Some(step))
            if is_integral(both) && common(both, &step.data_type, false).as_ref() == Some(both) =>
        {
            step.cast_for(both, "sequence", position)?
        }
        (DataType::Date32 | DataType::Timestamp(_, _), None) => Typed::null(&types::duration(), "NULL"),
        (DataType::Date32 | DataType::Timestamp(_, _), Some(step)) if types::is_interval(&step.data_type) => {
            step
        }
        _ => return Err(wrong("it takes integers, or dates and timestamps with an interval".to_owned())),
    };
    let [from, to] =
        <[Typed; 2]>::try_from(args).map_err(|_| wrong("it takes two or three arguments".to_owned()))?;
    let given = Typed::constant(ScalarValue::Boolean(Some(given)), "");
    Ok(Typed::call_as(&SEQUENCE, vec![from, to, step, given], list_of(both), ""))
}

/// `sequence(from, to, step, whether the step is given, type)`; else it is 1 or -1, or a day.
pub(crate) static SEQUENCE: Scalar =
    Scalar::new("spark_sequence", Returns::Last, |args| match args.data_type(0)? {
        DataType::Int8 => whole::<Int8Type>(args),
        DataType::Int16 => whole::<Int16Type>(args),
        DataType::Int32 => whole::<Int32Type>(args),
        DataType::Int64 => whole::<Int64Type>(args),
        DataType::Date32 => {
            let (from, to) = (args.numbers::<Date32Type>(0)?, args.numbers::<Date32Type>(1)?);
            let micros = |days: i32| i64::from(days) * MICROS_PER_DAY;
            let days = |micros: i64| i32::try_from(micros.div_euclid(MICROS_PER_DAY)).ok();
            times::<Date32Type>(args, |row| Some((micros(from.get(row)?), micros(to.get(row)?))), days)
        }
        _ => {
            let (from, to) =
                (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
            times::<TimestampMicrosecondType>(args, |row| Some((from.get(row)?, to.get(row)?)), Some)
        }
    });

fn lists<T: ArrowPrimitiveType>(
    args: &Args,
    mut values: impl FnMut(usize, &mut Vec<T::Native>) -> Result<bool>,
) -> Result<ArrayRef> {
    let DataType::List(field) = args.return_type else { return Err(failed("an array is to be returned")) };
    let (mut all, mut offsets, mut valid) = (Vec::new(), vec![0_i32], Vec::new());
    for row in 0..args.rows {
        valid.push(values(row, &mut all)?);
        if all.len() > MAX_LENGTH {
            return Err(failed(format!("a sequence has more than {MAX_LENGTH} elements")));
        }
        offsets.push(i32::try_from(all.len()).map_err(|_| failed("the sequences are too long"))?);
    }
    let mut builder =
        PrimitiveBuilder::<T>::with_capacity(all.len()).with_data_type(field.data_type().clone());
    builder.append_slice(&all);
    let values: ArrayRef = Arc::new(builder.finish());
    let field = list_field(field.data_type().clone());
    Ok(Arc::new(ListArray::try_new(
        field,
        OffsetBuffer::new(offsets.into()),
        values,
        Some(NullBuffer::from(valid)),
    )?))
}

fn wrong_way() -> datafusion::error::DataFusionError {
    failed("the step of a sequence must lead from its first value to its last and must not be 0")
}

fn whole<T: ArrowPrimitiveType>(args: &Args) -> Result<ArrayRef>
where
    T::Native: Into<i64> + TryFrom<i64>,
{
    let (from, to, step) = (args.numbers::<T>(0)?, args.numbers::<T>(1)?, args.numbers::<T>(2)?);
    let defaulted = args.bools(3)?.get(0) == Some(false);
    lists::<T>(args, |row, out| {
        let (Some(from), Some(to)) = (from.get(row), to.get(row)) else { return Ok(false) };
        let (from, to): (i64, i64) = (from.into(), to.into());
        let step: i64 = match step.get(row) {
            Some(step) => step.into(),
            None if defaulted => {
                if from <= to {
                    1
                } else {
                    -1
                }
            }
            None => return Ok(false),
        };
        if step == 0 && from != to || step > 0 && from > to || step < 0 && from < to {
            return Err(wrong_way());
        }
        let count = if step == 0 { 0 } else { (i128::from(to) - i128::from(from)) / i128::from(step) };
        if usize::try_from(count).ok().is_none_or(|count| out.len() + count > MAX_LENGTH) {
            return Err(failed(format!("a sequence has more than {MAX_LENGTH} elements")));
        }
        let mut next = Some(from);
        for _ in 0..=count {
            out.extend(next.and_then(|value| T::Native::try_from(value).ok()));
            next = next.and_then(|value| value.checked_add(step));
        }
        Ok(true)
    })
}

/// Steps through time; months are counted from the first value, so that the day of the month comes back.
fn times<T: ArrowPrimitiveType>(
    args: &Args,
    bounds: impl Fn(usize) -> Option<(i64, i64)>,
    convert: impl Fn(i64) -> Option<T::Native>,
) -> Result<ArrayRef> {
    let in_months = matches!(args.data_type(2)?, DataType::Interval(_));
    let months = if in_months { Some(args.numbers::<IntervalYearMonthType>(2)?) } else { None };
    let micros = if in_months { None } else { Some(args.numbers::<DurationMicrosecondType>(2)?) };
    let defaulted = args.bools(3)?.get(0) == Some(false);
    let whole_days = T::DATA_TYPE == DataType::Date32;
    lists::<T>(args, |row, out| {
        let Some((from, to)) = bounds(row) else { return Ok(false) };
        let given = match (&months, &micros) {
            (Some(months), _) => months.get(row).map(|months| (i64::from(months), 0)),
            (_, Some(micros)) => micros.get(row).map(|micros| (0, micros)),
            _ => None,
        };
        let (months, micros) = match given {
            Some(step) => step,
            None if defaulted => (0, if from <= to { MICROS_PER_DAY } else { -MICROS_PER_DAY }),
            None => return Ok(false),
        };
        if whole_days && micros % MICROS_PER_DAY != 0 {
            return Err(failed("the step of a sequence of dates must be whole days"));
        }
        let forward = months > 0 || micros > 0;
        if months == 0 && micros == 0 && from != to || forward && from > to || !forward && from < to {
            return Err(wrong_way());
        }
        // Counting days down without a given step, Spark stops one microsecond too late.
        let to = if given.is_none() && !forward { to.saturating_sub(1) } else { to };
        for index in 0_i64.. {
            let value = if months == 0 {
                from.checked_add(micros.saturating_mul(index))
            } else {
                add_months_to_micros(from, months.saturating_mul(index))
            };
            let Some(value) = value.filter(|value| if forward { *value <= to } else { *value >= to }) else {
                break;
            };
            out.extend(convert(value));
            if out.len() > MAX_LENGTH || months == 0 && micros == 0 {
                break;
            }
        }
        Ok(true)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datetime::civil::Civil;

    #[test]
    fn months_keep_the_day_of_the_first_value() {
        let january = Civil { year: 2024, month: 1, day: 31 }.days() * MICROS_PER_DAY;
        let march = add_months_to_micros(january, 2).unwrap();
        assert_eq!(Civil::from_days(march / MICROS_PER_DAY).day, 31);
    }
}
