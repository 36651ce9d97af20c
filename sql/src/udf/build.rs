//! Results of functions, row by row.
//!
//! Strings and bytes of one array share an offset of 32 bits, so there is an end to them; and a single value that a wrong
//! argument makes huge must not take all memory.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, ArrowPrimitiveType, BinaryBuilder, BooleanBuilder, PrimitiveBuilder, StringBuilder,
};
use datafusion::common::Result;

use super::column::Args;
use super::scalar::failed;

/// No function makes a string, an array or bytes out of less that have more bytes or elements than this.
const MAX_MADE: usize = 1 << 24;

/// Refuses to make something of so many bytes or elements.
pub(crate) fn affordable(size: Option<usize>) -> Result<()> {
    match size {
        Some(..=MAX_MADE) => Ok(()),
        _ => Err(failed(format!("a value would have more than {MAX_MADE} bytes or elements"))),
    }
}

/// Refuses an array of strings or bytes that grows beyond its offsets.
fn within_offsets(before: usize, more: usize) -> Result<()> {
    match before.checked_add(more).map(i32::try_from) {
        Some(Ok(_)) => Ok(()),
        _ => Err(failed("the strings of a batch have more than 2 GiB")),
    }
}

/// Makes numbers, dates or times of the type that is to be returned.
pub(crate) fn numbers<T: ArrowPrimitiveType>(
    args: &Args,
    mut value: impl FnMut(usize) -> Option<T::Native>,
) -> Result<ArrayRef> {
    try_numbers::<T>(args, |row| Ok(value(row)))
}

/// Makes numbers, dates or times; a row may fail.
pub(crate) fn try_numbers<T: ArrowPrimitiveType>(
    args: &Args,
    mut value: impl FnMut(usize) -> Result<Option<T::Native>>,
) -> Result<ArrayRef> {
    let mut builder =
        PrimitiveBuilder::<T>::with_capacity(args.rows).with_data_type(args.return_type.clone());
    for row in 0..args.rows {
        builder.append_option(value(row)?);
    }
    Ok(Arc::new(builder.finish()))
}

/// Makes truth values.
pub(crate) fn bools(args: &Args, mut value: impl FnMut(usize) -> Option<bool>) -> Result<ArrayRef> {
    try_bools(args, |row| Ok(value(row)))
}

/// Makes truth values; a row may fail.
pub(crate) fn try_bools(
    args: &Args,
    mut value: impl FnMut(usize) -> Result<Option<bool>>,
) -> Result<ArrayRef> {
    let mut builder = BooleanBuilder::with_capacity(args.rows);
    for row in 0..args.rows {
        builder.append_option(value(row)?);
    }
    Ok(Arc::new(builder.finish()))
}

/// Makes strings.
pub(crate) fn text<S: AsRef<str>>(
    args: &Args,
    mut value: impl FnMut(usize) -> Option<S>,
) -> Result<ArrayRef> {
    try_text(args, |row| Ok(value(row)))
}

/// Makes strings; a row may fail.
pub(crate) fn try_text<S: AsRef<str>>(
    args: &Args,
    mut value: impl FnMut(usize) -> Result<Option<S>>,
) -> Result<ArrayRef> {
    let mut builder = StringBuilder::with_capacity(args.rows, args.rows * 8);
    for row in 0..args.rows {
        let value = value(row)?;
        let more = value.as_ref().map_or(0, |value| value.as_ref().len());
        within_offsets(builder.values_slice().len(), more)?;
        builder.append_option(value);
    }
    Ok(Arc::new(builder.finish()))
}

/// Makes bytes.
pub(crate) fn bytes<S: AsRef<[u8]>>(
    args: &Args,
    mut value: impl FnMut(usize) -> Option<S>,
) -> Result<ArrayRef> {
    try_bytes(args, |row| Ok(value(row)))
}

/// Makes bytes; a row may fail.
pub(crate) fn try_bytes<S: AsRef<[u8]>>(
    args: &Args,
    mut value: impl FnMut(usize) -> Result<Option<S>>,
) -> Result<ArrayRef> {
    let mut builder = BinaryBuilder::with_capacity(args.rows, args.rows * 8);
    for row in 0..args.rows {
        let value = value(row)?;
        let more = value.as_ref().map_or(0, |value| value.as_ref().len());
        within_offsets(builder.values_slice().len(), more)?;
        builder.append_option(value);
    }
    Ok(Arc::new(builder.finish()))
}
