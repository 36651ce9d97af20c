//! Characters as numbers, bytes as text.

use arrow::datatypes::{DataType, Int32Type, Int64Type};
use datafusion::common::Result;

use super::case::string;
use crate::bind::{Site, Typed, compare, if_else};
use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::parse::ast::BinaryOp;
use crate::types;
use crate::udf::{Returns, Scalar, bytes, failed, numbers, text, try_text};

pub(super) const TABLE: &[Function] = &[
    Function::kernel(
        "ascii",
        Params::of(&[Kind::Text]),
        &ASCII,
        "Number of the first character; 0 for an empty string",
    ),
    Function::kernel(
        "chr",
        Params::of(&[Kind::Long]),
        &CHR,
        "Character of a number modulo 256; empty for a negative one",
    )
    .or(&["char"]),
    Function::kernel("base64", Params::of(&[Kind::Binary]), &BASE64, "Bytes in base 64"),
    Function::kernel("unbase64", Params::of(&[Kind::Text]), &UNBASE64, "Bytes of a text in base 64"),
    Function::build("hex", Params::of(&[Kind::Any]), hex, "Number, string or bytes in hexadecimal digits"),
    Function::kernel(
        "unhex",
        Params::of(&[Kind::Text]),
        &UNHEX,
        "Bytes of hexadecimal digits; null if there is another character",
    ),
    Function::kernel(
        "encode",
        Params::of(&[Kind::Text, Kind::Text]),
        &ENCODE,
        "Bytes of a string in UTF-8, US-ASCII or ISO-8859-1",
    ),
    Function::build(
        "decode",
        Params::of(&[Kind::Any, Kind::Any]).rest(Kind::Any),
        decode,
        "String of bytes in a character set; or, with more arguments, the value beside the first match",
    ),
];

fn binary() -> DataType {
    DataType::Binary
}

/// Number of the first character.
pub(crate) static ASCII: Scalar = Scalar::new("spark_ascii", Returns::Fixed(|| DataType::Int32), |args| {
    let value = args.text(0)?;
    numbers::<Int32Type>(args, |row| i32::try_from(value.get(row)?.chars().next().map_or(0, u32::from)).ok())
});

/// Character of a number.
pub(crate) static CHR: Scalar = Scalar::new("spark_chr", Returns::Fixed(string), |args| {
    let value = args.numbers::<Int64Type>(0)?;
    text(args, |row| {
        let value = value.get(row)?;
        let code = u8::try_from(value & 0xff).ok()?;
        Some(if value < 0 { String::new() } else { char::from(code).to_string() })
    })
});

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base 64, in lines of 76 characters as MIME has it.
pub(crate) static BASE64: Scalar = Scalar::new("spark_base64", Returns::Fixed(string), |args| {
    let value = args.bytes(0)?;
    text(args, |row| value.get(row).map(base64))
});

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 4);
    let mut in_line = 0;
    for chunk in bytes.chunks(3) {
        if in_line == 76 {
            out.push_str("\r\n");
            in_line = 0;
        }
        let group =
            chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = usize::try_from(group >> (18 - 6 * place) & 63).unwrap_or(0);
            out.push(if place <= chunk.len() { char::from(ALPHABET[index]) } else { '=' });
        }
        in_line += 4;
    }
    out
}

/// Bytes of base 64; what is not of the alphabet is skipped.
pub(crate) static UNBASE64: Scalar = Scalar::new("spark_unbase64", Returns::Fixed(binary), |args| {
    let value = args.text(0)?;
    let mut failure = None;
    let array = bytes(args, |row| match unbase64(value.get(row)?) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            failure = Some(error);
            None
        }
    })?;
    failure.map_or(Ok(array), Err)
});

fn unbase64(text: &str) -> Result<Vec<u8>> {
    let wrong = || failed(format!("'{text}' is not text in base 64"));
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut group, mut count) = (0_u32, 0);
    let mut padding = false;
    for byte in text.bytes() {
        if byte == b'=' {
            padding = true;
            continue;
        }
        let Some(index) = ALPHABET.iter().position(|letter| *letter == byte) else { continue };
        if padding {
            return Err(wrong());
        }
        group = group << 6 | u32::try_from(index).unwrap_or(0);
        count += 1;
        if count == 4 {
            out.extend(group.to_be_bytes().into_iter().skip(1));
            (group, count) = (0, 0);
        }
    }
    match count {
        0 => {}
        2 => out.extend((group << 12).to_be_bytes().into_iter().skip(1).take(1)),
        3 => out.extend((group << 6).to_be_bytes().into_iter().skip(1).take(2)),
        _ => return Err(wrong()),
    }
    Ok(out)
}

fn hex(mut site: Site) -> crate::Result<Typed> {
    let arg = site.args.remove(0);
    let position = site.position;
    let bytes = matches!(arg.data_type, DataType::Binary | DataType::Utf8);
    let (kernel, kind) = if bytes { (&HEX, Kind::TextOrBinary) } else { (&HEX_LONG, Kind::Long) };
    let to = kind.accept(&arg.data_type).ok_or_else(|| {
        crate::SqlError::arguments(
            "hex",
            format!("it takes a number, a string or binary, not {}", types::display(&arg.data_type)),
            position,
        )
    })?;
    let arg = arg.cast_for(&to, "hex", position)?;
    Typed::call(kernel, vec![arg], "", position)
}

