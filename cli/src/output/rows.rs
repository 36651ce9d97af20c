//! Rows of a query in the forms of the interface, written as they come.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use goldsmith_sql::types::spark_type_name;
use goldsmith_sql::value;
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};

use super::{Sink, counted};
use crate::args::RowFormat;

/// Takes rows, batch by batch, and then the end of them.
pub(crate) trait RowWriter: Send {
    fn write(&mut self, batch: &RecordBatch) -> anyhow::Result<()>;
    fn finish(self: Box<Self>) -> anyhow::Result<()>;
}

/// Begins to write rows with the columns of `schema` to `sink`.
pub(crate) fn writer(
    format: RowFormat,
    mut sink: Sink,
    schema: &SchemaRef,
) -> anyhow::Result<Box<dyn RowWriter>> {
    Ok(match format {
        RowFormat::Text => {
            let mut table = comfy_table::Table::new();
            table.load_preset(comfy_table::presets::UTF8_FULL_CONDENSED);
            table.set_header(schema.fields().iter().map(|f| f.name().clone()));
            Box::new(Text { sink, table, rows: 0 })
        }
        RowFormat::Json => {
            let columns =
                schema.fields().iter().map(|f| Ok(json!([f.name(), spark_type_name(f.data_type())?])));
            let columns = columns.collect::<anyhow::Result<Vec<_>>>()?;
            write!(sink, "{{\"schema\": {}, \"rows\": [", Value::Array(columns))?;
            Box::new(Json { sink, is_first: true })
        }
        RowFormat::Csv => {
            let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(sink);
            // The header is there without rows as well.
            writer.write(&RecordBatch::new_empty(Arc::clone(schema))).context(NESTED)?;
            Box::new(Csv { writer, schema: Arc::clone(schema) })
        }
        RowFormat::Parquet => {
            let schema = unique_names(schema);
            Box::new(Parquet { writer: ArrowWriter::try_new(sink, Arc::clone(&schema), None)?, schema })
        }
    })
}

const NESTED: &str = "a nested value has no form in CSV; hint: take --output json or parquet";

/// A table for people; null as `NULL`.
struct Text {
    sink: Sink,
    table: comfy_table::Table,
    rows: u64,
}

impl RowWriter for Text {
    fn write(&mut self, batch: &RecordBatch) -> anyhow::Result<()> {
        self.rows += batch.num_rows() as u64;
        for row in 0..batch.num_rows() {
            self.table.add_row(batch.columns().iter().map(|column| match value::to_json(column, row) {
                Value::Null => "NULL".to_owned(),
                Value::String(text) => text,
                other => other.to_string(),
            }));
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        writeln!(self.sink, "{}\n{}", self.table, counted(self.rows, "row"))?;
        self.sink.finish()
    }
}

/// `{"schema": [[name, type], …], "rows": [[…], …]}`
struct Json {
    sink: Sink,
    is_first: bool,
}

impl RowWriter for Json {
    fn write(&mut self, batch: &RecordBatch) -> anyhow::Result<()> {
        for row in 0..batch.num_rows() {
            let values: Vec<Value> = batch.columns().iter().map(|c| value::to_json(c, row)).collect();
            let separator = if self.is_first { "" } else { ", " };
            write!(self.sink, "{separator}{}", Value::Array(values))?;
            self.is_first = false;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        writeln!(self.sink, "]}}")?;
        self.sink.finish()
    }
}

/// Comma-separated values with a header; null is empty.
struct Csv {
    writer: arrow::csv::Writer<Sink>,
    schema: SchemaRef,
}

impl RowWriter for Csv {
    fn write(&mut self, batch: &RecordBatch) -> anyhow::Result<()> {
        self.writer.write(&named(&self.schema, batch)?).context(NESTED)
    }

    fn finish(self: Box<Self>) -> anyhow::Result<()> {
        self.writer.into_inner().finish()
    }
}

/// One parquet file.
struct Parquet {
    writer: ArrowWriter<Sink>,
    schema: SchemaRef,
}

impl RowWriter for Parquet {
    fn write(&mut self, batch: &RecordBatch) -> anyhow::Result<()> {
        Ok(self.writer.write(&named(&self.schema, batch)?)?)
    }

    fn finish(self: Box<Self>) -> anyhow::Result<()> {
        self.writer.into_inner()?.finish()
    }
}

/// The batch under the names that Spark gives the columns.
fn named(schema: &SchemaRef, batch: &RecordBatch) -> anyhow::Result<RecordBatch> {
    Ok(RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec())?)
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
