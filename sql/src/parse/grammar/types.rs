//! Names of types.

use arrow::datatypes::{DataType, Field, Fields};

use super::{Parsed, Parser};
use crate::error::SyntaxError;
use crate::parse::token::TokenKind;
use crate::types;

impl Parser {
    pub(super) fn data_type(&mut self) -> Parsed<DataType> {
        self.nested(Self::data_type_here)
    }

    fn data_type_here(&mut self) -> Parsed<DataType> {
        let position = self.position();
        let name = self.name()?;
        Ok(match name.key().as_str() {
            "decimal" | "dec" | "numeric" => self.decimal_type()?,
            "array" => {
                self.expect("<")?;
                let element = self.data_type()?;
                self.expect(">")?;
                types::list_of(element)
            }
            "map" => {
                self.expect("<")?;
                let key = self.data_type()?;
                self.expect(",")?;
                let value = self.data_type()?;
                self.expect(">")?;
                types::map_of(key, value)
            }
            "struct" => self.struct_type()?,
            key => types::simple_type(key).ok_or_else(|| {
                SyntaxError::new(position, format!("`{}` is not a type of Spark SQL that is supported", name.text))
            })?,
        })
    }

    fn decimal_type(&mut self) -> Parsed<DataType> {
        let position = self.position();
        let (mut precision, mut scale) = (10, 0);
        if self.accept("(") {
            precision = self.small_number()?;
            if self.accept(",") {
                scale = self.small_number()?;
            }
            self.expect(")")?;
        }
        if !(1..=38).contains(&precision) || scale > precision {
            return Err(SyntaxError::new(position, "a decimal has 1 to 38 digits, not more of them after the point"));
        }
        Ok(DataType::Decimal128(precision, i8::try_from(scale).unwrap_or_default()))
    }

    fn small_number(&mut self) -> Parsed<u8> {
        let number = match &self.peek().kind {
            TokenKind::Number(text) => text.parse().ok(),
            _ => None,
        };
        let Some(number) = number else { return Err(self.unexpected("a number of digits")) };
        self.advance();
        Ok(number)
    }

    fn struct_type(&mut self) -> Parsed<DataType> {
        // An empty struct is lexed as the operator.
        if self.accept("<>") {
            return Ok(DataType::Struct(Fields::empty()));
        }
        self.expect("<")?;
        let fields = self.fields()?;
        self.expect(">")?;
        Ok(DataType::Struct(fields))
    }

    /// Reads `name: type` or `name type`, several of them.
    pub(super) fn fields(&mut self) -> Parsed<Fields> {
        let fields = self.comma_separated(|parser| {
            let name = parser.name()?;
            parser.accept(":");
            let data_type = parser.data_type()?;
            Ok(Field::new(name.text, data_type, true))
        })?;
        Ok(fields.into())
    }
}