/// Bytes in hexadecimal digits.
pub(crate) static HEX: Scalar = Scalar::new("spark_hex", Returns::Fixed(string), |args| {
    let value = args.bytes(0)?;
    text(args, |row| value.get(row).map(|value| crate::value::hex(value).to_uppercase()))
});

/// The bits of a bigint in hexadecimal digits.
pub(crate) static HEX_LONG: Scalar = Scalar::new("spark_hex_long", Returns::Fixed(string), |args| {
    let value = args.numbers::<Int64Type>(0)?;
    text(args, |row| value.get(row).map(|value| format!("{value:X}")))
});

/// Bytes of hexadecimal digits.
pub(crate) static UNHEX: Scalar = Scalar::new("spark_unhex", Returns::Fixed(binary), |args| {
    let value = args.text(0)?;
    bytes(args, |row| {
        let digits: Option<Vec<u8>> = value
            .get(row)?
            .chars()
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let digits = digits?;
        let odd = digits.len() % 2;
        let first = digits.iter().take(odd).copied();
        Some(first.chain(digits[odd..].chunks(2).map(|pair| pair[0] << 4 | pair[1])).collect::<Vec<u8>>())
    })
});

/// Character sets.
enum Charset {
    Utf8,
    Ascii,
    Latin1,
}

fn charset(name: &str) -> Result<Charset> {
    match name.to_ascii_uppercase().as_str() {
        "UTF-8" | "UTF8" => Ok(Charset::Utf8),
        "US-ASCII" | "ASCII" => Ok(Charset::Ascii),
        "ISO-8859-1" | "ISO8859-1" | "LATIN1" => Ok(Charset::Latin1),
        _ => Err(failed(format!("the character set '{name}' is not supported"))),
    }
}

/// `encode(text, charset)`; a character that the set does not have becomes a question mark.
pub(crate) static ENCODE: Scalar = Scalar::new("spark_encode", Returns::Fixed(binary), |args| {
    let (value, name) = (args.text(0)?, args.text(1)?);
    let mut failure = None;
    let array = bytes(args, |row| {
        let (value, name) = (value.get(row)?, name.get(row)?);
        let limit = match charset(name) {
            Ok(Charset::Utf8) => return Some(value.as_bytes().to_vec()),
            Ok(Charset::Ascii) => 0x80,
            Ok(Charset::Latin1) => 0x100,
            Err(error) => {
                failure = Some(error);
                return None;
            }
        };
        Some(
            value
                .chars()
                .map(|c| if u32::from(c) < limit { u8::try_from(u32::from(c)).unwrap_or(b'?') } else { b'?' })
                .collect(),
        )
    })?;
    failure.map_or(Ok(array), Err)
})
.with_patterns(&[1]);

/// `decode(binary, charset)`; bytes that are no character become the replacement character.
pub(crate) static DECODE: Scalar = Scalar::new("spark_decode", Returns::Fixed(string), |args| {
    let (value, name) = (args.bytes(0)?, args.text(1)?);
    try_text(args, |row| {
        let (Some(value), Some(name)) = (value.get(row), name.get(row)) else { return Ok(None) };
        Ok(Some(match charset(name)? {
            Charset::Utf8 => String::from_utf8_lossy(value).into_owned(),
            Charset::Ascii => value
                .iter()
                .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' })
                .collect(),
            Charset::Latin1 => value.iter().map(|byte| char::from(*byte)).collect(),
        }))
    })
})
.with_patterns(&[1]);

fn decode(mut site: Site) -> crate::Result<Typed> {
    let position = site.position;
    if site.args.len() == 2 {
        let wrong = site.wrong("it takes binary and a character set");
        let kinds = [Kind::Binary, Kind::Text];
        let args = site.args.into_iter().zip(kinds).map(|(arg, kind)| match kind.accept(&arg.data_type) {
            Some(to) => arg.cast_for(&to, "decode", position).map(Some),
            None => Ok(None),
        });
        let args = args.collect::<crate::Result<Option<Vec<_>>>>()?.ok_or(wrong)?;
        return Typed::call(&DECODE, args, "", position);
    }
    // A choice: pairs of a value to find, null included, and a result; a single one at the end is for no match.
    let value = site.args.remove(0);
    let otherwise = if site.args.len() % 2 == 1 { site.args.pop() } else { None };
    let mut result = otherwise.unwrap_or_else(|| Typed::null(&DataType::Utf8, "NULL"));
    while let (Some(then), Some(search)) = (site.args.pop(), site.args.pop()) {
        let equal = compare(BinaryOp::NullSafeEq, value.clone(), search, position)?;
        result = if_else(equal, then, result, String::new(), position)?;
    }
    Ok(result)
}
