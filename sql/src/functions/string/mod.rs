//! Strings.

pub(crate) mod case;
pub(crate) mod concat;
pub(crate) mod edit;
pub(crate) mod encode;
pub(crate) mod like;
pub(crate) mod measure;
pub(crate) mod pad;
pub(crate) mod pattern;
pub(crate) mod regexp;
pub(crate) mod search;
pub(crate) mod slice;
pub(crate) mod trim;

use super::Function;
use crate::udf::Scalar;

pub(super) const TABLES: &[&[Function]] = &[
    case::TABLE,
    concat::TABLE,
    edit::TABLE,
    encode::TABLE,
    like::TABLE,
    measure::TABLE,
    pad::TABLE,
    regexp::TABLE,
    search::TABLE,
    slice::TABLE,
    trim::TABLE,
];

pub(super) static KERNELS: &[&Scalar] = &[
    &case::LOWER,
    &case::UPPER,
    &case::INITCAP,
    &concat::CONCAT,
    &concat::CONCAT_BYTES,
    &concat::CONCAT_WS,
    &edit::REPLACE,
    &edit::REVERSE,
    &edit::REPEAT,
    &edit::TRANSLATE,
    &edit::SPACE,
    &edit::OVERLAY,
    &edit::OVERLAY_BYTES,
    &encode::ASCII,
    &encode::CHR,
    &encode::BASE64,
    &encode::UNBASE64,
    &encode::HEX,
    &encode::HEX_LONG,
    &encode::UNHEX,
    &encode::ENCODE,
    &encode::DECODE,
    &like::LIKE,
    &like::ILIKE,
    &measure::LENGTH,
    &measure::OCTET_LENGTH,
    &measure::BIT_LENGTH,
    &measure::LEVENSHTEIN,
    &measure::SOUNDEX,
    &pad::LPAD,
    &pad::LPAD_BYTES,
    &pad::RPAD,
    &pad::RPAD_BYTES,
    &regexp::RLIKE,
    &regexp::REPLACE,
    &regexp::EXTRACT,
    &regexp::EXTRACT_ALL,
    &regexp::COUNT,
    &regexp::INSTR,
    &regexp::SUBSTR,
    &regexp::SPLIT,
    &search::LOCATE,
    &search::CONTAINS,
    &search::STARTS_WITH,
    &search::ENDS_WITH,
    &search::FIND_IN_SET,
    &search::SUBSTRING_INDEX,
    &search::SPLIT_PART,
    &slice::SUBSTRING,
    &slice::SUBSTRING_BYTES,
    &slice::RIGHT,
    &trim::TRIM,
    &trim::LTRIM,
    &trim::RTRIM,
];
