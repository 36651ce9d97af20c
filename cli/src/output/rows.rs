//! Rows of a query in the forms of the interface.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use goldsmith_sql::types::spark_type_name;
use goldsmith_sql::value;
use serde_json::{Value, json};

/// A table for people; null as `NULL`.
pub(crate) fn text(sink: &mut dyn Write, schema: &SchemaRef, batches: &[RecordBatch]) -> anyhow::Result<()> {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::UTF8_FULL_CONDENSED);
    table.set_header(schema.fields().iter().map(|f| f.name().clone()));
    let mut rows = 0_u64;
    for batch in batches {
        for row in 0..batch.num_rows() {
            rows += 1;
            table.add_row(batch.columns().iter().map(|column| match value::to_json(column, row) {
                Value::Null => "NULL".to_owned(),
                Value::String(text) => text,
                other => other.to_string(),
            }));
        }
    }
    writeln!(sink, "{table}")?;
    writeln!(sink, "{} rows", super::grouped(rows))?;
    sink.flush().context("cannot write the rows")
}

/// `{"schema": [[name, type], …], "rows": [[…], …]}`
pub(crate) fn json(sink: &mut dyn Write, schema: &SchemaRef, batches: &[RecordBatch]) -> anyhow::Result<()> {
    let columns = schema
        .fields()
        .iter()
        .map(|f| Ok(json!([f.name(), spark_type_name(f.data_type())?])))
        .collect::<anyhow::Result<Vec<_>>>()?;
    write!(sink, "{{\"schema\": {}, \"rows\": [", Value::Array(columns))?;
    let mut first = true;
    for batch in batches {
        for row in 0..batch.num_rows() {
            let values: Vec<Value> = batch.columns().iter().map(|c| value::to_json(c, row)).collect();
            let separator = if first { "" } else { ", " };
            write!(sink, "{separator}{}", Value::Array(values))?;
            first = false;
        }
    }
    writeln!(sink, "]}}")?;
    sink.flush().context("cannot write the rows")
}

/// Comma-separated values with a header; null is empty.
pub(crate) fn csv(sink: &mut dyn Write, schema: &SchemaRef, batches: &[RecordBatch]) -> anyhow::Result<()> {
    let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(&mut *sink);
    for batch in named(schema, batches)? {
        writer.write(&batch).context("a nested value has no form in CSV")?;
    }
    if batches.iter().all(|b| b.num_rows() == 0) {
        writer.write(&RecordBatch::new_empty(Arc::clone(schema)))?;
    }
    drop(writer);
    sink.flush().context("cannot write the rows")
}

/// One parquet file.
pub(crate) fn parquet(
    sink: &mut (dyn Write + Send),
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> anyhow::Result<()> {
    let unique = unique_names(schema);
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut *sink, Arc::clone(&unique), None)?;
    for batch in named(&unique, batches)? {
        writer.write(&batch)?;
    }
    writer.close()?;
    sink.flush().context("cannot write the rows")
}

fn named(schema: &SchemaRef, batches: &[RecordBatch]) -> anyhow::Result<Vec<RecordBatch>> {
    batches
        .iter()
        .map(|batch| Ok(RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec())?))
        .collect()
}

/// A file cannot hold one name twice: the second `a` becomes `a_2`.
fn unique_names(schema: &SchemaRef) -> SchemaRef {
    let mut fields: Vec<Field> = Vec::new();
    for field in schema.fields() {
        let mut name = field.name().clone();
        let mut number = 1;
        while fields.iter().any(|f| *f.name() == name) {
            number += 1;
            name = format!("{}_{number}", field.name());
        }
        fields.push(Field::new(name, field.data_type().clone(), true));
    }
    Arc::new(Schema::new(fields))
}
