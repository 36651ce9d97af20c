//! Upper and lower case, of all of Unicode.

use arrow::datatypes::DataType;

use crate::coerce::Kind;
use crate::functions::{Function, Params};
use crate::udf::{Returns, Scalar, text};

const ONE: Params = Params::of(&[Kind::Text]);

pub(super) const TABLE: &[Function] = &[
    Function::kernel("lower", ONE, &LOWER, "Lower case").or(&["lcase"]),
    Function::kernel("upper", ONE, &UPPER, "Upper case").or(&["ucase"]),
    Function::kernel("initcap", ONE, &INITCAP, "First letter of each word in upper case, the others in lower case"),
];

pub(super) fn string() -> DataType {
    DataType::Utf8
}

/// Lower case.
pub(crate) static LOWER: Scalar = Scalar::new("spark_lower", Returns::Fixed(string), |args| {
    let value = args.text(0)?;
    text(args, |row| value.get(row).map(str::to_lowercase))
});

/// Upper case.
pub(crate) static UPPER: Scalar = Scalar::new("spark_upper", Returns::Fixed(string), |args| {
    let value = args.text(0)?;
    text(args, |row| value.get(row).map(str::to_uppercase))
});

/// Capitals.
pub(crate) static INITCAP: Scalar = Scalar::new("spark_initcap", Returns::Fixed(string), |args| {
    let value = args.text(0)?;
    text(args, |row| value.get(row).map(|value| capitalize(&value.to_lowercase())))
});

/// Words are separated by blanks only.
fn capitalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        out.push(if begins { title(c) } else { c });
        begins = c == ' ';
    }
    out
}

/// The title case of one character, which has no more than one.
fn title(c: char) -> char {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        // Georgian has capitals for whole words only.
        'ა'..='ჿ' => c,
        _ => {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(only), None) => only,
                _ => c,
            }
        }
    }
}
