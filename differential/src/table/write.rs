//! Writes tables as Delta.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, StructArray,
};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, Schema};
use goldsmith_testkit::table::{DataFile, Statistics, Table as Delta, field, struct_of};
use serde_json::{Map, Value, json};

use super::{File, Table};
use crate::statement::Type;

/// Days from 1970 to the first of 2024.
const FIRST_DAY: i64 = 19_723;

/// Writes a table below `lake`: its first file as the first version, every other one as the next.
pub fn write(lake: &Path, table: &Table) {
    let columns = &table.columns.columns;
    let fields: Vec<Value> = columns.iter().map(|(name, data_type)| field(name, delta(*data_type))).collect();
    let delta = Delta::new(lake.join(&table.columns.name), &fields);
    let mut files = table.files.iter().enumerate().map(|(index, file)| {
        let statistics = match index % 3 {
            0 => Statistics::Given(statistics(columns, file)),
            1 => Statistics::None,
            _ => Statistics::Rows,
        };
        let file = DataFile::of(batch(columns, file)).path(&format!("part-{index}.parquet"));
        delta.file(file.statistics(statistics).row_group_rows(2))
    });
    delta.create(&files.next().into_iter().collect::<Vec<_>>());
    for (version, file) in files.enumerate() {
        delta.commit(version as u64 + 1, &[file]);
    }
}

/// Counts of rows and nulls, least and greatest values, of the columns that the file has.
fn statistics(columns: &[(String, Type)], file: &File) -> Value {
    let (mut least, mut greatest, mut nulls) = (Map::new(), Map::new(), Map::new());
    for (index, (name, data_type)) in columns.iter().enumerate().take(file.width) {
        if matches!(data_type, Type::Struct | Type::Bool) {
            continue;
        }
        let values = || file.rows.iter().map(|row| &row[index]);
        nulls.insert(name.clone(), values().filter(|value| value.is_null()).count().into());
        let by_value = |value: &&Value| (value.as_i64(), value.as_str().map(str::to_owned));
        let known = || values().filter(|value| !value.is_null());
        if let (Some(low), Some(high)) = (known().min_by_key(by_value), known().max_by_key(by_value)) {
            least.insert(name.clone(), written(*data_type, low));
            greatest.insert(name.clone(), written(*data_type, high));
        }
    }
    json!({"numRecords": file.rows.len(), "minValues": least, "maxValues": greatest, "nullCount": nulls})
}

/// A value as statistics write it.
fn written(data_type: Type, value: &Value) -> Value {
    match (data_type, value.as_i64()) {
        (Type::Decimal | Type::Double, Some(halves)) => {
            json!(f64::from(i32::try_from(halves).unwrap_or(0)) / 2.0)
        }
        (Type::Date, Some(day)) => json!(format!("2024-01-{:02}", day + 1)),
        _ => value.clone(),
    }
}

fn delta(data_type: Type) -> Value {
    match data_type {
        Type::Int => "integer".into(),
        Type::Long => "long".into(),
        Type::Text => "string".into(),
        Type::Decimal => "decimal(10,2)".into(),
        Type::Double => "double".into(),
        Type::Bool => "boolean".into(),
        Type::Date => "date".into(),
        Type::Struct => struct_of(&[field("a", "integer"), field("s", "string")]),
    }
}

fn batch(columns: &[(String, Type)], file: &File) -> RecordBatch {
    let mut arrays: Vec<(Field, ArrayRef)> = Vec::new();
    for (index, (name, data_type)) in columns.iter().enumerate().take(file.width) {
        let values: Vec<&Value> = file.rows.iter().map(|row| &row[index]).collect();
        let mut array = array(*data_type, &values);
        if file.dictionary && *data_type == Type::Text {
            let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            array = cast(&array, &dictionary).unwrap_or(array);
        }
        arrays.push((Field::new(name, array.data_type().clone(), true), array));
    }
    let (fields, arrays): (Vec<_>, Vec<_>) = arrays.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .unwrap_or_else(|_| RecordBatch::new_empty(Arc::new(Schema::empty())))
}

fn array(data_type: Type, values: &[&Value]) -> ArrayRef {
    let numbers = || values.iter().map(|value| value.as_i64());
    let small = |number: i64| i32::try_from(number).unwrap_or(0);
    match data_type {
        Type::Int => Arc::new(numbers().map(|n| n.map(small)).collect::<Int32Array>()),
        Type::Long => Arc::new(numbers().collect::<Int64Array>()),
        Type::Text => Arc::new(values.iter().map(|value| value.as_str()).collect::<StringArray>()),
        Type::Decimal => {
            let halves = numbers().map(|n| n.map(|n| i128::from(n) * 50)).collect::<Decimal128Array>();
            Arc::new(halves.with_data_type(DataType::Decimal128(10, 2)))
        }
        Type::Double => {
            let half = |n: i64| f64::from(small(n)) / 2.0;
            Arc::new(numbers().map(|n| n.map(half)).collect::<Float64Array>())
        }
        Type::Bool => Arc::new(values.iter().map(|value| value.as_bool()).collect::<BooleanArray>()),
        Type::Date => Arc::new(numbers().map(|n| n.map(|n| small(n + FIRST_DAY))).collect::<Date32Array>()),
        Type::Struct => {
            let part = |index: usize| -> Vec<&Value> {
                values.iter().map(|value| value.get(index).unwrap_or(&Value::Null)).collect()
            };
            let arrays = vec![array(Type::Int, &part(0)), array(Type::Text, &part(1))];
            let fields = [Field::new("a", DataType::Int32, true), Field::new("s", DataType::Utf8, true)];
            let nulls = NullBuffer::from(values.iter().map(|value| !value.is_null()).collect::<Vec<bool>>());
            Arc::new(StructArray::new(Fields::from(fields.to_vec()), arrays, Some(nulls)))
        }
    }
}
