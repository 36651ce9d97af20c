//! What a statement gave.

use serde_json::Value;

use crate::statement::{Query, Type};

/// The outcome of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Its rows: in its order if it has one, else sorted.
    Rows(Vec<Vec<String>>),
    /// It is not supported, and why.
    Refused(String),
    /// It failed, and how.
    Failed(String),
}

impl Answer {
    /// Rows of a statement.
    #[must_use]
    pub fn of(query: &Query, rows: Vec<Vec<Value>>) -> Self {
        let mut rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|row| {
                let types = query.columns.iter().map(|(_, data_type)| *data_type);
                row.into_iter().zip(types).map(|(value, data_type)| plain(&value, data_type)).collect()
            })
            .collect();
        if query.order.is_empty() {
            rows.sort();
        }
        Self::Rows(rows)
    }
}

/// A value as every oracle writes it: `1.50`, `1.5` and `1.5E0` are one number.
fn plain(value: &Value, data_type: Type) -> String {
    let text = match value {
        Value::Null => return "NULL".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match data_type {
        Type::Decimal | Type::Double => {
            text.parse::<f64>().map_or(text, |number| format!("{}", number + 0.0))
        }
        Type::Bool => text.to_lowercase(),
        _ => text,
    }
}
