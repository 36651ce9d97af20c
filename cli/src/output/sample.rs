//! A few rows of a table, in as many columns as a terminal is wide.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use comfy_table::{CellAlignment, ColumnConstraint, Table, presets};
use goldsmith_sql::value;
use serde_json::Value;

use super::counted;

/// Gold tables in the order in which they are best read, each with the columns that say most; the other columns follow in
/// their own order.
const TELLING: [(&str, &[&str]); 9] = [
    ("profiles_Customer", &["CustomerId", "PartyType", "Name", "PrimaryEmail", "City", "CountryRegionId"]),
    (
        "activities_Orders",
        &["OrderDate", "CustomerId", "ProductName", "SalesQty", "LineAmount", "CurrencyCode", "ChannelId"],
    ),
    (
        "activities_LoyaltyPoints",
        &["EventDate", "CustomerId", "CardNumber", "PointsDelta", "ProgramId", "LoyaltyTier", "OrderId"],
    ),
    ("supporting_Products", &["ProductId", "ProductName"]),
    ("supporting_Channels", &["ChannelId", "ChannelRecId"]),
    ("supporting_Calendar", &["DateKey", "Year", "Quarter", "WeekOfYear", "DayOfWeek"]),
    ("supporting_LoyaltyPrograms", &["ProgramId", "ProgramName", "AffiliationType"]),
    ("supporting_LoyaltyRewardPoints", &[]),
    (
        "analytics_CustomerMetrics",
        &["CustomerId", "TotalOrders", "TotalRevenue", "AverageOrderValue", "LastOrderDate", "PointsBalance"],
    ),
];

/// Place of a table in that order; models that are not ours come last.
pub(crate) fn rank(table: &str) -> usize {
    TELLING.iter().position(|(name, _)| *name == table).unwrap_or(TELLING.len())
}

/// Characters of a value that are shown.
const VALUE_WIDTH: usize = 22;

/// The statement that finds the rows: those with the least keys, nulls left out.
pub(crate) fn query(model: &str, grain: &[String], rows: usize) -> String {
    let keys: Vec<String> = grain.iter().map(|column| format!("`{column}`")).collect();
    let there: Vec<String> = keys.iter().map(|key| format!("{key} IS NOT NULL")).collect();
    let order = if keys.is_empty() {
        String::new()
    } else {
        format!(" WHERE {} ORDER BY {}", there.join(" AND "), keys.join(", "))
    };
    format!("SELECT * FROM gold.`{model}`{order} LIMIT {rows}")
}

/// Rows of one table as text.
#[derive(Debug)]
pub(crate) struct Sample {
    table: String,
    columns: Vec<Column>,
    rows: usize,
}

#[derive(Debug)]
struct Column {
    name: String,
    values: Vec<String>,
    is_number: bool,
}

impl Sample {
    pub(crate) fn new(table: &str, schema: &SchemaRef, batches: &[RecordBatch]) -> Self {
        let telling = TELLING.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, columns)| columns);
        let mut columns: Vec<Column> = Vec::new();
        for (index, field) in schema.fields().iter().enumerate() {
            let mut values = Vec::new();
            for batch in batches {
                let column = batch.column(index);
                values.extend((0..batch.num_rows()).map(|row| shown(&value::to_json(column, row))));
            }
            let is_number = field.data_type().is_numeric();
            columns.push(Column { name: field.name().clone(), values, is_number });
        }
        let place = |name: &str| telling.iter().position(|other| *other == name).unwrap_or(telling.len());
        columns.sort_by_key(|column| place(&column.name));
        Self { table: table.to_owned(), columns, rows: batches.iter().map(RecordBatch::num_rows).sum() }
    }

    /// The rows in columns that fit into `width`.
    pub(crate) fn text(&self, width: usize) -> String {
        let all = self.columns.len();
        let title = |shown: usize| match all - shown {
            0 => format!("  {}\n", self.table),
            more => format!("  {} ({})\n", self.table, counted(more as u64, "more column")),
        };
        if self.rows == 0 {
            return format!("  {} has no rows\n", self.table);
        }
        // Columns without values say nothing, and all rows were built just now.
        let says_something =
            |c: &&Column| c.name != "RowModifiedUtc" && c.values.iter().any(|value| value != "NULL");
        let mut columns: Vec<&Column> = self.columns.iter().filter(says_something).collect();
        let mut used = 0;
        let widths = layout(&columns).column_max_content_widths();
        let fitting = widths.iter().take_while(|column| {
            used += usize::from(**column) + GAP;
            used + INDENT <= width
        });
        columns.truncate(fitting.count().max(1));
        let mut out = title(columns.len());
        for line in layout(&columns).lines() {
            out.push_str(&format!("  {}\n", line.trim_end()));
        }
        out
    }
}

/// Blanks before a table, and between its columns.
const INDENT: usize = 2;
const GAP: usize = 2;

fn layout(columns: &[&Column]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(columns.iter().map(|column| &column.name));
    let rows = columns.first().map_or(0, |column| column.values.len());
    for row in 0..rows {
        table.add_row(columns.iter().map(|column| &column.values[row]));
    }
    for (column, of) in table.column_iter_mut().zip(columns) {
        column.set_padding((2, 0)).set_constraint(ColumnConstraint::ContentWidth);
        if of.is_number {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A value on one line.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    super::plan::shortened(&text, VALUE_WIDTH)
}
