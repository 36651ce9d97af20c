//! DuckDB, from PyPI, in a process of its own that answers one statement a line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::statement::{Dialect, Query, Type, text};
use crate::table::Table;

const SERVER: &str = include_str!("duckdb.py");

/// A running DuckDB.
#[derive(Debug)]
pub struct DuckDb {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl DuckDb {
    /// Starts it with a Python that has the package `duckdb`.
    ///
    /// # Errors
    /// If there is no such Python.
    pub fn start(python: &Path) -> Result<Self> {
        let mut child = Command::new(python)
            .args(["-c", SERVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", python.display()))?;
        let input = child.stdin.take().context("it has no input")?;
        let output = BufReader::new(child.stdout.take().context("it has no output")?);
        let mut started = Self { child, input, output };
        started.ask(&json!({"sql": "SELECT 1"}))?;
        Ok(started)
    }

    fn ask(&mut self, request: &Value) -> Result<Value> {
        writeln!(self.input, "{request}")?;
        self.input.flush()?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("it answers `{line}`"))
    }

    /// Makes these tables, and forgets those before.
    ///
    /// # Errors
    /// If it refuses them.
    pub fn load(&mut self, tables: &[Table]) -> Result<()> {
        for table in tables {
            let name = &table.columns.name;
            let columns: Vec<String> = table
                .columns
                .columns
                .iter()
                .map(|(column, data_type)| format!("{column} {}", type_name(*data_type)))
                .collect();
            self.done(&format!("CREATE OR REPLACE TABLE {name} ({})", columns.join(", ")))?;
            let rows: Vec<String> = table
                .files
                .iter()
                .flat_map(|file| &file.rows)
                .map(|row| {
                    let types = table.columns.columns.iter().map(|(_, data_type)| *data_type);
                    let values: Vec<String> = row.iter().zip(types).map(|(v, t)| literal(v, t)).collect();
                    format!("({})", values.join(", "))
                })
                .collect();
            if !rows.is_empty() {
                self.done(&format!("INSERT INTO {name} VALUES {}", rows.join(", ")))?;
            }
        }
        Ok(())
    }

    fn done(&mut self, sql: &str) -> Result<()> {
        let answer = self.ask(&json!({"sql": sql}))?;
        match answer.get("error") {
            None => Ok(()),
            Some(error) => anyhow::bail!("{sql}: {error}"),
        }
    }

    /// Answers a statement.
    ///
    /// # Errors
    /// If the process is gone.
    pub fn answer(&mut self, query: &Query) -> Result<Answer> {
        let answer = self.ask(&json!({"sql": text(query, Dialect::DuckDb)}))?;
        if let Some(error) = answer.get("error") {
            return Ok(Answer::Failed(error.to_string()));
        }
        let rows: Vec<Vec<Value>> = serde_json::from_value(answer["rows"].clone())?;
        Ok(Answer::of(query, rows))
    }
}

impl Drop for DuckDb {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn type_name(data_type: Type) -> &'static str {
    match data_type {
        Type::Int => "INTEGER",
        Type::Long => "BIGINT",
        Type::Text => "VARCHAR",
        Type::Decimal => "DECIMAL(10,2)",
        Type::Double => "DOUBLE",
        Type::Bool => "BOOLEAN",
        Type::Date => "DATE",
        Type::Struct => "STRUCT(a INTEGER, s VARCHAR)",
    }
}

fn literal(value: &Value, data_type: Type) -> String {
    if value.is_null() {
        return "NULL".to_owned();
    }
    let number = value.as_i64().unwrap_or(0);
    match data_type {
        Type::Int | Type::Long => number.to_string(),
        Type::Text => format!("'{}'", value.as_str().unwrap_or_default()),
        Type::Decimal | Type::Double => format!("{}.{}", number / 2, 5 * (number % 2)),
        Type::Bool => value.to_string(),
        Type::Date => format!("DATE '2024-01-{:02}'", number + 1),
        Type::Struct => {
            format!("{{'a': {}, 's': {}}}", literal(&value[0], Type::Int), literal(&value[1], Type::Text))
        }
    }
}
