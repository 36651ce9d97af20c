//! Dates, timestamps and intervals.

pub(crate) mod arithmetic;
pub(crate) mod diff;
pub(crate) mod extract;
pub(crate) mod interval;
pub(crate) mod make;
pub(crate) mod now;
pub(crate) mod shift;
pub(crate) mod text;
pub(crate) mod truncate;
pub(crate) mod unix;
pub(crate) mod zones;

use super::Function;
use crate::udf::Scalar;

pub(super) const TABLES: &[&[Function]] = &[
    diff::TABLE,
    extract::TABLE,
    interval::TABLE,
    make::TABLE,
    now::TABLE,
    shift::TABLE,
    text::TABLE,
    truncate::TABLE,
    unix::TABLE,
    zones::TABLE,
];

pub(super) static KERNELS: &[&Scalar] = &[
    &arithmetic::ADD_MICROS,
    &arithmetic::ADD_MONTHS_TO_TIME,
    &arithmetic::SUBTRACT_DATES,
    &arithmetic::SUBTRACT_TIMES,
    &diff::DATE_DIFF,
    &diff::MONTHS_BETWEEN,
    &diff::TIMESTAMP_DIFF,
    &extract::DATE_FIELD,
    &extract::TIME_FIELD,
    &extract::SECOND_WITH_FRACTION,
    &interval::ADD,
    &interval::MULTIPLY,
    &interval::FIELD,
    &interval::MAKE_MONTHS,
    &interval::MAKE_MICROS,
    &make::MAKE_DATE,
    &make::MAKE_TIMESTAMP,
    &shift::DATE_ADD,
    &shift::ADD_MONTHS,
    &shift::LAST_DAY,
    &shift::NEXT_DAY,
    &shift::TIMESTAMP_ADD,
    &text::FORMAT,
    &text::PARSE,
    &truncate::TRUNC_DATE,
    &truncate::TRUNC_TIME,
    &unix::TO_UNIX,
    &unix::SECONDS,
    &unix::FROM_UNIX,
    &zones::TO_LOCAL,
    &zones::TO_INSTANT,
];
