//! Arguments of functions, row by row, whether they are columns or constants.

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray, BooleanArray, Decimal128Array, PrimitiveArray,
    StringArray,
};
use arrow::datatypes::{DataType, Decimal128Type};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;

use super::scalar::failed;

/// What a function is called with.
pub(crate) struct Args<'a> {
    values: &'a [ColumnarValue],
    /// Number of rows to compute.
    pub(crate) rows: usize,
    /// Type to compute.
    pub(crate) return_type: &'a DataType,
}

impl<'a> Args<'a> {
    pub(crate) const fn new(values: &'a [ColumnarValue], rows: usize, return_type: &'a DataType) -> Self {
        Self { values, rows, return_type }
    }

    /// Number of arguments.
    pub(crate) const fn len(&self) -> usize {
        self.values.len()
    }

    fn value(&self, index: usize) -> Result<&'a ColumnarValue> {
        self.values.get(index).ok_or_else(|| failed("an argument is missing"))
    }

    /// Returns the type of an argument.
    pub(crate) fn data_type(&self, index: usize) -> Result<DataType> {
        Ok(self.value(index)?.data_type())
    }

    /// Returns an argument with as many rows as there are.
    pub(crate) fn array(&self, index: usize) -> Result<ArrayRef> {
        self.value(index)?.to_array(self.rows)
    }

    /// Returns an argument, with one row if it is a constant, and whether it is one.
    pub(crate) fn compact(&self, index: usize) -> Result<(ArrayRef, bool)> {
        Ok(match self.value(index)? {
            ColumnarValue::Array(array) => (ArrayRef::clone(array), false),
            ColumnarValue::Scalar(scalar) => (scalar.to_array_of_size(1)?, true),
        })
    }

    /// Returns an argument that holds strings.
    pub(crate) fn text(&self, index: usize) -> Result<Text> {
        let (array, constant) = self.compact(index)?;
        let array =
            array.as_string_opt::<i32>().ok_or_else(|| wrong(index, "a string", array.data_type()))?.clone();
        Ok(Text { array, constant })
    }

    /// Returns an argument that holds bytes; strings count as their UTF-8 bytes.
    pub(crate) fn bytes(&self, index: usize) -> Result<Bytes> {
        let (array, constant) = self.compact(index)?;
        let array = match array.as_string_opt::<i32>() {
            Some(text) => text.clone().into(),
            None => {
                array.as_binary_opt::<i32>().ok_or_else(|| wrong(index, "binary", array.data_type()))?.clone()
            }
        };
        Ok(Bytes { array, constant })
    }

    /// Returns an argument that holds truth values.
    pub(crate) fn bools(&self, index: usize) -> Result<Bools> {
        let (array, constant) = self.compact(index)?;
        let array =
            array.as_boolean_opt().ok_or_else(|| wrong(index, "a boolean", array.data_type()))?.clone();
        Ok(Bools { array, constant })
    }

    /// Returns an argument that holds numbers, dates or times of one type.
    pub(crate) fn numbers<T: ArrowPrimitiveType>(&self, index: usize) -> Result<Numbers<T>> {
        let (array, constant) = self.compact(index)?;
        let array = array
            .as_primitive_opt::<T>()
            .ok_or_else(|| wrong(index, &T::DATA_TYPE.to_string(), array.data_type()))?
            .clone();
        Ok(Numbers { array, constant })
    }

    /// Returns an argument that holds decimals.
    pub(crate) fn decimals(&self, index: usize) -> Result<Decimals> {
        let (array, constant) = self.compact(index)?;
        let array: Decimal128Array = array
            .as_primitive_opt::<Decimal128Type>()
            .ok_or_else(|| wrong(index, "a decimal", array.data_type()))?
            .clone();
        let scale = array.scale();
        Ok(Decimals { array, constant, scale })
    }
}

fn wrong(index: usize, expected: &str, found: &DataType) -> datafusion::error::DataFusionError {
    failed(format!("argument {} should be {expected} and is {found}", index + 1))
}

macro_rules! column {
    ($(#[$doc:meta])* $name:ident, $array:ty, $value:ty) => {
        $(#[$doc])*
        pub(crate) struct $name {
            array: $array,
            constant: bool,
        }

        impl $name {
            /// Returns the value of a row, nothing for null.
            pub(crate) fn get(&self, row: usize) -> Option<$value> {
                let row = if self.constant { 0 } else { row };
                if self.array.is_null(row) { None } else { Some(self.array.value(row)) }
            }
        }
    };
}

column!(
    /// Strings.
    Text, StringArray, &str
);
column!(
    /// Bytes.
    Bytes, BinaryArray, &[u8]
);
column!(
    /// Truth values.
    Bools, BooleanArray, bool
);

/// Numbers of one type.
pub(crate) struct Numbers<T: ArrowPrimitiveType> {
    array: PrimitiveArray<T>,
    constant: bool,
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    /// Returns the value of a row, nothing for null.
    pub(crate) fn get(&self, row: usize) -> Option<T::Native> {
        let row = if self.constant { 0 } else { row };
        if self.array.is_null(row) { None } else { Some(self.array.value(row)) }
    }
}

/// Decimals of one scale.
pub(crate) struct Decimals {
    array: Decimal128Array,
    constant: bool,
    /// Their scale.
    pub(crate) scale: i8,
}

impl Decimals {
    /// Returns the unscaled value of a row, nothing for null.
    pub(crate) fn get(&self, row: usize) -> Option<i128> {
        let row = if self.constant { 0 } else { row };
        if self.array.is_null(row) { None } else { Some(self.array.value(row)) }
    }
}
