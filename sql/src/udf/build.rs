//! Results of functions, row by row.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, BinaryBuilder, BooleanBuilder, PrimitiveBuilder, StringBuilder};
use datafusion::common::Result;

use super::column::Args;

/// Makes numbers, dates or times of the type that is to be returned.
pub(crate) fn numbers<T: ArrowPrimitiveType>(args: &Args, mut value: impl FnMut(usize) -> Option<T::Native>) -> Result<ArrayRef> {
    try_numbers::<T>(args, |row| Ok(value(row)))
}

/// Makes numbers, dates or times; a row may fail.
pub(crate) fn try_numbers<T: ArrowPrimitiveType>(
    args: &Args,
    mut value: impl FnMut(usize) -> Result<Option<T::Native>>,
) -> Result<ArrayRef> {
    let mut builder = PrimitiveBuilder::<T>::with_capacity(args.rows).with_data_type(args.return_type.clone());
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
pub(crate) fn try_bools(args: &Args, mut value: impl FnMut(usize) -> Result<Option<bool>>) -> Result<ArrayRef> {
    let mut builder = BooleanBuilder::with_capacity(args.rows);
    for row in 0..args.rows {
        builder.append_option(value(row)?);
    }
    Ok(Arc::new(builder.finish()))
}

/// Makes strings.
pub(crate) fn text<S: AsRef<str>>(args: &Args, mut value: impl FnMut(usize) -> Option<S>) -> Result<ArrayRef> {
    try_text(args, |row| Ok(value(row)))
}

/// Makes strings; a row may fail.
pub(crate) fn try_text<S: AsRef<str>>(args: &Args, mut value: impl FnMut(usize) -> Result<Option<S>>) -> Result<ArrayRef> {
    let mut builder = StringBuilder::with_capacity(args.rows, args.rows * 8);
    for row in 0..args.rows {
        builder.append_option(value(row)?);
    }
    Ok(Arc::new(builder.finish()))
}

/// Makes bytes.
pub(crate) fn bytes<S: AsRef<[u8]>>(args: &Args, mut value: impl FnMut(usize) -> Option<S>) -> Result<ArrayRef> {
    let mut builder = BinaryBuilder::with_capacity(args.rows, args.rows * 8);
    for row in 0..args.rows {
        builder.append_option(value(row));
    }
    Ok(Arc::new(builder.finish()))
}
