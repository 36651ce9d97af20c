//! Lengths, distances and sounds.

use arrow::datatypes::{DataType, Int32Type};

use super::case::string;
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Returns, Scalar, numbers, text};

const EITHER: Params = Params::of(&[Kind::TextOrBinary]);

pub(super) const TABLE: &[Function] = &[
    Function::kernel("length", EITHER, &LENGTH, "Number of characters of a string, of bytes of binary")
        .or(&["len", "char_length", "character_length"]),
    Function::kernel("octet_length", EITHER, &OCTET_LENGTH, "Number of bytes"),
    Function::kernel("bit_length", EITHER, &BIT_LENGTH, "Number of bits"),
    Function::kernel(
        "levenshtein",
        Params::of(&[Kind::Text, Kind::Text]),
        &LEVENSHTEIN,
        "Number of characters to insert, delete or replace",
    ),
    Function::kernel(
        "soundex",
        Params::of(&[Kind::PlainText]),
        &SOUNDEX,
        "Letter and digits that words of similar sound share",
    ),
];

fn int() -> DataType {
    DataType::Int32
}

/// Characters or bytes.
pub(crate) static LENGTH: Scalar = Scalar::new("spark_length", Returns::Fixed(int), |args| {
    if args.data_type(0)? == DataType::Binary {
        let value = args.bytes(0)?;
        return numbers::<Int32Type>(args, |row| i32::try_from(value.get(row)?.len()).ok());
    }
    let value = args.text(0)?;
    numbers::<Int32Type>(args, |row| i32::try_from(value.get(row)?.chars().count()).ok())
});

/// Bytes.
pub(crate) static OCTET_LENGTH: Scalar = Scalar::new("spark_octet_length", Returns::Fixed(int), |args| {
    let value = args.bytes(0)?;
    numbers::<Int32Type>(args, |row| i32::try_from(value.get(row)?.len()).ok())
});

/// Bits.
pub(crate) static BIT_LENGTH: Scalar = Scalar::new("spark_bit_length", Returns::Fixed(int), |args| {
    let value = args.bytes(0)?;
    numbers::<Int32Type>(args, |row| i32::try_from(value.get(row)?.len().checked_mul(8)?).ok())
});

/// Edits between two strings.
pub(crate) static LEVENSHTEIN: Scalar = Scalar::new("spark_levenshtein", Returns::Fixed(int), |args| {
    let (left, right) = (args.text(0)?, args.text(1)?);
    numbers::<Int32Type>(args, |row| i32::try_from(strsim::levenshtein(left.get(row)?, right.get(row)?)).ok())
});

/// American Soundex as Spark has it: something that does not begin with a letter stays as it is.
pub(crate) static SOUNDEX: Scalar = Scalar::new("spark_soundex", Returns::Fixed(string), |args| {
    let value = args.text(0)?;
    text(args, |row| value.get(row).map(soundex))
});

fn soundex(value: &str) -> String {
    /// Codes of A to Z; 7 marks the letters that do not separate equal codes.
    const CODES: &[u8; 26] = b"01230127022455012623017202";
    let code = |byte: u8| {
        byte.to_ascii_uppercase().checked_sub(b'A').and_then(|index| CODES.get(usize::from(index))).copied()
    };
    let bytes = value.as_bytes();
    let Some(first) = bytes.first().copied().filter(u8::is_ascii_alphabetic) else { return value.to_owned() };
    let mut out = vec![first.to_ascii_uppercase()];
    let mut last = code(first);
    for byte in &bytes[1..] {
        match code(*byte) {
            None => last = Some(b'0'),
            Some(b'7') => {}
            found => {
                if found != last && found != Some(b'0') {
                    out.extend(found);
                }
                last = found;
            }
        }
        if out.len() == 4 {
            break;
        }
    }
    out.resize(4, b'0');
    out.into_iter().map(char::from).collect()
}
